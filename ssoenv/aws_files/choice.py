"""Which session a person means: by the words that they typed, or without any.

Files name a session exactly (``config.find_session``); people may type a part of its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import settings
from ssoenv.aws_files import config
from ssoenv.base import dialects, paths
from ssoenv.base.errors import InvalidConfiguration, UsageError
from ssoenv.base.models import instance_url
from ssoenv.base.values import replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssoenv.aws_files.config import Known
    from ssoenv.base.models import Session


def named(env: Mapping[str, str], words: str, *, by: str = "--session") -> Session:
    """Return the session that a person means by `words`.

    They are its name, that of a profile that uses it, its start URL however it ends, or else a part
    of a name that only one has, or else of a start URL. `by` is what a person types before them, to
    say which of several. Raises UsageError where several fit, and InvalidConfiguration where none
    does.
    """
    there = config.known(env)
    if words in (one.label for one in there):
        return _found(env, words, f"{by} {words}")
    if session := config.of_profile(env, words):
        return replace(session, chosen_by=f"{by} {words}")
    wanted, part = instance_url(words), words.lower()
    found = [one for one in there if wanted and instance_url(one.start_url) == wanted]
    found = found or [one for one in there if part and part in one.name.lower()]
    part = part.rstrip("/#")
    found = found or [one for one in there if part and part in instance_url(one.start_url).lower()]
    if not found:
        config.find_session(env, words, typed=by if by.startswith("ssoenv ") else "")
    if len(found) > 1:
        raise _several(found, f"{words!r} could be {', '.join(map(str, found))}", by)
    return _found(env, found[0].label, f"{by} {words}")


def explained(words: str, session: Session) -> str:
    """Return the sentence that says that `words` mean `session`; empty where they are its name."""
    where = f" ({session.start_url})" if session.name else ""
    return "" if words == session.label else f"{words} is the session {session.label}{where}"


def default_session(
    env: Mapping[str, str], wanted: str | None, *, by: str = "--session"
) -> Session:
    """Return the session that a person means by `wanted`; else the one that is usual here.

    That is the one of AWS_PROFILE, of AWS_DEFAULT_SSO_START_URL and AWS_DEFAULT_SSO_REGION, of the
    user's settings, or the only one there is. Raises what `named` does.
    """
    if wanted is not None:
        return named(env, wanted, by=by)
    for variable in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        if name := env.get(variable):
            if session := config.of_profile(env, name):
                return replace(session, chosen_by=f"{variable}={name}")
            break
    if env.get(config.START_URL) or env.get(config.REGION):
        return _of_environment(env, by)
    there, path = config.known(env), paths.aws_config_file(env)
    if not there:
        raise InvalidConfiguration(f"no [sso-session] in {path}", fix="ssoenv setup")
    if len(there) > 1:
        if usual := _of_settings(env):
            return usual
        labels = ", ".join(one.label for one in there)
        several = _several(there, f"which session? there is: {labels}", by)
        line = f'session = "{there[0].label}"'
        several.advice = (
            f"{several.advice}; or have a usual one: {line} in {paths.settings_file(env)}"
        )
        raise several
    return _found(env, there[0].label, f"the only one in {path}")


def _of_environment(env: Mapping[str, str], by: str) -> Session:
    """Return the session that the environment names, by its start URL, its region, or both."""
    url, region = env.get(config.START_URL, ""), env.get(config.REGION, "")
    wanted = instance_url(url)
    found = [
        one
        for one in config.known(env)
        if (not url or instance_url(one.start_url) == wanted)
        and (not region or one.region == region)
    ]
    names = [name for name in (config.START_URL, config.REGION) if env.get(name)]
    variables = " and ".join(names)
    if not found:
        raise InvalidConfiguration(
            f"{variables}: {' in '.join(filter(None, (url, region)))} is no instance of your AWS"
            f" config {paths.aws_config_file(env)}",
            fix=f"export {config.REGION}=REGION"
            if url and not region
            else f"unset {' '.join(names)}",
        )
    if len(found) > 1:
        raise _several(found, f"{variables} could be {', '.join(map(str, found))}", by)
    return _found(env, found[0].label, variables)


def _of_settings(env: Mapping[str, str]) -> Session | None:
    """Return the session that the user's settings name; None where they do not, or are broken.

    Signing out does not need them, and whatever gives a role says what is wrong in them.
    Raises InvalidConfiguration for one that is not there.
    """
    try:
        usual = settings.load(env).session
    except InvalidConfiguration:
        return None
    file = paths.settings_file(env)
    try:
        return _found(env, usual, f"session in {file}") if usual else None
    except InvalidConfiguration as missing:
        raise InvalidConfiguration(
            f"{file} says session = {usual!r}, but {missing.message}", advice=f"correct {file}"
        ) from None


def _several(found: Sequence[Known], what: str, by: str) -> UsageError:
    """Return the error `what`, with how to name the first of those found."""
    label = dialects.word(found[0].label)
    return UsageError(what, advice=f"name one of them, as in: {by} {label}")


def _found(env: Mapping[str, str], label: str, chosen_by: str) -> Session:
    return replace(config.find_session(env, label), chosen_by=chosen_by)
