"""Write the JSON schemas of the binding file and of the settings: ``make schemas``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ssoenv import schema

FOLDER = Path(__file__).parent.parent / "docs/schemas"


def render_all() -> dict[str, str]:
    """Return every schema by the name of its file, as ``ssoenv schema`` prints it."""
    return {
        f"{kind}.json": json.dumps(make(), indent=2) + "\n" for kind, make in schema.MAKERS.items()
    }


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    for name, text in render_all().items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
