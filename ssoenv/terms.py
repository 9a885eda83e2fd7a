"""On what terms a role may be had by something that only just used AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv import adhoc, here, settings, sign_in, trust
from ssoenv.aws_files import config as aws_config
from ssoenv.base.errors import NotTrusted
from ssoenv.base.models import Profile
from ssoenv.binding import file as binding_file
from ssoenv.credentials import Terms, admit, fetch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.base.models import Role
    from ssoenv.credentials import Person
    from ssoenv.settings import Settings


def ensure(
    directory: str, name: str, words: Sequence[str], env: Mapping[str, str], person: Person
) -> int:
    """Make the credentials of profile `name` of the binding trusted for `directory` live.

    A `directory` ``@KEY`` is none: it stands for a role that ``ssoenv use`` took outside of one.
    Returns 0 for a role that may be used unasked, else for how many seconds a yes holds in this
    shell. Reads only the trusted copy: the file itself may be another by now. Raises what
    obtaining credentials raises, and NotTrusted where nothing is trusted.
    """
    if directory.startswith("@"):
        profile, file = _taken(directory[1:], name, env), ""
    else:
        profile, file = _trusted(directory, name, env)
    wish = Wish(tuple(words), file, name, profile.protect)
    admission = admit(profile.role, terms(profile.role, wish, env, settings.load(env), person))
    fetch(admission)
    return admission.seconds


def _trusted(directory: str, name: str, env: Mapping[str, str]) -> tuple[Profile, str]:
    """Return the profile `name` of what is trusted for `directory`, and its file."""
    if not directory.startswith("/") or ".." in directory.split("/"):
        raise NotTrusted(f"{directory!r} is no directory", hint="ssoenv status")
    path = f"{directory.rstrip('/')}/.ssoenv.toml"
    content = trust.trusted(env, directory)
    binding = binding_file.parse(content, path) if content is not None else None
    if binding is None or name not in binding.profiles:
        raise NotTrusted(f"{path} is not trusted", hint="ssoenv trust")
    return binding.profiles[name], path


def _taken(key: str, name: str, env: Mapping[str, str]) -> Profile:
    """Return the profile that stands for a role that no project binds."""
    role = adhoc.role(env, key)
    if role is None:
        raise NotTrusted(f"nothing is kept of {key!r}", hint="ssoenv use ACCOUNT/ROLE")
    return Profile(name, role, line=0)


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants a role: the `words` of a command, which a person `typed` or not.

    `file` is the binding file that names the role, `profile` its profile there, and `protect` says
    whether that protects it.
    """

    words: tuple[str, ...]
    file: str = ""
    profile: str = ""
    protect: bool = False
    typed: bool = True


def terms(
    role: Role, wish: Wish, env: Mapping[str, str], preferences: Settings, person: Person
) -> Terms:
    """Return the terms on which `wish` may have `role`; `person` is asked and told."""
    session = aws_config.find_session(env, role.session)
    request = sign_in.SignInRequest(
        command=" ".join(wish.words) or "a command",
        account=role.account,
        role="|".join(role.roles),
        file=wish.file or _file_here(env),
        start_url=session.start_url,
        session=session.label,
    )
    consent = sign_in.lazy_consent(
        env, request, manual=preferences.login == "manual", typed=wish.typed
    )
    return Terms(env, preferences, consent, person, wish.protect, wish.profile)


def _file_here(env: Mapping[str, str]) -> str:
    """Return the binding file of the shell that we were started from, if it has one."""
    directory = here.shell_directory(env)
    return f"{directory.rstrip('/')}/.ssoenv.toml" if directory.startswith("/") else ""
