"""What points AWS tools at a sandbox: environment variables, a config, rule sets for old CLIs."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ssoenv.base import dialects, files
from ssoenv.base.dialects import quote_posix
from ssoenv.base.errors import UsageError
from ssoenv.sandbox.state import administrators

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.sandbox.world import World

SERVICES = {
    "sso": "2019-06-10",
    "sso-oidc": "2019-06-10",
    "sts": "2011-06-15",
    "sso-admin": "2020-07-20",
    "identitystore": "2020-06-15",
    "organizations": "2016-11-28",
}
_FIRST_LINE = b"export AWS_ENDPOINT_URL_SSO="
UNPROXIED = ("127.0.0.1", "localhost")


def variables(
    url: str, folder: str, *, browser: bool, inherited: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment that points every AWS tool at the sandbox at `url`.

    `folder` receives rule sets for tools that know no AWS_ENDPOINT_URL, such as the AWS CLI 2.9;
    `browser` adds a BROWSER that walks the sign-in page by itself, without blocking its caller.
    """
    _write_rule_sets(url, f"{folder}/models")
    unproxied = _unproxied(inherited)
    env = {
        "AWS_ENDPOINT_URL_SSO": url,
        "AWS_ENDPOINT_URL_SSO_OIDC": url,
        "AWS_ENDPOINT_URL_STS": url,
        "AWS_ENDPOINT_URL_SIGNIN": url,
        "AWS_ENDPOINT_URL_ACCOUNT_ACCESS_RUNTIME": url,
        "AWS_ENDPOINT_URL_SSO_ADMIN": url,
        "AWS_ENDPOINT_URL_IDENTITYSTORE": url,
        "AWS_ENDPOINT_URL_ORGANIZATIONS": url,
        "AWS_ENDPOINT_URL_ACCOUNT_ACCESS": url,
        "AWS_DATA_PATH": f"{folder}/models",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": unproxied,
        "no_proxy": unproxied,
    }
    if browser:
        env["BROWSER"] = f"{_launcher(folder)} %s &"
    return env


def export_lines(env: Mapping[str, str]) -> str:
    """Return `env` as lines for a POSIX shell."""
    return "".join(f"export {name}={quote_posix(value)}\n" for name, value in env.items())


def introduction(world: World) -> Iterator[str]:
    """Yield, for a person, where each instance of `world` is; `command` tells ssoenv of it."""
    for one in world.instances:
        yield f"start URL  {one.start_url}"
        yield f"region     {one.region}"
        yield f"session    {one.session}"
    yield "in a shell that has read the lines above:"


def command(world: World) -> str:
    """Return the command that tells ssoenv of the first instance of `world`."""
    first = world.instances[0]
    words = ("--start-url", first.start_url, "--region", first.region, "--session", first.session)
    return f"ssoenv setup {dialects.line(words)}"


def of_its_own(inherited: Mapping[str, str], replaced: Mapping[str, str]) -> dict[str, str]:
    """Return `inherited` without what is of AWS, of ssoenv, of XDG, or to be `replaced`.

    A prompt that a shell has exported, as a venv's does, is no other shell's.
    """
    homes = ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    dropped = ("AWS_", "_AWS_", "SSOENV_", *homes, "PS1")
    return {
        name: value
        for name, value in inherited.items()
        if not name.startswith(dropped) and name not in replaced
    }


@contextmanager
def kept(path: str | None, env: Mapping[str, str]) -> Iterator[None]:
    """Keep `env` in the file at `path`, if there is one, for as long as this is open.

    Left behind it would send tools to a port that is somebody else's by then.
    """
    if path is None:
        yield
        return
    path, content = os.path.abspath(path), export_lines(env).encode()
    _require_free(path)
    try:
        files.write_private(path, content)
        yield
    finally:
        if files.read_bytes(path) == content:
            files.remove(path)


def _require_free(path: str) -> None:
    """Raise UsageError if something is at `path`, unless a killed sandbox left it there."""
    if os.path.lexists(path) and not (files.read_bytes(path) or b"").startswith(_FIRST_LINE):
        raise UsageError(f"{path} is there already", advice="name a file that is not")


def write_home(home: str, world: World) -> None:
    """Write ``.aws/config`` under `home`, with an [sso-session] for each instance of `world`."""
    sections = [
        f"[sso-session {instance.session}]\n"
        f"sso_start_url = {instance.start_url}\n"
        f"sso_region = {instance.region}\n"
        "sso_registration_scopes = sso:account:access\n"
        for instance in world.instances
    ]
    files.write_private(f"{home}/.aws/config", "\n".join(sections).encode(), lasting=False)


def write_administrators(home: str, world: World) -> None:
    """Write ``.aws/credentials`` under `home`: a profile for each of `state.administrators`."""
    first = world.instances[0].session
    regions = {one.session: one.region for one in world.instances}
    sections = [
        f"[{one.name}{'' if one.session == first else f'-{one.session}'}]\n"
        f"aws_access_key_id = {one.key_id}\n"
        f"aws_secret_access_key = {one.secret}\n"
        f"region = {regions[one.session]}\n"
        for one in administrators(world)
    ]
    files.write_private(f"{home}/.aws/credentials", "\n".join(sections).encode(), lasting=False)


def quiet_shells(home: str) -> None:
    """Spare a new `home` what shells do in one.

    zsh asks how to set itself up; fish reads every manual page of the machine, in the background.
    """
    files.write_private(f"{home}/.zshrc", b"", lasting=False)
    files.make_private_directory(f"{home}/.local/share/fish/generated_completions")


def _unproxied(inherited: Mapping[str, str]) -> str:
    """Return the hosts to reach without a proxy: those of before, and this machine."""
    before = inherited.get("no_proxy") or inherited.get("NO_PROXY") or ""
    hosts = [host.strip() for host in before.split(",")]
    return ",".join(dict.fromkeys(host for host in (*hosts, *UNPROXIED) if host))


def _launcher(folder: str) -> str:
    """Write a program that BROWSER can name: ``webbrowser`` splits that at colons and spaces."""
    script = f"{os.path.dirname(os.path.abspath(__file__))}/browser.py"
    words = " ".join(quote_posix(word) for word in (sys.executable, "-I", script))
    path = f"{folder}/browser"
    script = f'#!/bin/sh\nexec {words} "$@"\n'
    files.write_private(path, script.encode(), mode=0o700, lasting=False)
    return quote_posix(path)


def _write_rule_sets(url: str, folder: str) -> None:
    """Write rule sets with one rule, "it is there", as botocore reads them from AWS_DATA_PATH."""
    endpoint = {"url": url, "properties": {}, "headers": {}}
    for service, version in SERVICES.items():
        rules = {
            "version": "1.0",
            "parameters": _parameters(service),
            "rules": [{"conditions": [], "endpoint": endpoint, "type": "endpoint"}],
        }
        path = f"{folder}/{service}/{version}/endpoint-rule-set-1.json"
        files.write_private(path, json.dumps(rules).encode(), lasting=False)


def _parameters(service: str) -> dict[str, Any]:
    """Return the parameters that the rule set of `service` in botocore's data declares."""
    boolean = {"required": True, "default": False, "type": "Boolean"}
    parameters: dict[str, Any] = {
        "Region": {"builtIn": "AWS::Region", "required": False, "type": "String"},
        "UseDualStack": boolean | {"builtIn": "AWS::UseDualStack"},
        "UseFIPS": boolean | {"builtIn": "AWS::UseFIPS"},
        "Endpoint": {"builtIn": "SDK::Endpoint", "required": False, "type": "String"},
    }
    if service == "sts":
        parameters["UseGlobalEndpoint"] = boolean | {"builtIn": "AWS::STS::UseGlobalEndpoint"}
    return parameters
