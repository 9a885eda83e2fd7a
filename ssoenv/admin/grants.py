"""Assignments with an end: written down where anybody's ``ssoenv admin expire`` finds them.

Identity Center knows no end of an assignment, and has no place for one. So each grant is a tag of
its permission set, where it is seen by whoever may end it, and shared by all of them:

    ssoenv:grant:DIGEST = ACCOUNT KIND PRINCIPAL-ID END BY REASON

The end is in UTC; the digest, 16 hex digits of SHA-256, is of the first four words. The tag is
written before the assignment is made, and taken away after it is taken back: whatever stops either
of them leaves nothing with an end that nobody finds. Each end has a key of its own, so that whoever
ends a grant cannot take away what somebody who extends it has just written. Of several ends of an
assignment the last one counts.

Tags hold 128 and 256 letters, digits, blanks and ``_ . : / = + - @``, 50 of them a permission set
(sso-admin, ``Tag``; IAM Identity Center User Guide, "Tagging").
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import partial
from typing import TYPE_CHECKING, Any

from ssoenv.admin import changes
from ssoenv.admin.calls import Call, Unneeded
from ssoenv.admin.definition import GRANT
from ssoenv.admin.steps import ADD, ALTER, REMOVE, Step
from ssoenv.admin.values import PermissionSet
from ssoenv.base import clock, dialects
from ssoenv.base.errors import UsageError
from ssoenv.base.values import dataclass, replace
from ssoenv.identity_center.administration import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ssoenv.admin.assignments import Wanted
    from ssoenv.admin.calls import Change
    from ssoenv.admin.center import Center
    from ssoenv.admin.changes import Change as Assigning
    from ssoenv.admin.values import Assignment, Row

MOST_TAGS, LONGEST = 50, 256
LEAST_SECONDS, MOST_SECONDS = 60, 366 * 86400
"""A minute to a year."""
END, FOR_GOOD = "end", "none"
_VALUE = re.compile(
    r"(?P<account>\d{12}) (?P<kind>USER|GROUP) (?P<principal>[\w-]{1,47}) "
    r"(?P<until>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (?P<by>\S+) (?P<reason>.+)",
    re.ASCII,
)
_NOT_IN_TAGS = re.compile(r"[^\w\s.:/=+\-@]|[^\S ]")


@dataclass(frozen=True, slots=True)
class Grant:
    """An assignment that ends: at `until`, in epoch seconds. `by` is who granted it, as AWS says.

    `row` is the assignment, as the service has it; `before` are the keys of earlier ends of it.
    """

    row: Row
    until: int
    by: str
    reason: str
    before: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key of its tag."""
        account, _, kind, principal = self.row
        text = f"{account} {kind} {principal} {clock.render_timestamp(self.until)}"
        return GRANT + hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def keys(self) -> list[str]:
        """The keys of all tags that go where the assignment has no end any more."""
        return [self.key, *self.before]

    @property
    def value(self) -> str:
        """The value of its tag."""
        account, _, kind, principal = self.row
        until = clock.render_timestamp(self.until)
        return f"{account} {kind} {principal} {until} {self.by} {self.reason}"


def read(
    center: Center, sets: Iterable[PermissionSet]
) -> tuple[dict[Row, Grant], dict[str, int], list[str]]:
    """Return the grants of permission sets, by assignment, and what is beside them; a call each.

    That is how many tags each set has, by ARN, and the tags of ours that nobody can read, in words.
    """
    wanted = list(sets)
    found: dict[Row, Grant] = {}
    counts: dict[str, int] = {}
    odd: list[str] = []
    for one, tags in zip(wanted, center.each(wanted, center.tags), strict=True):
        counts[one.arn] = len(tags)
        known = of_tags(one, tags)
        for grant in sorted(known, key=lambda grant: grant.until):
            old = found.get(grant.row)
            found[grant.row] = replace(grant, before=tuple(old.keys) if old else ())
        keys = {grant.key for grant in known}
        odd += [
            f"{one.name or center.permission_set(one.arn).name}: {key}={value}"
            for key, value in tags
            if key.startswith(GRANT) and key not in keys
        ]
    return found, counts, odd


def unnamed(center: Center) -> list[PermissionSet]:
    """Return all permission sets without names, each of which would take a call."""
    return [PermissionSet(arn, "") for arn in center.set_arns]


def of_tags(one: PermissionSet, tags: Iterable[tuple[str, str]]) -> list[Grant]:
    """Return the grants that stand in the tags of a permission set."""
    found = ((key, _parsed(one.arn, value)) for key, value in tags if key.startswith(GRANT))
    return [grant for key, grant in found if grant and grant.key == key]


def _parsed(arn: str, value: str) -> Grant | None:
    match = _VALUE.fullmatch(value)
    if match is None:
        return None
    try:
        until = clock.parse_timestamp(match["until"])
    except ValueError:
        return None
    row = (match["account"], arn, match["kind"], match["principal"])
    return Grant(row, until, match["by"], match["reason"])


def checked_reason(reason: str) -> str:
    """Return a reason as a tag has it. Raises UsageError for what no tag can hold."""
    words = unicodedata.normalize("NFC", " ".join(reason.split()))
    if odd := _NOT_IN_TAGS.search(words):
        raise UsageError(
            f"--reason: a tag of AWS holds no {odd[0]!r}",
            advice="say it with letters, digits, blanks and . : / = + - @ _",
        )
    if not words:
        raise UsageError("--reason: say why", fix="ssoenv help admin assign")
    return words


def plan(center: Center, wanted: Wanted, until: int, reason: str) -> list[Change]:
    """Return what grants all that is `wanted` until then, or moves the end of what is granted.

    Raises UsageError for what is assigned without an end, for it would end, too; and where a
    permission set has no room for more tags.
    """
    own = changes.plan(center, "assign", wanted)
    known, counts, _ = read(center, wanted.sets or ())
    free = {one.row for one in own if not one.is_begun}
    by = _caller(center)
    tags: list[Change] = []
    ended: list[Change] = []
    for one in changes.every("assign", wanted):
        row = one.row
        old, new = known.get(row), Grant(row, until, by, reason)
        if old is None and row not in free:
            raise _permanent(one)
        if len(new.value) > LONGEST:
            most = len(reason) - (len(new.value) - LONGEST)
            raise UsageError(f"--reason is too long: a tag has room for {most} letters of it")
        if old is None or (old.until, old.reason) != (until, reason):
            tags.append(_written(one, new, old))
            counts[one.permission_set.arn] += old is None or new.key not in old.keys
            _require_room(one, counts)
        if old and (keys := [key for key in old.keys if key != new.key]):
            ended.append(replace(_forgotten(one, old, keys), what="the end before"))
    return [*tags, *own, *ended]


def plan_for_good(center: Center, kind: str, wanted: Wanted) -> list[Change]:
    """Return what assigns all that is `wanted` without an end, or takes it back, with its end."""
    own = changes.plan(center, kind, wanted)
    known, _, _ = read(center, wanted.sets or ())
    end = lasting if kind == "assign" else forgotten
    gone = [
        end(one, known[row]) for one in changes.every(kind, wanted) if (row := one.row) in known
    ]
    return [*gone, *own] if kind == "assign" else [*own, *gone]


def ends_of(center: Center, held: Collection[Assignment]) -> list[Step]:
    """Return what forgets the ends of assignments that are taken back."""
    known, _, _ = read(center, dict.fromkeys(one.permission_set for one in held))
    return [
        forgotten(changes.Change("unassign", one.account, one.permission_set, one.principal), grant)
        for one in held
        if (grant := known.get(one.row))
    ]


def plan_expiry(center: Center, now: int) -> tuple[list[Change], list[str]]:
    """Return what ends the grants whose end is over, and the tags of ours that nobody can read."""
    known, _, odd = read(center, unnamed(center))
    over = sorted((one for one in known.values() if one.until <= now), key=lambda one: one.until)
    if not over:
        return [], odd
    open_requests = changes.under_way(center)
    there = assigned(center, over)
    _name(center, over)
    planned: list[Change] = []
    for grant in over:
        one = replace(assigning(center, grant), last=partial(_while_over, grant))
        planned += [*changes.needed([one], open_requests, there), forgotten(one, grant)]
    return planned, odd


def _while_over(grant: Grant, center: Center, request: dict[str, Any]) -> dict[str, Any]:
    """Return the request that ends a grant. Raises Unneeded: it ends later by now, or never."""
    known, _, _ = read(center, [PermissionSet(grant.row[1], "")])
    now = known.get(grant.row)
    if now is None:
        raise Unneeded("somebody has made it one without an end just now")
    if now.until > grant.until:
        raise Unneeded(f"somebody has moved its end just now, to {clock.render_local(now.until)}")
    return request


def assigning(center: Center, grant: Grant) -> Assigning:
    """Return what takes the assignment of a grant back."""
    account, arn, kind, principal = grant.row
    return changes.Change(
        "unassign",
        center.account(account),
        center.permission_set(arn),
        center.principal(kind, principal),
    )


def named(center: Center, found: Collection[Grant]) -> list[tuple[Grant, Assigning]]:
    """Return grants with the names of everything in them, the first to end first."""
    _name(center, found)
    return [(one, assigning(center, one)) for one in sorted(found, key=lambda one: one.until)]


def forgotten(one: Assigning, grant: Grant) -> Step:
    """Return what forgets that an assignment ends, which is taken back."""
    return _forgotten(one, grant, grant.keys)


def _forgotten(one: Assigning, grant: Grant, keys: list[str]) -> Step:
    return _step(REMOVE, one, "", clock.render_timestamp(grant.until), _untag(one, keys))


def lasting(one: Assigning, grant: Grant) -> Step:
    """Return what has an assignment stay that had an end."""
    return _step(ALTER, one, FOR_GOOD, clock.render_timestamp(grant.until), _untag(one, grant.keys))


def _untag(one: Assigning, keys: list[str]) -> Call:
    request = {"ResourceArn": one.permission_set.arn, "TagKeys": keys}
    about = changes.thing(one.row)
    return Call("sso-admin", "untag_resource", request, about=about, kind="forget")


def _written(one: Assigning, new: Grant, old: Grant | None) -> Step:
    tags = [{"Key": new.key, "Value": new.value}]
    request = {"ResourceArn": one.permission_set.arn, "Tags": tags}
    about = changes.thing(one.row)
    call = Call("sso-admin", "tag_resource", request, about=about, kind="grant")
    until = clock.render_timestamp(new.until)
    before = clock.render_timestamp(old.until) if old else ""
    return _step(ALTER if old else ADD, one, until, before, call)


def _step(sign: str, one: Assigning, value: str, before: str, call: Call) -> Step:
    """Return a step of a permission set: the end of what somebody has in an account."""
    account, _, who = one.cells()
    ends = " -> ".join(filter(None, (before, value)))
    shown = f"{ends}: {who} in {account}"
    return Step(sign, "permission set", one.permission_set.name, END, value, before, shown, call)


def assigned(center: Center, found: Iterable[Grant]) -> set[Row]:
    """Return which of some grants are assigned; nothing is where the account or the set is gone."""
    places = list(dict.fromkeys((one.row[0], one.row[1]) for one in found))

    def held(place: tuple[str, str]) -> list[Row]:
        account, arn = place
        fields = ("AccountId", "PermissionSetArn", "PrincipalType", "PrincipalId")
        asked = {"AccountId": account, "PermissionSetArn": arn}
        operation, key = "list_account_assignments", "AccountAssignments"
        try:
            rows: list[Row] = center.listed(operation, key, fields, **asked)
        except NotFound:
            return []
        return rows

    return {row for rows in center.each(places, held) for row in rows}


def _name(center: Center, found: Iterable[Grant]) -> None:
    grants = list(found)
    center.name_accounts({one.row[0] for one in grants})
    center.name_principals({(one.row[2], one.row[3]) for one in grants})
    center.named_sets(one.row[1] for one in grants)


def _caller(center: Center) -> str:
    """Return who grants it, as far as a tag can hold that."""
    name = center.calls.identity.rpartition("/")[2]
    return _NOT_IN_TAGS.sub("_", name).replace(" ", "_")[:64] or "-"


def _permanent(one: Assigning) -> UsageError:
    account, name, who = one.cells()
    where = [*changes.places([one.account.id]), *changes.people([one.principal])]
    return UsageError(
        f"{who} holds {name} in {account} without an end already",
        advice="an end would take that away, too: grant something else, or take it back first:",
        fix=dialects.line(["ssoenv", "admin", "unassign", "-r", one.permission_set.name, *where]),
    )


def loses_its_end(planned: Iterable[Change]) -> bool:
    """Whether something that is granted until a time would be granted for good."""
    return any(
        isinstance(one, Step) and one.what == END and one.value == FOR_GOOD for one in planned
    )


def _require_room(one: Assigning, counts: Mapping[str, int]) -> None:
    if counts[one.permission_set.arn] > MOST_TAGS:
        raise UsageError(
            f"permission set {one.permission_set.name!r} has no room for another grant: it has "
            f"{MOST_TAGS} tags at most, and each grant is one",
            fix="ssoenv admin expire",
        )
