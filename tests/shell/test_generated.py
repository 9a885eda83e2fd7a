"""The right role, or none: a seeded sample of the rows of ``tests.generated``.

A row that fails is run again, with all that it typed, by ``python -m tests.generated ROW``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.generated import COUNT, SEED
from tests.generated.commands import MOVES, SHELLS
from tests.generated.environments import DIRENV
from tests.generated.oracle import Facts, Given, Program, judge
from tests.generated.rows import CHOICES, parse, sample
from tests.generated.run import left_open, run
from tests.generated.world import World

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

SAMPLE = sample(SEED, COUNT)
FOUND = [
    parse(name)
    for name in (
        "bash:armed:last:region-above:typed-region:ops-clone:exec:ssoenv-exec",
        "bash:live:last:region-in:pane-of-ops:subdirectory-ops:pane:called",
        "bash:live:last:region-in:typed-profile:web-ops:pane:alias",
        "bash:protected-no:last:region-in:escapes:subdirectory-ops:pane:sh-c",
        "fish:armed:first:region-above:bare-profile:web-link:exec:script",
        "fish:profile:last:region-above:typed-profile:web-subdirectory:pane:ssoenv-exec",
        "fish:protected-no:last:region-above:typed-keys:web-nowhere:pane:make",
        "zsh:armed:first:region-beside:own-region:web-nowhere:exec:env-own-profile",
        "zsh:protected-yes:last:profile-in:nothing:web-nowhere:cd-q:env",
    )
]
"""Rows of the whole that went wrong once, and are not in the sample."""


@pytest.mark.timeout(400)
@pytest.mark.parametrize("direnv", DIRENV)
@pytest.mark.parametrize("shell", SHELLS)
def test_no_program_has_a_role_that_its_directory_does_not_give(
    shell: str, direnv: str, home: Home, sandbox: Sandbox
) -> None:
    world = World(home, sandbox)
    rows = [row for row in (*SAMPLE, *FOUND) if (row.shell, row.direnv) == (shell, direnv)]

    outcomes = [run(row, world) for row in rows]

    assert rows
    wrong = [outcome.report() for outcome in outcomes if outcome.violations]
    assert not wrong, "\n".join([f"{len(wrong)} of {len(rows)} rows", *wrong])


def test_the_sample_meets_every_choice() -> None:
    assert len(set(SAMPLE)) == COUNT
    assert sample(SEED, COUNT) == SAMPLE
    for kind, values in CHOICES.items():
        assert {getattr(row, kind) for row in SAMPLE} == set(values)


def test_only_what_exists_is_left_open() -> None:
    ways = {(move.called, shell) for move in MOVES.values() for shell in move.lines}
    listed = {(way, shell) for way, shell in left_open() if shell in SHELLS}

    assert listed <= ways


WEB, OPS = Given("1/Dev", "eu-west-1", "dev", "/web"), Given("2/Dev", "us-west-2", "ops", "/ops")
FACTS = Facts(
    gives={"/web": WEB, "/ops": OPS}.get,
    role_of={"key-1": "1/Dev", "key-2": "2/Dev"}.get,
    regions=("eu-west-1", "us-west-2"),
    source="/web",
    left_open={("`builtin cd`", "bash"), ("keys in a child", "bash")},
)
CD, BUILTIN, CHILD = "cd-and:aws", "builtin-cd:command", "env-C:sdk"
KEY = {"AWS_ACCESS_KEY_ID": "key-1"}
ASKED: dict[str, str] = {}


@pytest.mark.parametrize(
    ("ways", "cwd", "env", "answer", "kind", "left"),
    [
        pytest.param(CD, "/web", KEY, "", "", "", id="its own"),
        pytest.param(CD, "/ops", KEY, "", "wrong role", "", id="of another directory"),
        pytest.param(CD, "/", KEY, "", "wrong role", "", id="where there is none"),
        pytest.param(BUILTIN, "/ops", {"AWS_ACCESS_KEY_ID": "mine"}, "", "", "", id="the user's"),
        pytest.param(
            CD, "/web", KEY | {"AWS_PROFILE": "mine"}, "", "overruled", "", id="and a word"
        ),
        pytest.param(CD, "/web", KEY | {"AWS_SECURITY_TOKEN": "old"}, "", "mixed", "", id="halves"),
        pytest.param(CD, "/ops", ASKED, "", "no role", "", id="nothing at all"),
        pytest.param(BUILTIN, "/ops", KEY, "", "wrong role", "`builtin cd`, bash", id="said so"),
        pytest.param(BUILTIN, "/ops", ASKED, "key-1", "wrong role", "", id="asked, and was told"),
        pytest.param(CHILD, "/ops", KEY, "", "wrong role", "keys in a child, bash", id="a child"),
        pytest.param(CHILD, "/ops", ASKED, "key-1", "wrong role", "", id="a child asked"),
        pytest.param(CHILD, "/", ASKED, "key-1", "", "", id="a child asked outside"),
    ],
)
def test_the_model_knows_right_from_wrong(
    ways: str, cwd: str, env: dict[str, str], answer: str, kind: str, left: str
) -> None:
    row = parse(f"bash:live:none:none:nothing:web-ops:{ways}")

    found = judge(row, [Program("aws", "same-line", cwd, env, answer)], FACTS)

    assert [(one.kind, one.open) for one in found] == ([(kind, left)] if kind else [])


@pytest.mark.parametrize(
    ("cwd", "env", "kinds"),
    [
        (
            "/web",
            KEY | {"AWS_REGION": "eu-west-1", "SSOENV_DIR": "/web", "SSOENV_LABEL": "dev/x"},
            [],
        ),
        ("/ops", KEY, ["left behind"]),
        ("/ops", {"AWS_PROFILE": "ssoenv/acme/1/Dev"}, ["left behind"]),
        ("/ops", {"AWS_REGION": "eu-west-1"}, ["left behind"]),
        ("/web", {"SSOENV_LABEL": "ops/x"}, ["left behind"]),
        ("/", {"AWS_SECRET_ACCESS_KEY": "key-2", "SSOENV_USE": "x"}, ["left behind"] * 2),
        ("/", {"AWS_PROFILE": "mine", "AWS_REGION": "ap-south-1"}, []),
    ],
)
def test_the_model_of_a_prompt(cwd: str, env: dict[str, str], kinds: list[str]) -> None:
    row = parse(f"bash:live:none:none:nothing:web-ops:{CHILD}")

    found = judge(row, [Program("look", "end", cwd, env, "")], FACTS)

    assert [one.kind for one in found] == kinds
