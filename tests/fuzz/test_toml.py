"""Files of TOML that people write: binding files, settings, declarations of administrators."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from ssoenv import settings
from ssoenv.admin import declaration, record
from ssoenv.base import files, paths
from ssoenv.base.models import Profile, Role
from ssoenv.base.toml_checks import Document, JsonDocument
from ssoenv.binding import edit
from ssoenv.binding import file as binding_file
from ssoenv.shells import binding_rendering, rendered
from tests.cli.test_admin_declared import TEAM
from tests.conftest import PROJECT, VAULT
from tests.fuzz.cases import cases, changed_json, mutated, read, tried

if TYPE_CHECKING:
    from ssoenv.base.models import Binding

EVERYTHING = """\
# the whole of it
session = "acme" # our own
default = 'dev'
agent = "look.only"

[profiles.dev]
account = "111111111111"
role    = ["Admin", "Developer"]
region  = "eu-west-1"
output  = "json"
export  = "profile"
assume_role = "arn:aws:iam::222222222222:role/team/Deploy"
role_session_name = "alice@example"
duration = 3600

[profiles."look.only"]   # dots
account = "Name of an account, with \\"quotes\\""
role = 'ReadOnly'
protect = true

[profiles.given]
role_arn = "arn:aws:iam::333333333333:role/Audit"

[paths]
"envs/prod" = "look.only"
'it''s' = "dev"
envs = "dev"

[sso]
start_url = "https://acme.awsapps.com/start"
region = "eu-west-1"
tenant = "aa-1234567"
""".replace("it''s", "it is")
SPREAD = PROJECT.replace("\n", "\r\n") + '[sso]\r\nstart_url="https://x/"\r\nregion="eu-west-1"\r\n'
BINDINGS = [text.encode() for text in (PROJECT, VAULT, EVERYTHING, SPREAD)]
PIECES = [
    *(b'"', b"'", b'"""', b"'''", b"\\", b"\\u0000", b"\\U0010FFFF", b"\\ud800", b"\x00", b"\xff"),
    *(b"[", b"]", b"[[", b"]]", b"{", b"}", b"=", b".", b",", b"#", b"\n", b"\r", b"\r\n", b"\t"),
    *(b"[profiles.dev]\n", b"[profiles]\n", b"[[profiles]]\n", b"[paths]\n", b"[sso]\n", b"[a.b]\n"),
    *(b"true", b"1e999", b"-0", b"0x7f", b"1979-05-27", b"9" * 5000, b"nan", b"{a={b=1}}", b"[1,[]]"),
    *(b"account = 1\n", b'role = ["R","R"]\n', b"protect = 'x'\n", b'region = "\\n"\n', b'x."y z" = 1\n'),
    *(b"../x", b"./a/", b"a//b", b"/etc", b"@x", b" ", "\u2028é\u202e\ud7ff".encode(), b"\x1b[2J", b"$(id)`"),
    *(b"session", b"default", b"agent", b"profils.dev", b"role_arn", b"assume_role", b"\xef\xbb\xbf"),
]  # fmt: skip
NEW = Profile("new", Role("acme", "444444444444", ("R",)), 0, "us-east-1", protect=True)
SAFE = re.compile(r"[A-Za-z0-9._@:/+-]+")


def parsed(content: bytes) -> Binding | None:
    found: Binding | None = read(lambda: binding_file.parse(content, "/p/.ssoenv.toml"))
    return found


@cases(50, 6_000)
@given(mutated(BINDINGS, PIECES))
def test_a_binding_file_is_read_or_refused(content: bytes) -> None:
    tried("binding files")
    binding = parsed(content)
    if binding is None:
        return
    assert binding.default in binding.profiles
    assert binding.agent in ("", *binding.profiles)
    for name, profile in binding.profiles.items():
        assert binding_file.PROFILE_NAME.fullmatch(name)
        assert SAFE.fullmatch(profile.label)
        assert not {"", ".", "..", "@"} & {*profile.role.key.split("/")}
        assert Role.of_key(profile.role.key).key == profile.role.key
        assert not re.search(f"[{binding_file.CONTROLS}]", binding.session)
    for path, name in binding.paths:
        assert name in binding.profiles
        assert not {"", ".", ".."} & {*path.split("/")}


@cases(30, 1_500)
@given(mutated(BINDINGS, PIECES))
def test_a_binding_file_that_is_rendered_says_the_same(tmp_path: Path, content: bytes) -> None:
    """For the programs that read the rendering; what the shells make of it has tests of its own."""
    tried("binding files, rendered")
    binding = parsed(content)
    if binding is None:
        return
    project, env = tmp_path / "p", {"HOME": str(tmp_path)}
    project.mkdir(exist_ok=True)
    (project / ".ssoenv.toml").write_bytes(content)
    kinds = settings.Settings()
    default, agent = binding.default, binding.agent
    binding_rendering.publish(env, str(project), binding, kinds, default=default, agent=agent)
    seen = rendered.load_binding(env, str(project))
    assert seen is not None
    assert {*seen.profiles} == {*binding.profiles}
    places = ("", *(path for path, _ in binding.paths))
    for path, name in zip(places, binding.names_at(places), strict=True):
        chosen = seen.select(f"{project}/{path}".rstrip("/"), {}, agent=False)
        assert chosen is not None
        profile = binding.profiles[name]
        assert (chosen.name, chosen.role_key) == (profile.name, profile.role.key)
        assert (chosen.region, chosen.label) == (profile.region or "", profile.label)
        assert bool(chosen.protect) is profile.protect


@cases(40, 3_000)
@given(mutated(BINDINGS, PIECES), st.booleans(), st.booleans(), st.sampled_from((NEW, "first")))
def test_an_edit_says_what_it_is_to_say_and_keeps_every_comment(
    content: bytes, default: bool, agent: bool, which: Profile | str
) -> None:
    tried("binding files, edited")
    binding = parsed(content)
    if binding is None:
        return
    first = next(iter(binding.profiles.values()))
    if which == "first" and (first.role.entitled or len(first.role.roles) > 1):
        return
    profile = NEW if isinstance(which, Profile) else replace(first, region="us-east-1")
    profile = replace(profile, role=replace(profile.role, session=binding.session))
    place = edit.Place(default, agent)
    after = read(lambda: edit.edit(content, profile, path="/p/.ssoenv.toml", place=place))
    if after is None:
        return
    again = binding_file.parse(after, "/p/.ssoenv.toml")
    assert again.profiles[profile.name].role.account == profile.role.account
    assert again.profiles[profile.name].region == "us-east-1"
    for name in {*binding.profiles} - {profile.name}:
        assert replace(again.profiles[name], line=0) == replace(binding.profiles[name], line=0)
    comments = [line for line in content.splitlines() if line.lstrip()[:1] == b"#"]
    assert [line for line in after.splitlines() if line.lstrip()[:1] == b"#"] == comments


SETTINGS = [
    b"",
    b'commands = ["make", "!aws"]\nexport = "profile"\nlogin = "manual"\n',
    b"""\
never = ["*:AdministratorAccess", "1111*:R?"]
protect = ["prod:*", "prod"]
protect_for = 60
browser = "x %s"
console_browser = "y"
console_duration = 900
sign_in_pause = 5
tenant = "aa-12"
agents = "same"
agent_commands = ["bot"]
agent_env = ["BOT"]
session = "acme"
""",
]
FOR_SETTINGS = [
    *PIECES,
    *(b'never = ["x"]\n', b'protect = [":"]\n', b'commands = ["a b"]\n', b'agent_env = ["A=B"]\n'),
    *(b"protect_for = -1\n", b"sign_in_pause = 99999999999\n", b'agents = "none"\n', b'"*:*"', b"arn:aws:iam::1:role/R"),
]  # fmt: skip


@cases(50, 4_000)
@given(mutated(SETTINGS, FOR_SETTINGS))
def test_settings_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    tried("settings")
    env = {"HOME": str(tmp_path)}
    files.write_private(paths.settings_file(env), content, lasting=False)
    found = read(lambda: settings.load(env))
    if found is None:
        return
    for key, (least, most) in settings.SPANS.items():
        assert least <= getattr(found, key) <= most or getattr(found, key) == 0
    for key, known in settings.CHOICES.items():
        assert getattr(found, key) in known
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", one) for one in found.agent_env)
    found.agent({"BOT": "1"})
    for one in fields(found):
        value = getattr(found, one.name)
        assert not isinstance(value, tuple) or all(isinstance(word, str) for word in value)


DECLARED = [
    TEAM.encode(),
    b'[[entitlement]]\nrole_arn = "arn:aws:iam::111111111111:role/R"\ngroup = ["a", "b"]\n',
    b"""\
[permission_set."a b"]
inline_json = "{}"
boundary = "x"
relay_state = "y"
[[assignment]]
permission_set = "a b"
user = "u"
account = "111111111111"
""",
]
FOR_DECLARED = [
    *PIECES,
    *(b"[[assignment]]\n", b"[group.x]\n", b"[permission_set.y]\n", b'tag = { a = "b" }\n', b'policy = "x"\n'),
    *(b'duration = "1x"\n', b'inline_json = "["\n', b"[[entitlement]]\n", b"member = []\n", b'ou = "/"\n'),
]  # fmt: skip


@cases(40, 3_000)
@given(mutated(DECLARED, FOR_DECLARED))
def test_a_declaration_is_read_or_refused(content: bytes) -> None:
    tried("declarations")
    found = read(lambda: declaration.in_document(Document(content, "/h/org.toml")))
    if found is not None:
        said_by(found)


AS_JSON = [Document(text, "").root for text in DECLARED]


@cases(40, 2_000)
@given(
    changed_json(AS_JSON), st.sampled_from((b"", b"\xff", b",", b"{", b"\0")), st.integers(0, 99)
)
def test_a_declaration_of_json_is_read_or_refused(document: Any, noise: bytes, place: int) -> None:
    tried("declarations of JSON")
    content = json.dumps(document).encode()
    at = place * len(content) // 100
    content = content[:at] + noise + content[at:]
    found = read(lambda: declaration.in_document(JsonDocument(content, "/h/org.json")))
    if found is not None:
        said_by(found)


def said_by(found: declaration.Declaration) -> None:
    """See that all that a declaration says is text that can be sent and shown."""
    for grant in found.grants:
        for words in (grant.sets, grant.groups, grant.users, grant.accounts, grant.units):
            assert all(isinstance(word, str) and word.encode() for word in words)
    for name in (*found.groups, *found.sets):
        assert name.strip()
        assert name.encode()


ARN = "arn:aws:sso:::instance/ssoins-1"
RECORD = {
    "format": 1,
    "instance": ARN,
    "groups": ["ops"],
    "permission_sets": ["Deployer", "Read Only"],
    "assignments": [["111111111111", "Deployer", "GROUP", "ops"]],
    "entitlements": [["arn:aws:iam::111111111111:role/R", "USER", "alice"]],
    "begun": {
        "groups": ["web"],
        "permission_sets": [],
        "assignments": [["111111111111", "Deployer", "USER", "bob"]],
        "entitlements": [],
    },
}


@cases(40, 1_500)
@given(changed_json([RECORD]), st.sampled_from((b"", b"\xff", b"]", b"{")), st.integers(0, 99))
def test_a_record_is_read_or_refused_and_written_as_it_was_read(
    tmp_path: Path, document: Any, noise: bytes, place: int
) -> None:
    tried("records of administrators")
    content = json.dumps(document).encode()
    at = place * len(content) // 100
    path = str(tmp_path / "org.toml.applied.json")
    Path(path).write_bytes(content[:at] + noise + content[at:])
    found = read(lambda: record.read(path, ARN))
    if found is None:
        return
    record.Kept(path, ARN, found)._write(found)  # noqa: SLF001 - as every apply ends
    assert record.read(path, ARN) == found
