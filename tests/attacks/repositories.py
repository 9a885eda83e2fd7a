"""Repositories whose file, or whose directories, hold what somebody might run, obey or believe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.attacks.model import (
    BETA,
    DEV,
    PROD,
    TRUSTED,
    Attack,
    account,
    below,
    binding,
    file,
    listing,
    toml,
)
from tests.attacks.values import CODE, CONTROLS

if TYPE_CHECKING:
    from collections.abc import Iterator

AWS = "https://acme-evil.awsapps.com/start"
"""An address of AWS's own that is not the company's: anybody may have one."""
OFFERED = f'[sso]\nstart_url = "{AWS}"\nregion = "eu-west-1"\n'
TWO = (
    'session = "acme"\ndefault = "dev"\n[profiles.dev]\naccount = "111111111111"\n'
    'role = "Developer"\n[profiles.prod]\naccount = "333333333333"\nrole = "ReadOnly"\n[paths]\n'
)
ARN = "arn:aws:iam::333333333333:role/Deploy"


def code() -> Iterator[Attack]:
    """Yield values as code, where a file may say anything, and where it may not."""
    for what, value in CODE.items():
        offer = binding(session=value, more=OFFERED)
        yield Attack("code", f"{what} for a session", file(offer), (0, 5))
        paths = f'{TWO}{toml(value)} = "prod"\n'
        yield Attack("code", f"{what} for a path", file(paths, value), TRUSTED, PROD)
        yield Attack("code", f"{what} for a directory", below(value), TRUSTED, DEV)
    for where, text in _where_no_text_may_be(toml(CODE["a command in dollars"])):
        yield Attack("code", f"a command for {where}", file(text))


def _where_no_text_may_be(value: str) -> Iterator[tuple[str, str]]:
    plain = binding()
    yield "a role", plain.replace('"Developer"', value)
    yield "one of several roles", plain.replace('"Developer"', f'["Developer", {value}]')
    yield "a profile", plain.replace("profiles.dev", f"profiles.{value}")
    yield "a default", f"default = {value}\n{plain}"
    yield "an agent", f"agent = {value}\n{plain}"
    yield "a key", f"{value} = 1\n{plain}"
    yield "a table", f"{plain}[{value}]\nx = 1\n"
    yield "a profile of a path", f'{plain}[paths]\n"x" = {value}\n'
    for key in ("region", "output", "export", "protect", "duration", "role_session_name"):
        yield f"a {key}", f'{plain}assume_role = "{ARN}"\n{key} = {value}\n'
    yield "a second role", f"{plain}assume_role = {value}\n"
    yield "an ARN", f'session = "acme"\n[profiles.dev]\nrole_arn = {value}\n'
    for key in ("start_url", "region", "tenant"):
        whole = {"start_url": toml(AWS), "region": '"eu-west-1"', key: value}
        table = "".join(f"{one} = {said}\n" for one, said in whole.items())
        yield f"the {key} of [sso]", f"{plain}[sso]\n{table}"


def terminal() -> Iterator[Attack]:
    """Yield what a terminal would obey, or show as something else than it is."""
    plain = binding()
    for what, value in CONTROLS.items():
        text = toml(value)
        everywhere = (
            f"{text} = 1\n{binding(session=value, of=value, role=value)}region = {text}\n"
            f'[paths]\n{text} = "dev"\n'
        )
        yield Attack("terminal", f"{what} in every value", file(everywhere))
        yield Attack("terminal", f"{what} behind a mistake", file(f"{plain}x = {value}\n"))
        offer = file(binding(session=value, more=OFFERED))
        yield Attack("terminal", f"{what} in a session", offer)
        yield Attack("terminal", f"{what} in an account", file(binding(of=value)))
        yield Attack("terminal", f"{what} in the name of a directory", below(value), TRUSTED, DEV)
        yield Attack("terminal", f"{what} in a comment", file(f"# {value}\n{plain}"), (0, 5), DEV)


def grammar() -> Iterator[Attack]:
    """Yield what TOML, INI and JSON read as something else than it seems."""
    plain, raw = binding(), binding().encode()
    for what, value in {
        "a section": "acme]\n[default",
        "the end of a section": "acme]",
        "a section on one line": "acme] [profile x",
        "the default section": "default",
        "a comment": "acme # x",
        "a comment of INI": "acme ; x",
        "a value of INI": "acme\ncredential_process = touch CANARY",
        "an interpolation": "%(aws_access_key_id)s",
        "a quote": '"acme"',
        "blanks": "  acme  ",
        "a slash": "acme/../../x",
        "dots": "..",
        "a profile": "profile x",
        "its own kind": "sso-session acme",
        "a long name": "a" * 5000,
    }.items():
        offer = binding(session=value, more=OFFERED)
        yield Attack("grammar", f"{what} in a session", file(offer), (0, 5))
    for what, value in {
        "a line of INI": "eu-west-1\ncredential_process = touch CANARY",
        "a line of a shell": "eu-west-1\ntouch CANARY",
        "a section": "eu-west-1\n[default]",
        "nothing": "",
        "no Region": "moon-1",
    }.items():
        text = f"{plain}region = {toml(value)}\n"
        yield Attack("grammar", f"{what} in a region", file(text))
    for what, content in {
        "nothing at all": b"",
        "a byte order mark": b"\xef\xbb\xbf" + raw,
        "a NUL": raw + b"# \0\n",
        "a NUL in a name": binding(of="dev\0x").encode(),
        "UTF-16": plain.encode("utf-16"),
        "Latin-1": raw + b"# \xe9\n",
        "half a character": raw + b"# \xe2\x82",
        "a returns alone": plain.replace("\n", "\r").encode(),
        "5,000 brackets": raw + b"x = " + b"[" * 5000,
        "a bracket for each byte": b"x=" + b"[" * 60_000,
        "braces in braces": raw + b"x = " + b"{a = " * 2000,
        "a key of 20,000 dots": b"a." * 20_000 + b"b = 1\n",
        "a number of 5,000 digits": raw + b"x = " + b"9" * 5000,
        "a number that is none": raw + b"duration = nan\n",
        "an infinite number": raw + b"duration = inf\n",
        "a date": binding().replace('"Developer"', "1979-05-27").encode(),
        "one profile twice": (plain + plain.partition("\n")[2]).encode(),
        "a table in place of the profiles": b'session = "acme"\nprofiles = "dev"\n',
        "a list of profiles": plain.replace("[profiles.dev]", "[[profiles.dev]]").encode(),
        "1,500 profiles": "".join(
            [
                'session = "acme"\ndefault = "p1"\n',
                *(f'[profiles.p{n}]\naccount="1"\nrole="R"\n' for n in range(1500)),
            ]
        ).encode(),
        "a script": b"#!/bin/sh\ntouch CANARY\n",
        "HTML": b"<!doctype html><script>alert(1)</script>\n",
        "YAML": b"!!python/object/apply:os.system ['touch CANARY']\n",
        "JSON": b'{"session": "acme"}\n',
        "a pickle": b"cposix\nsystem\n(S'touch CANARY'\ntR.",
    }.items():
        yield Attack("grammar", what, file(content))


def power() -> Iterator[Attack]:
    """Yield files that ask for more than a project may say: commands, variables, trust itself."""
    plain = binding()
    for key in (
        "credential_process",
        "credential_command",
        "command",
        "commands",
        "exec",
        "hook",
        "include",
        "extends",
        "source_profile",
        "trust",
        "trusted",
        "never",
        "allow",
        "login",
        "browser",
        "agents",
        "ca_bundle",
        "endpoint_url",
        "web_identity_token_file",
    ):
        line = f'{key} = "touch CANARY"\n'
        yield Attack("power", key, file(f"{line}{plain}{line}"))
    for name in (
        "PATH",
        "BASH_ENV",
        "PROMPT_COMMAND",
        "LD_PRELOAD",
        "PYTHONPATH",
        "AWS_CONFIG_FILE",
        "AWS_ENDPOINT_URL",
        "HTTPS_PROXY",
    ):
        tables = f'env = {{ {name} = "/x" }}\n[env]\n{name} = "/x"\n'
        yield Attack("power", name, file(f"{plain}{tables}"))
    # What a project may say, and a person sees.
    text = f'agent = "dev"\n{plain}protect = false\nexport = "keys"\n'
    yield Attack("power", "everything for agents", file(text), TRUSTED, DEV, says=("Developer",))
    names = file(binding(role="Administrator", of="333333333333"))
    told = ("Administrator in account 333333333333",)
    yield Attack("power", "the highest role", names, TRUSTED, "333333333333/Administrator", says=told)  # fmt: skip
    several = binding().replace('"Developer"', '["Nothing", "Administrator", "Developer"]')
    yield Attack("power", "the highest of several roles", file(several), TRUSTED, DEV)
    unheld = file(binding(of="444444444444", role="Administrator"))
    yield Attack("power", "a role that nobody has", unheld, TRUSTED)
    nowhere = file(binding(of="000000000000"))
    yield Attack("power", "an account of somebody else", nowhere, TRUSTED)


def paths() -> Iterator[Attack]:
    """Yield entries of [paths] that lead out of the project, and directories that stand for them."""
    for what, key in {
        "up": "../web",
        "up in the middle": "x/../../web",
        "up at the end": "x/..",
        "up alone": "..",
        "absolute": "/",
        "an absolute one": "/etc",
        "a home": "~/web",
        "here": ".",
        "nothing": "",
        "two slashes": "a//b",
        "a backslash": "..\\web",
        "a NUL": "a\0b",
        "a trailing blank": "x ",
        "a glob": "*",
        "everything below": "**",
    }.items():
        plain = key in ("~/web", "..\\web", "x ", "*", "**")
        make = file(f'{TWO}{toml(key)} = "prod"\n')
        yield Attack("paths", f"{what}", make, TRUSTED if plain else (5,), DEV if plain else "")
    flood = "".join(f'"d{n}" = "prod"\n' for n in range(3000))
    yield Attack("paths", "3,000 of them", file(TWO + flood), TRUSTED, DEV)
    deep = "/".join("d" * 200 for _ in range(15))
    yield Attack("paths", "a deep one", file(f'{TWO}"{deep}" = "prod"\n', deep), TRUSTED, PROD)
    case = file(f'{TWO}"ENVS" = "prod"\n', "envs")
    yield Attack("paths", "other letters", case, TRUSTED, DEV)
    twin = file(f'{TWO}"env" = "prod"\n', "envs")
    yield Attack("paths", "the start of a name", twin, TRUSTED, DEV)


def companies() -> Iterator[Attack]:
    """Yield files that name a session, or an account, of somebody else."""
    other = file(binding(session="beta", of="dev"))
    says = ("session beta",)
    yield Attack(
        "company",
        "the session of another company",
        other,
        TRUSTED,
        says=says,
        may_give="999999999999/Developer",
    )
    own = binding(session="beta", of="dev", more=OFFERED)
    yield Attack("company", "the same with an address", file(own), TRUSTED, says=says, hides=(AWS,))
    theirs = file(binding(of="999999999999"))
    yield Attack("company", "an account of another company", theirs, TRUSTED)
    unknown = file(binding(session="nobody"))
    yield Attack("company", "a session that nobody has", unknown)
    for what, name in {
        "capitals": "ACME",
        "a Cyrillic letter": "\u0430cme",
        "wide letters": "\uff41\uff43\uff4d\uff45",
        "no width": "ac\u200bme",
        "a soft hyphen": "ac\u00adme",
        "a blank behind it": "acme ",
        "a combining mark": "acme\u0301",
    }.items():
        offer = file(binding(session=name, more=OFFERED))
        said = ("you have no [sso-session", "yours are acme, beta", AWS)
        yield Attack("company", f"the known session with {what}", offer, (0, 5), says=said)
    twins = listing([account("twins"), account("twins", "131313131313")], "Developer")
    named = file(binding(of="twins"))
    yield Attack("company", "a name of two accounts", named, TRUSTED, world=twins)
    shadow = listing([account("333333333333")], "ReadOnly")
    file_of_id = file(binding(of="333333333333", role="ReadOnly"))
    yield Attack("company", "an id that is a name", file_of_id, TRUSTED, PROD, world=shadow)
    near = listing([account("prod ")], "ReadOnly")
    named = file(binding(of="prod", role="ReadOnly"))
    yield Attack("company", "a name with a blank more", named, TRUSTED, PROD, world=near)
    large = listing([account("PROD")], "ReadOnly")
    yield Attack("company", "a name in capitals", named, TRUSTED, PROD, world=large)
    gone = replace(large, instances=(large.instances[0], BETA))
    wide = replace(gone, accounts=(*gone.accounts[:-1], account("\uff50rod")))
    yield Attack("company", "a name in wide letters", named, TRUSTED, PROD, world=wide)
