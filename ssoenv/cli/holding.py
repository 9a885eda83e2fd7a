"""``ssoenv admin assignments``, ``who-can``, ``what-can``: who holds what, and by which path."""

from __future__ import annotations

import contextlib
import csv
import itertools
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ssoenv.base import clock
from ssoenv.base.errors import UsageError
from ssoenv.cli import administering, screen, tables, waiting
from ssoenv.cli.administering import Json, Options, Which, open_center, say_if_nothing
from ssoenv.cli.options import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ssoenv.admin.assignments import Plan
    from ssoenv.admin.center import Center
    from ssoenv.admin.values import Assignment

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
        raise UsageError("not both: --json and --csv").without("--json")
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
        ((one.permission_set.name, one.principal.shown, access.path_of(one)) for one in found),
        *("role", "user", "how"),
    )
    say_if_nothing(center, found, "nobody holds that")


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
    heads = ("account id", "account", "role", "how")
    tables.write(((*_role(one), access.path_of(one)) for one in found), *heads)
    say_if_nothing(center, found, f"{user} has access to nothing")


def _role(one: Assignment) -> tuple[str, str, str]:
    return one.account.id, one.account.name, one.permission_set.name


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
    via = ("by group",) if expand else ()
    tables.write(rows, "account", "account id", "permission set", "kind", "who", *via)
    say_if_nothing(center, rows, "there is no such assignment")
