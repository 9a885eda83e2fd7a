"""The schemas refuse what the code refuses, and nothing else, as far as a schema can say it."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from ssoenv import schema, settings
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import Profile, Role
from ssoenv.binding import file as binding_file
from ssoenv.binding.edit import Place, edit
from tests.test_docs import README, block
from tests.unit.test_binding_file import WHOLE
from tools import schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Home

ROOT = Path(__file__).parent.parent.parent
UNSAID = ("is no profile here", "is there twice", "dots in one line", "of the partition")
"""What the code says of what no schema can say: `schema.UNSAID`."""


def validator(made: dict[str, Any]) -> Draft4Validator:
    """Return `made` as Python reads it, where ``$`` fits before a last line break, too."""
    text = re.sub(r'\$"', lambda _: r'\\Z"', json.dumps(made))
    return Draft4Validator(json.loads(text.replace(r'"\\Zschema"', '"$schema"')))


PROJECT, SETTINGS = validator(schema.project()), validator(schema.for_settings())


def faults_of_a_project(text: str) -> tuple[str, ...]:
    try:
        binding_file.parse(text.encode(), ".ssoenv.toml")
    except InvalidConfiguration as refused:
        return refused.problems
    return ()


def agree(checker: Draft4Validator, text: str, faults: tuple[str, ...]) -> bool:
    """Whether both take `text`, or else both refuse it; but for what a schema cannot see."""
    refused = next((error.message for error in checker.iter_errors(tomllib.loads(text))), "")
    told = [one for one in faults if not any(word in one for word in UNSAID)]
    assert not refused or faults, (text, refused)
    assert refused or not told, (text, told)
    return not refused


GONE = object()
OTHER: tuple[Any, ...] = (
    GONE,
    True,
    0,
    7,
    1.5,
    [],
    [""],
    ["x"],
    ["x", "x"],
    [["x"]],
    {},
    {"x": "x"},
    "",
    " ",
    "\u3000",
)
"""What stands in place of each value in turn: nothing, another type, or nothing but spaces."""
ODD = (
    "x\n",
    "x\ny",
    "x\x07",
    "x\x85",
    "x\u2028",
    "\u0663",
    "\u00b2",
    "a b",
    "\u00e9",
    "-",
    "--",
    "1-1",
    "1" * 12,
)
ROLES = ("Admin", "a" * 64, "a" * 65, "x+=,.@-_", "a/b", ["A", "B"], ["A", 1], ["A", "a b"])
URLS = (
    "https://acme.awsapps.com/start",
    "HTTPS://a:8443/#/",
    "http://a",
    "https://-a",
    "https://a/\\",
    "https://a:12345",
)
REGIONS = ("eu-west-1", "us-gov-west-1", "EU-west-1", "eu-west", "xx-y-123", "eu-west-1 ")
ARN = "arn:aws:iam::111122223333:role/team/Deploy"
ARNS = (
    ARN,
    ARN.replace("aws", "aws-us-gov"),
    ARN.replace("aws", "moon"),
    ARN.replace("team/", "a" * 65 + "/"),
    ARN.replace("role", "user"),
    ARN.replace("1111", "111"),
)
VALUES: dict[tuple[str, ...], tuple[Any, ...]] = {
    ("session",): ("acme",),
    ("default",): ("dev", "prod"),
    ("agent",): ("dev",),
    ("profiles",): ("dev",),
    ("profiles", "dev"): ("x",),
    ("profiles", "dev", "account"): ("111122223333", "11112222333", "1111-2222-3333", "Prod, 1"),
    ("profiles", "dev", "role"): ROLES,
    ("profiles", "dev", "role_arn"): ARNS,
    ("profiles", "dev", "assume_role"): ARNS,
    ("profiles", "dev", "role_session_name"): ("ci", "a", "a" * 65),
    ("profiles", "dev", "duration"): (899, 900, 3600, 3601, 43201),
    ("profiles", "dev", "region"): REGIONS,
    ("profiles", "dev", "output"): ("json", "yaml-stream", "xml"),
    ("profiles", "dev", "export"): ("keys", "profile", "no"),
    ("profiles", "dev", "protect"): (False, "true"),
    ("profiles", "dev", "acount"): ("x",),
    ("paths",): ("x",),
    ("paths", "envs/prod"): ("prod", "dev"),
    ("sso",): ("x",),
    ("sso", "start_url"): URLS,
    ("sso", "region"): REGIONS,
    ("sso", "tenant"): ("aa-1", "AA", "aa", "a" * 25),
    ("sso", "x"): ("x",),
    ("sesion",): ("x",),
}
"""Each place in a binding file, one that there is none of included, and what may stand there."""
NAMES = ("dev", "a", "_x", "-x", ".x", "x.y", "a" * 64, "a" * 65, "", *ODD)
PARTS = ("a", "...", "..", ".", "", ".a", "..a", "a.", "a b", "\x7f", "\n", "\u00e9", "....")
PATHS = (
    *(
        head + part + tail
        for part in PARTS
        for head in ("", "./", "/", "././")
        for tail in ("", "/", "//")
    ),
    *(f"{one}/{other}" for one in PARTS for other in PARTS),
    *(f"a/{one}/b" for one in PARTS),
)
COMMANDS = ("make", "!packer", "9x", "_x", ".x", "a.b", "!", "!!x", "a/b")
RULES = ("*:Admin*", "a:b:c", ":b", "a:", ":", "::", "prod", "a\n:b", "a:\nb", "*")
SECONDS = (-1, 0, 1, settings.LONGEST, settings.LONGEST + 1, 2**62)
OF_SETTINGS: dict[tuple[str, ...], tuple[Any, ...]] = {
    **{(key,): tuple([one] for one in (*COMMANDS, *ODD)) for key in ("commands", "agent_commands", "agent_env")},
    **{(key,): tuple([one] for one in (*RULES, *ODD)) for key in ("never", "protect")},
    **{(key,): (*said, "x") for key, said in settings.CHOICES.items()},
    **{(key,): (*SECONDS, *span, span[0] - 1, span[1] + 1) for key, span in settings.SPANS.items()},
    **dict.fromkeys((("browser",), ("console_browser",)), ("firefox %s",)),
    ("tenant",): ("aa-1", "AA", "aa", "a" * 25),
    ("comands",): ("x",),
}  # fmt: skip


def with_value(base: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return `base` with `value` at `path`, or without what is there."""
    key, *rest = path
    changed = dict(base)
    if rest:
        changed[key] = with_value(base.get(key, {}), tuple(rest), value)
    elif value is GONE:
        changed.pop(key, None)
    else:
        changed[key] = value
    return changed


GOOD = {"account": "111122223333", "role": "Admin"}
CHAINED = GOOD | {"assume_role": ARN, "role_session_name": "ci", "duration": 900}
WHOLES: tuple[dict[str, Any], ...] = (
    tomllib.loads(WHOLE.decode()),
    {"session": "acme", "profiles": {"dev": GOOD}},
    {"session": "acme", "profiles": {"dev": CHAINED}},
    {"session": "acme", "profiles": {"dev": {"role_arn": ARN, "duration": 43200}}},
)


def documents() -> Iterator[dict[str, Any]]:
    """Yield binding files that are right but for one thing, and as many that are right."""
    for base in WHOLES:
        for path, fit in VALUES.items():
            for value in (*fit, *OTHER, *ODD):
                yield with_value(base, path, value)
        for name in NAMES:
            yield with_value(base, ("profiles", name), GOOD)
            yield {"session": "acme", "profiles": {name: GOOD}}
    yield from (with_value(WHOLES[1], ("paths",), {path: "dev"}) for path in PATHS)


def compare(document: dict[str, Any]) -> bool:
    text = tomli_w.dumps(document)
    return agree(PROJECT, text, faults_of_a_project(text))


def test_of_a_project_schema_and_code_refuse_the_same() -> None:
    found = [compare(one) for one in documents()]

    assert found.count(True) > 90
    assert found.count(False) > 500


@how(max_examples=80, deadline=None)
@given(
    st.sampled_from([path for path in VALUES if len(path) > 1 or path == ("session",)]),
    st.text("aZ09./-_:@+=,~ \u00e9\t\n", max_size=14) | st.from_regex(binding_file.START_URL),
)
def test_no_text_is_for_one_of_them_alone(path: tuple[str, ...], text: str) -> None:
    compare(with_value(WHOLES[0], path, text))
    compare(with_value(WHOLES[1], ("paths",), {text: "dev"}))
    compare({"session": "acme", "profiles": {text: GOOD}})


def test_of_settings_schema_and_code_refuse_the_same(home: Home) -> None:
    path = home.path / ".config/ssoenv/config.toml"
    path.parent.mkdir(parents=True)
    found = []
    for place, fit in OF_SETTINGS.items():
        for value in (*fit, *OTHER, *ODD):
            text = tomli_w.dumps(with_value({}, place, value))
            path.write_text(text)
            faults: tuple[str, ...] = ()
            try:
                settings.load(home.env)
            except InvalidConfiguration as refused:
                faults = refused.problems
            found.append(agree(SETTINGS, text, faults))

    assert found.count(True) > 90
    assert found.count(False) > 100


@pytest.mark.parametrize(
    ("changed", "by", "taken"),
    [
        ("", "", True),
        ('default = "dev"\n', "", False),
        ('account = "111122223333"', "account = 111122223333", False),
        ('"Prod, the real one"', '"11112222333"', False),
        ('["Admin", "Developer"]', '["Admin", "Admin"]', False),
        ('"envs/prod"', '"../prod"', False),
        ("protect", "protct", False),
        ("https", "http", False),
    ],
)
def test_what_people_write(changed: str, by: str, *, taken: bool) -> None:
    text = WHOLE.decode().replace(changed, by, 1) if changed else WHOLE.decode()

    assert PROJECT.is_valid(tomllib.loads(text)) is taken
    assert (not faults_of_a_project(text)) is taken


def test_the_examples_of_the_pages_are_valid() -> None:
    assert PROJECT.is_valid(tomllib.loads(block(README, "toml", "[profiles.dev]")))
    page = (ROOT / "docs/settings.md").read_text()
    assert SETTINGS.is_valid(tomllib.loads(block(page, "toml", "commands")))


def test_every_key_is_explained_and_nothing_is_newer_than_draft_4() -> None:
    for made in (schema.project(), schema.for_settings()):
        Draft4Validator.check_schema(made)
        text = json.dumps(made)
        assert not re.search(r'"(?:const|if|propertyNames|examples|\$id|contains)":', text)
        assert not re.search(r"\(\?[^:]|\\\\[dwZ]", text), "only what every reader takes alike"
    keys = {field.name for field in dataclasses.fields(settings.Settings)}
    assert {*schema.for_settings()["properties"]} == keys
    assert {*schema.project()["properties"]} == {*binding_file.ROOT_KEYS}


def test_generated_and_committed_are_the_same(home: Home) -> None:
    committed = {path.name: path.read_text() for path in schemas.FOLDER.iterdir()}

    assert committed == schemas.render_all(), "run: make schemas"
    assert home.ssoenv("schema").stdout == committed["project.json"]
    assert home.ssoenv("schema", "settings").stdout == committed["settings.json"]
    wrong = home.ssoenv("schema", "setings")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean 'settings'?" in wrong.stderr


def test_the_page_says_what_no_schema_can() -> None:
    page = (ROOT / "docs/binding-file.md").read_text().replace("`", "").lower()

    for one in schema.UNSAID:
        assert one.removeprefix("the ").split(",")[0].lower() in page, one
    directive = re.search(r"^#:schema (\S+)$", page, re.MULTILINE)
    assert directive
    assert directive[1].endswith("/docs/schemas/project.json")


def test_a_file_that_names_its_schema_is_edited_below_that_line() -> None:
    first = "#:schema ./schema.json\n"
    before = f'{first}session = "acme"\n[profiles.dev]\naccount = "dev"\nrole = "Admin"\n'
    wanted = Profile("ops", Role("acme", "prod", ("ReadOnly",)), line=0)

    after = edit(
        before.encode(), wanted, path=".ssoenv.toml", place=Place(default=True, agent=True)
    )

    assert after.decode().startswith(first + 'session = "acme"\n')
    assert edit(None, wanted, path=".ssoenv.toml").startswith(b"session")  # bind names no schema
