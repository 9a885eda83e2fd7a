"""The optional parts of the package: how to add one to the very Python that runs ssoenv."""

from __future__ import annotations

from ssoenv.base import dialects


def how_to_add(extra: str) -> str:
    """Return the command that installs what ``ssoenv[extra]`` takes, as one line for a shell.

    It names libraries rather than ssoenv, which may have come from a checkout or a wheel, and
    installs them beside it: by pip where this Python has it, else by uv, whose tools have none.
    """
    import re
    import sys
    from importlib import metadata, util

    libraries = []
    # Requirements and their markers: https://packaging.python.org/specifications/dependency-specifiers
    for one in metadata.requires("ssoenv") or ():
        library, _, marker = one.partition(";")
        if re.search(rf"""\bextra\s*==\s*['"]{re.escape(extra)}['"]""", marker):
            libraries.append(library.strip())
    here = [sys.executable, "-m", "pip", "install"]
    installer = here if util.find_spec("pip") else ["uv", "pip", "install", "--python", here[0]]
    return dialects.line([*installer, *libraries])
