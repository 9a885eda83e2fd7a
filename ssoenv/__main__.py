"""The only entry of the process: hot verbs first, everything else through the command line.

The only place that turns an exception into words and an exit code. It imports `sys`, `os` and `gc`,
nothing more, until it knows that it has to.
"""

from __future__ import annotations

import gc
import os
import sys

HOT_VERBS = ("credential-process", "ensure", "export", "hook", "prompt", "renew")


def main() -> None:
    """Run the command line of this process and exit with its code."""
    # Most of what a start makes stays: to look for garbage among it is a tenth of the time.
    gc.set_threshold(50_000)
    _open_what_is_closed()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run `arguments`, explain what goes wrong on stderr, and return the exit code."""
    try:
        code = None
        if arguments == ["--version"]:
            from ssoenv import __version__

            sys.stdout.write(f"ssoenv {__version__}\n")
            code = 0
        elif arguments and arguments[0] in HOT_VERBS:
            from ssoenv import hot

            code = hot.run(arguments[0], arguments[1:], os.environ)
        if code is None and arguments[:1] == ["ensure"]:
            from ssoenv.cli import ensure

            code = ensure.run(arguments[1:], os.environ)
        elif code is None:
            from ssoenv.cli import app

            code = app.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has gone, and wants no more: neither of what is left, nor of an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except (Exception, KeyboardInterrupt) as failure:  # noqa: BLE001 - the one place for it
        from ssoenv.cli import failures

        return failures.explain(failure)
    return code


def _open_what_is_closed() -> None:
    """See that stdin, stdout and stderr are open: else the next file would be one of them."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115


if __name__ == "__main__":
    # Run as a script (python -I .../__main__.py), our own folder must not be on the module path.
    main()
