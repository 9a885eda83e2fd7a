"""What somebody new runs into first, and is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_failures import check
from tests.conftest import PROJECT
from tests.screen import ssoenv
from tests.shell.conftest import trust

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home


@pytest.fixture
def web(home: Home, sandbox: Sandbox) -> Path:
    """A trusted project."""
    directory = home.project("web")
    trust(home, directory)
    return directory


def test_status_of_a_directory_that_is_not_there(home: Home) -> None:
    check(home.ssoenv("status", "nowhere"), 2, f"{home.path}/nowhere is no directory")
    (home.path / "file").write_text("")
    check(home.ssoenv("status", "file"), 2, "is no directory")


def test_a_profile_in_place_of_a_role(home: Home, web: Path) -> None:
    for words in (("exec", "dev", "--", "true"), ("export", "dev"), ("whoami", "dev")):
        check(
            home.ssoenv(*words, cwd=web),
            2,
            "'dev' is a profile of the project here",
            "--profile=dev",
        )
        check(home.ssoenv(*words), 2, "'dev' is not ACCOUNT/ROLE")


def test_a_change_of_a_comment_says_that_nothing_that_acts_has_changed(
    home: Home, web: Path
) -> None:
    (web / ".ssoenv.toml").write_text(f"# hello\n{PROJECT}")
    shown = home.ssoenv("trust", "--show", cwd=web)
    assert "its text has changed since you trusted it, but nothing of what it does" in shown.stderr
    assert "changed since you trusted it:" not in shown.stderr


def test_broken_settings_are_told_once(home: Home, web: Path) -> None:
    settings = home.path / ".config/ssoenv/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("never = [\n")
    shown = home.ssoenv("status", cwd=web)
    assert shown.stdout.count(str(settings)) == 2, shown.stdout  # the problem, and what to mend
    assert "  problem      " in shown.stdout
    assert "trusted  " not in shown.stdout


@pytest.mark.parametrize("broken", [".config/ssoenv/config.toml", ".aws/config"])
def test_the_doctor_tells_a_broken_file_once(home: Home, web: Path, broken: str) -> None:
    path = home.path / broken
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[never\n")
    told = home.ssoenv("doctor", "--shell", "bash", cwd=web).stdout
    assert told.count(f"{path}:1: ") == 1, told


def test_the_doctor_speaks_of_the_project(home: Home, web: Path) -> None:
    def project(cwd: Path) -> list[str]:
        told = home.ssoenv("doctor", "--offline", "--shell", "bash", cwd=cwd)
        lines = told.stdout.splitlines()
        at = [n for n, line in enumerate(lines) if " project: " in line]
        return [line.strip() for n in at for line in lines[n : n + 2] if n in at]

    assert project(web)[0].startswith(
        f"ok     project: {web}/.ssoenv.toml is trusted, and gives dev/Developer"
    )
    assert "no .ssoenv.toml" in project(home.path)[0]
    home.ssoenv("login", "acme")
    # Of an account whose roles nobody has asked for, nothing is said.
    home.ssoenv("export", "prod/ReadOnly")
    assert "hold no such role" not in "".join(project(web))
    home.ssoenv("roles")
    (web / ".ssoenv.toml").write_text(PROJECT.replace('"Developer"', '"Billing"'))
    assert "WRONG  project:" in project(web)[0]
    assert "ssoenv trust" in project(web)[1]
    trust(home, web)
    assert "you hold no such role as profile dev names, 111111111111/Billing" in "".join(
        project(web)
    )


def lines(home: Home, cwd: Path, **env: str) -> list[str]:
    screen = ssoenv(home.env | env, str(cwd), columns=300)
    assert screen.end() == 0
    return screen.text().splitlines()


def test_ssoenv_alone_says_where_one_stands(home: Home, sandbox: Sandbox) -> None:
    assert lines(home, home.path, SHELL="/bin/bash")[1:] == [
        "  state        none; this shell has no hook",
        "  next         ssoenv setup",
    ]
    home.ssoenv("setup", "--yes", "--shell", "bash")
    hooked = {"SSOENV_HOOK": "1", "SHELL": "/bin/bash"}
    assert lines(home, home.path, **hooked) == [
        "no role here",
        "  state        none",
        "  next         cd PROJECT && ssoenv bind",
    ]
    web = home.project("web")
    assert lines(home, web, **hooked)[1:] == [
        "  state        blocked",
        "  next         ssoenv trust",
    ]
    trust(home, web)
    assert lines(home, web, **hooked) == [
        "dev/Developer",
        "  state        armed",
        "  next         aws sts get-caller-identity",
    ]
    told = home.ssoenv()
    assert told.returncode == 0 or "Usage" in told.stderr + told.stdout


def advice(shown: list[str]) -> list[str]:
    """What `ssoenv` alone or `status` says is to be done next."""
    at = next(n for n, line in enumerate(shown) if line.startswith("  next "))
    return [line[15:] for line in shown[at:]]


def test_ssoenv_alone_and_status_advise_the_same(home: Home, sandbox: Sandbox) -> None:
    config, bash = home.path / ".aws/config", {"SHELL": "/bin/bash"}
    acme = config.read_text()
    web = home.project("web")

    def check(where: Path, expected: list[str], **env: str) -> str:
        alone = lines(home, where, **bash, **env)
        status = home.ssoenv("status", cwd=where, **bash, **env).stdout
        assert advice(alone) == advice(status.splitlines()) == expected
        told = "this shell has no hook" in "\n".join(alone), "this shell has no hook" in status
        assert told == (("SSOENV_HOOK" not in env),) * 2
        return status

    config.unlink()
    check(home.path, ["ssoenv setup"])
    for command in ("whoami", "trust", "check", "exec -- true"):
        missing = home.ssoenv(*command.split(), cwd=home.path)
        assert missing.returncode == 2
        assert missing.stderr.splitlines()[1:] == ["  try: ssoenv setup"]
    check(web, ["ssoenv setup", "ssoenv trust"])
    config.write_text("[profile x\n")
    check(home.path, [f"correct line 1 of {config}"], SSOENV_HOOK="1")
    config.write_text(acme)
    home.ssoenv("setup", "--yes", "--shell", "bash")
    check(home.path, ["exec bash", "cd PROJECT && ssoenv bind"])
    check(web, ["exec bash", "ssoenv trust"])
    check(web, ["ssoenv trust"], SSOENV_HOOK="1")
    trust(home, web)
    status = check(web, ["aws sts get-caller-identity"], SSOENV_HOOK="1")
    assert "not signed in: an AWS command will ask you to" in status
    config.unlink()
    check(home.path, ["ssoenv setup"], SSOENV_HOOK="1")
    check(web, ["ssoenv setup --session acme"], SSOENV_HOOK="1")


MISTYPED = """\
sesion = "acme"
defualt = "dev"
[profiles.dev]
acount = "111111111111"
rol = "Developer"
[profiles.ro]
account = "111111111111"
role = "ReadOnly"
[sso]
start_ulr = "https://acme.awsapps.com/start"
region = "eu-west-1"
"""
PROBLEMS = [
    "line 1: unknown key 'sesion'; did you mean 'session'?",
    "line 2: unknown key 'defualt'; did you mean 'default'?",
    "line 4: unknown key 'acount'; did you mean 'account'?",
    "line 5: unknown key 'rol'; did you mean 'role'?",
    "line 10: unknown key 'start_ulr'; did you mean 'start_url'?",
]


def test_a_mistyped_key_is_one_problem_and_the_file_is_named_once(
    home: Home, sandbox: Sandbox
) -> None:
    web = home.project("web", MISTYPED)
    file = f"{web}/.ssoenv.toml"
    told = home.ssoenv("trust", cwd=web)
    assert told.returncode == 5
    assert told.stderr.splitlines() == [
        f"ssoenv: {file} has 5 problems",
        *(f"  {one}" for one in PROBLEMS),
        f"  correct {file} and try again",
    ]
    shown = home.ssoenv("status", cwd=web).stdout.splitlines()
    at = shown.index(f"  problem      {file} has 5 problems")
    assert [line.strip() for line in shown[at + 1 : at + 6]] == PROBLEMS
    report = json.loads(home.ssoenv("status", "--json", cwd=web).stdout)
    assert report["problem"] == f"{file} has 5 problems"
    assert report["problems"] == [one.replace("line ", f"{file}:") for one in PROBLEMS]
    doctor = home.ssoenv("doctor", "--offline", cwd=web).stdout
    assert f"project: {file} has 5 problems; {'; '.join(PROBLEMS[:3])}; and 2 more" in doctor


def test_one_problem_is_one_line(home: Home, sandbox: Sandbox) -> None:
    web = home.project("web", PROJECT.replace("[profiles", "[profile"))
    file = f"{web}/.ssoenv.toml"
    what = f"{file}:4: unknown key 'profile'; did you mean 'profiles'?"
    told = home.ssoenv("trust", cwd=web).stderr.splitlines()
    assert told == [f"ssoenv: {what}", f"  correct {file} and try again"]


def test_a_region_that_nobody_knows_is_pointed_out(home: Home, sandbox: Sandbox) -> None:
    web = home.project("web", PROJECT.replace("eu-west-1", "eu-wset-1"))
    odd = "no AWS region that ssoenv knows; did you mean eu-west-1?"
    told = home.ssoenv("trust", "--yes", cwd=web)
    assert told.returncode == 0
    assert f"region eu-wset-1 ({odd}), the default" in told.stderr
    assert "region us-east-1\n" in told.stderr
    doctor = home.ssoenv("doctor", "--offline", cwd=web).stdout
    assert f"note   project: the region of profile dev, eu-wset-1, is {odd}" in doctor
    assert "correct" in doctor
    assert "us-east-1, is" not in doctor
