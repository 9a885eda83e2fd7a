"""The credential source: what AWS programs get, by where they run and what they come from."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import paths
from ssoenv.shells import source
from tests.conftest import WHOLE, Copies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(3)

SHELLS = (("dash",), ("bash", "--posix"), ("busybox", "ash"))
DEV, STAGING, PROD = "dev/Developer", "staging/ReadOnly", "prod/ReadOnly"
API = """\
session = "acme"
[profiles.api]
account = "staging"
role = "ReadOnly"
"""
GUARDED = """\
session = "acme"
default = "open"
[profiles.open]
account = "dev"
role = "Developer"
[profiles.shut]
account = "prod"
role = "ReadOnly"
protect = true
"""
ODD = ("a b", "it's", 'q"$(touch P)', "-rf", "é\u2028", "*", "[x]", "back\\slash", "@at", " ", "t\tb", "n\nl", "end ")  # fmt: skip


EVERY = 1 if WHOLE else 50
"""Of so many bytes one is where a rendering is cut off."""


@dataclass
class World:
    """A home with projects, whose roles have been fetched."""

    home: Home
    sandbox: Sandbox

    @property
    def script(self) -> str:
        return paths.source_file(self.home.env)

    def at(self, name: str) -> Path:
        return self.home.path / name

    def ask(
        self, shell: Iterable[str], where: Path | str, env: Mapping[str, str], script: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run the source as an AWS program does: by ``sh -c``, in `where`."""
        words = [*shell, script or self.script]
        pwd = {"PWD": str(where)} | dict(env)
        return subprocess.run(
            words,
            cwd=where,
            env=self.home.env | pwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            start_new_session=True,
        )

    def role(self, done: subprocess.CompletedProcess[str]) -> str:
        """Return the role that was handed out, by the name of its account; or the exit code."""
        if done.returncode:
            assert not done.stdout
            assert done.stderr
            return str(done.returncode)
        document = json.loads(done.stdout)
        keys = self.sandbox.state.keys[document["AccessKeyId"]]
        assert (keys.secret, keys.token) == (document["SecretAccessKey"], document["SessionToken"])
        name = next(one.name for one in self.sandbox.state.world.accounts if one.id == keys.account)
        return f"{name}/{keys.role}"

    def builtin(self) -> str:
        """Return a copy of the script that has no program to ask."""
        copy = str(self.home.path / "alone")
        text = Path(self.script).read_text()
        Path(copy).write_text(text.replace(f"'{sys.executable}'", "/nowhere"))
        return copy


def build(home: Home) -> None:
    """Make projects of each kind; alice is signed in, and each open role is at hand."""
    assert home.ssoenv("login", "acme").returncode == 0
    for name, text in (("web", None), ("web/nested", API), ("api", API), ("guarded", GUARDED)):
        project = home.project(name, text) if text else home.project(name)
        assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
    (home.path / ".local/state/ssoenv/loose").mkdir()
    for name in ("changed", "untrusted", "gone"):
        home.project(name, API)
    for name in ("changed", "gone"):
        assert home.ssoenv("trust", "--yes", cwd=home.path / name).returncode == 0
    with (home.path / "changed/.ssoenv.toml").open("a") as stream:
        stream.write("# more\n")
    assert home.ssoenv("untrust", cwd=home.path / "gone").returncode == 0
    for deep in ("web/envs/prod/a/b", "web/a/b/c/d/e/f/g", "outside/deep", "untrusted/below"):
        (home.path / deep).mkdir(parents=True)
    (home.path / "link").symlink_to("web")
    (home.path / "into").symlink_to("web/envs/prod")
    for profile in ("dev", "staging", "prod"):
        assert home.ssoenv("export", "--profile", profile, cwd=home.path / "web").returncode == 0
    assert home.ssoenv("export", cwd=home.path / "api").returncode == 0
    # busybox compares times by the second.
    for back, files in ((9, ".aws/cli/cache/*"), (8, ".local/state/ssoenv/roles/**/@g*[!s]")):
        for file in home.path.glob(files):
            if file.suffix not in (".due", ".ends"):
                os.utime(file, (time.time() - back,) * 2)
    for file in home.path.rglob(".ssoenv.toml"):
        os.utime(file, (time.time() - 60,) * 2)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    made = Copies(tmp_path_factory.getbasetemp() / "worlds")
    with made.making() as (home, sandbox):
        build(home)
        made.keep("world", home, sandbox)
    return made


@pytest.fixture
def world(home: Home, sandbox: Sandbox, copies: Copies) -> World:
    """What `build` made; no time in it is more than a minute off."""
    copies.lay("world", home, sandbox)
    return World(home, sandbox)


def rows(home: Path) -> list[tuple[str, dict[str, str], str]]:
    """Where a program is, what its environment says, and what it gets: a role or an exit code.

    A role with ``!`` takes the program; all others are answered by builtins alone.
    """
    web = {"SSOENV_DIR": f"{home}/web", "SSOENV_PROFILE": "dev", "SSOENV_LABEL": "dev/Developer"}
    chosen = web | {"SSOENV_USE": "prod", "SSOENV_PROFILE": "prod"}
    below = web | {"SSOENV_PROFILE": "prod"}
    api = {"SSOENV_DIR": f"{home}/api", "SSOENV_PROFILE": "api"}
    hostile = {"SSOENV_DIR": "@../..", "SSOENV_USE": "$(touch P)", "SSOENV_PROFILE": "*"}
    shells: list[tuple[dict[str, str], str, str]] = [({}, DEV, "2")]
    shells += [(web, DEV, DEV), (below, DEV, PROD), (api, DEV, STAGING), (hostile, DEV, "2")]
    table: list[tuple[str, dict[str, str], str]] = []
    for env, inside, outside in shells:
        table += [
            ("web", env, inside),
            ("web/a/b/c/d/e/f/g", env, inside),
            ("web/envs", env, inside),
            ("web/envs/prod", env, PROD),
            ("web/envs/prod/a/b", env, PROD),
            ("web/nested", env, STAGING),
            ("api", env, STAGING),
            ("link", env, "4"),
            ("untrusted", env, "4"),
            ("untrusted/below", env, "4"),
            ("changed", env, "4"),
            ("gone", env, "4"),
            ("guarded", env, DEV + "!"),
            ("outside/deep", env, outside),
            (".", env, outside),
            ("/", env, outside),
        ]
    table += [
        # What `use` chose counts in its own project, by every route, and in no other.
        ("web", chosen, PROD),
        ("web/envs/prod", chosen, PROD),
        ("web", chosen | {"SSOENV_DIR": f"{home}/link"}, PROD),
        ("web/nested", chosen, STAGING),
        ("api", chosen, STAGING),
        ("outside/deep", chosen, PROD),
        ("web", web | {"SSOENV_USE": "nope"}, DEV + "!"),
        # Of the shell's variables nothing is believed that is not trusted, and nothing else counts.
        ("outside", {"SSOENV_DIR": f"{home}/untrusted", "SSOENV_PROFILE": "api"}, "4"),
        ("outside", {"SSOENV_DIR": f"{home}/gone", "SSOENV_PROFILE": "api"}, "4"),
        ("outside", {"SSOENV_DIR": f"{home}/changed", "SSOENV_PROFILE": "api"}, "4"),
        ("outside", web | {"SSOENV_PROFILE": "nope"}, "2"),
        ("outside", {"SSOENV_DIR": f"{home}/web/../api", "SSOENV_PROFILE": "api"}, "2"),
        ("outside", {"SSOENV_DIR": f"{home}/nowhere", "SSOENV_PROFILE": "api"}, "2"),
        ("outside", {"SSOENV_DIR": "web", "SSOENV_PROFILE": "dev"}, "2"),
        ("outside", {"SSOENV_LABEL": "dev/Developer", "AWS_SSO_PROFILE": "dev"}, "2"),
        ("guarded", {"SSOENV_DIR": f"{home}/guarded", "SSOENV_USE": "shut"}, "6"),
        ("outside", {"SSOENV_DIR": f"{home}/guarded", "SSOENV_PROFILE": "shut"}, "6"),
        # PWD is anybody's word, too: the kernel knows better.
        ("web", {"PWD": f"{home}/api"}, DEV),
        ("web", {"PWD": "api"}, DEV),
        ("web", {"PWD": ""}, DEV),
        ("into", {"PWD": f"{home}/into"}, "2"),
        ("into", {"PWD": f"{home}/web/envs/prod"}, PROD),
        ("web", {"PWD": f"{home}/web/../web"}, DEV + "!"),
        ("web", {"PWD": f"{home}//web"}, DEV + "!"),
        # Markers that are no absolute, normal path, and keys that lead out of their folder.
        ("web", {"SSOENV_DIR": ".", "SSOENV_USE": "prod"}, DEV),
        ("web/envs", {"SSOENV_DIR": "..", "SSOENV_USE": "prod"}, DEV),
        ("outside", {"SSOENV_DIR": f"{home}/web/", "SSOENV_PROFILE": "prod"}, "2"),
        ("outside", {"SSOENV_DIR": f"@../trust{home}/changed", "SSOENV_PROFILE": "api"}, "2"),
        ("outside", {"SSOENV_DIR": f"@../trust{home}/web", "SSOENV_PROFILE": "prod"}, "2"),
    ]
    return table


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_what_a_program_gets_by_where_it_is_and_what_it_comes_from(
    world: World, shell: tuple[str, ...]
) -> None:
    alone, wrong = world.builtin(), []
    table = rows(world.home.path)
    assert len(table) > 90
    for where, env, wanted in table:
        if shell != SHELLS[0] and not wanted[0].isalpha():
            continue  # the program's answer is the same
        there = world.at(where) if where != "/" else Path("/")
        got = world.role(world.ask(shell, there, env))
        if wanted[0].isalpha() and not wanted.endswith("!"):
            again = world.role(world.ask(shell, there, env, alone))
            got = got if got == again else f"{got}, and {again} by builtins"
        if got != wanted.rstrip("!"):
            wrong.append((where, env, wanted, got))
    assert not wrong, "\n".join(map(str, wrong))
    assert not list(world.home.path.rglob("P"))


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_directories_with_odd_names(world: World, shell: tuple[str, ...]) -> None:
    """In a project and as one: each gets its own role, whoever has to answer."""
    for name in ODD:
        below, project = world.at(f"web/{name}/x"), world.at(f"odd/{name}")
        below.mkdir(parents=True)
        project.mkdir(parents=True)
        (project / ".ssoenv.toml").write_text(API)
        assert world.home.ssoenv("trust", "--yes", cwd=project).returncode == 0
        for env in ({}, {"SSOENV_DIR": str(project), "SSOENV_USE": "api"}):
            assert world.role(world.ask(shell, below, env)) == DEV, name
            assert world.role(world.ask(shell, project, env)) == STAGING, name
    assert not list(world.home.path.rglob("P"))


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_the_very_bytes_count(world: World, shell: tuple[str, ...]) -> None:
    """However it was changed: by a NUL, a byte, its end, its length, its kind, its owner."""
    web, file = world.at("web"), world.at("web/.ssoenv.toml")
    good, moment = file.read_bytes(), os.stat(file).st_mtime_ns
    for changed in (good + b"\0", good + b"\n", good[:-1], good.replace(b"dev", b"prod", 1), b"", good + b"#" * 70_000, b"\xff" + good):  # fmt: skip
        file.write_bytes(changed)
        assert world.role(world.ask(shell, web, {})) in ("4", "5"), changed[-20:]
        if b"\0" not in changed:  # the time of a file can be anything
            os.utime(file, ns=(moment, moment))
            assert world.role(world.ask(shell, web, {})) in ("4", "5"), changed[-20:]
    file.write_bytes(good)
    os.utime(file, (time.time() + 2,) * 2)
    assert world.role(world.ask(shell, web, {})) == DEV
    os.utime(file, (time.time() - 5,) * 2)
    assert world.role(world.ask(shell, web, {})) == DEV
    assert world.role(world.ask(shell, web, {}, world.builtin())) == DEV
    file.unlink()
    os.mkfifo(file)
    assert world.role(world.ask(shell, web, {})) == "2"
    file.unlink()
    file.symlink_to(world.at("api/.ssoenv.toml"))
    assert world.role(world.ask(shell, web, {})) == "4"


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_bash_takes_over_for_a_long_file(world: World, shell: tuple[str, ...]) -> None:
    """Still without the program; and bash sees a NUL, whatever the time of the file is."""
    big, alone = world.at("big"), world.builtin()
    big.mkdir()
    file = big / ".ssoenv.toml"
    for size in (source.LONGEST, 50_000):
        file.write_text(API + "# é\n" * (size // 4))
        assert world.home.ssoenv("trust", "--yes", cwd=big).returncode == 0
        good = file.read_bytes()
        for content, answer in ((good, STAGING), (good + b"\0", "1"), (good + b"#", "1"), (good[:-1], "1"), (good[:-2] + b"x\n", "1")):  # fmt: skip
            file.write_bytes(content)
            os.utime(file, (time.time() - 60,) * 2)
            assert world.role(world.ask(shell, big, {}, alone)) == answer, content[-9:]
        file.write_bytes(good)
        os.utime(file, (time.time() - 60,) * 2)
        assert world.role(world.ask(shell, big, {"CLAUDECODE": "1"}, alone)) == "1"


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_what_was_compared_is_told_to_the_script(world: World, shell: tuple[str, ...]) -> None:
    """A checkout of the same bytes is compared once by the program, and then by builtins again."""
    web, alone = world.at("web"), world.builtin()
    file, settings = world.at("web/.ssoenv.toml"), world.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('login = "manual"\n')
    os.utime(settings, (time.time() - 60,) * 2)
    assert world.role(world.ask(("sh",), web, {})) == DEV
    folder = Path(paths.trust_folder(world.home.env, str(web)))
    stamps = {file: next(folder.glob("@g*")), settings: Path(paths.state(world.home.env), "settings/@sh")}  # fmt: skip
    for one, stamp in stamps.items():
        os.utime(one, (time.time() + 5,) * 2)
        assert world.role(world.ask(shell, web, {}, alone)) == "1"
        for difference in (6.0, 0.0, 0.4):
            moment = int(time.time()) - 3
            os.utime(one, (moment,) * 2)
            os.utime(stamp, (moment - difference,) * 2)
            assert world.role(world.ask(shell, web, {}, alone)) == "1"
            assert world.role(world.ask(("sh",), web, {})) == DEV
            assert world.role(world.ask(shell, web, {}, alone)) == DEV
            # What is written from now on is newer, whatever it is.
            assert one.stat().st_mtime < stamp.stat().st_mtime <= time.time()


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_a_change_within_the_same_moment_counts(world: World, shell: tuple[str, ...]) -> None:
    """No time is fine enough to tell one from another; no shell here sees a NUL."""
    web, file = world.at("web"), world.at("web/.ssoenv.toml")
    stamp = next(Path(paths.trust_folder(world.home.env, str(web))).glob("@g*"))
    file.write_bytes(file.read_bytes() + b"\0")
    moment = os.stat(file).st_mtime_ns
    os.utime(stamp, ns=(moment, moment))
    assert world.role(world.ask(shell, web, {})) in ("4", "5")


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
@pytest.mark.parametrize("name", ["@process", "@sh"])
def test_what_is_rendered_without_its_end_is_left_to_the_program(
    world: World, shell: tuple[str, ...], name: str
) -> None:
    """The quote that nothing ends was the end of the shell, which no program gets a role from."""
    state = Path(paths.state(world.home.env))
    folder = state / "roles/acme/111111111111/Developer"
    file = folder / name if name == "@process" else Path(f"{state}/trust{world.at('web')}", name)
    file.write_bytes(file.read_bytes()[:-4])
    done = world.ask(shell, world.at("web"), {})
    assert world.role(done) == DEV
    assert done.stderr == ""


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_settings_count_at_once(world: World, shell: tuple[str, ...]) -> None:
    web, alone = world.at("web"), world.builtin()
    settings = world.home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('login = "manual"\n')
    os.utime(settings, (time.time() - 60,) * 2)
    assert world.role(world.ask(shell, web, {}, alone)) == "1"
    assert world.role(world.ask(shell, web, {})) == DEV
    assert world.role(world.ask(shell, web, {}, alone)) == DEV
    moment = os.stat(settings).st_mtime_ns
    for text, code in (
        ('never = ["dev:*"]\n', "6"),
        ('protect = ["dev:*"]\n', "6"),
        ("nonsense\n", "5"),
        ('login = "manual"\n#' + "x" * source.LONGEST, DEV),
    ):
        settings.write_text(text)
        os.utime(settings, ns=(moment, moment))
        assert world.role(world.ask(shell, web, {}, alone)) == "1", text
        assert world.role(world.ask(shell, web, {})) == code, text
    settings.unlink()
    assert world.role(world.ask(shell, web, {})) == DEV
    settings.symlink_to("nowhere")
    assert world.role(world.ask(shell, web, {})) == "5"


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_credentials_that_end_or_are_taken_back(world: World, shell: tuple[str, ...]) -> None:
    web, alone = world.at("web"), world.builtin()
    folder = Path(paths.role_folder(world.home.env, "acme/111111111111/Developer"))
    due = next(folder.glob("@*.due"))
    ends = next(folder.glob("@*.ends"))
    assert ends.stat().st_mtime - due.stat().st_mtime == 600
    before = due.stat().st_mtime
    os.utime(due, (time.time() - 1,) * 2)
    assert world.role(world.ask(shell, web, {}, alone)) == "1"
    os.utime(due, (before,) * 2)
    assert world.role(world.ask(shell, web, {}, alone)) == DEV
    # Where /proc is not, or tells no time, a file does, or nothing is answered.
    text = Path(alone).read_text()
    for clock, wanted in (("/nowhere/self", DEV), ("/usr", "1")):
        Path(alone).write_text(text.replace("/proc/self", clock))
        assert world.role(world.ask(shell, web, {}, alone)) == wanted, clock
    Path(alone).write_text(text)
    for file in Path(world.home.path, ".aws/cli/cache").iterdir():
        os.utime(file, (time.time() + 9,) * 2)
    assert world.role(world.ask(shell, web, {}, alone)) == "1"
    assert world.home.ssoenv("logout", "acme").returncode == 0
    assert world.role(world.ask(shell, web, {}, alone)) == "1"
    assert world.role(world.ask(shell, web, {})) == "3"


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_no_option_and_no_function_of_the_environment_shows_or_changes_anything(
    world: World, shell: tuple[str, ...]
) -> None:
    web, secrets = world.at("web"), [keys.secret for keys in world.sandbox.state.keys.values()]
    env = {"SHELLOPTS": "xtrace:verbose", "PS4": "+", "ENV": "/nowhere", "BASH_ENV": "/nowhere"}
    env |= {f"BASH_FUNC_{name}%%": "() { echo evil; }" for name in ("printf", "read", "[")}
    env |= {"IFS": "/", "CDPATH": "/", "generation": "x", "key": "x", "document": "evil"}
    done = world.ask(shell, web, env)
    assert world.role(done) == DEV, done.stderr
    assert not [one for one in secrets if one in done.stderr]


def test_a_directory_that_is_gone(world: World) -> None:
    there = world.at("web/leaving")
    there.mkdir()
    line = f"rmdir {there}; exec sh {world.script}"
    done = world.ask(("sh", "-c"), there, {}, line)
    assert world.role(done) == "2"
    assert "the current directory is gone" in done.stderr


def test_a_program_that_is_gone_is_told(world: World) -> None:
    done = world.ask(("sh",), world.at("outside"), {}, world.builtin())
    assert done.returncode == 1
    assert done.stderr == "ssoenv: /nowhere is gone; install ssoenv again\n"


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_an_answer_at_hand_starts_no_process(world: World, shell: tuple[str, ...]) -> None:
    trace = world.at("trace")
    run = ("strace", "-f", "-qq", "-e", "trace=execve,fork,vfork,clone,clone3", "-o", str(trace))
    assert world.role(world.ask((*run, *shell), world.at("web/a/b/c/d/e/f/g"), {})) == DEV
    assert len(trace.read_text().splitlines()) == 1, trace.read_text()


def test_the_config_stays_as_the_first_trust_left_it(home: Home, sandbox: Sandbox) -> None:
    config = home.path / ".aws/config"
    first = home.project("first")
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=first).returncode == 0
    written = config.read_bytes(), config.stat().st_mtime_ns
    assert written[0].count(b"[profile ssoenv]\n") == 1
    for number in range(50):
        project = home.project(f"p{number}", API)
        assert home.ssoenv("trust", "--yes", cwd=project).returncode == 0
        bound = home.ssoenv("bind", "--account", "dev", "--role", "Developer", cwd=project)
        assert bound.returncode == 0, bound.stderr
        assert home.ssoenv("untrust", cwd=project).returncode == 0
    assert home.ssoenv("untrust", cwd=first).returncode == 0
    assert (config.read_bytes(), config.stat().st_mtime_ns) == written


def test_profiles_of_earlier_versions_go_once_with_a_copy(home: Home, sandbox: Sandbox) -> None:
    config = home.path / ".aws/config"
    old = config.read_text() + (
        "\n# >>> ssoenv >>> profiles that it manages, do not edit\n"
        "[profile ssoenv-protected/acme/333333333333/Admin]\n"
        "credential_process = /x -I /y credential-process --protect acme/333333333333/Admin\n"
        "[profile ssoenv/acme/111111111111/Developer]\n"
        "credential_process = /x -I /y credential-process acme/111111111111/Developer\n"
        "region = eu-west-1\n"
        "# <<< ssoenv <<<\n"
    )
    config.write_text(old)
    for _ in range(2):
        assert home.ssoenv("trust", "--yes", cwd=home.project("web")).returncode == 0
    text = config.read_text()
    assert re.findall(r"\[profile .*\]$", text, re.MULTILINE) == ["[profile ssoenv]"]
    assert "# ssoenv kept this out of [profile ssoenv/acme/111111111111/Developer]: region = eu-west-1\n" in text  # fmt: skip
    (copy,) = (home.path / ".local/state/ssoenv/backups").glob("aws-config.*")
    assert copy.read_text() == old
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_profile_of_the_users_by_that_name_is_left_alone(home: Home, sandbox: Sandbox) -> None:
    config = home.path / ".aws/config"
    config.write_text(config.read_text() + "\n[profile ssoenv]\nregion = eu-west-1\n")
    before = config.read_bytes()
    done = home.ssoenv("trust", "--yes", cwd=home.project("web"))
    assert done.returncode == 5
    assert "[profile ssoenv] of its own" in done.stderr
    assert config.read_bytes() == before


@pytest.mark.parametrize("verb", ["export", "exec", "whoami", "credential-process"])
def test_every_command_follows_by_the_same_rules(world: World, verb: str) -> None:
    """Without a target: what the directory gives, else what the shell has; or the same refusal."""
    shown = {"export": ("--format", "json"), "exec": ("--", "env"), "whoami": (), "credential-process": ()}  # fmt: skip
    for where, env, wanted in rows(world.home.path):
        if where in ("web", "outside/deep", "untrusted", "web/envs/prod") and "PWD" not in env:
            done = world.home.ssoenv(verb, *shown[verb], cwd=world.at(where), **env)
            role = re.search(r"ASIA\w+", done.stdout)
            if wanted[0].isdigit():
                assert (done.returncode, role) == (int(wanted), None), (where, env)
            elif role:
                keys = world.sandbox.state.keys[role[0]]
                assert f"/{keys.role}" in wanted, (where, env, keys)
            else:
                assert f"AWSReservedSSO_{wanted.rstrip('!').split('/')[1]}" in done.stdout, done


CLIENTS = {
    "AWS CLI": ["/usr/bin/aws", "configure", "export-credentials", "--format", "env-no-export"],
    "boto3": [
        sys.executable,
        "-c",
        "import boto3; print(boto3.Session().get_credentials().access_key)",
    ],
}


@pytest.mark.parametrize("client", CLIENTS)
def test_real_clients_get_the_role_of_the_directory(world: World, client: str) -> None:
    """Fetched first, then at hand; what is refused is told in their own error."""
    for where, wanted in (
        ("web", DEV),
        ("web/envs/prod", PROD),
        ("web/nested", STAGING),
        ("untrusted", "ssoenv trust"),
        ("changed", "ssoenv trust"),
        ("outside", "no .ssoenv.toml in"),
    ):
        there = world.at(where)
        done = subprocess.run(
            CLIENTS[client],
            cwd=there,
            env=world.home.env | {"PWD": str(there), "AWS_PROFILE": "ssoenv"},
            capture_output=True,
            text=True,
            check=False,
        )
        found = re.search(r"ASIA\w+", done.stdout)
        if found:
            keys = world.sandbox.state.keys[found[0]]
            assert wanted.endswith(f"/{keys.role}"), where
            assert (keys.account, where) in {
                ("111111111111", "web"),
                ("333333333333", "web/envs/prod"),
                ("222222222222", "web/nested"),
            }
        else:
            assert done.returncode != 0
            assert wanted in done.stderr, (where, done)


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_what_is_started_has_no_secret_in_its_environment(
    world: World, shell: tuple[str, ...]
) -> None:
    """A name that is exported stays so when a script sets it, and so does everything by an option."""
    copy = world.builtin()
    text = (
        Path(copy)
        .read_text()
        .replace("/nowhere '-I'", "/usr/bin/env 'true'")
        .replace('exec "$@"', "exec env")
    )
    Path(copy).write_text(text)
    due = next(
        Path(paths.role_folder(world.home.env, "acme/111111111111/Developer")).glob("@*.due")
    )
    os.utime(due, (1, 1))
    for env in ({"document": "x", "cache": "x", "key": "x"}, {"SHELLOPTS": "allexport"}):
        done = world.ask(shell, world.at("web"), env, copy)
        assert "HOME=" in done.stdout
        assert "SecretAccessKey" not in done.stdout


@pytest.mark.parametrize("variable", source.PLACES)
def test_other_places_than_those_it_was_made_for_are_the_program_s(
    world: World, variable: str
) -> None:
    other = world.at("elsewhere")
    (other / "ssoenv").mkdir(parents=True)
    (other / "ssoenv/config.toml").write_text('never = ["dev:*"]\n')
    env = {variable: str(other)}
    assert world.role(world.ask(("sh",), world.at("web"), env, world.builtin())) == "1"
    wanted = {"XDG_CONFIG_HOME": "6"}.get(variable, "4")
    assert world.role(world.ask(("sh",), world.at("web"), env)) == wanted


def test_a_rendering_is_of_the_role_that_it_stands_for(world: World) -> None:
    """Whoever can rename folders cannot make one role another."""
    dev = paths.role_folder(world.home.env, "acme/111111111111/Developer")
    prod = paths.role_folder(world.home.env, "acme/333333333333/ReadOnly")
    os.rename(dev, f"{dev}x")
    os.symlink(prod, dev)
    assert world.role(world.ask(("sh",), world.at("web"), {}, world.builtin())) == "1"
    for words in (("credential-process",), ("export", "--format", "process")):
        done = world.home.ssoenv(*words, cwd=world.at("web"))
        assert world.role(done) == DEV, words


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_rendering_that_is_cut_off_is_no_answer(world: World, shell: tuple[str, ...]) -> None:
    """Not of a role that has to be asked for, nor the last word of a shell that cannot read it."""
    role = Path(paths.role_folder(world.home.env, "acme/111111111111/Developer"))
    shut = {"SSOENV_DIR": str(world.at("guarded")), "SSOENV_USE": "shut"}
    trusted = {
        name: Path(paths.trust_folder(world.home.env, str(world.at(name))))
        for name in ("web", "guarded")
    }
    alone, tried = world.builtin(), 0
    for path, where, more, allowed in (
        (trusted["web"] / "@sh", "web", {}, {DEV, "1"}),
        (role / "@process", "web", {}, {DEV, "1"}),
        (trusted["guarded"] / "@sh", "guarded", {}, {DEV, "1"}),
        (trusted["guarded"] / "@sh", "guarded", shut, {"1"}),
    ):
        whole = path.read_bytes()
        # The end of a line is where what is left of it may seem to be all.
        for at in (*range(0, len(whole), EVERY), *range(len(whole) - 12, len(whole))):
            path.write_bytes(whole[:at])
            done = world.ask(shell, world.at(where), more, alone)
            assert world.role(done) in allowed, (path, at, done)
            tried += 1
        path.write_bytes(whole)
        assert world.role(world.ask(shell, world.at(where), more, alone)) in allowed
    print(f"{' '.join(shell)}: {tried} cases")  # noqa: T201 - `make soak` counts them
