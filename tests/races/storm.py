"""Many processes at once, drawn from a seed: what each does, what of it is claimed, how it may end."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import found_blocks
from ssoenv.base import files, paths
from ssoenv.binding import file as binding_file
from ssoenv.trust import grants, store
from tests import forked
from tests.clients.programs import CLIENTS, DEV, PROFILE, WHO, Program
from tests.races.ledger import Ledger
from tests.shell.conftest import project_text

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

BETA = "https://d-1111111111.awsapps.com/start"
WEB = "web"
"""A project that is trusted all the while, and whose role is always the same."""
SHARED = "shared"
"""One whose file many add profiles to."""
FLIPPED = ("flip0", "flip1")
"""Those that some trust and others do not any more."""
CHOSEN = "chosen"
"""One in which a person chooses another profile as the default, and another."""
KILLED = 0.2
"""The share of the processes that are killed on the way."""
KILLED_BEFORE = 30
"""A process that is killed is killed before one of so many of its changes to files."""
HELD = (("111111111111", "Developer"), ("111111111111", "ReadOnly"), ("222222222222", "Developer"))
MEANWHILE = "meanwhile"
"""In what is said where somebody else was there first, and nothing was changed."""


@dataclass(frozen=True)
class Deed:
    """One run of the program, or with `script` of the credential source.

    `claims`: what holds once it says that it is done. `role`: whose credentials it prints.
    """

    words: tuple[str, ...]
    where: str = WEB
    claims: tuple[str, object] | None = None
    role: str = ""
    killed_at: int | None = None
    script: bool = False


@dataclass
class Told:
    """How one run ended."""

    deed: Deed
    code: int
    out: str
    err: str
    began: float
    ended: float

    def wrong(self) -> str:
        """Return what is wrong with how it ended; empty if nothing is."""
        if "Traceback" in self.err or self.code in (70, 127):
            return "a bug"
        if self.code == -signal.SIGKILL:
            return "" if self.deed.killed_at is not None else "killed by nobody"
        if self.code == 1 and MEANWHILE in self.err:
            return ""
        return "" if self.code in (0, 3) else "an exit code that nothing here is a reason for"


@dataclass
class Storm:
    """A home, its sandbox, and everything that was told in it."""

    home: Home
    sandbox: Sandbox
    ledger: Ledger = field(default_factory=Ledger)
    told: list[Told] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        """Sign in, trust the projects, and have the files there that many will want to change."""
        env = self.home.env
        with open(paths.aws_config_file(env), "a") as config:
            config.write(f"\n{PROFILE}sso_session = acme\n")
        for name in (WEB, SHARED, CHOSEN, *FLIPPED):
            self.home.project(name, project_text(WEB))
            self.quiet("trust", "--yes", where=name)
        self.quiet("login", "acme")
        self.quiet("roles")
        for name in FLIPPED:
            self.ledger.begin(f"trust {name}", value=True)

    def quiet(self, *words: str, where: str = WEB) -> str:
        """Run a command that has to succeed, as nobody else runs one; return what it prints."""
        ended = self.home.ssoenv(*words, cwd=self.home.path / where)
        assert ended.returncode == 0, ended
        return ended.stdout

    def run(self, deed: Deed) -> Told:
        """Do it, and note what it claims."""
        where = self.home.path / deed.where
        more = {} if deed.killed_at is None else {forked.KILLED_AT: str(deed.killed_at)}
        began = time.monotonic()
        started = self.sandbox.state.now()
        if deed.script:
            ended = self._script(where)
        else:
            words = (str(where) if one == WEB else one for one in deed.words)
            ended = self.home.ssoenv(*words, cwd=where, **more)
        told = Told(deed, ended.returncode, ended.stdout, ended.stderr, began, time.monotonic())
        self.told.append(told)
        if wrong := told.wrong() or self._wrong_role(told, started):
            self.problems.append(f"{wrong}: {told}")
        if deed.claims and told.code == 0:
            self.ledger.done(*deed.claims, began)
        elif deed.claims and told.code < 0:
            self.ledger.unsure(*deed.claims, began)
        return told

    def _script(self, where: os.PathLike[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", paths.source_file(self.home.env)],
            cwd=where,
            env=self.home.env | {"PWD": str(where)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=forked.PATIENCE,
            start_new_session=True,
        )

    def _wrong_role(self, told: Told, started: float) -> str:
        """Say so where other credentials came than asked for, or such as had ended before."""
        if not told.deed.role or told.code:
            return ""
        found = [one for one in self.sandbox.state.keys.items() if one[0] in told.out]
        if len(found) != 1:
            return "no credentials, or more than one's"
        ((_, keys),) = found
        if keys.expires < started:
            return "credentials that had ended"
        role = f"{keys.account}/{keys.role}"
        return "" if role == told.deed.role else f"credentials of {role}"

    def settled(self, register: str) -> object:
        """Return what a register says now."""
        env, (kind, _, name) = self.home.env, register.partition(" ")
        if kind == "trust":
            directory = str(self.home.path / name)
            shown = os.path.exists(f"{paths.trust_folder(env, directory)}/@sh")
            assert shown == (store.trusted(env, directory) is not None), directory
            return shown
        if kind == "bind":
            path = str(self.home.path / SHARED / paths.BINDING_FILE)
            profile = binding_file.parse(binding_file.read(path), path).profiles.get(name)
            return profile and (profile.role.account, profile.role.roles[0])
        if kind == "choice":
            return grants.saved_choice(env, str(self.home.path / CHOSEN))
        if kind == "session":
            return (
                aws_config.sessions(env)[name].start_url
                if name in aws_config.sessions(env)
                else None
            )
        found = found_blocks.find((self.home.path / ".aws/config").read_text()).get("acme")
        return " ".join(found.options or ()) if found else None


def deeds(random_: random.Random, actor: int, count: int, logouts: int) -> list[Deed]:
    """Draw what one actor does, one after the other; some of it is killed on the way."""
    found = [_draw(random_, f"{actor}x{number}") for number in range(count)]
    if actor < logouts:
        found[random_.randrange(count)] = Deed(("logout", "acme"))
    return found


def _draw(random_: random.Random, name: str) -> Deed:
    """Draw one, of which something may have the `name`, which nobody else has."""
    account, role = random_.choice(HELD)
    flip, some = random_.choice(FLIPPED), random_.choice(("dev", "prod", "staging"))
    beta = ("configure", "session", f"s{name}", "--start-url", BETA, "--region", "eu-west-1")
    bind = ("bind", "-a", account, "-r", role, "--name", f"p{name}")
    of_key = ("credential-process", f"acme/{account}/{role}")
    kinds = {
        Deed(("login", "acme")): 3,
        Deed(("export", "--format", "json"), role=DEV): 4,
        Deed(("credential-process",), role=DEV): 4,
        Deed((), role=DEV, script=True): 1,
        Deed(of_key, "", role=f"{account}/{role}"): 2,
        Deed(("ensure", WEB, "dev", "1", "aws", "who")): 2,
        Deed(("trust", "--yes"), flip, (f"trust {flip}", True)): 3,
        Deed(("untrust",), flip, (f"trust {flip}", False)): 3,
        Deed(bind, SHARED, (f"bind p{name}", (account, role))): 4,
        Deed(("configure", some, "--cached", "--yes"), WEB, ("configure", some)): 2,
        Deed((*beta, "--yes"), WEB, (f"session s{name}", BETA)): 2,
        Deed(("use", some, "--save"), CHOSEN, ("choice", some)): 2,
        Deed(("roles", "--refresh")): 2,
        Deed(("status", "--json")): 1,
    }
    (deed,) = random_.choices([*kinds], [*kinds.values()])
    dies = random_.random() < KILLED and not deed.script
    return replace(deed, killed_at=random_.randrange(KILLED_BEFORE) if dies else None)


def rage(storm: Storm, plans: Iterable[list[Deed]], beside: Iterable[Callable[[], None]]) -> None:
    """Do all of it at once: each plan in its order; `beside` as long as there are plans."""

    def follow(plan: list[Deed]) -> None:
        for deed in plan:
            storm.run(deed)

    plans, beside = list(plans), list(beside)
    with ThreadPoolExecutor(len(plans) + len(beside)) as pool:
        running = [pool.submit(follow, plan) for plan in plans]
        over = [pool.submit(one) for one in beside]
        for one in (*running, *over):
            one.result()


class Foreign:
    """Programs of others that use, and renew, the same sign-in all the while."""

    NAMES = ("AWS CLI", "boto3", "SDK for JavaScript")

    def __init__(self, storm: Storm, times: int) -> None:
        self.storm, self.times = storm, times
        self.roles: list[str] = []
        self._lock = threading.Lock()

    def callers(self) -> list[Callable[[], None]]:
        """Return what runs each of them, one after the other."""
        found: list[Callable[[], None]] = []
        for client in CLIENTS:
            if client.name in self.NAMES:
                started = client.started(str(self.storm.home.path))
                assert started
                self.storm.home.closing.enter_context(started)
                found.append(partial(self._call, started))
        return found

    def _call(self, program: Program) -> None:
        env = self.storm.home.env | {"AWS_PROFILE": "dev"}
        for _ in range(self.times):
            answer = program.run(WHO, env, self.storm.home.path)
            role = answer.role(self.storm.sandbox)
            with self._lock:
                self.roles.append(role)
            if role not in ("", DEV):
                self.storm.problems.append(f"a client has {role}: {answer}")


def tidy(home: Home) -> list[str]:
    """Return what is left that should not be: locks that are held, stamps beside the current one."""
    import fcntl

    found, state = [], paths.state(home.env)
    for path in files.walk_files(state, lambda name: name.endswith(".lock")):
        with open(path) as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                found.append(f"held: {path}")
    for folder, _, names in os.walk(state):
        stamps = [name for name in names if name.startswith("@g") and "." not in name]
        shown = files.read_bytes(f"{folder}/@sh") or files.read_bytes(f"{folder}/@process") or b""
        generation = shown.partition(b"\n")[0].decode().rpartition(" ")[2]
        if stamps and stamps != [f"@{generation}"]:
            found.append(f"{folder}: {generation}, and stamps {stamps}")
    return found
