"""The lines of a rc file by which TAB completes ssoenv, where nothing else completes, too.

They start nothing and read nothing when the shell starts: the first TAB does.
"""

from __future__ import annotations

import os

from ssoenv.base import dialects


def lines(shell: str, path: str, dump: str) -> list[str]:
    """Return the lines for `shell`, whose completion is at `path`; fish finds it by itself.

    `dump` is where zsh keeps what it knows of all completions, so as to load them faster.
    """
    if shell == "bash":
        return [
            f"__ssoenv_tab() {{ . {dialects.quote_posix(path)} && __ssoenv_complete; }}",
            '[ -z "${BASH_VERSION-}" ] || complete -o default -F __ssoenv_tab ssoenv',
        ]
    return _zsh(path, dump) if shell == "zsh" else []


def _zsh(path: str, dump: str) -> list[str]:
    # compinit takes some 40 ms. It gives the widgets of zsh new meanings, so TAB can go back to
    # its own as soon as it is loaded; a TAB that is another widget's is left to it.
    return [
        f"fpath+=({dialects.quote_posix(os.path.dirname(path))})",
        "__ssoenv_load_completion() {",
        "    if (( ! ${+functions[compdef]} )); then",
        f"        autoload -Uz compinit && compinit -i -d {dialects.quote_posix(dump)}",
        "    fi",
        "    autoload -Uz _ssoenv && compdef _ssoenv ssoenv",
        "}",
        "__ssoenv_tab() {",
        "    bindkey '^I' expand-or-complete",
        "    __ssoenv_load_completion",
        "    zle expand-or-complete",
        "}",
        "if [[ ${+functions[compdef]} == 0 && $(bindkey '^I') == *' expand-or-complete' ]]; then",
        "    zle -N __ssoenv_tab && bindkey '^I' __ssoenv_tab",
        "else",
        "    __ssoenv_load_completion",
        "fi",
    ]
