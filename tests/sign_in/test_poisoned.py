"""What the environment may hold, decided variable by variable: the table of docs/security.md, row by row.

Each row is a way to set variables, or to write a file that they name; each command is run with it.
It acts as it does without, or refuses and says what to unset. Whatever it is, no program of the
directory runs, and no token or key leaves for anybody but the sandbox: all that is not for this
machine goes to a proxy that listens. `make test` tries each row with some commands, WHOLE=1 with
every one.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.session
import pytest

from ssoenv.identity_center import aws_clients, endpoints
from ssoenv.shells import hook as hook_text
from tests.conftest import PROJECT, WHOLE
from tests.odd_server import read_request, response, serving
from tests.secrets import known

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from tests.sign_in.people import Person

pytestmark = pytest.mark.sampled(2)


SECURITY = Path(__file__).parent.parent.parent / "docs/security.md"
STRANGER = "stranger.example"
COMMANDS = {
    "login": ("login", "acme", "--force"),
    "by code": ("login", "acme", "--force", "--device-code"),
    "credentials": ("credential-process",),
    "export": ("-v", "export"),
    "lists": ("roles", "--refresh"),
    "whoami": ("whoami",),
    "console": ("console", "--print"),
    "run": ("exec", "--", "/bin/true"),
    "status": ("status",),
    "trust": ("trust", "--yes"),
    "logout": ("logout", "acme"),
}
BY_TOKEN = ("credentials", "export", "lists", "whoami", "console", "run", "logout")
USES = {
    "AWS_ENDPOINT_URL_SSO": BY_TOKEN,
    "AWS_ENDPOINT_URL_SSO_OIDC": ("login", "by code", *BY_TOKEN),
    "AWS_ENDPOINT_URL_STS": ("whoami",),
    "AWS_ENDPOINT_URL_SIGNIN": ("console",),
}
"""The commands that use what a variable moves, with a token that is due."""
ADDRESSES = (
    f"http://{STRANGER}",
    f"https://{STRANGER}",
    f"https://oidc.us-east-1.amazonaws.com.{STRANGER}",
    "http://oidc.us-east-1.amazonaws.com",
)
PROGRAMS = ("xdg-open", "browser", "sh", "python3", "env", "date", "ps", "aws", "uname", "stty")
"""What a program might start by its name; those of the directory are not meant."""
LEFT = "ran-a-program-of-the-directory"


@dataclass(frozen=True)
class Poison:
    """Variables with values in which HERE is the project, and HOME the home; None: not set.

    `files` are written below the project. `refused`: the commands that end with 5, and say to
    undo `names`; every other acts as it does without.
    """

    names: str
    env: dict[str, str | None]
    files: dict[str, str]
    refused: tuple[str, ...] = ()


RULES = '{"version": "1.0", "parameters": {"Region": {"builtIn": "AWS::Region", "required": false, "documentation": "", "type": "String"}, "UseDualStack": {"builtIn": "AWS::UseDualStack", "required": true, "default": false, "documentation": "", "type": "Boolean"}, "UseFIPS": {"builtIn": "AWS::UseFIPS", "required": true, "default": false, "documentation": "", "type": "Boolean"}, "Endpoint": {"builtIn": "SDK::Endpoint", "required": false, "documentation": "", "type": "String"}}, "rules": [{"conditions": [], "endpoint": {"url": "https://stranger.example", "properties": {}, "headers": {}}, "type": "endpoint"}]}'  # fmt: skip
MODELS = {
    f"models/{name}/{version}/endpoint-rule-set-1.json": RULES
    for name, version in (("sso", "2019-06-10"), ("sso-oidc", "2019-06-10"))
}
UNMOVED: dict[str, str | None] = dict.fromkeys(("AWS_ENDPOINT_URL", *endpoints.VARIABLES.values()))
CONFIG = "[sso-session acme]\nsso_start_url = https://d-0000000000.awsapps.com/start\nsso_region = us-east-1\nsso_registration_scopes = sso:account:access\n"  # fmt: skip
MOVES = f"endpoint_url = http://{STRANGER}\nca_bundle = /nowhere\ncredential_process = ./sh\nweb_identity_token_file = x\nservices = all\n"  # fmt: skip
HOSTILE = (
    f"{CONFIG}\n[default]\n{MOVES}[profile dev]\n{MOVES}"
    f"[services all]\nsso =\n  endpoint_url = http://{STRANGER}\n"
    f"sso_oidc =\n  endpoint_url = http://{STRANGER}\n[plugins]\nx = hostile\n"
)
EVERY_PROXY = ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")


def rows() -> Iterator[tuple[str, Poison]]:
    """Yield every way to poison the environment, with a name."""
    for name, uses in USES.items():
        for address in ADDRESSES:
            yield f"{name}={address}", Poison(name, {name: address}, {}, uses)
    general, used = "AWS_ENDPOINT_URL", USES["AWS_ENDPOINT_URL_SSO_OIDC"]
    yield general, Poison(general, UNMOVED | {general: ADDRESSES[0]}, {}, used)
    for place in ("HERE/models", "models"):
        env = UNMOVED | {"AWS_DATA_PATH": place}
        yield f"AWS_DATA_PATH={place}", Poison("AWS_DATA_PATH", env, MODELS, used)
    here = UNMOVED | {"AWS_ENDPOINT_URL_SIGNIN": "SANDBOX"}
    yield "AWS_DATA_PATH to this machine", Poison("AWS_DATA_PATH", here, {})
    for name, words in SAME.items():
        for number, value in enumerate(words):
            yield f"{name} {number}", Poison(name, value, FILES)


FILES = {
    "hostile.config": HOSTILE,
    "rubbish": "\x00[[[",
    "typing.py": f"open('{LEFT}', 'w')\nraise SystemExit(99)\n",
    "sitecustomize.py": f"open('{LEFT}', 'w')\n",
    "rc": f"touch HERE/{LEFT}\n",
    ".zshenv": f"touch HERE/{LEFT}\n",
}
SETTINGS_OF_SDKS = (
    "AWS_DEFAULTS_MODE",
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "AWS_RESPONSE_CHECKSUM_VALIDATION",
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
    "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH",
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_CSM_PORT",
)
SAME: dict[str, list[dict[str, str | None]]] = {
    "AWS_CONFIG_FILE": [{"AWS_CONFIG_FILE": "HERE/hostile.config"}, {"AWS_CONFIG_FILE": "hostile.config"}],
    "AWS_SHARED_CREDENTIALS_FILE": [{"AWS_SHARED_CREDENTIALS_FILE": one} for one in ("HERE/rubbish", "/nowhere")],
    "AWS_PROFILE": [{"AWS_PROFILE": "nobody", "AWS_DATA_PATH": None}, {"AWS_DEFAULT_PROFILE": "nobody"}],
    "AWS_DEFAULTS_MODE": [{name: "bogus"} for name in SETTINGS_OF_SDKS],
    "PYTHONPATH": [{"PYTHONPATH": "HERE"}, {"PYTHONPATH": ""}, {"PYTHONPATH": ".:"}],
    "PYTHONHOME": [{"PYTHONHOME": "/nowhere"}],
    "PYTHONSTARTUP": [{"PYTHONSTARTUP": "HERE/typing.py", "PYTHONINSPECT": "1"}],
    "PYTHONWARNINGS": [{"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1", "PYTHONVERBOSE": "1"}],
    "PYTHONUTF8": [{"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONOPTIMIZE": "2"}],
    "PYTHONUSERBASE": [{"PYTHONUSERBASE": "HERE", "PYTHONPLATLIBDIR": "HERE"}],
    "BROWSER": [{"BROWSER": one} for one in ("./browser", "HERE/nothing", "sh -c ./browser", "'")],
    "PATH": [{"PATH": one} for one in (".:/usr/bin:/bin", ":/usr/bin:/bin", "", None)],
    "LC_ALL": [{"LC_ALL": one, "LANG": None} for one in ("C", "POSIX", "tr_TR.UTF-8", "no such")],
    "IFS": [{"IFS": one} for one in ("/", "0123456789", "")],
    "ENV": [{"ENV": "HERE/rc", "BASH_ENV": "HERE/rc"}],
    "ZDOTDIR": [{"ZDOTDIR": "HERE"}, {"ZDOTDIR": "."}],
    "http_proxy": [{"NO_PROXY": one, "no_proxy": one} for one in (None, "", "*", "127.0.0.1")],
    "SSL_CERT_FILE": [{"SSL_CERT_FILE": "rubbish", "SSL_CERT_DIR": "."}],
    "AWS_CA_BUNDLE": [{"AWS_CA_BUNDLE": one} for one in ("rubbish", "/nowhere", "HERE/rubbish")],
    "REQUESTS_CA_BUNDLE": [{"REQUESTS_CA_BUNDLE": "/nowhere", "CURL_CA_BUNDLE": "/nowhere"}],
    "TMPDIR": [{"TMPDIR": one} for one in (".", "/nowhere", "")],
    "XDG_STATE_HOME": [{"XDG_STATE_HOME": ".", "XDG_CONFIG_HOME": ".", "XDG_DATA_HOME": "x"}],
    "AWS_REGION": [{"AWS_REGION": "nowhere", "AWS_DEFAULT_REGION": "a b"}],
}  # fmt: skip
"""Variables with which everything is as it is without them."""
ROWS = dict(rows())


def cases() -> Iterator[tuple[str, str]]:
    """Yield the names of a row and of a command."""
    for number, (name, poison) in enumerate(ROWS.items()):
        names = poison.refused or [*COMMANDS]
        for one in COMMANDS if WHOLE else [names[number % len(names)]]:
            if not ("BROWSER" in poison.env and one == "login"):  # no page is walked: see below
                yield name, one


@pytest.fixture
def caught() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that gives no way: its address, and what it was sent."""
    heard: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        heard.append(read_request(connection))
        connection.sendall(response(b"", 503, "text/plain"))

    with serving(behave) as url:
        yield url, heard


@pytest.mark.parametrize(("row", "command"), [*cases()])
def test_what_is_decided(
    alice: Person, caught: tuple[str, list[bytes]], row: str, command: str
) -> None:
    poison, home, (proxy, heard) = ROWS[row], alice.home, caught
    here = ready(alice)
    fill = filling(alice, here)
    for name, text in poison.files.items():
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fill(text))
    for name in (*EVERY_PROXY, "NO_PROXY", "no_proxy"):
        home.env[name] = "" if name.lower() == "no_proxy" else proxy
    for variable, value in poison.env.items():
        home.env.pop(variable, None)
        if value is not None:
            home.env[variable] = fill(value)

    ended = home.ssoenv(*COMMANDS[command], cwd=here)

    assert ended.returncode == (5 if command in poison.refused else 0), (ended, heard)
    if ended.returncode:
        said = "" if command == "logout" else "try: unset "  # which has done its work here
        assert f"{said}{poison.names}" in ended.stderr, ended
        assert not ended.stdout, ended
    assert not (here / LEFT).exists(), (here / LEFT).read_text()
    for request in heard:
        assert not known.kinds(request, alice.sandbox.state), request


def ready(alice: Person) -> Path:
    """Have a trusted project with programs that nobody means, and a token that is due."""
    here = alice.home.project("web", PROJECT)
    assert alice.home.ssoenv("trust", "--yes", cwd=here).returncode == 0
    for name in PROGRAMS:
        (here / name).write_text(f"#!/bin/sh\necho {name} >{here}/{LEFT}\n")
        (here / name).chmod(0o755)
    alice.hold(-10)
    return here


def filling(alice: Person, here: Path) -> Callable[[str], str]:
    """Return what puts the values of this test into a text."""

    def fill(text: str) -> str:
        text = text.replace("HERE", str(here)).replace("HOME", str(alice.home.path))
        return text.replace("SANDBOX", alice.sandbox.url)

    return fill


def test_every_row_is_decided_on_the_page() -> None:
    page = SECURITY.read_text().partition("## The environment")[2]
    decided = {
        name
        for line in page.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\*?\w+\*?)`", line.split("|")[1])
    }
    tried = {name for poison in ROWS.values() for name in poison.env} | {*EVERY_PROXY}
    for name in tried:
        patterns = [one.replace("*", r"\w*") for one in decided]
        assert any(re.fullmatch(one, name) for one in patterns), f"{name} is not decided"


def test_what_leads_here_by_a_model_goes_through_no_proxy(
    alice: Person, caught: tuple[str, list[bytes]]
) -> None:
    """botocore chooses proxies by the address before that of the model, and this one is in clear."""
    proxy, heard = caught
    here = ready(alice)
    for name in (*endpoints.VARIABLES.values(), "AWS_ENDPOINT_URL", "NO_PROXY", "no_proxy"):
        alice.env.pop(name, None)
    alice.env.update(dict.fromkeys(EVERY_PROXY, proxy))

    for command in ("credentials", "lists", "logout"):
        ended = alice.home.ssoenv(*COMMANDS[command], cwd=here)
        assert ended.returncode == 0, (ended, heard)
    assert not heard


def test_models_of_the_home_are_named(alice: Person) -> None:
    """Without AWS_DATA_PATH it is they that lead elsewhere; botocore finds them by HOME as it starts."""
    here = ready(alice)
    for name, text in MODELS.items():
        path = alice.home.path / ".aws" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    for name in (*UNMOVED, "AWS_DATA_PATH"):
        alice.env.pop(name, None)
    words = [*hook_text.command_line(), "credential-process"]

    ended = subprocess.run(words, env=alice.env | {"PWD": str(here)}, cwd=here, capture_output=True, text=True, check=False)  # fmt: skip

    assert ended.returncode == 5, ended
    assert "~/.aws/models would send sign-ins to 'stranger.example'" in ended.stderr
    assert "try: mv ~/.aws/models ~/.aws/models.off" in ended.stderr


@pytest.mark.parametrize("named", ["./browser", "browser", "xdg-open", "sh -c ./browser", "'"])
def test_no_browser_of_the_directory(alice: Person, named: str) -> None:
    """Nobody's page is opened by it; who has none is told the address, or a code."""
    here = ready(alice)
    alice.sandbox.set_approve("ask")
    alice.env["BROWSER"], alice.env["DISPLAY"] = named, ":0"
    alice.env["PATH"] = f".::{alice.env['PATH']}"
    alice.env["SSOENV_SIGN_IN_TIMEOUT"] = "1"

    ended = alice.home.ssoenv("login", "acme", "--force", cwd=here)

    assert ended.returncode == 3, ended
    assert "/authorize" in ended.stderr or "/device" in ended.stderr
    assert not (here / LEFT).exists(), (here / LEFT).read_text()


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash --posix"])  # as where it is sh
@pytest.mark.parametrize("name", ["IFS", "ENV", "PATH", "PYTHONPATH", "LC_ALL", "PYTHONHOME"])
def test_the_credential_source_is_as_it_was(alice: Person, shell: str, name: str) -> None:
    """What `[profile ssoenv]` runs: the same answer, on a hit and on a miss, and nothing besides."""
    here = ready(alice)
    fill = filling(alice, here)
    for file, text in FILES.items():
        (here / file).write_text(fill(text))
    alice.hold(3600)
    source = alice.home.path / ".local/state/ssoenv/credential-process"
    for value in SAME[name]:
        env = {one: fill(text) for one, text in value.items() if text is not None}
        base = {one: text for one, text in alice.env.items() if one not in value}
        for cached in (False, True):
            if not cached:
                for kept in (alice.home.path / ".aws/cli").rglob("*.json"):
                    kept.unlink()
            ended = subprocess.run([*shell.split(), str(source)], env=base | env | {"PWD": str(here)}, cwd=here, capture_output=True, text=True, check=False)  # fmt: skip
            assert ended.returncode == 0, ended
            assert '"AccountId": "111111111111"' in ended.stdout, ended
            assert "ssoenv" not in ended.stderr, ended  # bash itself tells of a locale
            assert not (here / LEFT).exists()


HOMES = (None, "", ".", "nowhere", "~", "/dev/null/home")
AT_HOME = [
    (command, value)
    for row, command in enumerate(COMMANDS)
    for value in (HOMES if WHOLE else HOMES[row % len(HOMES) :][:1])
]


@pytest.mark.parametrize(("command", "value"), AT_HOME)
def test_odd_homes(alice: Person, command: str, value: str | None) -> None:
    """One error, and nothing is written where one stands."""
    here = ready(alice)
    before = sorted(os.listdir(here))
    alice.env.pop("HOME")
    if value is not None:
        alice.env["HOME"] = value

    ended = alice.home.ssoenv(*COMMANDS[command], cwd=here)

    if value != "/dev/null/home":
        assert ended.returncode == 5, ended
        assert "HOME is not set to an absolute path" in ended.stderr
    assert ended.returncode in range(8), ended
    assert "Traceback" not in ended.stderr
    assert sorted(os.listdir(here)) == before


def test_no_setting_of_the_sdks_has_a_part(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable that botocore knows: what it takes for none of its values is no error."""
    known_to_botocore = botocore.session.Session().session_var_map.values()
    names = {*SETTINGS_OF_SDKS}.union(*([one] if isinstance(one, str) else one or [] for _, one, *_ in known_to_botocore))  # fmt: skip
    for name in names - {"AWS_DATA_PATH"}:
        with monkeypatch.context() as patched:
            patched.delenv("AWS_DATA_PATH", raising=False)
            patched.setenv(name, "bogus")
            for service in ("sso", "sso-oidc", "sts"):
                assert aws_clients.make(service, "us-east-1", alice.env), name
