"""What the program reads of renderings and of the environment: the answer that holds, or none."""

from __future__ import annotations

import contextlib
import io
import json
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssoenv import here, hot
from ssoenv.base.errors import SsoenvError
from ssoenv.base.models import Role
from ssoenv.shells import rendered, segment
from tests.fuzz.cases import cases, in_time, mutated, read, told, tried
from tests.fuzz.test_source import PIECES, SAID
from tests.fuzz.world import ROLES, World, build

if TYPE_CHECKING:
    from collections.abc import Iterator

VERBS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("credential-process", ()),
    ("export", ()),
    ("export", ("--format", "process")),
    ("export", ("--format", "fish")),
    ("ensure", ("{project}", "dev", "token", "aws")),
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found = build(tmp_path_factory.mktemp("hot"))
    before = os.getcwd()
    os.chdir(found.project)
    try:
        yield found
    finally:
        os.chdir(before)


def answered(world: World, verb: str, arguments: tuple[str, ...], env: dict[str, str]) -> tuple[int | None, str]:  # fmt: skip
    """Return the code of a hot verb, and what it writes, which a pipe of UTF-8 takes."""
    raw = io.BytesIO()
    said = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    words = [word.replace("{project}", str(world.project)) for word in arguments]
    with contextlib.redirect_stdout(said):
        code: int | None = in_time(lambda: hot.run(verb, words, env))
    return code, raw.getvalue().decode()


@pytest.mark.parametrize("name", ["@sh", "@role", "@process"])
def test_a_damaged_rendering_gives_what_it_is_of_or_nothing(world: World, name: str) -> None:
    path = world.trust / name if name == "@sh" else world.role("dev") / name
    original = path.read_bytes()
    env = world.env | {"PWD": str(world.project)}
    right = {verb: answered(world, verb[0], verb[1], env) for verb in VERBS}  # fmt: skip
    assert all(code == 0 for code, _ in right.values())

    @cases(15, 1_000)
    @given(mutated([original], PIECES), st.sampled_from([*right]))
    def tries(content: bytes, verb: tuple[str, tuple[str, ...]]) -> None:
        tried("renderings that the program reads, damaged")
        path.write_bytes(content)
        try:
            code, text = answered(world, verb[0], verb[1], env)
            role = rendered.load_role(world.env, world.key("dev"))
            process = rendered.load_process(world.env, world.key("dev"))
        finally:
            path.write_bytes(original)
        if code is None:
            assert text == ""
        elif name == "@sh":
            assert text in (right[verb][1], right[verb][1].replace("eu-west-1", ""))
        words = content.decode("utf-8", "surrogateescape").split("\n")
        if role and name == "@role":
            assert (words[0], words[3]) == ("ssoenv 2", world.key("dev"))
            assert (path.parent / f"@{words[1]}").exists()
        if process and name == "@process":
            assert world.key("dev").encode() in content

    tries()


DAMAGE = {
    "no UTF-8 in a key": ("@role", b"ASIADEV", b"ASI\xffADEV"),
    "no UTF-8 in the document": ("@process", b"ASIADEV", b"ASI\xffADEV"),
    "no UTF-8 in a region": ("@sh", b"'eu-west-1'", b"'eu\xff-west-1'"),
    "a NUL in the key of a role": ("@sh", b"'acme/111111111111/Developer'", b"'acme/\0'"),
    "a NUL in the path of the cache": ("@process", b"/.aws/", b"/.a\0s/"),
    "a row of [paths] without a profile": ("@sh", b"/envs/prod\t", b"/envs/prod "),
    "a row of [paths] with two": ("@sh", b"/envs/prod\t", b"/envs\t/prod\t"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_cannot_have_been_rendered_is_no_rendering(world: World, damage: str) -> None:
    """Each was a bug, exit code 70, of one of the verbs."""
    name, old, new = DAMAGE[damage]
    path = world.trust / name if name == "@sh" else world.role("dev") / name
    original = path.read_bytes()
    assert old in original
    env = world.env | {"PWD": str(world.project)}
    path.write_bytes(original.replace(old, new))
    try:
        codes = [answered(world, verb, arguments, env)[0] for verb, arguments in VERBS]
    finally:
        path.write_bytes(original)
    assert None in codes
    assert {*codes} <= {None, 0}


MARKERS = ("SSOENV_DIR", "SSOENV_PROFILE", "SSOENV_USE", "SSOENV_LABEL", "SSOENV_VARS", "SSOENV_GIVEN", "AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_CREDENTIAL_EXPIRATION", "PWD")  # fmt: skip
TIMES = st.sampled_from(("2999-11-23T13:46:06Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "x", "2026-W01-1", "20261123T13", "ASIADEV", "ASIAPROD"))  # fmt: skip


@cases(30, 1_500)
@given(st.dictionaries(st.sampled_from(MARKERS), st.one_of(SAID, TIMES), max_size=6))
def test_markers_of_anybody_are_no_more_than_words(world: World, said: dict[str, str]) -> None:
    tried("markers for the program")
    said = {name: value.replace("{home}", str(world.home)) for name, value in said.items()}
    env = world.env | {"PWD": str(world.project)} | said
    shown = in_time(lambda: segment.render(env, "{label}{mark} {state} {left} {region}"))
    assert all(char.isascii() and (char.isalnum() or char in "._@:/+- ?") for char in shown)
    for ask in (here.follow, here.role_of_keys, here.given_role, lambda env: here.look(str(world.project), env)):  # fmt: skip
        found = read(lambda: ask(env))  # noqa: B023
        assert found is None or ask is not here.role_of_keys or isinstance(found, Role)
    try:
        code, text = answered(world, "credential-process", (), env)
    except SsoenvError as error:
        told(error)
        return
    if code is not None:
        chosen = said.get("SSOENV_USE")
        mine = rendered.is_same(said.get("SSOENV_DIR", ""), str(world.project))
        name = chosen if mine and chosen in ROLES else "dev"
        if said.get("PWD", str(world.project)) == str(world.project):
            assert json.loads(text)["AccessKeyId"] == f"ASIA{name.upper()}"
