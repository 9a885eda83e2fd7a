"""The session of a person who sets up: asked for, checked answer by answer, and written."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import session_sections, token_cache
from ssoenv.base import clock, paths
from ssoenv.base.errors import SsoenvError, UsageError
from ssoenv.base.models import Session, instance_url
from ssoenv.binding import file as binding_file
from ssoenv.identity_center import regions
from ssoenv.shells import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssoenv.setup.person import Person

SCOPES = ("sso:account:access",)


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says of a session; None where it says nothing.

    `typed` is the whole of it: a command that is proposed has what the person typed already.
    """

    start_url: str | None = None
    region: str | None = None
    name: str | None = None
    typed: str = "ssoenv setup"

    def again(self, *more: str) -> str:
        """Return the command as it was typed, with those of the words `more` that it lacks."""
        words = self.typed.replace(" -y", " --yes").split()
        return " ".join([self.typed, *(word for word in more if word not in words)])

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return any(value is not None for value in (self.start_url, self.region, self.name))


def given(
    start_url: str | None,
    region: str | None,
    name: str | None,
    env: Mapping[str, str],
    *,
    typed: str,
    alone: bool,
) -> Given:
    """Return what the command line says, checked, before anything is changed by it.

    What it leaves out of a session that is there is as it is there. Raises UsageError that says
    what is wrong; or, where nobody can be asked (`alone`), what is missing.
    """
    start_url = None if start_url is None else check_start_url(start_url)
    region = None if region is None else check_region(region)
    if name is not None:
        old = aws_config.sessions(env).get(check_name(name))
        start_url = start_url or (old.start_url if old else None)
        region = region or (old.region if old else None)
    found = Given(start_url, region, name, typed)
    wanted = {"--start-url URL": start_url, "--region REGION": region}
    missing = [option for option, value in wanted.items() if value is None]
    if found and missing and alone:
        names = " and ".join(option.split()[0] for option in missing)
        raise UsageError(f"a session needs {names}, too", fix=found.again(*missing, "--yes"))
    return found


def check_start_url(answer: str) -> str:
    """Return the start URL that a person means. Raises UsageError for what cannot be one.

    The ``https://`` may be missing, and the ``#/`` that a browser shows at its end is dropped.
    """
    url = answer.strip().partition("#")[0].rstrip("/")
    url = url if "://" in url else f"https://{url}"
    is_address = bool(binding_file.START_URL.fullmatch(url))
    host = (urlsplit(url).hostname or "") if is_address else ""
    console = f".{host}".endswith((".console.aws.amazon.com", ".signin.aws.amazon.com"))
    if "." not in host or console:
        raise UsageError(
            f"{answer!r} is not the start URL of an Identity Center",
            advice="it looks like https://acme.awsapps.com/start",
        )
    return url


def check_region(answer: str) -> str:
    """Return the name of the AWS region that `answer` is. Raises UsageError for what is none."""
    import difflib

    region = answer.strip().lower()
    known = regions.known()
    if region in known:
        return region
    likely = difflib.get_close_matches(region, known, 3)
    advice = f"did you mean {' or '.join(likely)}?" if likely else "such as eu-west-1"
    raise UsageError(f"{answer!r} is not an AWS region that boto3 knows", advice=advice)


def check_name(answer: str) -> str:
    """Return the name of a session that `answer` is. Raises UsageError for what is none."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", answer):
        raise UsageError(
            f"{answer!r} is no name for a session", advice="letters and digits, such as acme"
        )
    return answer


def propose_name(start_url: str, env: Mapping[str, str]) -> str:
    """Return what to call the session of `start_url`: as the project here does, or its company."""
    path = rendered.find_binding_file(env.get("PWD", "") or os.getcwd())
    try:
        if path:
            return binding_file.parse(binding_file.read(path), path).session
    except SsoenvError:
        pass
    company, _, rest = (urlsplit(start_url).hostname or "").partition(".")
    own_name = rest == "awsapps.com" and not re.fullmatch(r"d-[0-9a-f]{10}", company)
    return company if own_name else "sso"


def choose(said: Given, env: Mapping[str, str], person: Person, *, yes: bool) -> Session | None:
    """Return the session to go on with: one that is there, or a new one, which is written.

    What is not `said` is asked for, unless `yes`; None where nobody can or wants to answer.
    """
    known = {one.label: one for one in aws_config.instances(env)}
    if not said and known:
        return _existing(known, person, yes=yes)
    if yes or not person.interactive():
        return _written(said, env, person, yes=yes) if said else None
    if said.start_url is None:
        person.say("which Identity Center? its start URL looks like")
        person.note("https://acme.awsapps.com/start   (Enter skips this)")
        url = person.ask("Start URL", _or_nothing(check_start_url))
        if not url:
            return None
        said = replace(said, start_url=url)
    return _asked(said, env, person)


def correct(session: Session, env: Mapping[str, str], person: Person) -> Session | None:
    """Offer to correct a session that no sign-in came of; None where the person does not."""
    if session.name is None or not person.confirm(f"Correct the address of {session.label}?"):
        return None
    url = person.ask("Start URL", check_start_url, session.start_url)
    region = person.ask("Its region", check_region, session.region)
    corrected = Session(session.name, url, region, SCOPES, session.source)
    session_sections.replace(env, corrected)
    return corrected


def default(env: Mapping[str, str], wanted: str | None, person: Person) -> Session:
    """Return the session `wanted`, else the user's default one; of several, the person says which.

    Raises UsageError where nobody is there to say it.
    """
    try:
        return aws_config.default_session(env, wanted)
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


def _existing(known: Mapping[str, Session], person: Person, *, yes: bool) -> Session | None:
    if len(known) > 1:
        return None if yes or not person.interactive() else which(known, person)
    (only,) = known.values()
    person.say(f"your AWS config has the session {only.label}, at {only.start_url}")
    return only


def _asked(said: Given, env: Mapping[str, str], person: Person) -> Session:
    """Return the session of a person who is there, and has said its start URL."""
    url, region, name = said.start_url or "", said.region, said.name
    if region is None:
        named = binding_file.REGION.search(urlsplit(url).hostname or "")
        region = person.ask(
            "Its region, such as eu-west-1", check_region, named[0] if named else ""
        )
    there = _same_instance(url, region, env)
    if name is None and there is not None:
        person.say(f"your AWS config has it already, as {there.label}")
        return there
    if name is None:
        person.say("its name stands in every .ssoenv.toml that your team commits: agree on one")
        name = person.ask("What to call it", check_name, propose_name(url, env))
    answered = replace(said, start_url=url, region=region, name=name)
    return _written(answered, env, person, yes=False)


def _written(said: Given, env: Mapping[str, str], person: Person, *, yes: bool) -> Session:
    """Write the session that is `said` to the AWS config, if it is not there; return what is."""
    url, region = said.start_url or "", said.region or ""
    there = _same_instance(url, region, env)
    name = said.name or (there.name if there else None) or propose_name(url, env)
    session = Session(name, url, region, SCOPES, "ssoenv setup")
    title, path = f"[sso-session {session.name}]", paths.aws_config_file(env)
    old = aws_config.sessions(env).get(session.name or "")
    if old is None:
        session_sections.append(env, session)
        person.say(f"added {title} to {path}", style="good")
        return session
    if (old.start_url, old.region) == (session.start_url, session.region):
        return old
    person.say(f"{title} is there, for {old.start_url} in {old.region}", style="warning")
    if not yes and not person.interactive():
        fix = said.again("--yes")
        raise UsageError("nobody is here to say that it may be replaced", fix=fix)
    if not yes and not person.confirm(f"Make it {session.start_url} in {session.region}?"):
        return old
    session_sections.replace(env, session)
    person.say(f"changed {title} in {path}", style="good")
    return session


def _same_instance(start_url: str, region: str, env: Mapping[str, str]) -> Session | None:
    """Return the session of the AWS config that is for that very instance."""
    wanted = (instance_url(start_url), region)
    known = aws_config.sessions(env).values()
    return next((one for one in known if (instance_url(one.start_url), one.region) == wanted), None)


def _or_nothing(check: Callable[[str], str]) -> Callable[[str], str]:
    """Return a check that takes an empty answer, too."""
    return lambda answer: check(answer) if answer else ""
