"""Whatever of our blocks somebody has cut away, an edit changes no section but ours, or nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssoenv.aws_files import edits, managed_profiles, profile_blocks, session_sections
from ssoenv.aws_files.profile_blocks import Profile
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import Session
from tests.unit.test_managed_profiles import config, env, read

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["env"]

SCRIPT = "/x/ssoenv/credential-process"
NEW = Session("new", "https://new.awsapps.com/start", "eu-west-1", (), "")
THERE = "[sso-session there]\nsso_start_url = https://there.awsapps.com/start\nsso_region = x\n"
MOVED = Session("there", "https://there.awsapps.com/start", "eu-west-1", (), "")
FOREIGN = (
    *("  deep{0} = x", "\tnot{0} = ours", "    [profile deep{0}]", "  # deep note", "", "# note"),
    *("[profile z{0}]", "  [profile i{0}]", "key{0} = z", "t{0} =", "[services s{0}]"),
)


def profile(session: str, name: str) -> Profile:
    """One that keeps its role in as many keys, or in one."""
    if name == "b":
        return Profile(
            name, {"credential_process": profile_blocks.command(SCRIPT, f"{session}/1/b")}
        )
    keys = {"sso_session": session, "sso_account_id": "1", "sso_role_name": name}
    return Profile(name, {**keys, "s3": {"addressing_style": "path"}})


def placed(session: str, *names: str) -> edits.Change:
    return profile_blocks.placed(session, ("x",), [profile(session, name) for name in names])


def is_of_one(keys: dict[str, object]) -> bool:
    command = str(keys.get("credential_process"))
    return keys.get("sso_session") == "one" or command.endswith(" one/1/b")


EDITS: dict[str, tuple[Callable[[dict[str, str]], object], set[str]]] = {
    "publish": (managed_profiles.publish, set()),
    "retract": (managed_profiles.retract, set()),
    "tidy": (managed_profiles.tidy, set()),
    "place": (lambda env: edits.apply(env, placed("one", "a", "c")), {"profile a", "profile b", "profile c"}),
    "remove": (lambda env: edits.apply(env, profile_blocks.removed(["one"])), {"profile a", "profile b"}),
    "add": (lambda env: edits.apply(env, session_sections.added(NEW)), {"sso-session new"}),
    "take": (lambda env: edits.apply(env, session_sections.removed("there")), {"sso-session there"}),
    "move": (lambda env: edits.apply(env, session_sections.moved(MOVED, "y")), {"sso-session there"}),
    "replace": (lambda env: edits.apply(env, session_sections.replaced(MOVED)), {"sso-session there"}),
}  # fmt: skip
"""Each edit, and the sections that it is about."""


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(sorted(EDITS)), st.sampled_from(("\n", "\r\n")))
def test_an_edit_beside_a_damaged_block_changes_no_other_section_or_nothing(
    data: st.DataObject, edit: str, newline: str
) -> None:
    """As botocore reads them, before and after."""
    change, own = EDITS[edit]
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home}
        path = config(env)
        path.parent.mkdir()
        path.write_text(f"[default]\nregion = x\n{THERE}")
        for what in data.draw(st.permutations(("managed", "one", "two"))):
            if what == "managed":
                managed_profiles.publish(env)
            else:
                edits.apply(env, placed(what, *(["a", "b"] if what == "one" else ["d"])))
        lines = path.read_text().splitlines()
        headers = [number for number, line in enumerate(lines) if line.startswith("[profile")]
        gone = data.draw(st.sets(st.sampled_from(headers), min_size=1, max_size=2)) | data.draw(
            st.sets(st.integers(5, len(lines) - 1), max_size=2)
        )
        lines = [line for number, line in enumerate(lines) if number not in gone]
        for number, line in enumerate(data.draw(st.lists(st.sampled_from(FOREIGN), max_size=4))):
            marks = [place for place, one in enumerate(lines, 1) if one.startswith("# ")]
            at = data.draw(st.sampled_from(marks) | st.integers(1, len(lines)))
            lines.insert(at, line.format(number))
        path.write_bytes(newline.join([*lines, ""]).encode())
        try:
            before = read(path)
        except Exception:  # noqa: BLE001 - no AWS tool reads it
            return
        content = path.read_bytes()
        try:
            change(env)
        except InvalidConfiguration:
            assert path.read_bytes() == content
            return
        after = read(path)
        ours = own | {"profile ssoenv"}
        if edit in ("place", "remove"):  # by what it says, under whatever header it has come
            ours |= {name for name, keys in before.items() if is_of_one(keys)}
        assert {n: k for n, k in after.items() if n not in ours} == {
            n: k for n, k in before.items() if n not in ours
        }


def test_the_refusal_names_the_section_and_where_it_stands(env: dict[str, str]) -> None:
    path = config(env)
    path.write_text("[default]\nregion = x\n")
    edits.apply(env, placed("one", "a"))
    text = path.read_text().replace("[profile a]\n", "") + "  mine = x\n"
    path.write_text(text)
    with pytest.raises(InvalidConfiguration) as caught:
        edits.apply(env, placed("one", "a"))
    assert f"{paths.aws_config_file(env)}:1: [default]" in caught.value.problems[0]
    assert path.read_text() == text
    assert not Path(paths.state(env), "backups").exists()
