"""``ssoenv admin``: the administrator's side of an Identity Center; here, what only looks."""

from __future__ import annotations

import contextlib
import csv
import itertools
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ssoenv.admin import durations
from ssoenv.base import clock
from ssoenv.base.errors import UsageError
from ssoenv.cli import (
    administering,
    declaring,
    defining,
    entitling,
    granting,
    joining,
    screen,
    tables,
    waiting,
)
from ssoenv.cli.administering import Options, Which, calls, open_center
from ssoenv.cli.options import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ssoenv.admin.assignments import Plan
    from ssoenv.admin.center import Center
    from ssoenv.admin.values import Assignment, Details, Principal

COLUMNS = (
    "instance_arn",
    "principal_type",
    "principal_id",
    "principal_name",
    "permission_set_arn",
    "permission_set_name",
    "target_type",
    "target_id",
    "target_name",
)
"""What ``--csv`` has: the columns of aws-sso-util, in their order."""
WAYS = ("principal", "account")
Json = Annotated[bool, typer.Option("--json", help="For scripts.")]
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
        tables.write((one.name, durations.shown(one.duration), one.description) for one in found)
        _end(center, found, "there is no permission set")


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
        _end(center, found, f"there is no {'such ' if words else ''}user")


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
        _end(center, found, f"there is no {'such ' if words else ''}group")


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
        tables.write(found)


@spread(which=Which, options=Options)
def assignments(
    which: Which,
    options: Options,
    expand: Annotated[
        bool, typer.Option("--expand-groups", help="In place of each group, its members.")
    ] = False,
    by: Annotated[
        str, typer.Option(metavar="principal|account", help="How to read; else the cheaper way.")
    ] = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew, where a reading was stopped before.")
    ] = False,
    as_json: Json = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="For spreadsheets, with the columns of aws-sso-util.")
    ] = False,
) -> None:
    """List who holds which permission set in which account."""
    from ssoenv.admin.assignments import find

    if as_json and as_csv:
        raise UsageError("not both: --json and --csv")
    if by not in ("", *WAYS):
        raise UsageError(f"--by {by!r}: one of {', '.join(WAYS)}")
    center, names = open_center(options), which.named()
    with _reading(center, f"{names} {by}", fresh=fresh) as told:
        found = find(center, names.meant(center), by=by, expand=expand, **told)
        write = _write_csv if as_csv else _write_objects if as_json else _write_rows
        write(center, found, expand)


@spread(options=Options)
def who_can(
    options: Options,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its name or its id.")],
    role: Annotated[
        str | None, typer.Argument(metavar="[ROLE]", help="Only this permission set.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which users have access to an account, and by which path."""
    from ssoenv.admin import access, entitlements

    center = open_center(options)
    where = center.account_meant(account)
    entitled = _entitled(entitlements.who_can(center, where, role))
    found = access.who_can(center, where, role, known=bool(entitled)) + entitled
    _tell_gone(center, found)
    if as_json:
        _write_objects(center, found, expand=True)
        return
    tables.write(
        (one.permission_set.name, one.principal.shown, access.path_of(one)) for one in found
    )
    _end(center, found, "nobody holds that")


@spread(options=Options)
def what_can(
    options: Options,
    user: Annotated[str, typer.Argument(metavar="USER", help="Their name or their id.")],
    as_json: Json = False,
) -> None:
    """Say what a user has access to, and by which path."""
    from ssoenv.admin import access, entitlements
    from ssoenv.admin.values import USER

    center = open_center(options)
    who = center.principal_meant(USER, user)
    found = access.what_can(center, who) + _entitled(entitlements.what_can(center, who))
    _tell_gone(center, found)
    if as_json:
        _write_objects(center, found, expand=True)
        return
    tables.write(
        (one.account.id, one.account.name, one.permission_set.name, access.path_of(one))
        for one in found
    )
    _end(center, found, f"{user} has access to nothing")


def _entitled(found: Iterator[Assignment]) -> list[Assignment]:
    """Return what the account access manager grants; it is said where nobody may see that."""
    from ssoenv.admin import entitlements

    try:
        return list(found)
    except entitlements.UNSEEN as error:
        screen.say(f"{entitlements.HIDDEN}: {error.message}")
        return []


def _tell_gone(center: Center, found: Sequence[Assignment]) -> None:
    from ssoenv.admin import access

    for one in access.gone(center, found):
        screen.say(f"the user {one} is gone, and nobody can use what is still assigned to them")


def _end(center: Center, found: Sequence[Any], otherwise: str) -> None:
    """Say what it means that nothing is found. Raises the refusal of what is unread."""
    center.require_all()
    if not found:
        screen.say(otherwise)


@contextlib.contextmanager
def _reading(center: Center, query: str, *, fresh: bool) -> Iterator[dict[str, Any]]:
    """Yield what tells how it is read and how far it is; what is stopped is gone on with."""
    from ssoenv.admin.journal import kept

    with waiting.counted("calls") as tell, kept(os.environ, center, query, fresh=fresh) as journal:
        if journal.size:
            old = clock.render_duration(journal.age)
            screen.say(f"going on with what was answered {old} ago; --fresh begins anew")
        try:
            yield {
                "announce": _announcing(center),
                "tell": lambda done, total: tell(done, total, center.calls.rate),
            }
        except BaseException:
            if center.calls.made >= administering.WORTH_SAYING:
                screen.say("what was answered is kept for an hour: the same command goes on")
            raise


def _announcing(center: Center) -> Callable[[Plan], None]:
    def announce(plan: Plan) -> None:
        administering.announce_plan(center, plan)
        if plan.principals is not None and "users" in vars(center):
            screen.note("what users and groups held that are gone shows by --by account only")

    return announce


def _flat(center: Center, one: Assignment, *, expand: bool) -> dict[str, str]:
    """Return an assignment by the columns of ``--csv``, and by way of which group, if expanded."""
    row = (
        center.instance.arn,
        one.principal.kind,
        one.principal.id,
        one.principal.name,
        one.permission_set.arn,
        one.permission_set.name,
        "AWS_ACCOUNT",
        one.account.id,
        one.account.name,
    )
    via = {"via_group": one.via.shown if one.via else ""} if expand else {}
    return dict(zip(COLUMNS, row, strict=True)) | via


def _write_objects(center: Center, found: Iterable[Assignment], expand: bool) -> None:
    rows = [_flat(center, one, expand=expand) for one in found]
    center.require_all()
    tables.write_json(rows)


def _write_csv(center: Center, found: Iterable[Assignment], expand: bool) -> None:
    """Write rows as they come, quoted only where they have to be: some split at the commas.

    The names of the columns wait for the first, so that what fails at once writes nothing.
    """
    rest = iter(found)
    first = list(itertools.islice(rest, 1))
    if not first:
        center.require_all()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow((*COLUMNS, *(("via_group",) if expand else ())))
    for one in itertools.chain(first, rest):
        writer.writerow([tables.cell(text) for text in _flat(center, one, expand=expand).values()])
        sys.stdout.flush()
    center.require_all()


def _write_rows(center: Center, found: Iterable[Assignment], expand: bool) -> None:
    rows = sorted(
        (
            one.account.name,
            one.account.id,
            one.permission_set.name,
            one.principal.kind.lower(),
            one.principal.shown,
            *((one.via.shown if one.via else "",) if expand else ()),
        )
        for one in found
    )
    tables.write(rows)
    _end(center, rows, "there is no such assignment")


def _write_principals(
    found: Sequence[Principal], key: str, more: dict[str, list[str]] | None, *, as_json: bool
) -> None:
    if as_json:
        tables.write_json([asdict(one) | ({key: more[one.id]} if more else {}) for one in found])
        return
    tables.write(
        (one.name, one.display, one.id, *((", ".join(more[one.id]),) if more else ()))
        for one in found
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
    "assignments": assignments,
    "who-can": who_can,
    "what-can": what_can,
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
