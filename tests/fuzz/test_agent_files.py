"""Settings of coding agents: what is put in comes out again, and every other byte stays."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ssoenv.base import json_edits
from ssoenv.setup import agent_settings, agent_tools
from tests.fuzz.cases import cases, changed_json, in_time, mutated, read, tried

if TYPE_CHECKING:
    from ssoenv.setup.agent_tools import Tool

JSON = [
    b'{\n  "a": 1,\n  "env": {\n    "X": "y"\n  },\n  "hooks": {"Stop": [{"x": []}]}\n}\n',
    b'{\r\n\t"env": {}\r\n}',
    b'{"env":{"X":"y","AWS_PROFILE":"mine"},"a":[1,{"b":null}]}',
    b"{}",
    b"",
]
TOML = [
    b'model = "x"\n[shell_environment_policy]\ninherit = "all"\nset = { A = "b" }\n[mcp.x]\ny = 1\n',
    b'[shell_environment_policy.set]\r\nB = "c" # mine\r\n',
    b"",
]
DOTENV = [b"A=b\n# mine\nexport C='d e'\n", b"AWS_PROFILE=mine\r\nX=y", b""]
SEEDS = {
    "claude": JSON,
    "codex": TOML,
    "gemini": DOTENV,
    "opencode": [b"", b"export const x = 1\n"],
}
PIECES = [
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\", b"\n", b"\r\n", b"\r", b" ", b"\t", b"//", b"/* x */", b"#", b"=", b"'"),
    *(b'"env": {}', b'"env": []', b'"env": {"AWS_PROFILE": "ssoenv"}', b'"AWS_PROFILE": 5', b'"hooks": 1', b'"\\ud800"', b'"\\u0065nv": {}'),
    *(b"null", b"1e999", b"9" * 4400, b"NaN", b"\xef\xbb\xbf", b"\x00", b"\xff", "é\u2028".encode()),
    *(b"# >>> ssoenv >>>\n", b"# <<< ssoenv <<<\n", b"AWS_PROFILE=ssoenv\n", b"[shell_environment_policy]\n", b"set = 1\n", b'AWS_PROFILE = "x"\n'),
]  # fmt: skip
TOOLS = [tool for tool in agent_tools.TOOLS if tool.form]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_goes_in_comes_out_to_the_byte(tmp_path: Path, tool: Tool) -> None:
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    path = Path(tool.path(env, None))

    @cases(20, 800)
    @given(mutated(SEEDS[tool.name], PIECES))
    def tries(content: bytes) -> None:
        tried("settings of agents")
        shutil.rmtree(tmp_path / ".local", ignore_errors=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        plan = read(lambda: agent_settings.plan(tool, env, None))
        assert path.read_bytes() == content
        if plan is None or plan.change is None:
            return
        "".join(plan.show()).encode()
        agent_settings.make(plan, env)
        after = path.read_bytes()
        assert means(tool, after, means(tool, content, None))
        again = agent_settings.plan(tool, env, None)
        assert again.change is None
        # Somebody adds a line, so that only what is ours may be taken out.
        undo = in_time(lambda: agent_settings.plan_undo(tool, env, None))
        agent_settings.make(undo, env)
        assert path.read_bytes() == content

    tries()


def means(tool: Tool, content: bytes, before: Any) -> Any:
    """Return what a file says; with what it said `before`, whether that is all there still."""
    try:
        text = content.decode()
        found = json.loads(text.lstrip("\ufeff") or "{}") if tool.name == "claude" else tomllib.loads(text)  # fmt: skip
    except ValueError:
        return True if before is None else tool.name in ("gemini", "opencode")
    if before is None or not isinstance(before, dict):
        return found if before is None else True
    return includes(found, before)


def includes(found: Any, before: Any) -> bool:
    if isinstance(before, dict):
        return isinstance(found, dict) and all(
            key in found and includes(found[key], value) for key, value in before.items()
        )
    if isinstance(before, list):
        return isinstance(found, list) and all(value in found or is_nan(value) for value in before)
    return bool(found == before or is_nan(before))


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


@cases(40, 1_500)
@given(mutated(JSON[:3], PIECES), st.sampled_from((("env", "NEW"), ("new",), ("a", "b", "c"))))
def test_an_edit_of_json_changes_one_thing(content: bytes, way: tuple[str, ...]) -> None:
    tried("JSON of others, edited")
    try:
        text = content.decode()
        before = json.loads(text)
        for key in way[:-1]:
            before = before.get(key, {})
        assert isinstance(before, dict)
        assert way[-1] not in before
    except (ValueError, RecursionError, AttributeError, AssertionError):
        return
    if text.count('"env"') + text.count("\\u0065nv") > 1 or text.count('"a"') > 1:
        return  # twice in one object, which `plan` refuses
    more = in_time(lambda: json_edits.with_value(text, way, {"x": [1]}))
    found = json.loads(more)
    for key in way:
        found = found[key]
    assert found == {"x": [1]}
    made, there = 1, json.loads(text)
    while way[made - 1] in there:
        there, made = there[way[made - 1]], made + 1
    less = json_edits.without(more, way[:made])
    assert json.dumps(json.loads(less)) == json.dumps(json.loads(text))


RECORDS: list[dict[str, Any]] = [{"before": "e30K", "after": "x", "folders": ["/x"], "entries": [{"path": ["env", "AWS_PROFILE"], "value": "ssoenv", "listed": False}]}]  # fmt: skip
RECORDS += [RECORDS[0] | {"before": "/w=="}, RECORDS[0] | {"before": None}]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_whatever_is_recorded_of_them(tmp_path: Path, tool: Tool) -> None:
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    path = Path(tool.path(env, None))
    kept = Path(agent_settings._record_file(str(path), env))  # noqa: SLF001 - where it is kept

    @cases(20, 800)
    @given(changed_json(RECORDS), st.sampled_from(SEEDS[tool.name]))
    @example({"before": None, "after": "x", "folders": ["/x"], "entries": []}, b"")
    def tries(document: Any, content: bytes) -> None:
        tried("records of settings of agents")
        kept.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(document, dict) and document.get("after") == "x":
            document["after"] = hashlib.sha256(content).hexdigest()
        kept.write_text(json.dumps(document))
        path.write_bytes(content)
        for what in (agent_settings.plan, agent_settings.plan_undo):
            read(lambda: what(tool, env, None))  # noqa: B023
        agent_settings.written(env)
        assert path.read_bytes() == content

    tries()


def test_a_record_of_what_is_no_text_is_none(tmp_path: Path) -> None:
    """It was decoded where it was used, which ended as a bug."""
    tool, env = agent_tools.find("claude"), {"HOME": str(tmp_path)}
    path = Path(tool.path(env, None))
    path.parent.mkdir()
    path.write_bytes(JSON[0])
    agent_settings.make(agent_settings.plan(tool, env, None), env)
    kept = Path(agent_settings._record_file(str(path), env))  # noqa: SLF001 - where it is kept
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"before": "/w=="}))
    assert agent_settings.plan(tool, env, None).change is None
    agent_settings.make(agent_settings.plan_undo(tool, env, None), env)
    assert path.read_bytes() == JSON[0]
