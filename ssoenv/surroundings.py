"""What an environment holds beside what the binding says: of the user, of other tools, of ours."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from ssoenv import here
from ssoenv.base import files, paths
from ssoenv.base.models import is_managed
from ssoenv.shells import rendered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.here import Here

HOOK_MARK = "SSOENV_HOOK"
"""Set by the hook for every `ssoenv` that is typed: this shell has one, of that protocol."""

OTHER_ROLES = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("AWS_CREDENTIAL_EXPIRATION", "AWS_CREDENTIALS_EXPIRATION", "AWS_ACCOUNT_ID"),
    *("AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_FILE"),
    *("AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    *("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    *("AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
)
"""Variables by which some SDK finds credentials, or believes whose they are: the configuration
providers of botocore, and what older SDKs and that of .NET, which asks a web identity before the
keys, know beside them. Of two roles in an environment, which one counts depends on the SDK."""
PLAIN = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "TMPDIR", "TZ"),
    *("TERM", "COLORTERM", "NO_COLOR", "LANG", "LANGUAGE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"),
    *("http_proxy", "https_proxy", "no_proxy", "all_proxy"),
    *("AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("AWS_REGION", "AWS_DEFAULT_REGION"),
)
"""What a program needs to run, to speak to its terminal, and to reach AWS; LC_* beside them."""

_MARKERS = (
    "SSOENV_DIR",
    "SSOENV_LABEL",
    "SSOENV_PROFILE",
    "SSOENV_USE",
    "SSOENV_LENT",
    "SSOENV_VARS",
    "SSOENV_GIVEN",
    "AWS_SSO_PROFILE",
)


def without_ours(env: Mapping[str, str]) -> dict[str, str]:
    """Return `env` without what ssoenv put there, marked or not; other people's values stay."""
    ours = {*_MARKERS, *env.get("SSOENV_VARS", "").split()}
    if is_managed(env.get("AWS_PROFILE", "")):
        ours.add("AWS_PROFILE")
    if rendered.is_key_of_ours(env, env.get("AWS_ACCESS_KEY_ID", "")):
        ours |= {*rendered.KEY_VARIABLES, "AWS_SSO_PROFILE"}
    return {name: value for name, value in env.items() if name not in ours}


def without_roles(env: Mapping[str, str]) -> dict[str, str]:
    """Return `env` without what ssoenv put there, and without any other role, whoever gave it."""
    mine = without_ours(env)
    return {name: value for name, value in mine.items() if name not in OTHER_ROLES}


def plain(env: Mapping[str, str]) -> dict[str, str]:
    """Return of `env` what any program needs, and nothing else."""
    return {
        name: value
        for name, value in env.items()
        if name in PLAIN or (name.startswith("LC_") and name.isidentifier())
    }


def explain(found: Here, env: Mapping[str, str]) -> Iterator[str]:
    """Yield why the shell is not as one might expect from what holds where we are, as `found`."""
    names = theirs(env)
    bound = found.status in ("trusted", "adhoc") and found.problem is None
    where = found.project if found.path else env.get("SSOENV_DIR")
    applied = bool(where) and env.get("SSOENV_DIR") == where
    # A command of `ssoenv exec --serve` has what its person gave it, with a hook or without.
    served = bool(env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
    if not env.get(HOOK_MARK) and not found.agent and not served:
        yield "this shell has no hook, so it gets no role by itself"
    elif bound and not served and not applied and not names and found.directory == env.get("PWD"):
        yield "the hook did not bind this directory: a readonly variable, or another route to it"
    given = here.given_role(env)
    if given:
        names = [name for name in names if name != "AWS_ACCESS_KEY_ID"]
        drop = " ".join(rendered.KEY_VARIABLES)
        yield f"{given}: its keys came by ssoenv export or exec; to drop them: unset {drop}"
    if names and not (bound and env.get(HOOK_MARK)):
        listed = " and ".join(names)
        yield f"{listed} {'is' if len(names) == 1 else 'are'} your own, and AWS tools use it here"
    elif names:
        listed = " ".join(names)
        yield f"{listed}: set by hand since, and wins over the binding: unset {listed}"
    if found.path:
        above = (
            rendered.find_binding_file(os.path.dirname(found.project))
            if found.project != "/"
            else None
        )
        if above:
            yield f"{found.path} hides {above}: the nearest file counts, alone"
    envrc = nearest_envrc(found.directory)
    if envrc:
        yield f"{envrc} exports AWS variables, too: direnv and ssoenv would take turns"


def theirs(env: Mapping[str, str]) -> list[str]:
    """Return which of the variables that choose a role are not as the hook would have them."""
    managed = is_managed(env.get("AWS_PROFILE", ""))
    marked = "AWS_ACCESS_KEY_ID" in env.get("SSOENV_VARS", "").split()
    keys_are_ours = (marked or here.role_of_keys(env) is not None) and not managed
    found = [] if keys_are_ours or not env.get("AWS_ACCESS_KEY_ID") else ["AWS_ACCESS_KEY_ID"]
    if env.get("AWS_PROFILE") and not managed:
        found.append("AWS_PROFILE")
    return found + (["AWS_DEFAULT_PROFILE"] if env.get("AWS_DEFAULT_PROFILE") else [])


def nearest_envrc(directory: str) -> str | None:
    """Return the nearest ``.envrc`` at or above `directory`, if it exports AWS variables."""
    for folder in (directory, *paths.above(directory)):
        path = f"{folder.rstrip('/')}/.envrc"
        text = files.read_bytes(path)
        if text is not None:
            return path if re.search(rb"^\s*export AWS_", text, re.MULTILINE) else None
    return None
