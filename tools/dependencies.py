"""Print the table of docs/dependencies.md: what ssoenv depends on, its licence, and what it costs to load.

A cost is the best of five starts of a bare Python that loads the package, less one that loads nothing.
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs/dependencies.md"
PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
STARTS = 5
MODULES = {
    "botocore": "botocore.session",
    "cryptography": "cryptography.hazmat.primitives.ciphers.aead",
    "rich": "rich.table",
}
"""What is loaded of a package that does little before its parts are named."""


def direct() -> dict[str, list[str]]:
    """Return what pyproject.toml names: by extra, and by an empty name what every install has."""
    wanted = {"": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}
    return {
        extra: [re.split(r"[^\w-]", line)[0] for line in lines] for extra, lines in wanted.items()
    }


def licence(package: str) -> str:
    """Return the licence that an installed package states, by its SPDX name where it has one."""
    about = importlib.metadata.metadata(package)
    for field in ("License-Expression", "License"):
        stated = about.get_all(field, [""])[0]
        if stated and "\n" not in stated:
            return stated
    named = [one for one in about.get_all("Classifier", []) if one.startswith("License :: ")]
    return ", ".join(one.rpartition(" :: ")[2] for one in named)


def cost(package: str) -> int:
    """Return how many milliseconds it takes to load `package`."""
    module = MODULES.get(package, package.replace("-", "_"))
    return max(0, round((_start(f"import {module}") - _start("")) * 1000))


def _start(code: str) -> float:
    taken = []
    for _ in range(STARTS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-c", code], check=True)
        taken.append(time.perf_counter() - began)
    return min(taken)


if __name__ == "__main__":
    for packages in direct().values():
        for package in packages:
            sys.stdout.write(f"| {package} | {licence(package)} | {cost(package)} ms |\n")
