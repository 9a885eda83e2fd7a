"""``ssoenv schema``: what an editor may know of the files that people write."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from ssoenv import schema as schemas
from ssoenv.base import likely
from ssoenv.base.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("schema")(schema)


def schema(
    kind: Annotated[
        str, typer.Argument(metavar="[project|settings]", help="Which file; else project.")
    ] = "project",
) -> None:
    """Print the JSON schema of a .ssoenv.toml, or of your settings, for editors."""
    if kind not in schemas.MAKERS:
        meant = likely.did_you_mean(kind, schemas.MAKERS)
        raise UsageError(
            f"no schema {kind!r}; there is: {', '.join(schemas.MAKERS)}{meant}",
            fix="ssoenv schema project",
        ).about(kind, schemas.MAKERS)
    sys.stdout.write(json.dumps(schemas.MAKERS[kind](), indent=2) + "\n")
