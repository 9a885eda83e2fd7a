"""Agents' own settings: what is written is read by the format's own parser, and comes out again."""

from __future__ import annotations

import io
import json
import shlex
import shutil
import stat
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any

import dotenv
import pytest

from ssoenv.setup import agent_model, agent_tools
from ssoenv.shells import hook as hook_text
from tests.conftest import empty_home
from tests.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.sampled(3)

MINE = {tool.name: tool.mine for tool in agent_tools.TOOLS if tool.form}
HERE = {tool.name: tool.here for tool in agent_tools.TOOLS if tool.form}
VARIABLES = {
    "AWS_PROFILE": "ssoenv",
    "AWS_ACCESS_KEY_ID": "",
    "AWS_SECRET_ACCESS_KEY": "",
    "AWS_SESSION_TOKEN": "",
}
TEXTS = {
    "claude": '{\n  "model": "x",\n  "env": {"SECRET": "hush"},\n  "hooks": {"Stop": []}\n}\n',
    "codex": 'model = "x" # mine\n\n[projects."/a"]\ntrust_level = "trusted"',
    "gemini": "# mine\nSECRET=hush\n",
}
"""What stands in the settings of somebody."""
BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "models"}


def environment(name: str, path: Path) -> dict[str, str]:
    """What a command of the agent gets by its settings, as the agent itself reads them."""
    text = path.read_bytes().decode("utf-8-sig")
    if name == "claude":
        return dict(json.loads(text)["env"])
    if name == "codex":
        return dict(tomllib.loads(text)["shell_environment_policy"]["set"])
    if name == "gemini":
        return {
            key: value or ""
            for key, value in dotenv.dotenv_values(stream=io.StringIO(text)).items()
        }
    run = f"""
        import({json.dumps(str(path))}).then(async (module) => {{
            const output = {{ env: {{ KEPT: "1" }} }}
            for (const plugin of Object.values(module)) await (await plugin({{}}))["shell.env"]({{}}, output)
            console.log(JSON.stringify(output.env))
        }})"""
    module = path.with_suffix(".mjs")
    shutil.copy(path, module)
    done = subprocess.run(
        ["node", "-e", run.replace(path.name, module.name)],
        capture_output=True,
        text=True,
        check=True,
    )
    module.unlink()
    return dict(json.loads(done.stdout))


def settings(home: Home, name: str, text: str | bytes | None = None) -> Path:
    path = home.path / MINE[name]
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is not None:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def setup(home: Home, name: str, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return home.ssoenv("agents", "setup", name, *words, cwd=None, **env)


def everything(home: Home) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.path.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", MINE)
def test_what_would_change_is_shown_and_nothing_is_written(home: Home, name: str) -> None:
    settings(home, name, TEXTS.get(name))
    before = everything(home)
    done = setup(home, name)
    assert done.returncode == 0, done.stderr
    assert f"+++ {home.path}/{MINE[name]}" in done.stdout
    assert "AWS_PROFILE" in done.stdout
    assert "hush" not in done.stdout + done.stderr
    assert "documented at https://" in done.stderr
    assert done.stderr.endswith(f"ssoenv agents setup {name} --write\n")
    assert everything(home) == before


@pytest.mark.parametrize("name", MINE)
def test_a_new_file_is_read_by_its_own_parser_and_goes_again(home: Home, name: str) -> None:
    path = settings(home, name)
    done = setup(home, name, "--write", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    found = environment(name, path)
    assert found.pop("KEPT", "1") == "1"
    assert found == (VARIABLES if name != "gemini" else {"AWS_PROFILE": "ssoenv"})

    once = path.read_bytes()
    again = setup(home, name, "--write", "--yes")
    assert (again.returncode, path.read_bytes()) == (0, once)
    assert "has all that" in again.stderr
    assert "has all that" in setup(home, name).stderr

    undone = setup(home, name, "--undo", "--yes")
    assert undone.returncode == 0, undone.stderr
    assert not path.exists()
    assert "there is nothing to take back" in setup(home, name, "--undo", "--yes").stderr


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_file_of_the_person_keeps_everything_and_comes_back_to_the_byte(
    home: Home, name: str, ending: str
) -> None:
    text = TEXTS[name].replace("\n", ending)
    path = settings(home, name, text)
    path.chmod(0o640)
    assert setup(home, name, "--write", "--yes").returncode == 0
    written = path.read_bytes().decode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert environment(name, path).items() >= {"AWS_PROFILE": "ssoenv"}.items()
    assert ending == "\n" or "\n" not in written.replace("\r\n", "")
    (backup,) = (home.path / ".local/state/ssoenv/backups").iterdir()
    assert backup.read_bytes().decode() == text
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600

    assert setup(home, name, "--undo", "--yes").returncode == 0
    assert path.read_bytes().decode() == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert not [
        one
        for one in (home.path / ".local/state/ssoenv/agent-settings").rglob("*")
        if one.is_file()
    ]


@pytest.mark.parametrize("known", [True, False], ids=["known", "state lost"])
@pytest.mark.parametrize("name", TEXTS)
def test_what_was_added_meanwhile_stays(home: Home, name: str, known: bool) -> None:
    path = settings(home, name, TEXTS[name])
    assert setup(home, name, "--write", "--yes").returncode == 0
    added = {
        "claude": ('"model": "x"', '"model": "y"'),
        "gemini": ("hush", "more"),
        "codex": ('"x"', '"y"'),
    }
    path.write_text(path.read_text().replace(*added[name]))
    if not known:
        shutil.rmtree(home.path / ".local/state/ssoenv")
    done = setup(home, name, "--undo", "--yes")
    assert done.returncode == 0, done.stderr
    assert path.read_text() == TEXTS[name].replace(*added[name])


def test_what_is_empty_without_ours_goes_and_what_was_empty_before_stays(home: Home) -> None:
    cases: tuple[tuple[str | None, str], ...] = (
        ('{"a": 1}', '{"a": 1}'),
        ('{"a": 1, "env": {}}', '{"a": 1, "env": {}}'),
        ('{"a": 1, "env": { }}', '{"a": 1, "env": {}}'),
        ("", '{\n  "b": 2\n}\n'),
        (None, '{\n  "b": 2\n}\n'),
    )
    for text, left in cases:
        path = settings(home, "claude", text)
        assert setup(home, "claude", "--write", "--yes").returncode == 0
        path.write_text(
            path.read_text().replace('"a": 1', '"a": 3').replace("  }\n}", '  },\n  "b": 2\n}')
        )
        assert setup(home, "claude", "--undo", "--yes").returncode == 0
        assert json.loads(path.read_text()) == json.loads(left.replace('"a": 1', '"a": 3'))
        path.unlink()


def test_what_the_person_had_set_themselves_stays(home: Home) -> None:
    text = '{"env": {"AWS_PROFILE": "ssoenv", "AWS_REGION": "x"}}'
    path = settings(home, "claude", text)
    done = setup(home, "claude", "--write", "--yes")
    assert '"AWS_PROFILE"' not in done.stderr
    assert environment("claude", path) == VARIABLES | {"AWS_REGION": "x"}
    assert "has all that" in setup(home, "claude", "--write", "--yes").stderr
    path.write_text(path.read_text().replace('"x"', '"y"'))
    assert setup(home, "claude", "--undo", "--yes").returncode == 0
    assert path.read_text() == text.replace('"x"', '"y"')

    whole = settings(home, "claude", json.dumps({"env": VARIABLES}))
    before = whole.read_bytes()
    assert "has all that" in setup(home, "claude", "--write", "--yes").stderr
    assert whole.read_bytes() == before


@pytest.mark.parametrize(("name", "mark"), [("claude", "// mine"), ("codex", "mine")])
def test_what_cannot_be_read_any_more_is_to_be_undone_by_hand(
    home: Home, name: str, mark: str
) -> None:
    path = settings(home, name)
    assert setup(home, name, "--write", "--yes").returncode == 0
    text = f"{mark}\n{path.read_text()}"
    path.write_text(text)
    done = setup(home, name, "--undo", "--yes")
    assert (done.returncode, done.stdout, path.read_text()) == (5, "", text)
    assert "take out of it by hand:" in done.stderr
    assert "AWS_PROFILE" in done.stderr


def test_what_codex_itself_writes_between_our_marks_is_not_ours(home: Home) -> None:
    """Its editor of TOML puts a new table in front of the comments that end the file."""
    path = settings(home, "codex", TEXTS["codex"])
    assert setup(home, "codex", "--write", "--yes").returncode == 0
    text = path.read_text()
    table = '\n[projects."/b"]\ntrust_level = "trusted"\n'
    path.write_text(text.replace("# <<< ssoenv <<<", f"{table}# <<< ssoenv <<<"))
    assert setup(home, "codex", "--undo", "--yes").returncode == 0
    assert path.read_text() == TEXTS["codex"] + "\n" + table

    assert setup(home, "codex", "--write", "--yes").returncode == 0
    path.write_text(
        path.read_text().replace('AWS_PROFILE = "ssoenv"', 'AWS_PROFILE = "ssoenv"\nCI = "1"')
    )
    assert setup(home, "codex", "--undo", "--yes").returncode == 0
    assert tomllib.loads(path.read_text())["shell_environment_policy"] == {"set": {"CI": "1"}}


@pytest.mark.parametrize(
    "text",
    [
        '[shell_environment_policy]\ninherit = "core"\n',
        'shell_environment_policy.inherit = "core"\n',
    ],
)
def test_a_policy_of_codex_without_variables_has_room_for_ours(home: Home, text: str) -> None:
    path = settings(home, "codex", text)
    assert setup(home, "codex", "--write", "--yes").returncode == 0
    policy = tomllib.loads(path.read_text())["shell_environment_policy"]
    assert policy == {"inherit": "core", "set": VARIABLES}


def test_what_codex_lets_through_is_told(home: Home) -> None:
    for policy, told in (
        ('include_only = ["PATH"]', True),
        ('include_only = ["PATH", "aws_*"]', False),
        ("include_only = []", False),
        ('filters = { "PATH" = "include" }', True),
        ('filters = { "PATH" = "include", "AWS_*" = "include" }', False),
        ('filters = { "AWS_*" = "exclude" }', False),
    ):
        settings(home, "codex", f"[shell_environment_policy]\n{policy}\n")
        assert ("takes AWS_PROFILE out again" in setup(home, "codex").stderr) is told


REFUSED: dict[str, dict[str, tuple[str | bytes, int, str]]] = {
    "claude": {
        "no JSON": ('{"env": ', 5, "settings.json:1 is not strict JSON"),
        "a comment": ('{\n  // mine\n  "env": {}\n}', 5, "settings.json:2 is not strict JSON"),
        "a comma": ('{"a": [1,]}', 5, "is not strict JSON"),
        "a list": ("[1]", 5, "is not a JSON object"),
        "no table": ('{"env": ["A"]}', 5, "has a 'env' that is not an object"),
        "twice": ('{"env": {}, "env": {"A": "b"}}', 5, "says something twice"),
        "deep": ("[" * 100_000, 5, "is not strict JSON"),
        "not UTF-8": (b'{"a": "\xff"}', 5, "is not UTF-8"),
        "theirs": ('{"env": {"AWS_PROFILE": "mine"}}', 1, "sets env.AWS_PROFILE to 'mine' already"),
        "their key": ('{"env": {"AWS_ACCESS_KEY_ID": "AKIAHUSH"}}', 1, "sets env.AWS_ACCESS_KEY_ID already"),
    },
    "codex": {
        "no TOML": ("model = \n", 5, "is not TOML"),
        "a mark": ("\N{ZERO WIDTH NO-BREAK SPACE}a = 1\n", 5, "is not TOML"),
        "a table": ('[shell_environment_policy.set]\nCI = "1"\n', 5, "has [shell_environment_policy.set] already"),
        "inline": ('[shell_environment_policy]\nset = { CI = "1" }\n', 5, "has [shell_environment_policy.set] already"),
        "an empty one": ("[shell_environment_policy]\nset = {}\n", 5, "leaves no place for"),
        "theirs": ('[shell_environment_policy.set]\nAWS_PROFILE = "mine"\n', 1, "to 'mine' already"),
        "no policy": ("shell_environment_policy = 1\n", 5, "leaves no place for"),
    },
    "gemini": {"theirs": ("export AWS_PROFILE='mine'\n", 1, "sets AWS_PROFILE to 'mine' already")},
    "opencode": {"theirs": ("export const Mine = 1\n", 1, "is there, and not as ssoenv writes it")},
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name, kinds in REFUSED.items() for kind in kinds]
)
def test_what_cannot_be_edited_is_one_error_and_stays(home: Home, name: str, kind: str) -> None:
    text, code, said = REFUSED[name][kind]
    settings(home, name, text)
    before = everything(home)
    for words in ((), ("--write", "--yes")):
        done = setup(home, name, *words)
        assert (done.returncode, done.stdout) == (code, ""), done
        assert said in done.stderr.splitlines()[0]
        assert "HUSH" not in done.stderr
        assert done.stderr.count("ssoenv: ") == 1
        if code == 5 and kind != "not UTF-8":
            assert "add to it by hand" in done.stderr
            assert '"ssoenv"' in done.stderr
    assert setup(home, name, "--undo", "--yes").returncode in (0, code)
    assert everything(home) == before


def test_a_byte_order_mark_stays_where_it_is(home: Home) -> None:
    mark = "\N{ZERO WIDTH NO-BREAK SPACE}"
    path = settings(home, "claude", mark + TEXTS["claude"])
    assert setup(home, "claude", "--write", "--yes").returncode == 0
    assert path.read_text().startswith(mark + "{")
    assert environment("claude", path)["AWS_PROFILE"] == "ssoenv"
    path.write_text(path.read_text() + "\n")
    assert setup(home, "claude", "--undo", "--yes").returncode == 0
    assert path.read_text() == mark + TEXTS["claude"] + "\n"


@pytest.mark.parametrize("name", MINE)
@pytest.mark.parametrize("what", ["a link to nothing", "a folder", "a pipe"])
def test_what_is_no_file_is_left_alone(home: Home, name: str, what: str) -> None:
    path = settings(home, name)
    if what == "a folder":
        path.mkdir()
    elif what == "a pipe":
        subprocess.run(["mkfifo", path], check=True)
    else:
        path.symlink_to("nowhere")
    for words in ((), ("--write", "--yes"), ("--undo", "--yes")):
        done = setup(home, name, *words)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.splitlines()[0] == f"ssoenv: {path} is not a regular file"
    assert path.is_symlink() or not path.is_file()


@pytest.mark.parametrize("name", TEXTS)
def test_a_link_is_followed_named_and_kept(home: Home, name: str) -> None:
    real = home.path / "dotfiles" / "settings"
    real.parent.mkdir()
    real.write_text(TEXTS[name])
    path = settings(home, name)
    path.symlink_to(real)
    done = setup(home, name, "--write", "--yes")
    assert f"+++ {path} -> {real}" in done.stderr
    assert path.is_symlink()
    assert environment(name, real)["AWS_PROFILE"] == "ssoenv"
    assert setup(home, name, "--undo", "--yes").returncode == 0
    assert (path.is_symlink(), real.read_text()) == (True, TEXTS[name])


def test_a_file_that_is_not_to_be_written_is_left_alone(home: Home) -> None:
    """As another user where we are root, who may write everything."""
    path = settings(home, "claude", "{}")
    shutil.chown(path, 1, 1) if path.owner() == "root" else path.chmod(0o400)
    path.chmod(0o444)
    if path.owner() != "daemon":
        path.parent.chmod(0o500)
    done = setup(home, "claude", "--write", "--yes")
    path.parent.chmod(0o700)
    assert (done.returncode, path.read_text()) == (1, "{}")
    assert done.stderr.splitlines()[0] == f"ssoenv: {path} is not yours to change"


def test_chezmoi_makes_the_file(home: Home) -> None:
    source = home.path / ".local/share/chezmoi/dot_claude/settings.json"
    source.parent.mkdir(parents=True)
    source.write_text("{}")
    done = setup(home, "claude", "--write", "--yes")
    assert done.returncode == 1
    assert "is made by chezmoi from" in done.stderr


@pytest.mark.parametrize("name", MINE)
def test_a_home_of_any_name(home: Home, tmp_path: Path, name: str) -> None:
    other = empty_home(tmp_path / 'it\'s a "home" $HOME', home.closing)
    path = settings(other, name)
    assert setup(other, name, "--write", "--yes").returncode == 0
    assert environment(name, path)["AWS_PROFILE"] == "ssoenv"
    assert setup(other, name, "--undo", "--yes").returncode == 0
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("claude", "CLAUDE_CONFIG_DIR"),
        ("codex", "CODEX_HOME"),
        ("opencode", "XDG_CONFIG_HOME"),
    ],
)
def test_the_folder_of_settings_may_be_elsewhere(
    home: Home, tmp_path: Path, name: str, variable: str
) -> None:
    assert setup(home, name, "--write", "--yes", **{variable: f"{tmp_path}/else/"}).returncode == 0
    assert (
        environment(name, tmp_path / "else" / MINE[name].split("/", 1)[1])["AWS_PROFILE"]
        == "ssoenv"
    )
    assert not (home.path / MINE[name]).exists()


@pytest.mark.parametrize("name", HERE)
def test_the_settings_of_one_project(home: Home, name: str) -> None:
    there = home.path / "web"
    there.mkdir()
    done = home.ssoenv("agents", "setup", name, "--project", "--write", "--yes", cwd=there)
    assert done.returncode == 0, done.stderr
    assert environment(name, there / HERE[name])["AWS_PROFILE"] == "ssoenv"
    assert not (home.path / MINE[name]).exists()
    assert "nothing to take back" in setup(home, name, "--undo", "--yes").stderr
    home.ssoenv("agents", "setup", name, "--project", "--undo", "--yes", cwd=there)
    assert not (there / HERE[name]).exists()


def claude(home: Home) -> dict[str, Any]:
    return dict(json.loads((home.path / MINE["claude"]).read_text()))


def commands_get(home: Home, tmp_path: Path, **env: str) -> dict[str, str]:
    """What a Bash command of Claude Code has, by the hook that is run at the start of a session."""
    (group,) = claude(home)["hooks"]["SessionStart"]
    (hook,) = group["hooks"]
    file = tmp_path / "env file"
    base = {"PATH": home.env["PATH"], **env}
    ran = subprocess.run(
        ["sh", "-c", hook["command"]],
        env=base | {"CLAUDE_ENV_FILE": str(file)},
        capture_output=True,
        check=True,
    )
    assert ran.stdout == ran.stderr == b""  # what it prints is put before the model
    assert (
        subprocess.run(
            ["sh", "-c", hook["command"]], env=base, check=True, capture_output=True
        ).stdout
        == b""
    )
    line = f". {shlex.quote(str(file))}\nenv -0"
    shown = subprocess.run(
        ["bash", "-c", line], env=base, capture_output=True, text=True, check=True
    )
    return dict(one.split("=", 1) for one in shown.stdout.split("\0") if one)


@pytest.mark.parametrize("where", ["settings", "environment"])
@pytest.mark.parametrize("variable", agent_model.THROUGH_AWS)
def test_a_model_that_is_reached_through_aws_keeps_what_it_has(
    home: Home, tmp_path: Path, variable: str, where: str
) -> None:
    theirs = {variable: "1", "AWS_PROFILE": "models"}
    text = json.dumps({"env": theirs} if where == "settings" else {}, indent=2)
    env = theirs if where == "environment" else {}
    path = settings(home, "claude", text)
    done = setup(home, "claude", "--write", "--yes", **env)
    assert done.returncode == 0, done.stderr
    assert (
        f"{variable} is set: Claude Code goes on to reach its own model by AWS_PROFILE=models"
        in done.stderr
    )
    assert "not to be split: MCP servers" in done.stderr
    assert claude(home).get("env", {}) == (theirs if where == "settings" else {})
    assert agent_model.REFRESH not in claude(home)

    found = commands_get(
        home,
        tmp_path,
        AWS_PROFILE="models",
        AWS_DEFAULT_PROFILE="other",
        AWS_ACCESS_KEY_ID="k",
        AWS_SECRET_ACCESS_KEY="s",
        AWS_SESSION_TOKEN="t",
    )
    assert {key: value for key, value in found.items() if key.startswith("AWS_")} == {
        "AWS_PROFILE": "ssoenv"
    }
    assert "has all that" in setup(home, "claude", "--write", "--yes", **env).stderr
    assert setup(home, "claude", "--undo", "--yes").returncode == 0
    assert path.read_text() == text


def test_hooks_that_are_turned_off_are_told(home: Home) -> None:
    for off in (True, False):
        settings(home, "claude", json.dumps({"env": BEDROCK, "disableAllHooks": off}))
        assert ("disableAllHooks is set" in setup(home, "claude").stderr) is off


def test_a_bedrock_that_is_off_is_none(home: Home) -> None:
    for value in ("0", "false", ""):
        settings(home, "claude", json.dumps({"env": {"CLAUDE_CODE_USE_BEDROCK": value}}))
        assert setup(home, "claude", "--write", "--yes").returncode == 0
        assert claude(home)["env"]["AWS_PROFILE"] == "ssoenv"


def test_the_model_signs_in_by_ssoenv_where_it_has_a_session_and_nothing_of_its_own(
    home: Home, sandbox: Sandbox
) -> None:
    assert sandbox.url
    config = home.path / ".aws/config"
    config.write_text(
        config.read_text()
        + "\n[profile models]\nsso_session = acme\nsso_account_id = 111111111111\nsso_role_name = Developer\n"
    )
    cases: tuple[tuple[dict[str, Any], str | None], ...] = (
        ({}, "ssoenv login acme"),
        ({"awsAuthRefresh": "aws sso login"}, "aws sso login"),
        ({"awsCredentialExport": "mine"}, None),
        ({"env": BEDROCK | {"AWS_BEARER_TOKEN_BEDROCK": "hush"}}, None),
        ({"env": BEDROCK | {"AWS_PROFILE": "other"}}, None),
    )
    for more, command in cases:
        path = settings(home, "claude", json.dumps({"env": BEDROCK} | more))
        text = path.read_text()
        assert setup(home, "claude", "--write", "--yes").returncode == 0
        assert claude(home).get("awsAuthRefresh") == command
        assert claude(home).get("awsCredentialExport") == more.get("awsCredentialExport")
        if command == "ssoenv login acme":  # it needs no terminal
            assert home.ssoenv(*shlex.split(command)[1:]).returncode == 0
        path.write_text(path.read_text() + "\n")
        assert setup(home, "claude", "--undo", "--yes").returncode == 0
        assert json.loads(path.read_text()) == json.loads(text)


def test_a_model_that_has_come_to_bedrock_keeps_the_profile_that_it_has(home: Home) -> None:
    """Of ours in its settings: it was set before, and its model may live by it now."""
    path = settings(home, "claude", "{}")
    assert setup(home, "claude", "--write", "--yes").returncode == 0
    path.write_text(path.read_text().replace('"env": {', '"env": {"CLAUDE_CODE_USE_BEDROCK": "1",'))
    done = setup(home, "claude", "--write", "--yes")
    assert done.returncode == 0, done.stderr
    assert claude(home)["awsAuthRefresh"] == "ssoenv login"
    assert claude(home)["env"] == VARIABLES | {"CLAUDE_CODE_USE_BEDROCK": "1"}
    assert setup(home, "claude", "--undo", "--yes").returncode == 0
    assert claude(home) == {"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}


def test_settings_move_with_what_they_have_to_do(home: Home) -> None:
    path = settings(home, "claude", '{\n  "env": {"CLAUDE_CODE_USE_BEDROCK": "1"}\n}\n')
    assert setup(home, "claude", "--write", "--yes").returncode == 0
    assert claude(home)["hooks"]["SessionStart"] == [agent_model.HOOK.value]
    text = path.read_text().replace('"1"', '"0"')
    path.write_text(text)
    assert setup(home, "claude", "--write", "--yes").returncode == 0
    assert claude(home) == {"env": VARIABLES | {"CLAUDE_CODE_USE_BEDROCK": "0"}}
    assert setup(home, "claude", "--undo", "--yes").returncode == 0
    assert path.read_text() == '{\n  "env": {"CLAUDE_CODE_USE_BEDROCK": "0"}\n}\n'


@pytest.mark.parametrize("name", ["claude", "codex", "opencode"])
def test_the_keys_of_where_an_agent_was_started_stay_behind(
    home: Home, sandbox: Sandbox, name: str
) -> None:
    """The real AWS CLI, with the environment that the settings make of a live shell's."""
    web, api = (
        home.project("web"),
        home.project(
            "api",
            'session = "acme"\n[profiles.p]\naccount = "222222222222"\nrole = "ReadOnly"\nregion = "eu-west-1"\n',
        ),
    )
    assert sandbox.url
    assert home.ssoenv("login", "acme").returncode == 0
    for there in (web, api):
        assert home.ssoenv("trust", "--yes", cwd=there).returncode == 0
    live = json.loads(home.ssoenv("export", "--format", "process", cwd=web).stdout)
    keys = {
        "AWS_ACCESS_KEY_ID": live["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": live["SecretAccessKey"],
        "AWS_SESSION_TOKEN": live["SessionToken"],
    }
    assert setup(home, name, "--write", "--yes").returncode == 0
    env = home.env | {"AWS_REGION": "eu-west-1", "CLAUDECODE": "1"} | keys
    accounts = []
    for made in ({}, environment(name, home.path / MINE[name])):
        command = ["/usr/bin/aws", "configure", "export-credentials", "--format", "process"]
        asked = subprocess.run(
            command, env=env | made | {"PWD": str(api)}, cwd=api, capture_output=True, text=True
        )
        assert asked.returncode == 0, asked.stderr
        accounts.append(sandbox.state.keys[json.loads(asked.stdout)["AccessKeyId"]].account)
    assert accounts == ["111111111111", "222222222222"]


@pytest.mark.parametrize("name", [tool.name for tool in agent_tools.TOOLS if not tool.form])
def test_an_agent_without_a_documented_setting_is_told_how_to_be_started(
    home: Home, name: str
) -> None:
    before = everything(home)
    done = setup(home, name)
    assert (done.returncode, done.stdout) == (0, "")
    assert "no page was found" in done.stderr
    assert (
        f"ssoenv exec --none -- env AWS_PROFILE=ssoenv {agent_tools.find(name).program}"
        in done.stderr
    )
    assert setup(home, name, "--write", "--yes").returncode == 1
    assert setup(home, name, "--undo", "--yes").returncode == 0
    assert everything(home) == before


def test_what_is_typed_wrong_is_one_line(home: Home) -> None:
    for words, said, hint in (
        (("cluade",), "no agent 'cluade'; did you mean 'claude'?", "ssoenv agents setup claude"),
        (("zzz",), "no agent 'zzz'; there is: claude, codex", "ssoenv agents setup claude"),
        (("claude", "--yes"), "--yes with one of them", "ssoenv agents setup claude --write"),
        (
            ("claude", "--write", "--undo"),
            "--write or --undo",
            "ssoenv agents setup claude --write",
        ),
        (("claude", "--wrte"), "did you mean --write?", "ssoenv agents setup claude --write"),
    ):
        done = home.ssoenv("agents", "setup", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr.splitlines()[0]
        assert done.stderr.splitlines()[1] == f"  try: {hint}"


def test_a_person_sees_it_and_is_asked(home: Home) -> None:
    path = settings(home, "claude", TEXTS["claude"])
    for answer, written in (("n", False), ("y", True)):
        words = ("agents", "setup", "claude", "--write")
        screen = Screen([*hook_text.command_line(), *words], home.env, str(home.path), lines=40)
        shown = screen.wait("Apply these changes? [y/N]")
        assert '"AWS_PROFILE": "ssoenv"' in shown
        assert "hush" not in shown
        screen.send(answer + "\r")
        assert screen.end() == 0
        assert ("ssoenv" in path.read_text()) is written


def test_without_anybody_to_ask_it_says_what_to_run(home: Home) -> None:
    done = setup(home, "claude", "--write")
    assert done.returncode == 2
    assert "try: ssoenv agents setup claude --write --yes" in done.stderr
    assert not (home.path / MINE["claude"]).exists()


def test_an_agent_looks_and_does_not_write(home: Home) -> None:
    assert setup(home, "claude", CLAUDECODE="1").returncode == 0
    before = everything(home)
    for words in (("--write", "--yes"), ("--undo", "--yes"), ("--write", "--project")):
        done = setup(home, "claude", *words, CLAUDECODE="1")
        typed = shlex.join(
            ["ssoenv", "agents", "setup", "claude", *(one for one in words if one != "--yes")]
        )
        assert (done.returncode, done.stdout) == (4, "")
        assert f"type this in a terminal of your own: {typed}\n" in done.stderr
    assert everything(home) == before


@pytest.mark.parametrize("text", ['{"env": null}', '{"env": 1}', '{"env": []}'])
def test_what_is_no_table_is_told_with_the_lines_to_add(home: Home, text: str) -> None:
    path = settings(home, "claude", text)
    done = setup(home, "claude", "--write", "--yes")
    assert (done.returncode, done.stdout) == (5, "")
    assert "'env' that is not an object" in done.stderr
    assert path.read_text() == text


def test_a_plugin_that_somebody_changed_is_told(home: Home) -> None:
    assert setup(home, "opencode", "--write", "--yes").returncode == 0
    path = next(home.path.rglob("ssoenv.js"))
    path.write_text(path.read_text() + "// mine\n")
    done = setup(home, "opencode", "--undo", "--yes")
    assert (done.returncode, done.stdout) == (1, "")
    assert "take out by hand" in done.stderr
    assert path.read_text().endswith("// mine\n")


def test_a_profile_that_is_not_there_yet_is_told(home: Home, sandbox: Sandbox) -> None:
    assert sandbox.url
    assert "no [profile ssoenv] yet" in setup(home, "claude", "--write", "--yes").stderr
    assert home.ssoenv("setup", "--shell", "bash", "--yes").returncode == 0
    assert "no [profile ssoenv] yet" not in setup(home, "codex", "--write", "--yes").stderr
    undone = home.ssoenv("setup", "--undo", "--yes")
    for name in ("claude", "codex"):
        assert (
            f"an agent still names the profile: ssoenv agents setup {name} --undo" in undone.stderr
        )
    assert setup(home, "codex", "--undo", "--yes").returncode == 0
    assert "setup codex --undo" not in home.ssoenv("setup", "--undo", "--yes").stderr


@pytest.mark.parametrize("name", MINE)
def test_what_is_shown_is_what_is_written_and_no_folder_is_left(home: Home, name: str) -> None:
    def written() -> set[str]:
        return {str(path) for path in home.path.rglob("*") if ".local" not in path.parts}

    before, path = written(), home.path / MINE[name]
    shown = setup(home, name).stdout.splitlines()[2:]
    assert setup(home, name, "--write", "--yes").returncode == 0
    assert [line[1:] for line in shown] == path.read_text().splitlines()
    assert {line[0] for line in shown} == {"+"}
    assert setup(home, name, "--write", "--yes").returncode == 0
    taken = setup(home, name, "--undo", "--yes")

    assert taken.returncode == 0
    for line in shown:
        assert f"-{line[1:]}" in taken.stderr
    assert written() == before


def test_a_folder_that_somebody_else_uses_by_then_stays(home: Home) -> None:
    assert setup(home, "codex", "--write", "--yes").returncode == 0
    (home.path / ".codex/auth.json").write_text("{}")
    assert setup(home, "codex", "--undo", "--yes").returncode == 0
    assert [path.name for path in (home.path / ".codex").iterdir()] == ["auth.json"]

    (home.path / ".claude").mkdir()
    assert setup(home, "claude", "--write", "--yes").returncode == 0
    assert setup(home, "claude", "--undo", "--yes").returncode == 0
    assert (home.path / ".claude").is_dir()  # it was there before


@pytest.mark.parametrize("name", [tool.name for tool in agent_tools.TOOLS if not tool.form])
def test_one_without_settings_is_started_by_hand(home: Home, name: str) -> None:
    told = setup(home, name)
    assert told.returncode == 0
    program = agent_tools.find(name).program
    assert f"ssoenv exec --none -- env AWS_PROFILE=ssoenv {program}\n" in told.stderr
