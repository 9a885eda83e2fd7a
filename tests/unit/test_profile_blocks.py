"""The blocks of `ssoenv configure`: what botocore reads of them, and every byte around them."""

from __future__ import annotations

import configparser
import io
import shlex
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.configloader
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ssoenv.aws_files import edits, found_blocks, managed_block, managed_profiles, profile_blocks
from ssoenv.aws_files.profile_blocks import Profile
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration, UsageError
from ssoenv.base.models import Account, Assignment, Session
from ssoenv.configure import profiles as plans
from ssoenv.configure import recipe as recipes_of_configure
from ssoenv.configure.recipe import Recipe
from ssoenv.identity_center.assignments import Listing

if TYPE_CHECKING:
    import random

SESSION = Session("acme", "https://acme.awsapps.com/start", "eu-west-1", None, "here")
SECTION = (
    "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n"
)
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
HOSTILE = st.one_of(
    PRINTABLE,
    st.text(max_size=6),
    st.sampled_from(("]", "[x]", "a]\n[b", "#", ";x", "=", ":", "%(x)s", "'", '"', "\\", "ssoenv", "default", "-", "\r", "é ü", "\u2028")),
)  # fmt: skip
quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def home(folder: str | Path, text: str | None = SECTION) -> dict[str, str]:
    (Path(folder) / ".aws").mkdir()
    env = {"HOME": str(folder)}
    if text is not None:
        Path(paths.aws_config_file(env)).write_bytes(text.encode())
    return env


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return home(tmp_path)


def content(env: dict[str, str]) -> bytes | None:
    path = Path(paths.aws_config_file(env))
    return path.read_bytes() if path.exists() else None


def listing(*rows: tuple[str, str, str]) -> Listing:
    """Of ids, names and roles."""
    found = (Assignment(Account(*row[:2], f"{row[0]}@example.com"), row[2]) for row in rows)
    return Listing.of(found, 0)


def many(count: int) -> Listing:
    """Four roles in each account."""
    return listing(
        *(
            (f"{number // 4:012d}", f"account {number // 4}", f"Role{number % 4}")
            for number in range(count)
        )
    )


def configure(env: dict[str, str], held: Listing, recipe: Recipe = Recipe()) -> plans.Plan:  # noqa: B008
    plan = plans.plan(SESSION, held, recipe, env)
    plans.write(plan, env)
    return plan


def read(env: dict[str, str]) -> dict[str, dict[str, object]]:
    """The profiles as botocore has them."""
    found: dict[str, dict[str, object]] = botocore.configloader.load_config(
        paths.aws_config_file(env)
    )["profiles"]
    return found


@quickly
@given(st.lists(st.tuples(st.integers(1, 9), HOSTILE, HOSTILE), max_size=8), st.booleans())
def test_hostile_names_of_accounts_and_roles_come_back_from_botocore(
    rows: list[tuple[int, str, str]], sso: bool
) -> None:
    names = {number: name for number, name, _ in rows}
    held = listing(*{(f"{number:012d}", names[number], role) for number, _, role in rows})
    if not held.assignments:
        return
    with tempfile.TemporaryDirectory() as folder:
        env = home(folder)
        recipe = Recipe(name="{account_id}.{account_name}.{role}", sso=sso)
        try:
            plan = plans.plan(SESSION, held, recipe, env)
        except UsageError:  # two roles of one account whose names come to the same
            return
        plans.write(plan, env)
        seen = read(env)
        assert {*seen} == {one.name for one in plan.profiles}
        got = set()
        for section in seen.values():
            if sso:
                assert section["sso_session"] == "acme"
                got.add((section["sso_account_id"], section["sso_role_name"]))
            else:
                shell, script, key = shlex.split(str(section["credential_process"]))
                assert (shell, script) == ("/bin/sh", paths.source_file(env))
                assert not set(key) & set("$`;|&<>()'\"\\ #*?~")
                (label,), (account,), (role,) = paths.parse_role_key(key)
                assert label == "acme"
                got.add((account, role))
        assert len(got) + len(plan.left_out) == len(held.assignments)
        assert got <= {(one.account.id, one.role) for one in held.assignments}
        assert not any("\n" in line or "\r" in line for line in plan.left_out if line.isprintable())
        plans.write(plans.plan_removal(None, env), env)
        assert content(env) == SECTION.encode()


LINES = st.sampled_from(
    (
        "[default]", "[profile x]", "[profile y]", "[services s]", "region = eu-west-1", "output=json", "s3 =", "  addressing_style = path",
        "", "# a note", "; another", "  # deep", "[plugins]", "cli_pager =", "\tx = y",
    )
)  # fmt: skip


@quickly
@given(
    st.lists(LINES, max_size=10),
    st.sampled_from(("\n", "\r\n")),
    st.booleans(),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_whatever_comes_and_goes_around_a_file_it_ends_as_it_was(
    lines: list[str], newline: str, ended: bool, there: bool, chance: random.Random
) -> None:
    text = newline.join(lines) + (newline if ended and lines else "")
    try:
        configparser.RawConfigParser().read_file(io.StringIO(text, newline=None))
    except configparser.Error:
        return
    with tempfile.TemporaryDirectory() as folder:
        env = home(folder, text if there or text else None)
        before = content(env)
        put = {one: profile_blocks.placed(one, ("x",), [profile_of(one)]) for one in ("one", "two")}
        here: list[str] = []
        for _ in range(8):
            toggle(env, chance.choice(("one", "two", "managed")), here, put)
            again = content(env)
            for one in put.keys() & {*here}:
                edits.apply(env, put[one])
            assert content(env) == again
        for what in tuple(here):
            toggle(env, what, here, put)
        assert content(env) == before


def profile_of(session: str) -> Profile:
    keys = {"sso_session": session, "sso_account_id": "1", "sso_role_name": "r", "output": "json"}
    return Profile(f"a.{session}", keys)


def toggle(env: dict[str, str], what: str, here: list[str], put: dict[str, edits.Change]) -> None:
    """Put a block there, or take it out if it is."""
    if what in here:
        here.remove(what)
        if what == "managed":
            managed_profiles.retract(env)
        else:
            edits.apply(env, profile_blocks.removed([what]))
        return
    here.append(what)
    if what == "managed":
        managed_profiles.publish(env)
    else:
        edits.apply(env, put[what])


def test_a_key_that_another_tool_adds_stays_with_its_profile(env: dict[str, str]) -> None:
    held = listing(("111111111111", "dev", "A"), ("111111111111", "dev", "B"))
    configure(env, held)
    path = Path(paths.aws_config_file(env))
    # As the AWS CLI does it: behind the block, behind our first mark, and between the lines.
    text = path.read_text().replace(
        "region = eu-west-1\n[profile dev.B]",
        "region = eu-west-1\ns3 =\n  max_queue_size = 9\n# mine\n[profile dev.B]",
    )
    text = text.replace("do not edit\n", "do not edit\nsso_registration_scopes = a\n")
    path.write_text(f"{text}cli_pager = less\n")
    configure(env, held, Recipe(settings=("output=json",)))
    assert read(env)["dev.A"]["s3"] == {"max_queue_size": "9"}
    assert read(env)["dev.B"]["cli_pager"] == "less"
    assert read(env)["dev.B"]["output"] == "json"
    assert "sso_registration_scopes = a\n\n# >>>" in path.read_text()
    assert "# mine\n" in path.read_text()
    again = content(env)
    configure(env, held, Recipe(settings=("output=json",)))
    assert content(env) == again
    configure(env, held)
    assert "output" not in read(env)["dev.B"]
    assert read(env)["dev.B"]["cli_pager"] == "less"
    plans.write(plans.plan_removal("acme", env), env)
    assert content(env) == f"{SECTION}sso_registration_scopes = a\n".encode()


@pytest.mark.parametrize("end", ["", "\n", "\r", "\r\n", "\r\r", "\n\r"])
def test_however_a_file_ends_a_block_comes_once_and_goes(tmp_path: Path, end: str) -> None:
    env = home(tmp_path, f"[default]\nregion = x{end}")
    before = content(env)
    held = listing(("111111111111", "dev", "A"))
    configure(env, held)
    there = content(env)
    configure(env, held)
    assert content(env) == there
    plans.write(plans.plan_removal(None, env), env)
    assert content(env) == before


SIMILAR = st.sampled_from(("R=x", "R,x", "R-x", "Rx", "R=x=", "R=,x", "S", "="))
TEMPLATES = st.sampled_from((None, "{role}", "{account_name}", "{account_id}.{role:lower}", "all"))


@quickly
@given(
    st.lists(st.tuples(st.integers(1, 2), SIMILAR), min_size=2, max_size=4, unique=True),
    TEMPLATES,
    st.booleans(),
)
def test_what_is_proposed_where_names_collide_helps(
    rows: list[tuple[int, str]], template: str | None, two_regions: bool
) -> None:
    """Every command that is proposed leads on: after some of them nothing collides."""
    held = listing(*((f"{number:012d}", "dev", role) for number, role in rows))
    regions = ("eu-west-1", "us-east-1") if two_regions else ()
    recipe = Recipe(name=template, regions=regions)
    seen = {recipe}
    with tempfile.TemporaryDirectory() as folder:
        env = home(folder)
        while True:
            try:
                plans.plan(SESSION, held, recipe, env)
            except UsageError as error:
                fix = error.fix
            else:
                return
            if fix is None:  # in words: some roles only, or the region in the name
                return
            recipe = recipes_of_configure.parse(shlex.split(fix)[2:])
            assert recipe not in seen
            seen.add(recipe)


def test_two_roles_of_one_account_with_one_name_are_told_apart(env: dict[str, str]) -> None:
    held = listing(("111111111111", "dev", "R=x"), ("111111111111", "dev", "R,x"))
    with pytest.raises(UsageError) as caught:
        configure(env, held)
    assert "111111111111/R=x and 111111111111/R,x" in caught.value.message
    assert caught.value.fix == "ssoenv configure --trim ,"
    configure(env, held, Recipe(trim=(",",)))
    assert {*read(env)} == {"dev.R-x", "dev.Rx"}


@pytest.mark.parametrize("managed", [True, False])
def test_a_header_behind_the_block_continues_nothing_when_that_is_made_anew(
    env: dict[str, str], managed: bool
) -> None:
    """As where an editor has indented the whole file."""
    configure(env, listing(("111111111111", "dev", "A"), ("111111111111", "dev", "B")))
    path = Path(paths.aws_config_file(env))
    if managed:
        managed_profiles.publish(env)
    text = path.read_text() + "# mine\n[profile z]\nregion = z\n"
    path.write_text("".join(f"  {line}\n" for line in text.splitlines()))
    assert read(env)["z"] == {"region": "z"}
    configure(env, listing(("111111111111", "dev", "A")))
    assert read(env)["z"] == {"region": "z"}
    plans.write(plans.plan_removal(None, env), env)
    managed_profiles.retract(env)
    assert read(env) == {"z": {"region": "z"}}


@pytest.mark.parametrize("name", [None, "with space", "it's: =x", "é"])
@pytest.mark.parametrize("sso", [False, True])
def test_a_session_of_any_name_or_none_has_a_block_of_its_own(
    env: dict[str, str], name: str | None, sso: bool
) -> None:
    held = listing(("111111111111", "dev", "A"))
    configure(env, held)
    before = content(env)
    other = Session(name, "https://d-1.awsapps.com/start#/", "eu-west-1", None, "")
    plan = plans.plan(other, held, Recipe(name="other.{role}", sso=sso), env)
    plans.write(plan, env)
    again = plans.plan(other, held, Recipe(name="other.{role}", sso=sso), env)
    assert not again.show()
    if sso:
        key = "sso_session" if name else "sso_start_url"
        assert read(env)["other.A"][key] == (name or other.start_url)
    assert found_blocks.labels(env) == ("acme", other.label)
    plans.write(plans.plan_removal(other.label, env), env)
    assert content(env) == before


NESTED = ("addressing_style", "max_queue_size", "use_accelerate_endpoint")
SETS = ("output=json", "cli_pager=less", *(f"s3.{key}=ours" for key in NESTED[:2]), "s3=plain")
recipes = st.lists(st.sampled_from(SETS), max_size=3, unique=True)


@st.composite
def written_by_somebody(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Return lines of keys of their own, and some for our nested block, each with its margin."""
    margin = draw(st.sampled_from(("  ", "    ", "\t", "        ")))
    notes = st.sampled_from(("", "# note", "  ; note", "        # deep"))
    whole: list[str] = []
    for key in draw(st.lists(st.sampled_from(("sts", "retries", "ec2")), unique=True)):
        whole.append(f"{key} = mine" if draw(st.booleans()) else f"{key} =")
        whole += draw(st.lists(st.sampled_from((f"{margin}a = b", f"{margin}c=d")), unique=True))
        whole.append(draw(notes))
    below = [
        f"{margin}{key} = theirs"
        for key in draw(st.lists(st.sampled_from(NESTED[1:]), unique=True))
    ]
    return whole, [text for line in below for text in (draw(notes), line)]


def said(sets: list[str]) -> dict[str, object]:
    """What a profile has by these options, the last of them first to count."""
    found: dict[str, object] = {}
    for one in sets:
        key, _, value = one.partition("=")
        key, _, sub = key.partition(".")
        if sub:
            there = found.get(key)
            found[key] = {**(there if isinstance(there, dict) else {}), sub: value}
        else:
            found[key] = value
    return found


@quickly
@example(
    ["s3.max_queue_size=ours", "s3=plain", "s3.addressing_style=ours"],
    [],
    ([], ["", "  max_queue_size = theirs"]),
    "\n",
)
@given(recipes, recipes, written_by_somebody(), st.sampled_from(("\n", "\r\n")))
def test_whatever_somebody_adds_to_a_profile_of_ours_stays_in_it(
    first: list[str], second: list[str], theirs: tuple[list[str], list[str]], newline: str
) -> None:
    """Keys of their own, and keys in a nested block that is ours, as ``aws configure set`` does."""
    whole, below = theirs
    held = listing(("111111111111", "dev", "A"))
    with tempfile.TemporaryDirectory() as folder:
        env = home(folder, SECTION.replace("\n", newline))
        configure(env, held, Recipe(settings=tuple(first)))
        path = Path(paths.aws_config_file(env))
        text = path.read_bytes().decode()
        mine = said(first).get("s3")
        if isinstance(mine, dict):
            last = f"  {[*mine][-1]} = ours{newline}"
            below = [line for line in below if not any(f"{sub} =" in line for sub in mine)]
            text = text.replace(last, last + "".join(f"{line}{newline}" for line in below))
        else:
            below = []
        made = "# ssoenv configure --set" if first else "# ssoenv configure"
        text = text.replace(made, "".join(f"{line}{newline}" for line in whole) + made, 1)
        path.write_bytes(text.encode())
        before = dict(read(env)["dev.A"])
        configure(env, held, Recipe(settings=tuple(second or ["region=eu-west-1"])))

        new, after = said(second), dict(read(env)["dev.A"])
        kept = {key: value for key, value in before.items() if key not in said(first)}
        kept.update(new)
        added = {line.split()[0]: "theirs" for line in below if "theirs" in line}
        if added and not isinstance(new.get("s3"), str):
            now = new.get("s3", {})
            assert isinstance(now, dict)
            kept["s3"] = {**added, **now}
        assert after == kept
        for note in ("# note", "; note", "# deep"):
            if not isinstance(new.get("s3"), str):
                assert path.read_text().count(note) == text.count(note)
        again = content(env)
        configure(env, held, Recipe(settings=tuple(second or ["region=eu-west-1"])))
        assert content(env) == again
        plans.write(plans.plan_removal(None, env), env)
        assert content(env) == SECTION.replace("\n", newline).encode()


def test_a_section_that_somebody_put_into_the_block_leaves_it(env: dict[str, str]) -> None:
    configure(env, listing(("111111111111", "dev", "A")))
    path = Path(paths.aws_config_file(env))
    mine = (
        "[profile mine]\nrole_arn = arn:x\n  more\n[services s]\ns3 =\n  endpoint_url = http://x\n"
    )
    path.write_text(path.read_text().replace("# ssoenv configure\n", f"{mine}# ssoenv configure\n"))
    configure(env, listing(("111111111111", "dev", "A")))
    assert path.read_text().endswith(f"<<<\n{mine}")
    plans.write(plans.plan_removal(None, env), env)
    assert (
        content(env) == f"{SECTION}{mine}".encode() or content(env) == f"{SECTION}\n{mine}".encode()
    )


def test_a_block_without_an_end_is_an_error_and_nothing_is_lost(env: dict[str, str]) -> None:
    configure(env, listing(("111111111111", "dev", "A")))
    path = Path(paths.aws_config_file(env))
    path.write_text(path.read_text().replace("# <<<", "# <"))
    before = content(env)
    with pytest.raises(InvalidConfiguration, match="block for acme"):
        configure(env, listing(("111111111111", "dev", "A")))
    assert content(env) == before


def test_a_beginning_that_is_there_twice_is_that_of_one_block(env: dict[str, str]) -> None:
    """What we made of it could not be read again."""
    held = listing(("111111111111", "dev", "A"))
    configure(env, held)
    path = Path(paths.aws_config_file(env))
    once = path.read_text()
    begin = next(line for line in once.splitlines(keepends=True) if line.startswith("# >>>"))
    for at in ("[profile", "# ssoenv configure\n", "# <<<"):
        path.write_text(once.replace(at, begin + at))
        configure(env, held)
        assert path.read_text() == once


def test_a_block_that_begins_in_another_leaves_that_without_an_end(env: dict[str, str]) -> None:
    configure(env, listing(("111111111111", "dev", "A")))
    path = Path(paths.aws_config_file(env))
    once = path.read_text()
    begin = next(line for line in once.splitlines(keepends=True) if line.startswith("# >>>"))
    path.write_text(once.replace("# <<<", begin.replace("acme", "globex") + "# <<<"))
    before = content(env)
    with pytest.raises(InvalidConfiguration, match="block for acme"):
        configure(env, listing(("111111111111", "dev", "A")))
    assert content(env) == before


# Defects that others had: aws-sso-util.md 1.7, 8.1 and 8.2.


def test_nested_blocks_survive(env: dict[str, str]) -> None:
    nested = (
        "[profile mine]\ns3 =\n  addressing_style = path\n  max_queue_size = 10\nservices = local\n"
        "[services local]\ns3 =\n  endpoint_url = http://localhost:9\n"
    )
    path = Path(paths.aws_config_file(env))
    path.write_text(SECTION + nested)
    configure(
        env,
        listing(("111111111111", "dev", "A")),
        Recipe(settings=("s3.addressing_style=virtual", "s3.x=y")),
    )
    assert nested in path.read_text()
    assert read(env)["mine"]["s3"] == {"addressing_style": "path", "max_queue_size": "10"}
    assert read(env)["dev.A"]["s3"] == {"addressing_style": "virtual", "x": "y"}


@pytest.mark.parametrize(
    "text",
    [
        "[a]\n[a]\n",
        "[a]\nx = 1\nx = 2\n",
        "x = 1\n",
        "[a]\nwhat is this\n",
        "[profile a]\ns3 =\n  no equals sign\n",
        "\ufeff[default]\n",
        "[a\n",
    ],
)
def test_a_file_that_botocore_cannot_read_is_refused(tmp_path: Path, text: str) -> None:
    env = home(tmp_path, text)
    with pytest.raises(Exception, match="Unable to parse"):
        botocore.configloader.load_config(paths.aws_config_file(env))
    with pytest.raises(InvalidConfiguration):
        configure(env, listing(("111111111111", "dev", "A")))
    assert content(env) == text.encode()


def seconds(count: int) -> float:
    """What changing `count` profiles takes, with all that is shown: the least of some."""
    taken = []
    for _ in range(2 if count < 1000 else 1):
        with tempfile.TemporaryDirectory() as folder:
            env = home(folder)
            configure(env, many(count))
            began = time.process_time()
            plan = plans.plan(SESSION, many(count), Recipe(regions=("us-east-1",)), env)
            assert len(plan.changed) == count
            plan.show()
            plans.write(plan, env)
            taken.append(time.process_time() - began)
    return min(taken)


def test_ten_times_the_profiles_take_ten_times_as_long_and_not_a_hundred_times() -> None:
    few, lots = seconds(500), seconds(5000)
    # Half-way between the two, as factors go: what a machine adds to either is less than three times.
    assert lots < 32 * few, (few, lots)


def test_the_managed_block_is_taken_out_in_time_that_grows_with_the_file() -> None:
    def taking(count: int) -> float:
        text = "".join(f"[profile p{number}]\nregion = x\n" * 1 for number in range(count))
        began = time.process_time()
        managed_block.take_out(text)
        return time.process_time() - began

    few, lots = min(taking(2000) for _ in range(3)), min(taking(20000) for _ in range(2))
    assert lots < 30 * few, (few, lots)
