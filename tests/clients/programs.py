"""The programs of others that the tests run beside ssoenv: a new one is one more row of CLIENTS.

Each is one process that stays, and is asked as often as the tests like, by one line of JSON: what
it costs to start a program would be most of what these tests cost. The programs are the real ones.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ssoenv.base import paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

HERE = Path(__file__).parent
INSTALLED = HERE.parent.parent / ".clients"
"""Where ``.ci/clients`` installs what is no package of Debian."""
AWS = "/usr/bin/aws"
AWS_SSO_UTIL = f"{INSTALLED}/aws-sso-util/bin/aws-sso-util"
URL = "https://d-0000000000.awsapps.com/start"
FORMS = {
    "session": "sso_session = acme\n",
    "legacy": f"sso_start_url = {URL}\nsso_region = us-east-1\n",
}
"""How a profile says where to sign in: by an [sso-session], or by itself, as before there were any."""
SESSION = f"""
[sso-session acme]
sso_start_url = {URL}
sso_region = us-east-1
sso_registration_scopes = sso:account:access
"""
PROFILE = (
    "[profile dev]\nsso_account_id = 111111111111\nsso_role_name = Developer\nregion = us-east-1\n"
)
DEV = "111111111111/Developer"
WHO = ("sts", "get-caller-identity", "--output", "text", "--query", "Arn")


@dataclass(frozen=True)
class Answer:
    """How one run of a program ended."""

    code: int
    out: str
    err: str

    def role(self, sandbox: Sandbox) -> str:
        """Return ``ACCOUNT/ROLE`` of the ARN or the one key id that was printed; "" for neither."""
        if arn := re.search(r"::(\d+):assumed-role/AWSReservedSSO_(\w+)_\w+/alice", self.out):
            return "/".join(arn.groups())
        if key := re.search(r"ASIASANDBOX\w+", self.out):
            keys = sandbox.state.keys[key[0]]
            return f"{keys.account}/{keys.role}"
        return ""


class Program:
    """One process that answers lines of JSON."""

    def __init__(self, words: tuple[str, ...], home: str, env: Mapping[str, str]) -> None:
        """Start it, for runs in `home` alone; `env` is what it is started with, and no run sees."""
        self._process = subprocess.Popen(
            words,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": home, **env},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        """Nothing to do: it has been started."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it: it stops when nobody can ask any more."""
        self._process.communicate(timeout=30)

    def run(
        self, words: tuple[str, ...], env: Mapping[str, str], cwd: Path, *, gone: bool = False
    ) -> Answer:
        """Run the program in `cwd`, which is removed before it begins where it is to be `gone`."""
        asked = {"words": words, "env": {**env, "PWD": str(cwd)}, "cwd": str(cwd), "gone": gone}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(asked)}\n")
        self._process.stdin.flush()
        return Answer(**json.loads(self._process.stdout.readline()))


@dataclass(frozen=True)
class Client:
    """A program that has to do with sign-ins."""

    name: str
    start: tuple[str, ...]
    """What starts it; empty: ssoenv itself, which the tests' home runs."""
    start_env: Mapping[str, str] = field(default_factory=dict)
    needs: str = ""
    """A file of its installation."""
    who: tuple[str, ...] = ()
    """Tells as which role it acts with AWS_PROFILE, by an ARN or a key id."""
    signs_in: tuple[str, ...] = ()
    """Signs in to AWS_PROFILE without a terminal; empty: it cannot."""
    signs_out: tuple[str, ...] = ()
    forms: tuple[str, ...] = tuple(FORMS)
    """Of the profiles that it reads."""
    renews: bool = False
    """Whether it renews a token that has ended."""
    asks_a_process: bool = True
    """Whether it runs the credential process of a profile."""
    tells: bool = True
    """Whether its error says what the credential process said."""

    def __str__(self) -> str:
        """Name it, as tests do."""
        return self.name

    def started(self, home: str) -> Program | None:
        """Start it for runs in `home`; None for ssoenv itself."""
        assert os.path.exists(self.needs or "/"), f"{self.needs} is missing: make .clients"
        return Program(self.start, home, self.start_env) if self.start else None


def forked(interpreter: str, script: str, *modules: str) -> tuple[str, ...]:
    """Return what runs a Python program as often as it is asked to."""
    return (interpreter, "-I", str(HERE / "forks.py"), script, *modules)


CLIENTS: tuple[Client, ...] = (
    Client(
        name="ssoenv",
        start=(),
        who=("whoami", DEV),
        signs_in=("login", "--device-code"),
        signs_out=("logout",),
        renews=True,
        asks_a_process=False,
    ),
    Client(
        name="AWS CLI",
        start=forked("/usr/bin/python3", AWS, "awscli.clidriver"),
        needs=AWS,
        who=WHO,
        signs_in=("sso", "login", "--no-browser"),
        signs_out=("sso", "logout"),
        renews=True,
    ),
    Client(
        name="aws-sso-util",
        start=forked(f"{INSTALLED}/aws-sso-util/bin/python", AWS_SSO_UTIL, "aws_sso_util.cli"),
        needs=AWS_SSO_UTIL,
        who=("credential-process", "--profile", "dev"),
        signs_in=("login", "--headless"),
        signs_out=("logout",),
        forms=("legacy",),
        asks_a_process=False,
    ),
    Client(
        name="boto3",
        start=forked(sys.executable, str(HERE / "boto3_client.py"), "boto3"),
        renews=True,
    ),
    Client(
        name="SDK for JavaScript",
        start=("node", str(HERE / "js/client.cjs")),
        start_env={"NODE_PATH": f"{INSTALLED}/js/node_modules"},
        needs=f"{INSTALLED}/js/node_modules",
        renews=True,
        tells=False,
    ),
)

GO = Client(
    name="SDK for Go",
    start=(f"{INSTALLED}/go/client",),
    needs=f"{INSTALLED}/go/client",
    renews=True,
)
if os.environ.get("TEST_GO"):
    CLIENTS = (*CLIENTS, GO)  # which `make go` says, and `make test` does not


def write_profiles(home: Home, form: str, *others: str) -> None:
    """Have a profile "dev" of `form`, in AWS_PROFILE; and a session, where one of the forms is of one."""
    text = PROFILE + FORMS[form] + (SESSION if "session" in (form, *others) else "")
    with open(paths.aws_config_file(home.env), "w") as config:
        config.write(text)
    home.env["AWS_PROFILE"] = "dev"


class Clients:
    """The clients as they are asked in one home."""

    def __init__(
        self, home: Home, sandbox: Sandbox, programs: Mapping[str, Program | None]
    ) -> None:
        self.home = home
        self.sandbox = sandbox
        self._programs = programs

    def run(
        self,
        client: Client,
        words: tuple[str, ...],
        cwd: Path | None = None,
        *,
        gone: bool = False,
        **more: str,
    ) -> Answer:
        """Run `client` with `words`."""
        program = self._programs[client.name]
        where = cwd or self.home.path
        if program:
            return program.run(words, self.home.env | more, where, gone=gone)
        ended = self.home.ssoenv(*words, cwd=where, **more)
        return Answer(ended.returncode, ended.stdout, ended.stderr)

    def calls(self) -> list[str]:
        """The operations served since the last question."""
        served = [call["operation"] for call in self.sandbox.requests()]
        self.sandbox.clear_requests()
        return served
