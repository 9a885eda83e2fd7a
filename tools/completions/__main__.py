"""``python -m tools.completions``: write the files in ``completions/``."""

from __future__ import annotations

import sys

from tools.completions.bash import bash
from tools.completions.commands import commands
from tools.completions.files import FILES, FOLDER
from tools.completions.fish import fish
from tools.completions.zsh import zsh

RENDER = {"bash": bash, "zsh": zsh, "fish": fish}


def main() -> int:
    """Write the files."""
    found = commands()
    for shell, name in FILES.items():
        (FOLDER / name).write_text(RENDER[shell](found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
