"""The home that rows run in: the sandbox behind it, projects in every state, programs that tell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ssoenv.base import files, paths
from ssoenv.base.dialects import quote_posix
from ssoenv.demo.stage import RC, Stage
from ssoenv.shells import hook as hook_text
from ssoenv.trust import renewal
from tests.generated.environments import ENVRC_PLACE, ENVRC_TEXT
from tests.generated.oracle import Given, Program
from tests.shell.conftest import fetch, trust

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home
    from tests.generated.rows import Row

SDK = r"""#!/bin/sh
# Keeps what it was started with; without keys it asks the profile's credential_process, as SDKs do.
file={home}/records/$$
{{ printf '%s\0' "${{0##*/}}" "$(pwd -P)"; env -0; }} >"$file.env"
profile=${{AWS_DEFAULT_PROFILE:-$AWS_PROFILE}}
if [ -z "$AWS_ACCESS_KEY_ID" ] && [ -n "$profile" ] && [ "${{0##*/}}" != look ]; then
    command=$(wanted="[profile $profile]" awk '$0 == ENVIRON["wanted"] {{ on = 1; next }} /^\[/ {{ on = 0 }}
        on && sub(/^credential_process *= */, "") {{ print; exit }}' {home}/.aws/config)
    [ -z "$command" ] || sh -c "$command" >"$file.answer"
fi
mv "$file.env" "$file.record"
"""
KEEP = r"""#!/bin/sh
# Keeps the credentials that it reads.
file={home}/records/$$
{{ printf '%s\0' "${{0##*/}}" "$(pwd -P)"; env -0; }} >"$file.env"
cat >"$file.answer"
mv "$file.env" "$file.record"
"""
MAKEFILE = "run:\n\t@$(CMD)\n"
RC_FILES = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
HOOK_LINES = {
    "bash": 'eval "$(ssoenv hook bash)"',
    "zsh": 'eval "$(ssoenv hook zsh)"',
    "fish": "ssoenv hook fish | source",
}
ROLES = {
    False: ("111111111111/Developer", "333333333333/ReadOnly", "222222222222/Developer"),
    True: ("111111111111/ReadOnly", "333333333333/Administrator", "222222222222/ReadOnly"),
}
"""What web, its envs/prod, and ops give: open, and protected."""
SETTINGS = 'export = "profile"\n'
REGIONS = ("eu-west-1", "us-east-1", "us-west-2")


@dataclass
class World:
    """One home. Only one row at a time may run in it."""

    home: Home
    sandbox: Sandbox

    def __post_init__(self) -> None:
        """Write the programs, and fetch every role once."""
        bin_ = self.path / "bin"
        home = str(self.path)
        launcher = " ".join(quote_posix(word) for word in hook_text.command_line())
        programs = {name: SDK.format(home=home) for name in ("aws", "terraform", "sdk", "look")}
        programs |= {"keep": KEEP.format(home=home), "ssoenv": f'#!/bin/sh\nexec {launcher} "$@"\n'}
        for name, text in programs.items():
            files.write_private(str(bin_ / name), text.encode(), mode=0o700)
        (self.path / "records").mkdir()
        (self.path / "Makefile").write_text(MAKEFILE)
        (self.path / "deploy.sh").write_text("aws who\n")
        self.env = self.home.env | {
            "PATH": f"{bin_}:{self.home.env['PATH']}",
            "PWD": home,
            "DIRENV_LOG_FORMAT": "",
        }
        self.given: dict[str, Given] = {}
        for name, roles in (("web", ROLES[False]), ("ops", ROLES[True])):
            # Never entered: the list of what to fetch. A protected role is cached by an earlier yes.
            self.home.project(name, _project("", [(role, "") for role in roles]))
        fetch(self.home)
        self._fetched = {name: self.path / name for name in self._stores()}
        for name, folder in self._fetched.items():
            shutil.copytree(folder, self.path / "fetched" / name)
        for shell in RC_FILES:
            hook = self.home.ssoenv("hook", shell)
            (self.path / f"hook.{shell}").write_text(hook.stdout)
            direnv = subprocess.run(["direnv", "hook", shell], stdout=subprocess.PIPE, check=True)
            (self.path / f"direnv.{shell}").write_bytes(direnv.stdout)

    @property
    def path(self) -> Path:
        """HOME."""
        return self.home.path

    def _stores(self) -> tuple[str, ...]:
        state = os.path.relpath(paths.state(self.home.env), self.path)
        return (".aws/sso/cache", ".aws/cli/cache", f"{state}/roles")

    def prepare(self, row: Row) -> Stage:
        """Put the home into the state that `row` begins with; return how its shell starts."""
        for name in self._stores():
            shutil.rmtree(self.path / name, ignore_errors=True)
            # Armed: the AWS CLI has credentials that no shell has read yet.
            if row.setting != "armed" or not name.endswith("/roles"):
                shutil.copytree(self.path / "fetched" / name, self.path / name)
        for record in (self.path / "records").iterdir():
            record.unlink()
        self._set(SETTINGS if row.setting == "profile" else "")
        self.tree(row)
        ours, theirs = (f". {self.path}/{name}.{row.shell}" for name in ("hook", "direnv"))
        lines = {"none": [ours], "first": [theirs, ours], "last": [ours, theirs]}[row.direnv]
        name = RC_FILES[row.shell]
        text = RC[name].replace(HOOK_LINES[row.shell], "\n".join(lines))
        files.write_private(str(self.path / name), text.encode())
        return Stage(str(self.path), dict(self.env))

    def _set(self, text: str) -> None:
        """Have the user's settings say `text`."""
        file = Path(paths.settings_file(self.home.env))
        if text != (file.read_text() if file.exists() else ""):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            renewal.renew(self.home.env)

    def tree(self, row: Row) -> Path:
        """Return the folder of projects with the .envrc of `row`, made if it was not there."""
        protected = row.setting.startswith("protected")
        tree = self.path / f"{'protected' if protected else 'open'}-{row.envrc}"
        if tree.exists():
            return tree
        for name in ("plain", "clone", "web/envs/prod", "ops"):
            (tree / name).mkdir(parents=True)
        (tree / "link").symlink_to("ops")
        dev, prod, ops = ROLES[protected]
        web = _project(
            'default = "dev"\n[paths]\n"envs/prod" = "prod"\n',
            [(dev, REGIONS[0]), (prod, REGIONS[1])],
            names=("dev", "prod"),
            protect=protected,
        )
        only = _project("", [(ops, REGIONS[2])], names=("ops",), protect=protected)
        for name, text in (("web", web), ("ops", only), ("clone", only)):
            project = self.home.project(f"{tree.name}/{name}", text)
            if name != "clone":
                trust(self.home, project)
        for name, role, region, profile in (
            ("web", dev, REGIONS[0], "dev"),
            ("web/envs/prod", prod, REGIONS[1], "prod"),
            ("ops", ops, REGIONS[2], "ops"),
        ):
            owner = str(tree / name.partition("/")[0])
            self.given[str(tree / name)] = Given(role, region, profile, owner)
        text, _, place = row.envrc.partition("-")
        if place:
            envrc = tree / ENVRC_PLACE[place] / ".envrc"
            envrc.write_text(ENVRC_TEXT[text])
            subprocess.run(["direnv", "allow", envrc], env=self.env, check=True)
        return tree

    def gives(self, directory: str) -> Given | None:
        """Return what the physical `directory` gives: its own, or that of the nearest above."""
        while directory not in self.given and directory != "/":
            directory = os.path.dirname(directory)
        return self.given.get(directory)

    def role_of(self, value: str) -> str | None:
        """Return the role that a key id, secret or token of ours is of; None for anybody's."""
        for key_id, keys in self.sandbox.state.keys.items():
            if value in (key_id, keys.secret, keys.token):
                return f"{keys.account}/{keys.role}"
        return None

    def keys_of(self, row: Row) -> dict[str, str]:
        """Return the variables that the project ops of `row` makes, fetched by now."""
        exported = self.home.ssoenv("export", "--format", "json", cwd=self.tree(row) / "ops")
        values: dict[str, str] = json.loads(exported.stdout)
        return {name: value for name, value in values.items() if "REGION" not in name}

    def records(self, phase: str) -> list[Program]:
        """Return the programs that ran since the last call, as started in `phase` of a row."""
        found = []
        for file in sorted((self.path / "records").glob("*.record"), key=os.path.getmtime):
            name, cwd, *rest = file.read_bytes().decode(errors="surrogateescape").split("\0")
            env = dict(entry.split("=", 1) for entry in rest if "=" in entry)
            answer = file.with_suffix(".answer")
            text = answer.read_text() if answer.exists() else ""
            key = json.loads(text)["AccessKeyId"] if text.startswith("{") else ""
            found.append(Program(name, phase, cwd, env, key))
            answer.unlink(missing_ok=True)
            file.unlink()
        return found


def _project(
    head: str, roles: list[tuple[str, str]], *, names: tuple[str, ...] = (), protect: bool = False
) -> str:
    """Return a binding file; `head` may end with a table, which then stands last."""
    top, bracket, table = head.partition("[")
    profiles = []
    for index, (role, region) in enumerate(roles):
        account, name = role.split("/")
        profiles.append(
            f"[profiles.{names[index] if names else f'p{index}'}]\n"
            f'account = "{account}"\nrole = "{name}"\nprotect = {str(protect).lower()}\n'
            + (f'region = "{region}"\n' if region else "")
        )
    default = "" if top or len(roles) == 1 else 'default = "p0"\n'
    return f'session = "acme"\n{top}{default}{"".join(profiles)}{bracket}{table}'
