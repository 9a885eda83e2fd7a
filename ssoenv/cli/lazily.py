"""Credentials for something that only just used AWS: allowed to ask only as consent has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import aws_config, binding_file, protection, settings, sign_in, trust
from ssoenv.cli.terminal import Terminal
from ssoenv.credentials import Terms, obtain
from ssoenv.errors import NotTrusted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.models import Role
    from ssoenv.settings import Settings


def ensure(directory: str, name: str, words: Sequence[str], env: Mapping[str, str]) -> int:
    """Make the credentials of profile `name` of the binding trusted for `directory` live.

    A `directory` ``@KEY`` is none: it stands for a role that ``ssoenv use`` took outside of one.

    Reads only the trusted copy: the file itself may be another by now. Raises what obtaining
    credentials raises, and NotTrusted where nothing is trusted.
    """
    if directory.startswith("@"):
        return _ensure_loose(directory[1:], name, words, env)
    path = f"{directory.rstrip('/')}/.ssoenv.toml"
    content = trust.trusted(env, directory)
    binding = binding_file.parse(content, path) if content is not None else None
    if binding is None or name not in binding.profiles:
        raise NotTrusted(f"{path} is not trusted", hint="ssoenv trust")
    profile, preferences = binding.profiles[name], settings.load(env)
    protect = protection.of_profile(preferences, profile)
    obtain(profile.role, terms(profile.role, words, env, preferences, path, protect=protect))
    return preferences.protect_for if protect else 0


def _ensure_loose(key: str, name: str, words: Sequence[str], env: Mapping[str, str]) -> int:
    """Make the credentials of a role live that no project binds."""
    role, preferences = trust.loose_role(env, key), settings.load(env)
    if role is None:
        raise NotTrusted(f"nothing is kept of {key}", hint="ssoenv use ACCOUNT/ROLE")
    protect = protection.by_pattern(preferences, role, [name])
    obtain(role, terms(role, words, env, preferences, protect=protect))
    return preferences.protect_for if protect else 0


def terms(
    role: Role,
    words: Sequence[str],
    env: Mapping[str, str],
    preferences: Settings,
    file: str = "",
    *,
    typed: bool = True,
    protect: bool = False,
) -> Terms:
    """Return the terms on which `words` may have `role`.

    `typed`: a person typed them; `protect`: the binding says that the role is protected.
    """
    session = aws_config.find_session(env, role.session)
    request = sign_in.SignInRequest(
        command=" ".join(words) or "a command",
        account=role.account,
        role="|".join(role.roles),
        file=file or _file_here(env),
        start_url=session.start_url,
        session=session.label,
    )
    consent = sign_in.lazy_consent(env, request, manual=preferences.login == "manual", typed=typed)
    return Terms(env, preferences, consent, Terminal(), protect)


def _file_here(env: Mapping[str, str]) -> str:
    """Return the binding file of the shell that we were started from, if it has one."""
    directory = env.get("SSOENV_DIR", "")
    return f"{directory.rstrip('/')}/.ssoenv.toml" if directory.startswith("/") else ""
