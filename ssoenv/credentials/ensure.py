"""What the hook's wrapper asks for before a command that uses AWS: a role that is live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import settings
from ssoenv.base import clock
from ssoenv.base.errors import AccessDenied, NotTrusted
from ssoenv.base.models import Profile
from ssoenv.credentials.admission import admit
from ssoenv.credentials.fetching import fetch
from ssoenv.credentials.terms import Wish, terms
from ssoenv.here import BY_USE
from ssoenv.shells import answers, rendered, rendering
from ssoenv.trust import adhoc, grants, store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.credentials.admission import Admission
    from ssoenv.credentials.terms import Person


def ensure(
    directory: str,
    name: str,
    token: str,
    words: Sequence[str],
    env: Mapping[str, str],
    person: Person,
) -> int:
    """Make the credentials of profile `name` of the binding trusted for `directory` live.

    A `directory` ``@KEY`` is none: it stands for a role that ``ssoenv use`` took outside of one.
    Returns 0 for a role that may be used unasked, else for how many seconds a yes holds in this
    shell, which made up `token` and is told by it. Reads only the trusted copy: the file itself
    may be another by now. Raises what obtaining credentials raises, and NotTrusted where nothing
    is trusted.
    """
    if directory.startswith("@"):
        profile, wish = _taken(directory[1:], name, env), Wish(tuple(words))
    else:
        profile, file = _trusted(directory, name, env)
        chosen_by = BY_USE if adhoc.is_name(name) else ""
        wish = Wish(tuple(words), file, name, profile.protect, chosen_by=chosen_by)
    admission = admit(profile.role, terms(profile.role, wish, env, settings.load(env), person))
    fetch(admission)
    if admission.yes.seconds:
        _tell_shell(admission, token)
    return admission.yes.seconds


def _tell_shell(admission: Admission, token: str) -> None:
    """Tell the shell of a yes, unless what is rendered for the role is another one by now."""
    env, role = admission.terms.env, admission.role
    with rendering.lock(env):
        seals = admission.terms.settings.seals  # then nothing is rendered
        there = rendered.published(env, role.key)
        if not seals and there != admission.held.key:
            came = f"{role} has come to mean another role" if there else "somebody signed out"
            raise AccessDenied(
                f"{came} meanwhile; no shell was told of your yes",
                advice="the same command again asks once more",
            )
        answers.tell_shell(env, token, clock.now() + admission.yes.seconds)


def _trusted(directory: str, name: str, env: Mapping[str, str]) -> tuple[Profile, str]:
    """Return the profile `name` of what is trusted for `directory`, and its file."""
    if not directory.startswith("/") or ".." in directory.split("/"):
        raise NotTrusted(f"{directory!r} is no directory", fix="ssoenv status")
    path = f"{directory.rstrip('/')}/.ssoenv.toml"
    binding = store.binding(env, directory)
    if binding is not None:
        grants.require_same_instance(binding, env)
        profile = binding.profiles.get(name) or adhoc.profiles_in(env, directory).get(name)
        if profile is not None:
            return profile, path
    raise NotTrusted(f"{path} is not trusted", fix="ssoenv trust")


def _taken(key: str, name: str, env: Mapping[str, str]) -> Profile:
    """Return the profile that stands for a role that no project binds."""
    found = adhoc.taken(env, key)
    if found is None:
        raise NotTrusted(f"nothing is kept of {key!r}", fix="ssoenv use ACCOUNT/ROLE")
    return Profile(name, found.role, line=0)
