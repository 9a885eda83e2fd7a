"""An ``[sso-session]`` of the AWS config, added or changed; never one of that name unasked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import edits, session_sections
from ssoenv.base.errors import UsageError
from ssoenv.base.models import Session
from ssoenv.base.values import dataclass, replace
from ssoenv.setup import answers
from ssoenv.setup.session import SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.aws_files.edits import Edit
    from ssoenv.setup.person import Person

_SCOPE = re.compile(r"[A-Za-z0-9_.:/*-]+")


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a session; None where nothing is said."""

    name: str | None = None
    start_url: str | None = None
    region: str | None = None
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The change that makes `session` what is said; `old` is what its section says now."""

    edit: Edit
    session: Session
    old: Mapping[str, str] | None

    @property
    def asks_for_other_scopes(self) -> bool:
        """Whether a token that is there was not made for what a sign-in asks for from now on."""
        if self.old is None or self.session.scopes is None:
            return False
        return self.old.get("sso_registration_scopes") != ", ".join(self.session.scopes)

    def show(self) -> list[str]:
        """Return the change as lines of a diff; empty where there is none."""
        return edits.show(self.edit)


def checked(said: Said, env: Mapping[str, str]) -> Said:
    """Return what is said as it is meant. Raises UsageError for what cannot be."""
    for scope in said.scopes or ():
        if not _SCOPE.fullmatch(scope):
            raise UsageError(f"{scope!r} is no scope", advice=f"such as {SCOPES[0]}")
    is_there = said.name in aws_config.load(env).sessions
    return Said(
        said.name if is_there or said.name is None else answers.check_name(said.name),
        answers.if_given(answers.check_start_url)(said.start_url),
        answers.if_given(answers.check_region)(said.region),
        said.scopes,
    )


def completed(said: Said, env: Mapping[str, str], person: Person, *, alone: bool) -> Said:
    """Return `said` with what it lacks: as it is there, else as the person answers.

    Where nobody is asked (`alone`), raises UsageError that says what is missing.
    """
    ask = person.interactive() and not alone
    old = aws_config.load(env).sessions.get(said.name or "", {})
    asks = ask and not (said.start_url or said.region or said.scopes)
    url, region = old.get("sso_start_url"), old.get("sso_region")
    if asks or (ask and not (said.start_url or url)):
        if not (said.start_url or url):
            person.say(answers.WHICH)
            person.note(answers.EXAMPLE)
        answer = person.ask("Start URL", answers.check_start_url, said.start_url or url or "")
        said = replace(said, start_url=answer)
    if asks or (ask and not (said.region or region)):
        answer = person.ask("Its region", answers.check_region, said.region or region or "")
        said = replace(said, region=answer)
    said = replace(said, start_url=said.start_url or url, region=said.region or region)
    address = said.start_url or ""
    if not said.start_url or not said.region:
        lacks = "--start-url" if not said.start_url else "--region"
        raise UsageError(
            f"a session needs {lacks}, too",
            fix="ssoenv configure session NAME --start-url URL --region REGION",
        )
    if said.name is None and ask:
        proposed = answers.propose_name(address, env)
        said = replace(said, name=person.ask("What to call it", answers.check_name, proposed))
    return replace(said, name=said.name or answers.propose_name(address, env))


def plan(said: Said, env: Mapping[str, str]) -> Plan:
    """Return the change that makes a session what is said, all of which has to be.

    Raises InvalidConfiguration where the AWS config cannot be read.
    """
    old = aws_config.load(env).sessions.get(said.name or "")
    scopes = said.scopes or (None if old is not None else SCOPES)
    session = Session(said.name, said.start_url or "", said.region or "", scopes, "configure")
    change = (
        session_sections.added(session)
        if old is None
        else session_sections.replaced(session, scopes=scopes is not None)
    )
    same = old is not None and all(
        old.get(key) == value
        for key, value in (
            ("sso_start_url", session.start_url),
            ("sso_region", session.region),
            ("sso_registration_scopes", ", ".join(scopes) if scopes else None),
        )
        if value is not None
    )
    edit = edits.plan(env, (lambda block, _: block.commands) if same else change)
    return Plan(edit, session, old)


def users(plan: Plan, env: Mapping[str, str]) -> list[str]:
    """Return the profiles that use the session, if what it is changes."""
    old = plan.old or {}
    now = (plan.session.start_url, plan.session.region)
    if not old or (old.get("sso_start_url"), old.get("sso_region")) == now:
        return []
    profiles = aws_config.load(env).profiles
    return [name for name, keys in profiles.items() if keys.get("sso_session") == plan.session.name]
