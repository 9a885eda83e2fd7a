"""Variables and other tools that change what AWS programs and ssoenv read."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from ssoenv import surroundings
from ssoenv.base import files, paths
from ssoenv.base.errors import SsoenvError
from ssoenv.doctor.finding import Finding
from ssoenv.identity_center import endpoints

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


def variables(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield variables that AWS tools and ssoenv would read differently from what one expects."""
    found = list(_variables(env))
    yield from found
    if not found:
        yield Finding("environment", "ok", "nothing of AWS but what ssoenv sets")


def _variables(env: Mapping[str, str]) -> Iterator[Finding]:
    for name in surroundings.theirs(env):
        yield Finding(
            "environment",
            "note",
            f"{name} is set by something else; a binding puts it away and gives it back",
            f"unset {name}, and look for it in your rc files",
        )
    yield from _moved(env)
    for name in _BUNDLES:
        if env.get(name) and not os.path.exists(env[name]):
            yield Finding(
                "environment",
                "wrong",
                f"{name} names {env[name]}, which is not there",
                f"unset {name}",
            )
    proxy = next(
        (
            name
            for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
            if env.get(name)
        ),
        "",
    )
    bypass = env.get("NO_PROXY", env.get("no_proxy", ""))
    if proxy and "127.0.0.1" not in bypass and bypass != "*":
        yield Finding(
            "environment",
            "note",
            f"{proxy} is set, and NO_PROXY does not name this machine",
            "export NO_PROXY=127.0.0.1,localhost",
        )


def _moved(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield where variables have calls go, one for each address."""
    moved: dict[str, list[str]] = {}
    for service, name in endpoints.VARIABLES.items():
        url = env.get(name)
        if url:
            try:
                endpoints.check(url, service, env)
            except SsoenvError as problem:
                yield Finding(
                    "environment", "wrong", problem.message, problem.fix or problem.advice or ""
                )
            else:
                moved.setdefault(url, []).append(name)
    for url, (name, *more) in moved.items():
        what = f"{name} and {len(more)} more move calls" if more else f"{name} moves calls"
        fix = f"unset {' '.join((name, *more))}"
        if endpoints.is_loopback(url):
            fix = f"leave it so in a sandbox; else {fix}"
        yield Finding("environment", "note", f"{what} to {url}", fix)


def other_tools(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield other tools that put AWS roles into this shell."""
    found = list(_other_tools(env))
    yield from found
    if not found:
        yield Finding("other tools", "ok", "none that sets AWS roles")


def _other_tools(env: Mapping[str, str]) -> Iterator[Finding]:
    envrc = surroundings.nearest_envrc(env.get("PWD", ""))
    if envrc:
        yield Finding(
            "other tools",
            "wrong",
            f"{envrc} exports AWS variables: direnv and ssoenv would take turns",
            f"take the AWS lines out of {envrc}, and: ssoenv bind",
        )
    if env.get("AWS_VAULT"):
        yield Finding(
            "other tools",
            "wrong",
            f"this is a shell of aws-vault ({env['AWS_VAULT']})",
            "exit it first",
        )
    for name in ("GRANTED_SSO", "GRANTED_ALIAS_CONFIGURED", "GRANTED_ENABLE_AUTO_REASSUME"):
        if env.get(name):
            yield Finding(
                "other tools",
                "note",
                f"granted is here ({name})",
                f"unset {name}, and drop its alias of assume",
            )
            break
    home = paths.home(env)
    for rc in (".bashrc", ".bash_profile", ".zshrc", ".zshenv", ".config/fish/config.fish"):
        text = (files.read_bytes(f"{home}/{rc}") or b"").decode("utf-8", "replace")
        alias = re.search(r"^\s*alias assume[= ].*|^\s*eval .*aws-sso .*", text, re.MULTILINE)
        if alias:
            tool = "granted" if "assume" in alias[0] else "aws-sso-cli"
            yield Finding(
                "other tools",
                "note",
                f"~/{rc} loads {tool}, which sets AWS variables of its own",
                "use one of the two in a shell",
            )
