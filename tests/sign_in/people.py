"""Those who sign in: a recording reporter, and a person with a home and tokens of any age."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ssoenv.aws_files import token_cache
from ssoenv.base import clock, paths
from ssoenv.base.models import Session, Token
from ssoenv.sign_in import Consent, SignInRequest, Way, require_token

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

ACME = Session(
    name="acme",
    start_url="https://d-0000000000.awsapps.com/start",
    region="us-east-1",
    scopes=("sso:account:access",),
    source="config:1",
)
LEGACY = Session(None, ACME.start_url, ACME.region, None, "config:6")
REQUEST = SignInRequest("aws s3", "acme", ACME.start_url, "dev", "Developer", "/p/.ssoenv.toml")
EXPLICIT = Consent(REQUEST, lazy=False)
LAZY = Consent(REQUEST, lazy=True)
NEVER = Consent(REQUEST, lazy=True, refusal="nobody at a terminal to ask")
AWS = "/usr/bin/aws"


@dataclass
class Recorder:
    """A reporter that keeps what it was told, and can act when a page or a code comes."""

    events: list[tuple[Any, ...]] = field(default_factory=list)

    def announce(self, request: SignInRequest) -> None:
        self.events.append(("announce", request))

    def note(self, text: str) -> None:
        self.events.append(("note", text))

    def page(self, url: str, *, opened: bool) -> None:
        self.events.append(("page", url, opened))

    def code(self, user_code: str, uri: str, complete_uri: str, seconds: int) -> None:
        self.events.append(("code", user_code, uri, complete_uri, seconds))

    def waiting(self, seconds_left: float) -> None:
        """Every second: not worth a note."""

    def waiting_for_other(self, label: str) -> None:
        self.events.append(("waiting", label))

    def done(self, label: str) -> None:
        self.events.append(("done", label))

    @property
    def names(self) -> list[str]:
        """What it was told of, in order."""
        return [event[0] for event in self.events]


@dataclass
class Person:
    """Somebody with a home, at the sandbox."""

    home: Home
    sandbox: Sandbox

    @property
    def env(self) -> dict[str, str]:
        """The environment in which everything of theirs runs."""
        return self.home.env

    def sign_in(self, consent: Consent = EXPLICIT, **options: Any) -> Token:
        """Ask for a token."""
        way = {
            one: options.pop(one) for one in ("method", "open_browser", "port") if one in options
        }
        options = {"session": ACME, "reporter": Recorder(), "way": Way(**way), **options}
        return require_token(env=self.env, consent=consent, **options)

    def hold(self, left: int, *, refreshable: bool = True, session: Session = ACME) -> Token:
        """Have a token in the cache that the service knows, with `left` seconds on it."""
        state = self.sandbox.state
        client = state.new_client((), (), ())
        alice = state.directory.user_named("alice")
        assert alice
        access, refresh = state.new_tokens(alice.id, client.id)
        token = Token(
            session.start_url,
            session.region,
            access,
            clock.now() + left,
            client.id,
            client.secret,
            int(client.expires),
            refresh if refreshable else None,
        )
        token_cache.save_token(self.env, session, token)
        return token

    def calls(self, operation: str) -> int:
        """How many calls of `operation` the sandbox has served."""
        return sum(call["operation"] == operation for call in self.sandbox.requests())

    def aws(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Debian's AWS CLI v2, which nobody here wrote."""
        assert os.path.exists(AWS), "these tests need the AWS CLI v2: apt-get install awscli"
        return subprocess.run(
            [AWS, *arguments],
            env=self.env | {"PATH": "/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def boto3(self, code: str, **more: str) -> Any:
        """Run `code`, which puts something into `answer`, where boto3 finds this home."""
        program = f"import boto3, json, os\n{code}\nprint(json.dumps(answer))"
        result = subprocess.run(
            [sys.executable, "-I", "-c", program],
            env=self.env | more,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return json.loads(result.stdout)


ACTOR = """
import os, sys, threading
from ssoenv import __main__, sign_in
from ssoenv.cli import failures
from tests.sign_in.people import ACME, EXPLICIT, LAZY

class Speaker:
    def announce(self, request): say("announce")
    def note(self, text): say("note " + text)
    def page(self, url, *, opened): say("page " + url)
    def code(self, user_code, *_): say("code " + user_code)
    def waiting(self, seconds_left): pass
    def waiting_for_other(self, label): say("waiting")
    def done(self, label): say("done")

def say(text):
    print(text, file=sys.stderr, flush=True)

try:
    consent = LAZY if sys.argv[1] == "lazy" else EXPLICIT
    force = "force" in sys.argv
    token = sign_in.require_token(
        ACME, env=os.environ, consent=consent, reporter=Speaker(), force=force
    )
    print(token.access_token)
except BaseException as failure:
    sys.exit(failures.explain(failure))
"""


class Actor:
    """A process of its own that wants a token."""

    def __init__(self, person: Person, kind: str = "lazy", *words: str, **more: str) -> None:
        more = {
            "PYTHONPATH": os.path.dirname(os.path.dirname(os.path.dirname(paths.__file__))),
            **more,
        }
        self.process = person.home.start(sys.executable, "-c", ACTOR, kind, *words, **more)
        self.heard: list[str] = []

    def hear(self, word: str) -> str:
        """Read what it says up to the line that begins with `word`, and return that line."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.heard.append(line)
            if line.startswith(word):
                return line
        raise AssertionError(f"never said {word!r}: {self.heard}, {self.process.wait()}")

    def end(self) -> tuple[int, str, str]:
        """Wait for its end; return exit code, token and the rest of what it said."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out.strip(), "".join(self.heard) + err


def same(token: Token, other: Token | None) -> bool:
    """Whether both are the one access token."""
    return other is not None and token.access_token == other.access_token


def visit(url: str) -> None:
    """Be the browser: open `url`, and follow where it leads."""
    urllib.request.urlopen(url, timeout=10).close()  # noqa: S310 - the sandbox's own


def wait_until(condition: Any, seconds: float = 20.0) -> None:
    """Wait until `condition()` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)
