"""``ssoenv admin``: the administrator's side of an Identity Center; here, what only looks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.admin import durations
from ssoenv.cli import (
    declaring,
    defining,
    entitling,
    granting,
    holding,
    joining,
    tables,
)
from ssoenv.cli.administering import Json, Options, calls, open_center, say_if_nothing
from ssoenv.cli.options import spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssoenv.admin.values import Details, Principal

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[WORD]...", help="Only those with every one of these in them."),
]


def register(app: typer.Typer) -> None:
    """Add the commands, under ``admin``."""
    group = typer.Typer(help="The administrator's side: who has which access, and why.")
    for name, command in (LOOKS | CHANGES).items():
        group.command(name)(command)
    app.add_typer(group, name="admin")


@spread(options=Options)
def instances(options: Options, as_json: Json = False) -> None:
    """Show the Identity Centers that your AWS credentials see."""
    from ssoenv.admin import opening

    found = opening.instances(calls(options))
    if not found:
        opening.center(calls(options))
    if as_json:
        tables.write_json([asdict(one) for one in found])
        return
    for one in found:
        tables.write([(name, value) for name, value in asdict(one).items() if value])


@spread(options=Options)
def permission_sets(
    options: Options,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Show this one: its name, its id or its ARN."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the permission sets; or show what one gives, and where it is provisioned."""
    center = open_center(options)
    if name is not None:
        details = center.details(center.set_meant(name))
        tables.write_json(asdict(details)) if as_json else _write_details(details)
        return
    found = sorted(center.sets.values(), key=lambda one: one.name)
    if as_json:
        tables.write_json([asdict(one) for one in found])
    else:
        tables.write(
            ((one.name, durations.shown(one.duration), one.description) for one in found),
            *("permission set", "session", "description"),
        )
        say_if_nothing(center, found, "there is no permission set")


@spread(options=Options)
def users(
    options: Options,
    words: Words = None,
    with_groups: Annotated[
        bool, typer.Option("--groups", help="Show the groups that each is in.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List users, or find some."""
    from ssoenv.admin import people

    center = open_center(options)
    found = people.matching(center.users.values(), words or ())
    more = people.related(center, found) if with_groups else None
    _write_principals(found, "groups", more, as_json=as_json)
    if not as_json:
        say_if_nothing(center, found, f"there is no {'such ' if words else ''}user")


@spread(options=Options)
def groups(
    options: Options,
    words: Words = None,
    members: Annotated[bool, typer.Option("--members", help="Show who is in each.")] = False,
    as_json: Json = False,
) -> None:
    """List groups, or find some."""
    from ssoenv.admin import people

    center = open_center(options)
    found = people.matching(center.groups.values(), words or ())
    more = people.related(center, found) if members else None
    _write_principals(found, "members", more, as_json=as_json)
    if not as_json:
        say_if_nothing(center, found, f"there is no {'such ' if words else ''}group")


@spread(options=Options)
def lookup(
    options: Options,
    names: Annotated[
        list[str],
        typer.Argument(metavar="NAME|ID...", help="Of an account, user, group, and so on."),
    ],
    as_json: Json = False,
) -> None:
    """Say what ids stand for, and which ids names have."""
    from ssoenv.admin import access

    center = open_center(options)
    found = [row for one in names for row in access.looked_up(center, one)]
    if as_json:
        tables.write_json([dict(zip(("kind", "name", "id"), row, strict=True)) for row in found])
    else:
        tables.write(found, "what", "name", "id")


def _write_principals(
    found: Sequence[Principal], key: str, more: dict[str, list[str]] | None, *, as_json: bool
) -> None:
    if as_json:
        tables.write_json([asdict(one) | ({key: more[one.id]} if more else {}) for one in found])
        return
    tables.write(
        (
            (one.name, one.display, one.id, *((", ".join(more[one.id]),) if more else ()))
            for one in found
        ),
        *("name", "shown as", "id", *((key,) if more else ())),
    )


def _write_details(details: Details) -> None:
    outdated = {account.id for account in details.outdated}
    places = [f"{one.id} {one.name}{_age(one.id in outdated)}" for one in details.accounts]
    tables.write([*_facts(details), *(("provisioned in", place) for place in places)])


def _facts(details: Details) -> Iterator[tuple[str, str]]:
    """Yield what a permission set is and gives, each with its name."""
    one = details.permission_set
    facts = (
        ("name", one.name),
        ("arn", one.arn),
        ("description", one.description),
        ("session", durations.shown(one.duration)),
        ("relay state", one.relay_state),
        *(("policy of AWS", policy) for policy in details.managed),
        *(("policy of the account", policy) for policy in details.customer_managed),
        ("boundary", details.boundary),
        ("inline policy", details.inline),
        *(_tag(*one) for one in details.tags),
    )
    return ((name, value) for name, value in facts if value)


def _tag(key: str, value: str) -> tuple[str, str]:
    from ssoenv.admin.definition import GRANT

    return ("end", value) if key.startswith(GRANT) else ("tag", f"{key}={value}")


def _age(outdated: bool) -> str:
    return " (out of date)" if outdated else ""


LOOKS = {
    "instances": instances,
    "permission-sets": permission_sets,
    "users": users,
    "groups": groups,
    "lookup": lookup,
    "assignments": holding.assignments,
    "who-can": holding.who_can,
    "what-can": holding.what_can,
    "grants": granting.grants,
    "entitlements": entitling.entitlements,
    "plan": declaring.plan,
    "export": declaring.export,
    "diff": declaring.diff,
}
CHANGES = {
    "assign": granting.assign,
    "unassign": granting.unassign,
    "expire": granting.expire,
    "entitle": entitling.entitle,
    "disentitle": entitling.disentitle,
    "define": defining.define,
    "provision": defining.provision,
    "add-user": joining.add_user,
    "add-group": joining.add_group,
    "join": joining.join,
    "leave": joining.leave,
    "delete": joining.delete,
    "apply": declaring.apply,
}
