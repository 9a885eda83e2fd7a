"""Which line says what: as botocore has it, for whatever indentation, comments and line ends."""

from __future__ import annotations

import configparser
import io
import tempfile
from pathlib import Path

import botocore.configloader
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ssoenv.aws_files import default_profile, edits, lines, managed_profiles, session_sections
from ssoenv.aws_files.sections import AwsConfig
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import Session

OLD, NEW = "https://old.awsapps.com/start", "https://new.awsapps.com/start"
CORP = Session("corp", NEW, "eu-west-1", ("a:b", "c:d"), "")
MEANT = ("sso_start_url", "sso_region", "sso_registration_scopes")
MARGINS = st.sampled_from(("", "", "", " ", "  ", "    ", "\t"))
HEADERS = (
    "[sso-session corp]", '[sso-session "corp"] # x', "[default]", "[profile a]", "[profile b]", "[services s]", "[DEFAULT]", "[plugins]", "[sso-session x]]",
)  # fmt: skip
KEYS = st.sampled_from(
    (
        f"sso_start_url = {OLD}", "SSO_Region: us-east-1", "sso_registration_scopes=old", "sso_region =", "s3 =", "addressing_style = path",
        "output=json", "sso_session = corp", "cli_pager =", "[odd = x", "credential_process = x",
    )
)  # fmt: skip
OTHERS = st.sampled_from(("", "# note", "; sso_region = x", "more = m", "region = y", "[x] = z"))
quickly = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def configs(draw: st.DrawFn) -> str:
    """Return a config that botocore reads; most of what is indented continues something."""
    found: list[str] = []
    for header in draw(st.lists(st.sampled_from(HEADERS), min_size=1, max_size=5, unique=True)):
        found.append(draw(MARGINS) + header)
        said = draw(st.lists(KEYS, max_size=4, unique_by=lambda key: key[:9].lower()))
        for key in said:
            found.append(draw(MARGINS) + key)
            found += [draw(MARGINS) + one for one in draw(st.lists(OTHERS, max_size=2))]
        found += [draw(MARGINS) + one for one in draw(st.lists(OTHERS, max_size=1))]
    ends = draw(st.sampled_from((("\n",), ("\r\n",), ("\r",), ("\n", "\r\n", "\r"))))
    text = "".join(line + draw(st.sampled_from(ends)) for line in found)
    text = text if draw(st.booleans()) else text.rstrip("\r\n")
    assume(by_botocore(f"{text}\n[with what DEFAULT says]") is not None)
    return text


def by_botocore(text: str) -> dict[str, dict[str, str]] | None:
    """Return what botocore reads, section by section; None where it reads nothing."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(text.encode())
        file.flush()
        try:
            botocore.configloader.raw_config_parse(file.name)
            found: dict[str, dict[str, str]] = botocore.configloader.raw_config_parse(
                file.name, parse_subsections=False
            )
        except botocore.exceptions.ConfigParseError:
            return None
    return found


def raw(text: str) -> dict[str, dict[str, str]]:
    """Return what the sections say by themselves, without what [DEFAULT] says for them."""
    parser = configparser.RawConfigParser(default_section="\0")
    parser.read_file(io.StringIO(text, newline=None))
    return {name: dict(parser.items(name)) for name in parser.sections()}


def others(text: str, meant: tuple[str, ...], *sections: str) -> list[str]:
    """Return the lines of `text` that say nothing of the keys `meant` in the `sections`."""
    return [
        line.text.rstrip("\r\n")
        for line in lines.read(text)
        if line.kind not in ("key", "continued")
        or line.header not in sections
        or line.key not in meant
    ]


def changed(text: str, change: edits.Change, *, ours: bool) -> tuple[str, str]:
    """Return a config before and after a `change`, perhaps with our own block in it."""
    with tempfile.TemporaryDirectory() as home:
        path, env = Path(home, ".aws/config"), {"HOME": home}
        path.parent.mkdir()
        path.write_bytes(text.encode())
        if ours:
            managed_profiles.publish(env)
        edit = edits.plan(env, change)
        edits.write(env, edit)
        assert edits.plan(env, change).after == edit.after
        assert edit.before is not None
        return edit.before, edit.after


@quickly
@given(configs())
def test_every_line_is_what_it_is_for_botocore(text: str) -> None:
    assert "".join(line.text for line in lines.read(text)) == text
    read = {part[0].header: lines.values(part) for part in lines.sections(text) if part}
    assert read == raw(text)
    config = AwsConfig("", text)
    by_name = botocore.configloader.build_profile_map(by_botocore(text) or {})
    assert (config.sessions, config.profiles) == (by_name["sso_sessions"], by_name["profiles"])


@quickly
@given(configs(), st.booleans(), st.booleans())
def test_a_session_is_replaced_and_every_other_line_stays_to_the_byte(
    text: str, scopes: bool, ours: bool
) -> None:
    change = session_sections.replaced(CORP, scopes=scopes)
    before, after = changed(text, change, ours=ours)
    said = {"sso_start_url": NEW, "sso_region": "eu-west-1"}
    said |= {"sso_registration_scopes": "a:b, c:d"} if scopes else {}
    wanted = raw(before)
    corp = [name for name in wanted if name.startswith("sso-session") and "corp" in name]
    for name in corp:
        wanted[name] |= said
    assert raw(after) == wanted
    assert others(after, (*said,), *corp) == others(before, (*said,), *corp)


@quickly
@given(configs(), st.booleans())
def test_a_region_moves_with_every_profile_that_repeats_it(text: str, ours: bool) -> None:
    before, after = changed(text, session_sections.moved(CORP, "eu-west-1"), ours=ours)
    wanted = raw(before)
    for name, said in wanted.items():
        uses = name in ("profile a", "profile b", "default") and said.get("sso_session") == "corp"
        if "sso_region" in said and (uses or (name.startswith("sso-session") and "corp" in name)):
            said["sso_region"] = "eu-west-1"
    assert raw(after) == wanted
    assert others(after, ("sso_region",), *wanted) == others(before, ("sso_region",), *wanted)


@quickly
@given(configs(), st.booleans())
def test_a_session_goes_and_its_comments_stay(text: str, ours: bool) -> None:
    before, after = changed(text, session_sections.removed("corp"), ours=ours)
    wanted = raw(before)
    corp = [name for name in wanted if name.startswith("sso-session") and "corp" in name]
    assert raw(after) == {name: said for name, said in wanted.items() if name not in corp}

    def notes(text: str) -> list[str]:
        return [line.text.strip() for line in lines.read(text) if line.kind == "comment"]

    assert notes(after) == notes(before)
    if not corp:
        assert after == before


@quickly
@given(configs())
def test_no_credentials_of_the_default_profile_are_left_and_all_else_is(text: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        Path(home, ".aws").mkdir()
        Path(home, ".aws/config").write_bytes(text.encode())
        try:
            without = default_profile.config_without({"HOME": home})
        except InvalidConfiguration:  # by [DEFAULT], which is nobody's to change
            assert not default_profile.CREDENTIALS.isdisjoint(raw(text).get("DEFAULT", {}))
            return
    wanted = raw(text)
    mine = wanted.get("default", {})
    for key in default_profile.CREDENTIALS & {*mine}:
        del mine[key]
    assert raw(text if without is None else without) == wanted


@quickly
@given(configs())
def test_our_block_comes_and_goes_around_whatever_is_indented(text: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        path, env = Path(home, ".aws/config"), {"HOME": home}
        path.parent.mkdir()
        path.write_bytes(text.encode())
        for _ in range(2):
            managed_profiles.publish(env)
            there = path.read_bytes()
            assert there.startswith(text.encode())
            managed_profiles.publish(env)
            assert path.read_bytes() == there
        managed_profiles.retract(env)
        assert path.read_bytes() == text.encode()


def test_what_a_shown_change_says_of_an_indented_key(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    text = f"[sso-session corp]\n  sso_start_url = {OLD}\n  sso_region = us-east-1\n"
    secret = "[profile x]\naws_session_token =\n  sso_region = SECRET\n"
    (tmp_path / ".aws/config").write_text(text)
    env = {"HOME": str(tmp_path)}
    shown = "".join(edits.show(edits.plan(env, session_sections.replaced(CORP))))
    assert f"-  sso_start_url = {OLD}\n-  sso_region = us-east-1\n" in shown
    assert f"+  sso_start_url = {NEW}\n+  sso_region = eu-west-1\n" in shown
    gone = "".join(edits.show(edits.Edit("config", text + secret, text)))
    assert "SECRET" not in gone
    assert "-[profile x]\n" in gone


@pytest.mark.parametrize("margin", ["", "  ", "\t"])
def test_where_a_header_is_indented_its_line_is_told(tmp_path: Path, margin: str) -> None:
    text = f"[default]\n{margin and 'region = x'}\n[a]\n{margin}[sso-session corp]\n{margin}sso_region = r\n"
    config = AwsConfig("config", text)
    assert config.source("sso-session", "corp") == "config:4"
    assert config.source("sso-session", "corp", "sso_region") == "config:5"
