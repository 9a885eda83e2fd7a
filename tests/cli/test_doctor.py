"""The doctor: each thing that goes wrong is made to go wrong, found, and mended where that is safe."""

from __future__ import annotations

import http.server
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.doctor import shells
from tests.shell.conftest import trust

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(2)


def findings(home: Home, *arguments: str, **env: Any) -> tuple[int, list[dict[str, Any]]]:
    answer = home.ssoenv("doctor", "--json", "--shell", "bash", *arguments, **env)
    return answer.returncode, json.loads(answer.stdout)


def told(rows: list[dict[str, Any]], level: str) -> list[str]:
    return [f"{row['area']}: {row['what']}" for row in rows if row["level"] == level]


@pytest.fixture
def healthy(home: Home, sandbox: Sandbox, quick_aws: None) -> Home:
    """Somebody who is set up, signed in, and in a shell with the hook."""
    (home.path / ".bash_profile").write_text(". ~/.bashrc\n")
    home.ssoenv("setup", "--yes", "--shell", "bash")
    home.ssoenv("login", "acme")
    home.env["SSOENV_HOOK"] = "1"
    for name in [name for name in home.env if name == "AWS_ENDPOINT_URL"]:
        del home.env[name]
    return home


def test_all_is_well(healthy: Home) -> None:
    (healthy.path / "bin/aws").unlink()
    code, rows = findings(healthy)
    assert told(rows, "wrong") == []
    assert code == 0
    areas = {row["area"] for row in rows}
    assert {"versions", "shell", "completions", "settings", "AWS config", "sign-in", "network", "clock", "files", "caches", "environment", "other tools"} <= areas  # fmt: skip
    assert "acme's service answers" in str(told(rows, "ok"))


def test_it_talks_to_people_too(healthy: Home) -> None:
    answer = healthy.ssoenv("doctor", "--shell", "bash")
    assert answer.returncode == 0
    assert "ok     shell: this shell has the hook" in answer.stdout
    assert "\x1b" not in answer.stdout


def break_rc(home: Home) -> None:
    with (home.path / ".bashrc").open("a") as stream:
        stream.write("export AWS_PROFILE=mine\n")


def break_completions(home: Home) -> None:
    (home.path / ".local/share/bash-completion/completions/ssoenv").write_text("old\n")


RC = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
UNDONE = {
    "bash": "complete -r ssoenv",
    "zsh": "bindkey '^I' self-insert",
    "fish": "set -g fish_complete_path",
}
"""What a rc file may do after our lines."""


@pytest.mark.parametrize("shell", RC)
def test_that_tab_works_is_asked_of_a_new_shell(home: Home, sandbox: Sandbox, shell: str) -> None:
    home.ssoenv("setup", "--yes", "--shell", shell)
    rows = json.loads(home.ssoenv("doctor", "--offline", "--json", "--shell", shell).stdout)
    assert f"completions: a new {shell} completes ssoenv" in told(rows, "ok")

    with (home.path / RC[shell]).open("a") as stream:
        stream.write(UNDONE[shell] + "\n")
    rows = json.loads(home.ssoenv("doctor", "--offline", "--json", "--shell", shell).stdout)
    assert f"a new {shell} does not complete ssoenv" in str(told(rows, "wrong"))


def test_a_shell_that_is_slow_to_start_may_complete_all_the_same(
    home: Home, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.ssoenv("setup", "--yes", "--shell", "bash")
    with (home.path / ".bashrc").open("a") as stream:
        stream.write("exec sleep 60\n")
    monkeypatch.setattr(shells, "PATIENCE", 1)
    (found,) = shells.completions(home.env, "bash")
    assert (found.level, found.what) == (
        "note",
        "a new bash was not ready within 1 s, to be asked what it completes",
    )


def break_settings(home: Home) -> None:
    path = home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("comands = []\n")


def open_settings(home: Home) -> None:
    path = home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("")
    path.chmod(0o666)
    home.ssoenv("status")


def break_config(home: Home) -> None:
    (home.path / ".aws/config").write_text("[sso-session acme]\n[sso-session acme]\n")


def conflict(home: Home) -> None:
    with (home.path / ".aws/config").open("a") as stream:
        stream.write("[profile x]\nsso_session = acme\nsso_region = eu-west-9\n")


def shadow_managed(home: Home) -> None:
    trust(home, home.project("web"))
    (home.path / ".aws/credentials").write_text("[ssoenv]\naws_access_key_id = A\n")


def open_tokens(home: Home) -> None:
    for path in (home.path / ".aws/sso/cache").glob("*.json"):
        path.chmod(0o644)


def break_token(home: Home) -> None:
    (home.path / f".aws/sso/cache/{'0' * 40}.json").write_text("{")


def rebind_managed(home: Home) -> None:
    """As ``aws configure sso`` in a bound directory did."""
    trust(home, home.project("web"))
    config = home.path / ".aws/config"
    key = "/ssoenv/credential-process\n"
    config.write_text(config.read_text().replace(key, f"{key}sso_account_id = 222222222222\n"))


def add_envrc(home: Home) -> None:
    (home.path / ".envrc").write_text("export AWS_PROFILE=other\n")


@pytest.mark.parametrize(
    ("damage", "found", "fixable"),
    [
        (break_rc, ".bashrc sets AWS_PROFILE after ssoenv's line", False),
        (break_completions, "is of another version", True),
        (break_settings, "unknown key 'comands'", False),
        (open_settings, "others may write", True),
        (break_config, "twice", False),
        (conflict, "[profile x] says sso_region", False),
        (shadow_managed, "has a [ssoenv] of its own", False),
        (rebind_managed, "programs get no role in 222222222222", True),
        (open_tokens, "others may reach", True),
        (break_token, "is not readable JSON", False),
        (add_envrc, "direnv and ssoenv would take turns", False),
    ],
)
def test_what_is_wrong_is_found(
    healthy: Home, damage: Callable[[Home], None], found: str, fixable: bool
) -> None:
    damage(healthy)
    code, rows = findings(healthy, "--offline")
    assert code == 1
    wrong = [row for row in rows if row["level"] == "wrong"]
    assert any(found in row["what"] for row in wrong), told(rows, "wrong")
    assert all(row["fix"] for row in wrong)

    code, rows = findings(healthy, "--offline", "--fix")
    assert any(row["fixed"] for row in rows if found in row["what"]) is fixable
    assert code == (0 if fixable else 1)
    assert findings(healthy, "--offline")[0] == (0 if fixable else 1)


@pytest.mark.parametrize(
    ("env", "found"),
    [
        ({"AWS_VAULT": "prod"}, "a shell of aws-vault (prod)"),
        ({"AWS_CA_BUNDLE": "/nowhere.pem"}, "AWS_CA_BUNDLE names /nowhere.pem"),
        ({"AWS_ENDPOINT_URL_SSO": "https://evil.example"}, "which is not AWS over TLS"),
        ({"SSOENV_HOOK": "0"}, "the hook of another version"),
        ({"SSOENV_HOOK": ""}, "started without the hook"),
    ],
)
def test_an_environment_that_harms_is_found(healthy: Home, env: dict[str, str], found: str) -> None:
    code, rows = findings(healthy, "--offline", **env)
    assert code == 1
    assert found in str(told(rows, "wrong"))


@pytest.mark.parametrize(
    ("env", "found"),
    [
        ({"AWS_PROFILE": "mine"}, "AWS_PROFILE is set by something else"),
        ({"GRANTED_ALIAS_CONFIGURED": "true"}, "granted is here"),
        (
            {"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": ""},
            "NO_PROXY does not name this machine",
        ),
    ],
)
def test_what_may_be_meant_so_is_only_noted(healthy: Home, env: dict[str, str], found: str) -> None:
    code, rows = findings(healthy, "--offline", **env)
    assert code == 0
    assert found in str(told(rows, "note"))


def test_files_of_other_tools_are_their_business(healthy: Home) -> None:
    for name in ("cli/cache/session.db", "cli/cache/session.db-wal", "sso/cache/toolkit.lock", "sso/cache/aws-toolkit-vscode.json"):  # fmt: skip
        path = healthy.path / ".aws" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not json")
        path.chmod(0o644 if not name.endswith("json") else 0o600)
    code, rows = findings(healthy, "--offline")

    assert told(rows, "wrong") == []
    assert code == 0


def test_a_home_with_legacy_profiles_only_is_well(healthy: Home) -> None:
    text = "sso_start_url = https://d-0000000000.awsapps.com/start{}\nsso_region = us-east-1\n"
    profiles = [f"[profile p{n}]\n" + text.format(end) for n, end in enumerate(["", "/", "#/"])]
    (healthy.path / ".aws/config").write_text("".join(profiles))
    _, rows = findings(healthy)

    assert told(rows, "wrong") == []
    assert [row["area"] for row in rows].count("sign-in") == 1


def test_a_project_that_is_gone_is_forgotten(healthy: Home) -> None:
    project = healthy.project("web")
    trust(healthy, project)
    (project / ".ssoenv.toml").unlink()
    assert "is trusted, and has no .ssoenv.toml any more" in str(told(findings(healthy)[1], "note"))
    assert findings(healthy, "--fix")[0] == 0
    assert "any more" not in str(findings(healthy)[1])


class Yesterday(http.server.BaseHTTPRequestHandler):
    """A service whose clock is a day behind."""

    def do_GET(self) -> None:
        self.send_response_only(404)
        self.send_header("Date", "Sun, 22 Nov 2020 10:00:00 GMT")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_clock_that_is_off_is_found(healthy: Home) -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), Yesterday)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        code, rows = findings(healthy, AWS_ENDPOINT_URL_SSO_OIDC=url)
    finally:
        server.shutdown()
        server.server_close()
    assert code == 1
    assert "off that of acme's service" in str(told(rows, "wrong"))


def test_no_way_to_the_service_is_found(healthy: Home) -> None:
    code, rows = findings(healthy, AWS_ENDPOINT_URL_SSO_OIDC="http://127.0.0.1:1")
    assert code == 1
    wrong = [row["area"] for row in rows if "cannot reach IAM Identity Center" in row["what"]]
    assert wrong == ["network"]
    assert "clock" not in [row["area"] for row in rows]


def test_nobody_set_up_is_told_setup(home: Home) -> None:
    code, rows = findings(home, "--offline")
    assert code == 1
    assert {row["fix"] for row in rows if row["level"] == "wrong"} >= {"ssoenv setup"}


def test_status_without_a_hook_says_so(home: Home, sandbox: Sandbox) -> None:
    project = home.project("web")
    trust(home, project)
    answer = home.ssoenv("status", cwd=project)
    assert "this shell has no hook" in answer.stdout
    report = json.loads(home.ssoenv("status", "--json", cwd=project, AWS_PROFILE="mine").stdout)
    assert any("AWS_PROFILE is your own" in note for note in report["notes"])


def test_status_and_trust_tell_of_keys_that_the_aws_cli_wrote_into_our_profile(
    home: Home, sandbox: Sandbox
) -> None:
    rebind_managed(home)
    told_ = "'sso_account_id = 222222222222' in [profile ssoenv] is not ssoenv's"  # fmt: skip
    report = json.loads(home.ssoenv("status", "--json", cwd=home.path / "web").stdout)
    assert any(told_ in note for note in report["notes"])

    answer = home.ssoenv("trust", "--yes", cwd=home.path / "web")
    assert "is not ssoenv's" in answer.stderr
    assert "\nsso_account_id" not in (home.path / ".aws/config").read_text()
    assert "is not ssoenv's" not in home.ssoenv("trust", "--yes", cwd=home.path / "web").stderr


def test_status_tells_that_a_role_is_protected(home: Home, sandbox: Sandbox) -> None:
    project = home.project(
        "vault",
        'session = "acme"\n[profiles.x]\naccount = "333333333333"\nrole = "ReadOnly"\nprotect = true\n',
    )
    trust(home, project)
    assert "asks before its first use" in home.ssoenv("status", cwd=project).stdout


def test_the_endpoints_of_a_sandbox_are_not_to_be_unset_there(healthy: Home) -> None:
    _, rows = findings(healthy, "--offline")
    fixes = [row["fix"] for row in rows if "move calls to" in row["what"]]
    assert len(fixes) == 1
    assert all(mend.startswith("leave it so in a sandbox") for mend in fixes)


def test_a_cli_that_does_not_say_its_version_is_there(
    home: Home, quick_aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shells, "PATIENCE", 1)
    aws = home.path / "bin/aws"
    for does, said in (
        ("exec sleep 60", "did not answer within 1 s"),
        ("exit 1", "does not say its version"),
    ):
        aws.write_text(f"#!/bin/sh\n{does}\n")
        told = [one.what for one in shells.versions(home.env) if one.level != "ok"]
        assert told == [f"{aws} {said}"]
