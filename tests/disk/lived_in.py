"""A home in which every kind of file of ours and of the AWS CLI's is, and files of others.

`KINDS` is the list of them. What any command of the docs makes is compared with it by
tests/test_docs_run, and what is in this home by tests/disk/test_rubbish: a new file is tried as soon as
it is in the list, and has to be.
"""

from __future__ import annotations

import copy
import functools
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ssoenv.base import files
from tests import forked
from tests.conftest import PROJECT, VAULT, empty_home

if TYPE_CHECKING:
    import contextlib
    import subprocess
    from collections.abc import Mapping

    from ssoenv.sandbox.server import Sandbox

STATE = ".local/state/ssoenv"
STATES = ("clients", "tokens", "refresh_tokens", "keys", "directory")
"""What the sandbox knows of those who signed in, and of who holds what."""
TOPS = (".aws", ".local/state", ".config", ".claude", "web")
"""Where ssoenv writes, below the home."""
DECLARED = '[group.crew]\ndescription = "who sails"\n'
POLICY = 'description = "deploys"\nmanaged_policies = ["PowerUserAccess"]\n'
SETTINGS = 'sign_in_pause = 5\nprotect = ["333333333333:ReadOnly"]\n'
CANARY = "theirs"
"""How files of others are named."""
AGENT = {"CLAUDECODE": "1"}
OFFICE = {"AWS_PROFILE": "administrator"}
YES = {"SSOENV_ALLOW_PROTECTED": "333333333333/ReadOnly"}
ROLE = "acme/111111111111/Developer"


@dataclass(frozen=True, eq=False)
class Line:
    """What somebody types in a folder of the home, with `more` in the environment."""

    words: tuple[str, ...]
    where: str = "web"
    more: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it as a reader knows it."""
        return " ".join((*(f"{name}=..." for name in self.more), *self.words))


MADE_BY = (
    Line(("login", "acme")),
    Line(("trust", "--yes")),
    Line(("trust", "--yes"), "vault"),
    Line(("roles",)),
    Line(("export",)),
    Line(("export",), more=AGENT),
    Line(("use", "dev", "--save")),
    Line(("use", "--answer", "222222222222/ReadOnly")),
    Line(("use", "--answer", "dev/Developer"), ""),
    Line(("setup", "--yes", "--shell", "zsh")),
    Line(("setup", "--yes", "--shell", "fish")),
    Line(("setup", "--yes", "--shell", "bash")),
    Line(("agents", "setup", "claude", "--write", "--yes")),
    Line(("configure", "--yes")),
    Line(("admin", "apply", "org.toml", "--yes"), more=OFFICE),
    Line(("export", "222222222222/ReadOnly")),
    Line(("export", "333333333333/ReadOnly"), more=YES),
    Line(("ensure", "{home}/vault", "vault", "1.1", "aws"), "vault", YES),
)
"""What makes the home, in this order."""
BY_HAND = {
    "reports/1700000000.txt": "ssoenv 0, Python 3\nValueError\n",
    "sign-in/acme.ended": '{"ending": "declined", "at": 1700000000, "id": "0123456789abcdef"}',
    "assignments/acme.refresh": "1700000000",
    "admin/ssoins-0-0123456789abcdef.jsonl": '["ListUsers", [["a", "b"]]]\n',
    "served/999999999.config": "[default]\nregion = us-east-1\n",
    "allowed/1.1/acme,333333333333,ReadOnly": "",
    "roles/acme/222222222222/ReadOnly/@named": "",
}
"""What is there after an accident, an answer at a terminal or other settings only."""
KINDS = frozenset(
    f"""
    .aws/config .aws/credentials .aws/cli/cache/HASH.json .aws/sso/cache/HASH.json
    .claude/settings.json .config/fish/completions/ssoenv.fish .config/fish/config.fish
    .config/ssoenv/config.toml web/.ssoenv.toml web/org.toml.applied.json
    {STATE}/admin/NAME {STATE}/agent-settings/FOLDER/settings.json {STATE}/agents/cache/HASH.json
    {STATE}/agents/roles/ROLE/@GENERATION {STATE}/agents/roles/ROLE/@GENERATION.due
    {STATE}/agents/roles/ROLE/@GENERATION.ends {STATE}/agents/roles/ROLE/@process
    {STATE}/agents/roles/ROLE/@role {STATE}/allowed/NAME {STATE}/answers/NAME
    {STATE}/assignments/SESSION.accounts {STATE}/assignments/SESSION.held
    {STATE}/assignments/SESSION.json {STATE}/assignments/SESSION.lock
    {STATE}/assignments/SESSION.refresh {STATE}/assignments/SESSION.roles
    {STATE}/assignments/SESSION.targets {STATE}/backups/NAME {STATE}/credential-process
    {STATE}/configs/NAME {STATE}/hook.bash {STATE}/hook.fish {STATE}/hook.zsh
    {STATE}/instances.json {STATE}/keys/KEY {STATE}/locks/NAME
    {STATE}/loose/ROLE/@GENERATION {STATE}/loose/ROLE/@fish {STATE}/loose/ROLE/@sh
    {STATE}/reports/NAME {STATE}/roles/ROLE/@GENERATION {STATE}/roles/ROLE/@GENERATION.due
    {STATE}/roles/ROLE/@GENERATION.ends {STATE}/roles/ROLE/@asked {STATE}/roles/ROLE/@named
    {STATE}/roles/ROLE/@process {STATE}/roles/ROLE/@role {STATE}/served/NAME
    {STATE}/settings/@agents {STATE}/settings/@ok {STATE}/settings/@sh
    {STATE}/sign-in/SESSION.ended {STATE}/sign-in/SESSION.epoch {STATE}/sign-in/SESSION.lock
    {STATE}/trust/FOLDER/@GENERATION {STATE}/trust/FOLDER/@choice {STATE}/trust/FOLDER/@fish
    {STATE}/trust/FOLDER/@history {STATE}/trust/FOLDER/@sh {STATE}/trust/FOLDER/@taken
    {STATE}/trust/FOLDER/@toml {STATE}/version
    """.split()
)
"""Every kind of file that ssoenv reads or writes; a name in capitals differs from home to home."""
INSTEAD = frozenset((f"{STATE}/settings/@bad", f"{STATE}/settings/@none"))
"""What stands in the place of one of them, with other settings."""
_NAMES = (
    (rf"({STATE}/(?:agents/)?(?:roles|loose))/.+/(?=@)", r"\1/ROLE/"),
    (r"@g[0-9a-f]{16}", "@GENERATION"),
    (r"[0-9a-f]{40}", "HASH"),
    (r"\bA[KS]IA\w+", "KEY"),
    (rf"({STATE}/(?:trust|agent-settings))(?:/[^/@]+)+/", r"\1/FOLDER/"),
    (rf"({STATE}/(?:locks|answers|reports|admin|served|allowed|configs))/.*", r"\1/NAME"),
    (rf"({STATE}/backups)/.*", r"\1/NAME"),
    (rf"({STATE}/(?:assignments|sign-in))/.*\.", r"\1/SESSION."),
)


def kind_of(path: str) -> str:
    """Return what kind of file `path`, relative to the home, is: its names in capitals."""
    for name, stands in _NAMES:
        path = re.sub(name, stands, path)
    return path


class LivedIn:
    """The home, and a copy of it to go back to."""

    def __init__(self, folder: Path, sandbox: Sandbox, closing: contextlib.ExitStack) -> None:
        self.sandbox, self._kept = sandbox, folder / "kept"
        self.home = empty_home(folder / "home", closing)
        home = self.home
        sandbox.write_home(str(home.path))
        sandbox.write_administrators(str(home.path))
        home.env |= sandbox.environment(str(folder / "sandbox"))
        home.env |= {"SHELL": "/bin/bash", "TERM": "dumb", "AWS_DEFAULT_REGION": "us-east-1"}
        home.project("vault", VAULT)
        home.project("web", PROJECT)
        for name, text in {
            "web/org.toml": DECLARED,
            "web/deployer.toml": POLICY,
            "web/monday.json": "{}",
            "web/today.json": "{}",
            ".config/ssoenv/config.toml": SETTINGS,
            ".bashrc": "# mine\n",
        }.items():
            (home.path / name).parent.mkdir(parents=True, exist_ok=True)
            (home.path / name).write_text(text)
        for line in MADE_BY:
            made = self.run(line)
            assert made.returncode == 0, (str(line), made)
        for name, text in BY_HAND.items():
            files.write_private(f"{home.path}/{STATE}/{name}", text.encode())
        for place in {path.parent for path in self._every_file()}:
            if home.path / STATE not in place.parents:
                for end in (".txt", ".json"):
                    (place / f"{CANARY}{end}").write_text('{"accessToken": "theirs"}')
                    os.utime(place / f"{CANARY}{end}", (1_600_000_000, 1_600_000_000))
        shutil.copytree(home.path, self._kept, symlinks=True)
        self._known = copy.deepcopy({name: vars(sandbox.state)[name] for name in STATES})

    @functools.cache  # noqa: B019 - it goes with its module
    def looks_at(self, line: Line) -> tuple[int, frozenset[str]]:
        """Return how `line` ends where nothing is wrong, and what it opens on its way there."""
        noted = self._kept.parent / "opened"
        noted.unlink(missing_ok=True)
        done = self.run(line, **{forked.OPENED: str(noted)})
        self.restore()
        return done.returncode, frozenset(noted.read_text().splitlines())

    def run(self, line: Line, **more: str) -> subprocess.CompletedProcess[str]:
        words = [word.replace("{home}", str(self.home.path)) for word in line.words]
        return self.home.ssoenv(*words, cwd=self.home.path / line.where, **line.more, **more)

    def files(self) -> dict[str, Path]:
        """Return a file of each kind that ssoenv reads or writes; that of ~/web, where it is one's."""
        found: dict[str, Path] = {}
        for path in self._every_file():
            kind = kind_of(str(path.relative_to(self.home.path)))
            if kind in KINDS:
                if kind.startswith(".aws/sso") and b"clientId" in path.read_bytes():
                    kind = f"{kind} of a registration"
                found.setdefault(kind, path)
        return found

    def folders(self) -> dict[str, Path]:
        """Return each folder that such a file is in, and those on the way from the home."""
        found: dict[str, Path] = {}
        for path in self.files().values():
            for folder in path.relative_to(self.home.path).parents[:-1]:
                if str(folder) == "web":
                    continue  # where the command itself is run
                kind = str(folder).replace(str(self.home.path), "/HOME")
                found.setdefault(kind, self.home.path / folder)
        return found

    def unknown(self) -> set[str]:
        """Return the kinds of files that are in the home, and in no list."""
        return unknown_kinds(self.home.path)

    def restore(self) -> None:
        """Put everything back as it was at first, whoever owns what stands there, and may do what."""
        self.home.path.chmod(0o700)
        for folder, names, _ in os.walk(self.home.path):
            for name in names:
                if not os.path.islink(f"{folder}/{name}"):
                    os.chmod(f"{folder}/{name}", 0o700)
        shutil.rmtree(self.home.path)
        shutil.copytree(self._kept, self.home.path, symlinks=True)
        vars(self.sandbox.state).update(copy.deepcopy(self._known))

    def _every_file(self) -> list[Path]:
        every = [path for top in TOPS for path in self.home.path.joinpath(top).rglob("*")]
        return sorted(filter(Path.is_file, every), key=lambda path: ("/web" not in str(path), path))


def unknown_kinds(home: Path) -> set[str]:
    """Return the kinds of files that ssoenv has made in `home`, and that are in no list."""
    made = {
        kind_of(str(path.relative_to(home)))
        for top in (STATE, ".aws")
        for path in home.joinpath(top).rglob("*")
        if path.is_file() and not path.name.startswith(CANARY)
    }
    return made - KINDS - INSTEAD
