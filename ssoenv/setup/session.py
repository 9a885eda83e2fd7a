"""The session of a person who sets up: chosen of those that there are, or asked for and planned."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ssoenv import here
from ssoenv.aws_files import choice, edits, session_sections, token_cache
from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock, paths
from ssoenv.base.errors import ServiceUnavailable, UsageError
from ssoenv.base.models import Session, instance_url
from ssoenv.base.values import dataclass, replace
from ssoenv.binding import file as binding_file
from ssoenv.identity_center import start_urls
from ssoenv.setup import answers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.aws_files.edits import Change
    from ssoenv.setup.answers import Given
    from ssoenv.setup.person import Person

SCOPES = ("sso:account:access",)


@dataclass(frozen=True, slots=True)
class Choice:
    """The `session` to go on with; `change` is what the AWS config lacks of it, `done` says so."""

    session: Session
    change: Change | None = None
    done: str = ""


def choose(said: Given, env: Mapping[str, str], person: Person, *, alone: bool) -> Choice | None:
    """Return the session to go on with: one that is there, or a new one. Nothing is written.

    What is not `said` is asked for, unless `alone`; None where nobody can or wants to answer.
    """
    known = {one.label: one for one in aws_config.instances(env)}
    if not said and known:
        return _existing(known, person, alone=alone)
    if alone:
        return _planned(said, env, person) if said else None
    if said.start_url is None:
        person.say(answers.WHICH)
        person.note(f"{answers.EXAMPLE}   (Enter skips this)")
        url = person.ask("Start URL", answers.or_nothing(answers.check_start_url))
        if not url:
            return None
        said = replace(said, start_url=url)
    return _asked(said, env, person)


def correct(session: Session, env: Mapping[str, str], person: Person) -> Session | None:
    """Offer to correct a session that no sign-in came of; None where the person does not."""
    if session.name is None or not person.confirm(f"Correct the address of {session.label}?"):
        return None
    url = person.ask("Start URL", answers.check_start_url, session.start_url)
    region = person.ask("Its region", answers.check_region, session.region)
    corrected = _at_its_region(
        Session(session.name, url, region, SCOPES, session.source), env, person
    )
    edits.apply(env, session_sections.replaced(corrected))
    return corrected


def default(env: Mapping[str, str], wanted: str | None, person: Person) -> Session:
    """Return the session `wanted`, else the user's default one; of several, the person says which.

    Raises UsageError where nobody is there to say it.
    """
    try:
        return choice.default_session(env, wanted)
    except UsageError:
        if not person.interactive():
            raise
    return which({one.label: one for one in aws_config.instances(env)}, person)


def of_here(
    env: Mapping[str, str], wanted: str | None, person: Person, *, by: str = "--session"
) -> Session:
    """Return the session `wanted`, else that of the project here, else what `default` returns.

    `by` is what a person types before the name of a session.
    """
    try:
        return here.session(wanted, env, by=by)
    except UsageError:
        if not person.interactive():
            raise
    return which({one.label: one for one in aws_config.instances(env)}, person)


def which(known: Mapping[str, Session], person: Person) -> Session:
    """Ask which of the sessions `known`."""

    def check(answer: str) -> str:
        if answer not in known:
            raise UsageError(f"no session {answer!r}; there is: {', '.join(known)}")
        return answer

    person.say(f"your AWS config has the sessions {', '.join(known)}")
    return known[person.ask("Which session", check, next(iter(known)))]


def is_signed_in(session: Session, env: Mapping[str, str]) -> bool:
    """Whether there is a token of `session` that is good, or can be made good without a person."""
    token, now = token_cache.load_token(env, session), clock.now()
    return token is not None and (token.expires_at > now or token.refreshable(now))


def _existing(known: Mapping[str, Session], person: Person, *, alone: bool) -> Choice | None:
    if len(known) > 1:
        return None if alone else Choice(which(known, person))
    (only,) = known.values()
    person.say(f"your AWS config has the session {only.label}, at {only.start_url}")
    return Choice(only)


def _asked(said: Given, env: Mapping[str, str], person: Person) -> Choice:
    """Return the session of a person who is there, and has said its start URL."""
    url, region, name = said.start_url or "", said.region, said.name
    if region is None:
        named = binding_file.REGION.search(urlsplit(url).hostname or "")
        region = person.ask(
            "Its region, such as eu-west-1", answers.check_region, named[0] if named else ""
        )
    there = _same_instance(url, region, env)
    if name is None and there is not None:
        person.say(f"your AWS config has it already, as {there.label}")
        return Choice(there)
    if name is None:
        person.say("its name stands in every .ssoenv.toml that your team commits: agree on one")
        name = person.ask("What to call it", answers.check_name, answers.propose_name(url, env))
    return _planned(replace(said, start_url=url, region=region, name=name), env, person)


def _planned(said: Given, env: Mapping[str, str], person: Person) -> Choice:
    """Return the session that is `said`, with what of it the AWS config lacks."""
    url, region = said.start_url or "", said.region or ""
    there = _same_instance(url, region, env)
    name = said.name or (there.name if there else None) or answers.propose_name(url, env)
    session = Session(name, url, region, SCOPES, "ssoenv setup")
    old = aws_config.sessions(env).get(session.name or "")
    if old is None or (old.start_url, old.region) != (session.start_url, session.region):
        session = _at_its_region(session, env, person)
    title, path = f"[sso-session {session.name}]", paths.aws_config_file(env)
    if old is None:
        return Choice(session, session_sections.added(session), f"added {title} to {path}")
    if (old.start_url, old.region) == (session.start_url, session.region):
        return Choice(old)
    person.say(f"{title} is there, for {old.start_url} in {old.region}", style="warning")
    return Choice(session, session_sections.replaced(session), f"changed {title} in {path}")


def _at_its_region(session: Session, env: Mapping[str, str], person: Person) -> Session:
    """Tell where the start URL of `session` leads; return it with the region that this has.

    Raises InvalidConfiguration where it leads to what is not AWS's own.
    """
    person.say(f"start URL {session.start_url}")
    person.note(start_urls.described(session.start_url))
    try:
        at = start_urls.resolve(session, env)
    except ServiceUnavailable as failure:
        person.note(f"it cannot be asked now: {failure.message}")
        return session
    if at.start_url != session.start_url:
        person.note(f"it leads to {at.start_url}, in {at.region}")
    named = start_urls.region_of(at.start_url)
    if named and named != session.region and at.region == session.region:
        person.note(f"its host names the region {named}, and you say {session.region}")
    return replace(session, region=at.region)


def _same_instance(start_url: str, region: str, env: Mapping[str, str]) -> Session | None:
    """Return the session of the AWS config that is for that very instance."""
    wanted = (instance_url(start_url), region)
    known = aws_config.sessions(env).values()
    return next((one for one in known if (instance_url(one.start_url), one.region) == wanted), None)
