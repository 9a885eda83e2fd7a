"""The tour passes, and is able to fail."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.dialects import SHELLS
from ssoenv.cli import demo
from ssoenv.demo import stage, tour
from ssoenv.demo.terminal import Answer
from ssoenv.sandbox.server import Sandbox

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.sampled(3)
@pytest.mark.parametrize("shell", SHELLS)
def test_the_tour(shell: str, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        world = stage.build(str(tmp_path), sandbox)

        assert list(tour.run(shell, world, sandbox, lambda *_: None)) == []


def test_a_step_says_which_of_how_many_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    demo.show("~ $", tour.STEPS[2], Answer("it", 0, "~ $"))
    first, *rest = capsys.readouterr().out.strip().splitlines()
    assert first == f"# 3 of {len(tour.STEPS)}: {tour.STEPS[2].story}"
    assert rest == [f"~ $ {tour.STEPS[2].line}", "it"]


def test_the_tour_fails_when_a_step_is_not_as_it_should_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = dataclasses.replace(tour.STEPS[2], output=tour.arn("9" * 12, "Developer"))
    monkeypatch.setattr(tour, "STEPS", (*tour.STEPS[:2], wrong))
    with Sandbox() as sandbox:
        faults = list(
            tour.run("bash", stage.build(str(tmp_path), sandbox), sandbox, lambda *_: None)
        )

    assert len(faults) == 1
    assert "9{12}" in faults[0] or "999999999999" in faults[0]


def test_where_one_approves_oneself_ones_own_browser_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "my-browser")
    with Sandbox(approve="ask") as sandbox:
        assert stage.build(str(tmp_path), sandbox).env["BROWSER"] == "my-browser"
