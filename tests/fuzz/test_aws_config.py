"""The AWS config: read as botocore reads it, and edited without a byte of others changed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.configloader
from hypothesis import given
from hypothesis import strategies as st

from ssoenv.aws_files import (
    choice,
    config,
    default_profile,
    edits,
    found_blocks,
    managed_block,
    managed_profiles,
    profile_blocks,
    session_sections,
)
from ssoenv.aws_files.sections import AwsConfig
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import MANAGED, Session
from tests.fuzz.cases import cases, in_time, mutated, read, told, tried

if TYPE_CHECKING:
    from collections.abc import Callable

ACME = Session("acme", "https://new.awsapps.com/start", "eu-north-1", ("sso:account:access",), "")
FRESH = Session("fresh one", "https://fresh.awsapps.com/start", "eu-west-1", None, "")
PROFILES = [
    profile_blocks.Profile("acme.dev.R", {"sso_session": "acme", "sso_account_id": "111111111111", "sso_role_name": "R", "s3": {"addressing_style": "path"}}),
    profile_blocks.Profile("acme.prod.R", {"sso_session": "acme", "sso_account_id": "333333333333", "sso_role_name": "R"}),
]  # fmt: skip
THEIRS = """\
# mine
[default]
region = eu-west-1
aws_access_key_id = AKIAX
  # indented

[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile "old one"]
sso_start_url = https://acme.awsapps.com/start#
sso_region = eu-west-1
sso_account_id = 111111111111
sso_role_name: Admin
s3 =
    max_concurrent_requests = 20
    addressing_style = path

[profile dev]
sso_session = acme
credential_process = /opt/x "a b" --y
[services local]
dynamodb =
  endpoint_url = http://localhost:8000
[plugins]
x = y"""
CHANGES: dict[str, Callable[[dict[str, str]], edits.Change]] = {
    "publish": managed_profiles.with_profile,
    "retract": lambda _: lambda _block, _newline: {},
    "tidy": lambda _: lambda block, _newline: block.commands,
    "add": lambda _: session_sections.added(FRESH),
    "replace": lambda _: session_sections.replaced(ACME, scopes=True),
    "move": lambda _: session_sections.moved(ACME, "us-east-1"),
    "remove": lambda _: session_sections.removed("acme"),
    "configure": lambda _: profile_blocks.placed("acme", ("--session", "acme"), PROFILES),
    "configure less": lambda _: profile_blocks.placed("acme", (), PROFILES[1:]),
    "configure another": lambda _: profile_blocks.placed("b/c d", ("x y",), []),
    "unconfigure": lambda _: profile_blocks.removed(("acme",)),
}
"""What ssoenv does to the file."""


def seeds() -> list[bytes]:
    """Configs as people have them, and what ssoenv makes of them."""
    env, found = {"HOME": "/nowhere"}, [THEIRS]
    for names in (
        ("publish",),
        ("configure",),
        ("publish", "configure", "add"),
        ("configure", "publish"),
    ):
        text = THEIRS + "\n"
        for name in names:
            newline = "\n"
            block = managed_block.take_out(text)
            commands = CHANGES[name](env)(block, newline)
            text = managed_block.put_back(block, edits._ours(commands, env), newline)  # noqa: SLF001
        found.append(text)
    return [text.encode() for text in (*found, found[3].replace("\n", "\r\n"), "")]


PIECES = [
    *(b"[", b"]", b"=", b":", b"#", b";", b"\n", b"\r", b"\r\n", b"\n\n", b" ", b"\t", b"    ", b"\x0b", b"\x1c"),
    *(b"[profile ssoenv]\n", b"[profile x]\n", b"[default]\n", b"[DEFAULT]\n", b"[sso-session acme]\n", b"[profile 'a b']\n"),
    *(b"[profile  dev]\n", b'[profile "x]\n', b"[sso-session \\", b"[]\n", b"[ ]\n", b"[a]]\n", b"[profile dev] # x\n"),
    *(b"region = x\n", b"  region = x\n", b"sso_session = acme\n", b"sso_region=\n", b"s3 =\n", b"  a = b\n", b"  nothing\n"),
    *(f"{line}\n".encode() for line in (managed_block.BEGIN, managed_block.BEGIN_UNENDED, managed_block.END)),
    *(b"# >>> ssoenv configure acme >>> profiles that it keeps, do not edit\n", b"# <<< ssoenv configure acme <<<\n"),
    *(b"# >>> ssoenv configure b%2Fc >>>\n", b"# ssoenv configure --set 'x\n", b"# ssoenv configure --set a.b=c\n"),
    *(b"credential_process = /bin/sh /h/ssoenv/credential-process\n", b"aws_session_token = t\n", b"key\n", b"= v\n"),
    *("\u2028é\u0085".encode(), b"\x00", b"\xff", b"\xef\xbb\xbf", b"%(x)s", b"\x1b[2J", b"x" * 2000),
]  # fmt: skip
CONFIGS = seeds()


def put(tmp_path: Path, content: bytes) -> dict[str, str]:
    """Have a home with that config, and nothing else."""
    shutil.rmtree(tmp_path / ".local", ignore_errors=True)
    path = tmp_path / ".aws/config"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return {"HOME": str(tmp_path)}


def by_botocore(path: str) -> dict[str, dict[str, object]] | None:
    """Return what botocore reads in a config; None where it reads nothing."""
    try:
        found: dict[str, dict[str, object]] = botocore.configloader.raw_config_parse(path)
    except botocore.exceptions.ConfigParseError:
        return None
    return found


@cases(40, 5_000)
@given(mutated(CONFIGS, PIECES))
def test_a_config_is_read_as_botocore_reads_it(tmp_path: Path, content: bytes) -> None:
    tried("AWS configs")
    env = put(tmp_path, content)
    theirs = by_botocore(paths.aws_config_file(env))
    ours = read(lambda: config.load(env))
    assert (ours is None) == (theirs is None)
    if ours is None or theirs is None:
        return
    by_name = botocore.configloader.build_profile_map(theirs)
    flat = botocore.configloader.raw_config_parse(
        paths.aws_config_file(env), parse_subsections=False
    )
    flat = botocore.configloader.build_profile_map(flat)
    assert {*ours.profiles} == {*by_name["profiles"]}
    assert (ours.profiles, ours.sessions) == (flat["profiles"], flat["sso_sessions"])


@cases(30, 2_500)
@given(mutated(CONFIGS, PIECES), st.sampled_from(("acme", "old one", "dev", "", "\u2028x'", "https://acme.awsapps.com/start/")))  # fmt: skip
def test_whatever_a_config_says_of_sessions_is_told_or_refused(
    tmp_path: Path, content: bytes, name: str
) -> None:
    tried("AWS configs, for sessions")
    env = put(tmp_path, content)
    for found in (
        read(lambda: config.instances(env)),
        read(lambda: [config.find_session(env, name)]),
    ):
        for session in found or ():
            assert session.start_url
            assert session.source.startswith(f"{tmp_path}/.aws/config:")
            assert all(one.profile for one in read(lambda: config.uses(env, session)) or ())  # noqa: B023
    read(lambda: config.known(env))
    read(lambda: choice.named(env, name))
    read(lambda: choice.default_session(env | {"AWS_PROFILE": name}, None))
    read(lambda: managed_profiles.foreign(env))
    read(lambda: found_blocks.labels(env))
    without = read(lambda: default_profile.config_without(env))
    if without is not None:
        said = AwsConfig("", without).profiles.get("default", {})
        assert default_profile.CREDENTIALS.isdisjoint(said)


OURS = (managed_block.BEGIN, managed_block.BEGIN_UNENDED, managed_block.END, found_blocks.MADE_BY)


@cases(40, 5_000)
@given(mutated(CONFIGS, PIECES), st.sampled_from(sorted(CHANGES)))
def test_an_edit_changes_what_it_is_about_and_no_more(
    tmp_path: Path, content: bytes, name: str
) -> None:
    tried("AWS configs, edited")
    env = put(tmp_path, content)
    path = paths.aws_config_file(env)
    try:
        edit = in_time(lambda: edits.plan(env, CHANGES[name](env)))
    except InvalidConfiguration as error:
        told(error)
        assert Path(path).read_bytes() == content
        return
    assert (edit.before or "").encode() == content
    "".join(edits.show(edit)).encode()
    was, written = by_botocore(path), edit.after.encode()
    Path(path).write_bytes(written)
    will = by_botocore(path)
    if was is not None:
        assert will is not None
        old, new = (
            botocore.configloader.build_profile_map(was),
            botocore.configloader.build_profile_map(will),
        )
        meant = {MANAGED, *(one.name for one in PROFILES)} | {
            one for one in old["profiles"] if one.startswith("ssoenv")
        }
        text = content.decode()
        meant |= {
            one
            for block in (read(lambda: found_blocks.find(text)) or {}).values()
            for one in block.profiles()
        }
        if name == "move":
            meant |= {*old["profiles"]}
        for profile, said in old["profiles"].items():
            if profile not in meant:
                assert new["profiles"].get(profile) == said, profile
        if name not in ("replace", "move", "remove", "add"):
            assert new["sso_sessions"] == old["sso_sessions"]
        assert new["sso_sessions"].keys() >= {*old["sso_sessions"]} - (
            {"acme"} if name == "remove" else set()
        )
    # Once more says the same; only a section can be added twice, and is refused then.
    if name != "add":
        Path(path).write_bytes(edits.plan(env, CHANGES[name](env)).after.encode())
        assert by_botocore(path) == will
    for secret in (b"AKIAX",):
        assert written.count(secret) == content.count(secret) or name.startswith(
            ("tidy", "retract", "publish")
        )


@cases(40, 1_500)
@given(mutated(CONFIGS[:1] + CONFIGS[-1:], PIECES), st.sampled_from(("publish", "configure", "configure another")))  # fmt: skip
def test_what_was_put_in_comes_out_again_to_the_byte(
    tmp_path: Path, content: bytes, name: str
) -> None:
    """Of a file that has nothing of ours yet, whatever else is in it."""
    tried("AWS configs, edited and back")
    if b"ssoenv" in content:
        return
    env = put(tmp_path, content)
    undo = {"publish": "retract", "configure": "unconfigure", "configure another": "unconfigure"}[
        name
    ]
    back = profile_blocks.removed(("b/c d",)) if name == "configure another" else CHANGES[undo](env)
    edit = read(lambda: edits.plan(env, CHANGES[name](env)))
    if edit is None:
        return
    edits.write(env, edit)
    assert Path(paths.aws_config_file(env)).read_bytes() == edit.after.encode()
    edits.write(env, edits.plan(env, back))
    there = Path(paths.aws_config_file(env))
    assert (there.read_bytes() if there.exists() else b"") == content
