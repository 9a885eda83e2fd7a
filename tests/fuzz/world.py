"""A home with a trusted project and credentials of its roles, as ssoenv renders them, and readers of it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ssoenv.aws_files import credential_cache
from ssoenv.base import dialects, files, paths
from ssoenv.base.dialects import quote_posix
from ssoenv.base.models import Credentials, Session
from ssoenv.binding import file as binding_file
from ssoenv.shells import hook as hook_text
from ssoenv.shells import rendering
from ssoenv.sign_in import epoch, instances
from ssoenv.trust import grants, renewal
from tests.conftest import PROJECT

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

ACME = Session("acme", "https://acme.awsapps.com/start", "eu-west-1", None, "")
CONFIG = (
    "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n"
)
ROLES = {
    "dev": ("111111111111", "Developer"),
    "staging": ("222222222222", "ReadOnly"),
    "prod": ("333333333333", "ReadOnly"),
}
LASTS = 3600
PATIENCE = 60.0
"""Seconds within which a shell has answered."""
TOKEN = "t0/+=" * 40


@dataclass
class World:
    """What is on disk, and the environment of whatever reads it."""

    home: Path
    env: dict[str, str]

    @property
    def project(self) -> Path:
        return self.home / "web"

    @property
    def trust(self) -> Path:
        return Path(paths.trust_folder(self.env, str(self.project)))

    def key(self, name: str) -> str:
        return f"acme/{'/'.join(ROLES[name])}"

    def role(self, name: str) -> Path:
        return Path(paths.role_folder(self.env, self.key(name)))

    def credentials(self, name: str) -> Credentials:
        account, role = ROLES[name]
        end = int(time.time()) + LASTS
        return Credentials(f"ASIA{name.upper()}", f"s'e\\c {name}", TOKEN, end, account, role)


def build(home: Path, config: str = "") -> World:
    """Trust a project, and render each of its roles; with the settings `config`, if any."""
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb"}
    world = World(home, env)
    files.write_private(paths.aws_config_file(env), CONFIG.encode())
    if config:
        files.write_private(paths.settings_file(env), config.encode())
    world.project.mkdir()
    path = world.project / ".ssoenv.toml"
    path.write_text(PROJECT)
    renewal.grant_anew(env)
    grants.grant_here(binding_file.parse(path.read_bytes(), str(path)), env)
    for name in ROLES:
        mine = world.credentials(name)
        key = world.key(name)
        with epoch.lasting(env, ACME, epoch.current(env, ACME), ("acme",)):
            cache = credential_cache.save(env, ACME, mine)
            os.utime(cache, (time.time() - 90,) * 2)
            rendering.publish_role(env, key, mine, cache, int(time.time()))
            rendering.remember_key(env, key, mine, int(time.time()))
    for shell in dialects.SHELLS:
        hook_text.render(shell, env)
    # busybox compares times by the second: what is read is older than what says that it is as read.
    for stamp in home.glob(".local/state/ssoenv/**/@*"):
        if stamp.suffix not in (".due", ".ends"):
            os.utime(stamp, (time.time() - 30,) * 2)
    for read in (path, home / ".config/ssoenv/config.toml", home / ".aws/config"):
        if read.exists():
            os.utime(read, (time.time() - 60,) * 2)
    instances.settle(env)
    return world


class Reader:
    """A shell that goes on: for each line that it is told it answers what its script makes of it."""

    def __init__(self, words: tuple[str, ...], script: str, world: World) -> None:
        path = world.home / f"reader.{os.path.basename(words[0])}"
        path.write_text(script)
        self._process = subprocess.Popen(
            [*words, str(path)],
            cwd=world.project,
            env=world.env | {"PWD": str(world.project)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def ask(self, line: str = "go") -> bytes:
        """Return what the script answers to a line, without the mark that ends its answer."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        stdin.write(f"{line}\n".encode())
        stdin.flush()
        answer = b""
        while not answer.endswith(END):
            assert select.select([stdout], [], [], PATIENCE)[0], f"no end of it, after {answer!r}"
            part = os.read(stdout.fileno(), 1 << 16)
            assert part, f"the shell has gone, after {answer!r}"
            answer += part
        return answer[: -len(END)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()


END = b"\n\0that was it\0\n"


def source_without_program(world: World) -> Path:
    """Return a copy of the credential source that has no program to ask."""
    text = Path(paths.source_file(world.env)).read_text()
    copy = world.home / "alone"
    copy.write_text(text.replace(f"'{sys.executable}'", quote_posix(f"{world.home}/gone")))
    return copy
