"""What a coding agent gets: what its person has trusted, and no yes of its own."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ssoenv
from ssoenv.base import agents, paths
from ssoenv.identity_center import kept_listings
from tests.conftest import PROJECT, VAULT, Copies

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(2)

CLAUDE = {"CLAUDECODE": "1"}


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """Homes where somebody is signed in: one with ~/web, and one with ~/shop."""
    made = Copies(tmp_path_factory.getbasetemp() / "agents")
    for name in ("web", "shop"):
        with made.making() as (home, sandbox):
            assert home.ssoenv("login", "acme").returncode == 0
            there = home.project(name, PROJECT if name == "web" else READER)
            if name == "shop":
                assert home.ssoenv("roles").returncode == 0
                (there / "envs/dev/deep").mkdir(parents=True)
            assert home.ssoenv("trust", "--yes", cwd=there).returncode == 0
            made.keep(name, home, sandbox)
    return made


@pytest.fixture
def web(home: Home, sandbox: Sandbox, copies: Copies) -> Path:
    copies.lay("web", home, sandbox)
    return home.path / "web"


@pytest.mark.parametrize(
    ("words", "code", "typed"),
    [
        (["trust", "--yes"], 4, "ssoenv trust"),
        (["bind", "-a", "dev", "-r", "Developer"], 4, "ssoenv bind -a dev -r Developer"),
        (["use", "prod", "--save"], 4, "ssoenv use prod --save"),
        (["setup", "--yes"], 4, "ssoenv setup"),
        (["setup", "--undo", "--yes"], 4, "ssoenv setup --undo"),
        (["doctor", "--fix"], 4, "ssoenv doctor --fix"),
        (["agents", "setup", "codex", "--write"], 4, "ssoenv agents setup codex --write"),
        (["agents", "setup", "codex", "--undo", "-y"], 4, "ssoenv agents setup codex --undo"),
        (["untrust"], 4, "ssoenv untrust"),
        (["login"], 3, "ssoenv login"),
        (["login", "--device-code"], 3, "ssoenv login --device-code"),
        (["trust", "--yes", "--", "--show=/.."], 4, "ssoenv trust -- --show=/.."),
        (["trust", "--yes", "--", "--show"], 4, "ssoenv trust -- --show"),
        (["-v", "trust", "--yes"], 4, "ssoenv -v trust"),
    ],
)
def test_an_agent_consents_to_nothing(
    home: Home, web: Path, words: list[str], code: int, typed: str
) -> None:
    (web / ".ssoenv.toml").write_text(VAULT)
    home.ssoenv("status")  # the home is a copy, of which the AWS config is looked at once
    before = {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file()}
    done = home.ssoenv(*words, cwd=web, **CLAUDE)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.splitlines() == [
        "ssoenv: Claude Code runs this, and only a person can say yes to it",
        f"  type this in a terminal of your own: {typed}",
    ]
    assert {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file()} == before


def test_what_only_tells_or_takes_away_is_for_anybody(home: Home, web: Path) -> None:
    for words in (
        ("trust", "--show"),
        ("setup", "--print"),
        ("agents", "setup", "codex"),
        ("status",),
        ("bind", "--help"),
        ("help", "trust"),
        ("logout", "acme"),
    ):
        done = home.ssoenv(*words, cwd=web, **CLAUDE)
        assert done.returncode == 0, (words, done.stderr)


@pytest.mark.parametrize("variable", agents.MARKS)
def test_every_agent_is_known_by_what_it_sets(home: Home, web: Path, variable: str) -> None:
    done = home.ssoenv("trust", "--yes", cwd=web, **{variable: "1"})
    assert done.returncode == 4
    assert agents.MARKS[variable] in done.stderr
    for value in ("", "0", "false"):
        assert home.ssoenv("trust", "--yes", cwd=web, **{variable: value}).returncode == 0


def test_an_agent_has_the_open_roles_of_its_project(home: Home, web: Path) -> None:
    for words in (("export", "--format", "process"), ("credential-process",)):
        done = home.ssoenv(*words, cwd=web, **CLAUDE)
        assert json.loads(done.stdout)["AccountId"] == "111111111111"


@pytest.mark.parametrize("yes", ["nobody", "the environment"])
def test_an_agent_never_has_a_protected_role(home: Home, web: Path, yes: str) -> None:
    """Whoever said yes to it, and in whichever way it asks."""
    vault = home.project("vault", VAULT)
    assert home.ssoenv("roles").returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=vault).returncode == 0
    env = CLAUDE | ({"SSOENV_ALLOW_PROTECTED": "prod/ReadOnly,333333333333/ReadOnly"} if yes == "the environment" else {})  # fmt: skip
    for words in (
        ("export",),
        ("exec", "--", "true"),
        ("whoami",),
        ("credential-process",),
        ("ensure", str(vault), "vault", "1.1", "aws"),
        ("export", "--profile", "vault"),
        ("export", "prod/ReadOnly"),
        ("export", "333333333333/ReadOnly"),
        ("exec", "-p", "prod/ReadOnly", "--", "true"),
        ("whoami", "prod/ReadOnly"),
        ("credential-process", "acme/prod/ReadOnly"),
    ):
        done = home.ssoenv(*words, cwd=vault, **env)
        assert (done.returncode, done.stdout) == (6, ""), (words, done)
        assert "is protected, and Claude Code runs this" in done.stderr
        assert "SSOENV_ALLOW_PROTECTED" not in done.stderr


def test_an_agent_opens_no_page(home: Home, web: Path, sandbox: Sandbox) -> None:
    assert home.ssoenv("logout", "acme").returncode == 0
    done = home.ssoenv("export", cwd=web, **CLAUDE)
    assert (done.returncode, done.stdout) == (3, "")
    assert "Claude Code runs this, which cannot say yes for you" in done.stderr
    assert "ssoenv login acme" in done.stderr
    assert not [one for one in sandbox.requests() if one["operation"] == "StartDeviceAuthorization"]


READER = """\
session = "acme"
default = "dev"
agent = "reader"
[profiles.dev]
account = "dev"
role = "Developer"
[profiles.reader]
account = "staging"
role = "ReadOnly"
[profiles.vault]
account = "prod"
role = "ReadOnly"
protect = true
[paths]
"envs/dev" = "dev"
"""
DEV, STAGING, PROD = "111111111111", "222222222222", "333333333333"


@dataclass(frozen=True)
class Agent:
    """A stand-in for a coding agent: a process that runs what it is told, as a real one does."""

    words: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()

    def run(
        self, home: Home, *command: str, cwd: Path, **env: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.words, "-c", f"{shlex.join(command)}; exit $?"],
            env=home.env | {"PWD": str(cwd)} | dict(self.env) | env,
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            start_new_session=True,
        )


def stand_in(folder: Path, name: str) -> Agent:
    """Return an agent that sets nothing, and is known only as a process of that name.

    ``gemini`` is a script of an interpreter, as those of node are; all others are programs.
    """
    folder.mkdir(exist_ok=True)
    file = folder / name
    if name == "gemini":
        file.write_text("import subprocess, sys\nsys.exit(subprocess.run(['/bin/sh', *sys.argv[1:]]).returncode)\n")  # fmt: skip
        return Agent((sys.executable, str(file)))
    file.symlink_to("/bin/bash")
    return Agent((str(file), "--norc"))


@pytest.fixture(params=["variable", "claude", "cursor-agent", "gemini"])
def agent(request: pytest.FixtureRequest, tmp_path: Path) -> Agent:
    if request.param == "variable":
        return Agent(("/bin/sh",), tuple(CLAUDE.items()))
    return stand_in(tmp_path / "bin", request.param)


SSOENV = (sys.executable, "-I", str(Path(ssoenv.__file__).parent / "__main__.py"))


def account(done: subprocess.CompletedProcess[str]) -> str:
    """The account whose credentials were handed out, or the exit code."""
    if done.returncode:
        assert not done.stdout
        return str(done.returncode)
    return str(json.loads(done.stdout)["AccountId"])


def asking(home: Home) -> tuple[tuple[str, ...], ...]:
    """The ways to ask for credentials by the directory: as AWS programs do, and as people."""
    return (
        ("/bin/sh", paths.source_file(home.env)),
        (*SSOENV, "credential-process"),
        (*SSOENV, "export", "--format", "process"),
    )


@pytest.fixture
def shop(home: Home, sandbox: Sandbox, copies: Copies) -> Path:
    """A project that gives agents a role of their own."""
    copies.lay("shop", home, sandbox)
    return home.path / "shop"


def test_what_a_person_took_beside_the_project_is_for_no_agent(
    home: Home, web: Path, tmp_path: Path
) -> None:
    """By the choice of the shell that it comes from, in the project and outside; it takes none."""
    agent = Agent(("/bin/sh",), tuple(CLAUDE.items()))
    taken = home.ssoenv("use", "staging/ReadOnly", "--answer", cwd=web)
    assert taken.returncode == 0, taken.stderr
    name = taken.stdout.strip()
    chosen = {"SSOENV_DIR": str(web), "SSOENV_USE": name, "SSOENV_PROFILE": name}
    for where in (web, tmp_path):
        for words in asking(home):
            for _ in ("from the service", "at hand"):
                env = home.env | chosen | {"PWD": str(where)}
                mine = subprocess.run(
                    words, cwd=where, env=env, capture_output=True, text=True, check=False
                )
                assert account(mine) == STAGING, (where, words, mine.stderr)
            assert account(agent.run(home, *words, cwd=where, **chosen)) == DEV, (where, words)
    refused = agent.run(home, *SSOENV, "use", "staging/ReadOnly", "--answer", cwd=web)
    assert (refused.returncode, refused.stdout) == (6, "")
    assert "gets the roles of the project, and no other" in refused.stderr


def test_an_agent_gets_what_its_project_names(home: Home, shop: Path, agent: Agent) -> None:
    """In each directory of it, whatever the person has chosen there, and nothing else by name."""
    chosen = {"SSOENV_DIR": str(shop), "SSOENV_USE": "dev", "SSOENV_PROFILE": "dev"}
    outside = home.path / "elsewhere"
    outside.mkdir()
    everywhere = (shop, shop / "envs/dev", shop / "envs/dev/deep", outside)
    for places in ((shop,), everywhere):  # from the service, and then at hand
        for where in places:
            for env in ({}, chosen) if where != outside else (chosen,):
                for words in asking(home):
                    done = agent.run(home, *words, cwd=where, **env)
                    assert account(done) == STAGING, (where, env, words, done.stderr)
        assert account(home.ssoenv("export", "--format", "process", cwd=shop)) == DEV
    for words in (
        ("export", "--profile", "dev"),
        ("export", "dev/Developer"),
        ("exec", "-p", "dev", "--", "true"),
        ("whoami", "111111111111/Developer"),
        ("ensure", str(shop), "dev", "1.1", "aws"),
        ("export", "--profile", "vault"),
    ):
        done = agent.run(home, *SSOENV, *words, cwd=shop)
        assert (done.returncode, done.stdout) == (6, ""), (words, done)
        assert "gets no role but that of reader" in done.stderr
    for target in ("reader", "staging/ReadOnly", f"{STAGING}/ReadOnly"):
        assert agent.run(home, *SSOENV, "export", "--profile", target, cwd=shop).returncode == 0


@pytest.mark.parametrize("shell", [("dash",), ("bash", "--posix"), ("busybox", "ash")], ids=lambda words: words[0])  # fmt: skip
def test_a_hit_of_an_agent_takes_builtins_alone(
    home: Home, shop: Path, shell: tuple[str, ...], tmp_path: Path
) -> None:
    for where in (shop, shop / "envs/dev"):
        os.utime(shop / ".ssoenv.toml", (time.time() - 3600,) * 2)
        script = Path(paths.source_file(home.env))
        alone = tmp_path / "alone"
        alone.write_text(script.read_text().replace(f"'{sys.executable}'", "/nowhere"))
        marked = Agent(("/bin/sh",), tuple(CLAUDE.items()))
        named = stand_in(tmp_path / f"bin{where.name}", "claude")
        for one in (marked, named):
            assert account(one.run(home, *shell, str(script), cwd=where)) == STAGING
            for folder in Path(paths.roles_folder(home.env, agent=True)).rglob("@g*[!s]"):
                if folder.suffix not in (".due", ".ends"):
                    os.utime(folder, (time.time() - 8,) * 2)
            for file in Path(paths.credential_cache(home.env, agent=True)).iterdir():
                os.utime(file, (time.time() - 9,) * 2)
            assert account(one.run(home, *shell, str(alone), cwd=where)) == STAGING
        assert home.ssoenv("export", cwd=shop).returncode == 0
        quiet = Agent(("/bin/sh",))
        assert account(quiet.run(home, *shell, str(script), cwd=shop)) == DEV
    maybe = tmp_path / "scripts/gemini-helper.py"
    maybe.parent.mkdir()
    maybe.write_text("import subprocess, sys\nsys.exit(subprocess.run(['/bin/sh', *sys.argv[1:]]).returncode)\n")  # fmt: skip
    assert account(Agent((sys.executable, str(maybe))).run(home, *shell, str(script), cwd=shop)) == DEV  # fmt: skip


def test_credentials_of_agents_are_apart_and_go_with_a_sign_out(
    home: Home, shop: Path, agent: Agent
) -> None:
    done = agent.run(home, *SSOENV, "export", "--format", "process", cwd=shop)
    assert account(done) == STAGING
    assert home.ssoenv("export", "--profile", "reader", cwd=shop).returncode == 0
    key = json.loads(done.stdout)["AccessKeyId"]
    holding = {path for path in home.path.rglob("*") if path.is_file() and key.encode() in path.read_bytes()}  # fmt: skip
    apart = Path(paths.state(home.env)) / "agents"
    assert holding
    assert all(apart in path.parents for path in holding)
    assert all(path.stat().st_mode & 0o77 == 0 for path in holding)
    assert home.ssoenv("logout", "acme").returncode == 0
    assert not [path for path in apart.rglob("*") if path.is_file()]


@pytest.mark.parametrize("agent", ["variable", "gemini"], indirect=True)
@pytest.mark.parametrize(
    ("value", "opened", "guarded"), [("refuse", DEV, "6"), ("none", "6", "6"), ("same", DEV, "6")]
)
def test_what_agents_get_where_the_project_does_not_say(
    home: Home, web: Path, agent: Agent, value: str, opened: str, guarded: str
) -> None:
    vault = home.project("vault", VAULT)
    assert home.ssoenv("roles").returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=vault).returncode == 0
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'agents = "{value}"\n')
    for _ in range(2):
        for words in (("credential-process",), ("export", "--format", "process"), ("export", "--format", "process", "dev/Developer")):  # fmt: skip
            assert account(agent.run(home, *SSOENV, *words, cwd=web)) == opened, words
        source = ("/bin/sh", paths.source_file(home.env))
        assert account(agent.run(home, *source, cwd=web)) == opened
        assert account(agent.run(home, *source, cwd=vault)) == guarded
    done = agent.run(home, *SSOENV, "export", cwd=vault, SSOENV_ALLOW_PROTECTED="prod/ReadOnly")
    assert (done.returncode, done.stdout) == (6, "")
    # A person gets what is theirs.
    assert account(home.ssoenv("export", "--format", "process", cwd=web)) == DEV


def test_settings_add_and_take_away_agents(home: Home, web: Path, tmp_path: Path) -> None:
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('agents = "none"\nagent_env = ["HAL", "!CLAUDECODE"]\nagent_commands = ["hal", "!claude"]\n')  # fmt: skip
    source = ("/bin/sh", paths.source_file(home.env))
    for name, code in (("hal", "6"), ("claude", DEV), ("codex", "6")):
        one = stand_in(tmp_path / "bin", name)
        for words in (source, (*SSOENV, "credential-process")):
            assert account(one.run(home, *words, cwd=web)) == code, (name, words)
    for env, code in (({"HAL": "9000"}, "6"), ({"HAL": "0"}, DEV), (CLAUDE, DEV), ({"CODEX_THREAD_ID": "x"}, "6")):  # fmt: skip
        one = Agent(("/bin/sh",), tuple(env.items()))
        for words in (source, (*SSOENV, "credential-process")):
            assert account(one.run(home, *words, cwd=web)) == code, (env, words)
    for line, problem in (('agents = "some"', "agents 'some': one of refuse, none, same"), ('agent_env = ["A-B"]', "'A-B' is not the name of a variable"), ('agent_commands = ["a b"]', "'a b' is not the plain name of a command")):  # fmt: skip
        settings.write_text(line + "\n")
        done = home.ssoenv("export", cwd=web)
        assert (done.returncode, done.stdout) == (5, "")
        assert problem in done.stderr


def test_trust_names_what_agents_get_and_points_more_power_out(home: Home, web: Path) -> None:
    def shown(text: str) -> str:
        (web / ".ssoenv.toml").write_text(text)
        told = home.ssoenv("trust", "--yes", cwd=web).stderr
        return " ".join(told.split())

    assert home.ssoenv("roles").returncode == 0
    assert "coding agents get staging/ReadOnly" not in shown(READER)
    assert "coding agents get reader/ReadOnly and no other role" in shown(READER)
    assert "coding agents get no role: vault is protected" in shown(READER.replace('agent = "reader"', 'agent = "vault"'))  # fmt: skip
    shown(READER)
    assert "coding agents: reader -> dev <- more power, look twice" in shown(READER.replace('agent = "reader"', 'agent = "dev"'))  # fmt: skip
    told = shown(READER.replace('agent = "reader"\n', ""))
    assert "coding agents get what you get, but no protected role" in told
    assert "coding agents: dev -> any profile <- more power, look twice" in told
    assert "coding agents: any profile -> reader" in (told := shown(READER))
    assert "reader <-" not in told
    (web / ".ssoenv.toml").write_text(READER.replace('"reader"\n', '"raeder"\n', 1))
    done = home.ssoenv("trust", "--yes", cwd=web)
    assert done.returncode == 5
    assert ".ssoenv.toml:3: agent 'raeder' is no profile here" in done.stderr


def test_bind_gives_agents_a_profile(home: Home, web: Path) -> None:
    fresh = home.path / "fresh"
    fresh.mkdir()
    assert home.ssoenv("bind", "-a", "dev", "-r", "ReadOnly", "--agent", cwd=fresh).returncode == 0
    assert 'agent = "dev"' in (fresh / ".ssoenv.toml").read_text()
    before = (web / ".ssoenv.toml").read_text()
    done = home.ssoenv("bind", "-a", "dev", "-r", "ReadOnly", "-n", "bots", "--agent", cwd=web)
    assert done.returncode == 0, done.stderr
    after = (web / ".ssoenv.toml").read_text()
    assert 'agent = "bots"\n' in after
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    assert "coding agents get bots/ReadOnly and no other role" in " ".join(done.stderr.split())
    assert home.ssoenv("bind", "-a", "dev", "-r", "Developer", "-n", "more", "--agent", cwd=web).returncode == 0  # fmt: skip
    assert (web / ".ssoenv.toml").read_text().count("agent =") == 1
    assert 'agent = "more"\n' in (web / ".ssoenv.toml").read_text()


def test_an_agent_signs_in_for_itself_where_its_settings_say_so(
    home: Home, sandbox: Sandbox, tmp_path: Path
) -> None:
    """What Claude Code runs by itself lacks the mark of what its model runs."""
    web = home.project("web")
    claude, aider = stand_in(tmp_path / "bin", "claude"), stand_in(tmp_path / "bin", "aider")
    assert aider.run(home, *SSOENV, "login", "acme", cwd=web).returncode == 3
    assert claude.run(home, *SSOENV, "login", "acme", cwd=web, **CLAUDE).returncode == 3
    assert claude.run(home, *SSOENV, "trust", "--yes", cwd=web).returncode == 4
    assert claude.run(home, *SSOENV, "login", "acme", cwd=web).returncode == 0


def told(home: Home, where: Path, **env: str) -> tuple[str, dict[str, Any]]:
    """What ``ssoenv agents`` says to people, in one line, and to scripts."""
    done = home.ssoenv("agents", cwd=where, **env)
    assert (done.returncode, done.stderr) == (0, "")
    return " ".join(done.stdout.split()), json.loads(home.ssoenv("agents", "--json", cwd=where, **env).stdout)  # fmt: skip


def test_agents_tells_what_one_gets_here_and_why(home: Home, shop: Path) -> None:
    vault, stranger, outside = home.project("vault", VAULT), home.project("stranger"), home.path / "outside"  # fmt: skip
    outside.mkdir()
    assert home.ssoenv("trust", "--yes", cwd=vault).returncode == 0
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    for mode, rows in {
        "refuse": (
            (shop, "reader/ReadOnly and no other role", "reader/ReadOnly", f'agent = "reader" in {shop}/.ssoenv.toml'),
            (shop / "envs/dev", "reader/ReadOnly and no other role", "reader/ReadOnly", 'agent = "reader"'),
            (vault, "no role: vault is protected", "", 'agents = "refuse"'),
            (stranger, "is not trusted", "", 'agents = "refuse"'),
            (outside, "only the role of the shell that it was started from", "", 'agents = "refuse"'),
        ),
        "none": ((vault, 'no role: your settings say agents = "none"', "", 'agents = "none"'),),
        "same": ((vault, 'what you get: your settings say agents = "same"', "vault/ReadOnly", 'agents = "same"'),),
    }.items():  # fmt: skip
        settings.write_text(f'agents = "{mode}"\n')
        for where, gets, label, why in rows:
            for env in ({}, CLAUDE):
                words, report = told(home, where, **env)
                assert gets in words, (mode, where)
                assert (gets in report["gets"], report["label"], why in report["why"]) == (True, label, True)  # fmt: skip
                assert report["agent"] == ("Claude Code" if env else "")
    done = home.ssoenv("export", "--profile", "dev", "--format", "json", cwd=shop)
    words, report = told(home, shop, CLAUDE_CODE_USE_BEDROCK="1", **json.loads(done.stdout))
    assert report["keys"] == "dev/Developer"
    assert "of dev/Developer are in this shell" in words
    assert report["through_aws"] == ["CLAUDE_CODE_USE_BEDROCK"]
    assert "CLAUDE_CODE_USE_BEDROCK is set" in words


def test_an_agent_does_not_go_back_to_weaker_rules(home: Home, sandbox: Sandbox) -> None:
    """Bytes that were trusted before count again for a person, and for an agent only after that."""
    assert home.ssoenv("login", "acme").returncode == 0
    assert home.ssoenv("roles").returncode == 0
    weak, strong = READER.replace('agent = "reader"\n', ""), READER
    there = home.project("shop", weak)
    assert home.ssoenv("trust", "--yes", cwd=there).returncode == 0
    (there / ".ssoenv.toml").write_text(strong)
    assert home.ssoenv("trust", "--yes", cwd=there).returncode == 0
    one = Agent(("/bin/sh",), tuple(CLAUDE.items()))
    (there / ".ssoenv.toml").write_text(weak)
    for _ in range(2):
        for words in (*asking(home), (*SSOENV, "renew", str(there))):
            done = one.run(home, *words, cwd=there)
            assert done.stdout == ""
            assert "renew" in words or done.returncode == 4, words
    assert account(home.ssoenv("export", "--format", "process", cwd=there)) == DEV
    assert account(one.run(home, *asking(home)[0], cwd=there)) == DEV


def test_a_file_protects_by_every_session_of_its_start_url(home: Home, web: Path) -> None:
    config = home.path / ".aws/config"
    text = config.read_text()
    url = re.search(r"sso_start_url = (\S+)", text)
    assert url
    config.write_text(f"{text}\n[sso-session other]\nsso_start_url = {url[1]}/\nsso_region = us-east-1\n")  # fmt: skip
    vault = home.project("vault", VAULT)
    assert home.ssoenv("login", "other").returncode == 0
    for session in ("acme", "other"):
        assert home.ssoenv("roles", "--session", session).returncode == 0
    assert home.ssoenv("trust", "--yes", cwd=vault).returncode == 0
    nobody: dict[str, str] = {}
    for env in (nobody, CLAUDE):
        for words in (
            ("export", f"{PROD}/ReadOnly", "--session", "other"),
            ("whoami", "prod/ReadOnly", "--session", "other"),
            ("credential-process", f"other/{PROD}/ReadOnly"),
        ):
            done = home.ssoenv(*words, cwd=home.path, **env)
            assert (done.returncode, done.stdout) == (6, ""), (words, env)


@pytest.mark.parametrize("written", ["prod", PROD])
@pytest.mark.parametrize("asked", ["prod", PROD])
def test_a_file_protects_by_the_id_and_the_name_of_an_account(
    home: Home, web: Path, written: str, asked: str
) -> None:
    """Also where no list is known that tells one from the other: it is asked for first."""
    vault = home.project("vault", VAULT.replace("prod", written))
    assert home.ssoenv("trust", "--yes", cwd=vault).returncode == 0
    for words in (
        ("export", f"{asked}/ReadOnly"),
        ("exec", f"{asked}/ReadOnly", "--", "true"),
        ("exec", "--serve", f"{asked}/ReadOnly", "--", "true"),
        ("whoami", f"{asked}/ReadOnly"),
        ("credential-process", f"acme/{asked}/ReadOnly"),
        ("credential-process", "--named", f"acme/{asked}/ReadOnly"),
        ("console", "--print", f"{asked}/ReadOnly"),
    ):
        for env in ({}, CLAUDE) if words[0] != "console" else ({},):
            kept_listings.forget(home.env, "acme")
            refused = home.ssoenv(*words, cwd=home.path, **env)
            assert (refused.returncode, refused.stdout) == (6, ""), (words, env, refused)
            assert "is protected" in refused.stderr
    # Another role there is not what the file protects.
    kept_listings.forget(home.env, "acme")
    assert home.ssoenv("whoami", f"{asked}/Administrator", cwd=home.path).returncode == 0


def test_agents_tells_of_what_is_ruled_out(home: Home, web: Path) -> None:
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('never = ["*:Developer"]\n')
    words, report = told(home, web)
    assert "no role: your settings never allow" in words
    assert report["label"] == ""


def test_a_module_that_an_interpreter_runs_tells_an_agent(home: Home, web: Path, tmp_path: Path) -> None:  # fmt: skip
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('agents = "none"\n')
    (tmp_path / "aider.py").write_text("import subprocess, sys\nsys.exit(subprocess.run(['/bin/sh', *sys.argv[1:]]).returncode)\n")  # fmt: skip
    for option in (("-m", "aider"), ("-maider",)):
        one = Agent((sys.executable, *option), (("PYTHONPATH", str(tmp_path)),))
        for words in asking(home):
            assert account(one.run(home, *words, cwd=web)) == "6", (option, words)
