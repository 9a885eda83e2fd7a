"""``ssoenv admin add-user``, ``add-group``, ``join``, ``leave`` and ``delete``."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from ssoenv.base.errors import UsageError
from ssoenv.cli import administering, changing
from ssoenv.cli.administering import Options, open_center
from ssoenv.cli.changing import Manner, Timeout, Yes
from ssoenv.cli.options import spread

GroupArgument = Annotated[
    str, typer.Argument(metavar="GROUP", help="Its name or its id.", show_default=False)
]
UsersArgument = Annotated[
    list[str], typer.Argument(metavar="USER...", help="Their names or their ids.")
]


@spread(options=Options, manner=Manner)
def add_user(
    name: Annotated[str, typer.Argument(metavar="NAME", help="By which they sign in.")],
    given: Annotated[str, typer.Option("--given", metavar="NAME", help="Their given name.")],
    family: Annotated[str, typer.Option("--family", metavar="NAME", help="Their family name.")],
    options: Options,
    manner: Manner,
    display: Annotated[
        str, typer.Option("--display", metavar="NAME", help="What to call them; else both names.")
    ] = "",
    email: Annotated[
        str, typer.Option("--email", metavar="ADDRESS", help="Where mail reaches them.")
    ] = "",
) -> None:
    """Make a user of the identity store, unless there is that very one."""
    from ssoenv.admin import joining

    center = open_center(options)
    found = joining.add_user(center, name, given=given, family=family, display=display, email=email)
    changing.change(center, found, manner, nothing=f"nothing changes: there is a user {name!r}")


@spread(options=Options, manner=Manner)
def add_group(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    options: Options,
    manner: Manner,
    description: Annotated[
        str, typer.Option("--description", metavar="TEXT", help="What it is for.")
    ] = "",
) -> None:
    """Make a group of the identity store, unless there is that very one."""
    from ssoenv.admin import joining

    center = open_center(options)
    found = joining.add_group(center, name, description)
    changing.change(center, found, manner, nothing=f"nothing changes: there is a group {name!r}")


@spread(options=Options, manner=Manner)
def join(group: GroupArgument, users: UsersArgument, options: Options, manner: Manner) -> None:
    """Put users into a group; who is in it stays."""
    from ssoenv.admin import joining

    center = open_center(options)
    changing.change(center, joining.join(center, group, users), manner)


@spread(options=Options, manner=Manner)
def leave(
    context: typer.Context,
    group: GroupArgument,
    users: UsersArgument,
    options: Options,
    manner: Manner,
    yes: Yes = False,
) -> None:
    """Take users out of a group, once you agree."""
    from ssoenv.admin import joining

    center, ask = open_center(options), changing.unasked(context, yes)
    changing.change(center, joining.leave(center, group, users), manner, ask=ask)


@spread(options=Options, manner=Manner)
def delete(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="permission-set, user or group.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name or its id.")],
    options: Options,
    manner: Manner,
    yes: Yes = False,
    timeout: Timeout = 600,
) -> None:
    """Delete a permission set, a user or a group, with what they hold, once you agree."""
    from ssoenv.admin import removal

    if kind not in removal.KINDS:
        known = ", ".join(removal.KINDS)
        raise UsageError(f"delete {kind!r}? one of {known}", fix="ssoenv help admin delete")
    center, ask = open_center(options), changing.unasked(context, yes)
    tell = partial(administering.announce_plan, center)
    found = removal.plan(center, kind, name, tell)
    nothing = "" if found else f"nothing changes: {removal.lacking(center, kind, name)}"
    changing.change(center, found, manner, timeout=timeout, ask=ask, nothing=nothing)
