"""On what terms a role may be had: where the request runs, by whose settings, and who is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ssoenv import here, policy, sign_in
from ssoenv.aws_files import config as aws_config
from ssoenv.base.values import dataclass
from ssoenv.credentials.protection import Asker
from ssoenv.identity_center import kept_listings
from ssoenv.sign_in import Reporter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Role
    from ssoenv.settings import Settings
    from ssoenv.sign_in import Consent


class Person(Reporter, Asker, Protocol):
    """Who hears of a sign-in, and answers for a protected role."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a request may do: where it runs, by whose settings, and whom it may ask.

    `profile` is the profile of a binding file that names the role, where one does; `protect` is
    what that file says of it, and None where no profile does: then any file that is trusted counts.
    """

    env: Mapping[str, str]
    settings: Settings
    consent: Consent
    person: Person
    protect: bool | None = False
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants a role: the `words` of a command, which a person `typed` or not.

    `file` is the binding file that names the role, `profile` its profile there, and `protect` says
    whether that protects it. `unasked` says why nobody is to be asked anything, where that is so.
    `chosen_by` says in words what chose the role where that is no file.
    """

    words: tuple[str, ...]
    file: str = ""
    profile: str = ""
    protect: bool = False
    typed: bool = True
    unasked: str = ""
    chosen_by: str = ""


def terms(
    role: Role, wish: Wish, env: Mapping[str, str], preferences: Settings, person: Person
) -> Terms:
    """Return the terms on which `wish` may have `role`; `person` is asked and told.

    Raises AccessDenied for a coding agent that gets another role or none, NotTrusted or
    InvalidConfiguration where it is in a project that may not act.
    """
    agent = preferences.agent(env)
    here.require_for_agent(agent, role, preferences, env)
    session = aws_config.find_session(env, role.session)
    request = sign_in.SignInRequest(
        command=" ".join(wish.words) or "a command",
        account=role.account,
        role=policy.target(role, kept_listings.of(env, session)).role_name,
        file=wish.file or ("" if wish.typed else _file_here(env)),
        start_url=session.start_url,
        session=session.label,
        chosen_by=wish.chosen_by,
    )
    consent = sign_in.lazy_consent(
        env,
        request,
        manual=preferences.login == "manual",
        typed=wish.typed,
        agent=agent,
        unasked=wish.unasked,
    )
    protect = wish.protect if wish.protect or wish.profile else None
    return Terms(env, preferences, consent, person, protect, wish.profile)


def _file_here(env: Mapping[str, str]) -> str:
    """Return the binding file of the shell that we were started from, if it has one."""
    directory = here.shell_directory(env)
    return f"{directory.rstrip('/')}/.ssoenv.toml" if directory.startswith("/") else ""
