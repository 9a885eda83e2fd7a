"""One policy: never and protect, by id or by name, wherever credentials are asked for."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssoenv import policy, settings, target
from ssoenv.aws_files import config as aws_config
from ssoenv.base import files, paths
from ssoenv.base.arns import RoleArn
from ssoenv.base.errors import AccessDenied, ServiceUnavailable, SsoenvError
from ssoenv.base.models import Account, Assignment, IamRole, Role
from ssoenv.binding import file as binding_file
from ssoenv.cli.credential_process import credential_process
from ssoenv.cli.terminal import Terminal
from ssoenv.credentials import ensure, terms
from ssoenv.credentials.fetching import obtain
from ssoenv.identity_center import kept_listings
from ssoenv.identity_center.assignments import Listing
from ssoenv.policy import Target
from ssoenv.sandbox.server import Sandbox
from ssoenv.settings import Settings
from ssoenv.shells import rendered
from ssoenv.trust import grants, store
from tests.conftest import Home, operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.sampled(2)

PROD = Account("333333333333", "prod", "prod@acme.example")
LISTING = Listing.of((Assignment(PROD, "Administrator"), Assignment(PROD, "ReadOnly")), 0)
MEANT = {"id": "333333333333:*", "name": "prod:*", "wildcard": "pr*:Admin*", "role": "*:Admin*"}
OTHER = {"id": "111111111111:*", "name": "dev:*", "wildcard": "de*:Admin*", "role": "*:ReadOnly"}
WRITTEN = {"id": PROD.id, "name": PROD.name}


def ruled(key: str, pattern: str) -> Settings:
    """Settings whose one pattern stands under `key`."""
    return Settings(never=(pattern,)) if key == "never" else Settings(protect=(pattern,))


@pytest.mark.parametrize("writes", WRITTEN)
@pytest.mark.parametrize("by", MEANT)
@pytest.mark.parametrize("key", ["never", "protect"])
def test_a_pattern_means_an_account_by_its_id_and_by_its_name(
    key: str, by: str, writes: str
) -> None:
    role = Role("acme", WRITTEN[writes], ("Administrator",))
    found = policy.target(role, LISTING)
    meant = {"never": "refused", "protect": "ask"}[key]

    verdict = policy.verdict(ruled(key, MEANT[by]), found)
    assert verdict.answer == meant
    assert MEANT[by] in verdict.reason
    assert policy.verdict(ruled(key, OTHER[by]), found).answer == "allowed"


@pytest.mark.parametrize(
    ("pattern", "account", "answer"),
    [
        pytest.param("prod:*", PROD.id, "unknown", id="a name for an id"),
        pytest.param("33*:*", PROD.id, "refused", id="a wildcard that the id fits"),
        pytest.param("44*:*", PROD.id, "unknown", id="a wildcard that a name may fit"),
        pytest.param("444444444444:*", PROD.id, "allowed", id="an id for another id"),
        pytest.param("prod:*", "dev", "allowed", id="a name for another name"),
        pytest.param("333333333333:*", "prod", "unknown", id="an id for a name"),
        pytest.param("3*:*", "prod", "unknown", id="a wildcard that an id may fit"),
        pytest.param("p*:*", "dev", "allowed", id="a wildcard that no id fits"),
        pytest.param("[1-3]*:*", "dev", "unknown", id="brackets"),
        pytest.param("[prod] web", "[prod] web", "refused", id="brackets in a name"),
        pytest.param("Prod: web", "Prod: web", "refused", id="a colon in a name"),
        pytest.param("Prod: web:Admin*", "Prod: web", "refused", id="a colon in a name, a role"),
        pytest.param("prod:Read*", PROD.id, "allowed", id="another role anyway"),
        pytest.param("*:Admin*", PROD.id, "refused", id="any account"),
    ],
)
def test_what_is_known_without_a_list(pattern: str, account: str, answer: str) -> None:
    role = Role("acme", account, ("Administrator",))
    elsewhere = Listing.of((Assignment(Account("999999999999", "other", ""), "X"),), 0)
    for listing in (None, elsewhere):
        target = policy.target(role, listing)
        assert policy.verdict(Settings(never=(pattern,)), target).answer == answer


@given(
    pattern=st.from_regex(r"[pr3o*?\[\]!d-]{1,5}:[RA*]{1,2}", fullmatch=True),
    key=st.sampled_from(["never", "protect"]),
    name=st.text("prod3", min_size=1, max_size=6),
)
def test_an_id_and_a_name_in_the_file_get_one_verdict(pattern: str, key: str, name: str) -> None:
    """With the list at hand; and without it, what is decided is never decided otherwise."""
    account = Account(PROD.id, name, "")
    listing = Listing.of((Assignment(account, "R"),), 0)
    preferences = ruled(key, pattern)
    verdicts = set()
    for written in (account.id, account.name):
        role = Role("acme", written, ("R",))
        told = policy.verdict(preferences, policy.target(role, listing))
        guessed = policy.verdict(preferences, policy.target(role, None))
        assert told.answer != "unknown"
        assert guessed.answer in ("unknown", told.answer)
        verdicts.add(told)
    assert len(verdicts) == 1


def test_each_alternative_role_is_judged_and_the_one_that_is_held_counts() -> None:
    both = Role("acme", PROD.id, ("Owner", "ReadOnly"))
    never_owner, never_any = Settings(never=("*:Owner",)), Settings(never=("*:Owner", "*:Read*"))

    assert policy.verdict(never_owner, policy.target(both, None)).answer == "unknown"
    assert policy.verdict(never_any, policy.target(both, None)).answer == "refused"
    assert policy.verdict(never_owner, policy.target(both, LISTING)).answer == "allowed"
    assert policy.verdict(never_any, policy.target(both, LISTING)).answer == "refused"
    rows = (*LISTING.assignments, Assignment(PROD, "Owner"))
    assert policy.verdict(never_owner, policy.target(both, Listing.of(rows, 0))).answer == "refused"


@pytest.mark.parametrize("second", ["allowed", "ask", "refused"])
@pytest.mark.parametrize("first", ["allowed", "ask", "refused"])
def test_of_a_role_on_top_of_another_the_stricter_verdict_counts(first: str, second: str) -> None:
    """By the names of either account; a name that no list has may be any."""
    key = {"ask": "protect", "refused": "never"}
    prod_is, dev_is = first, second
    patterns: dict[str, list[str]] = {"protect": [], "never": []}
    for account, answer in (("prod", prod_is), ("dev", dev_is)):
        if answer in key:
            patterns[key[answer]].append(f"{account}:*")
    told = Settings(never=tuple(patterns["never"]), protect=tuple(patterns["protect"]))
    dev = Account("111111111111", "dev", "")
    listing = Listing.of((*LISTING.assignments, Assignment(dev, "Developer")), 0)
    top = IamRole(RoleArn("aws", dev.id, (), "Deploy"))
    role = Role("acme", "prod", ("ReadOnly",), top)
    strictest = max((first, second), key=["allowed", "ask", "refused"].index)
    assert policy.verdict(told, policy.target(role, listing)).answer == strictest
    # Where no list has the account, its name is not known, and never will be.
    alone = policy.verdict(told, policy.target(role, LISTING)).answer
    assert alone == strictest
    unknown = policy.verdict(told, policy.target(role, None)).answer
    assert unknown in ("unknown", strictest)


def test_protect_knows_a_profile_by_its_name_and_never_does_not() -> None:
    """What a file calls a profile is its own word: it may make ssoenv careful, no more."""
    target = Target(PROD.id, PROD.name, ("ReadOnly",), profile="live")

    assert policy.verdict(Settings(protect=("live",)), target).answer == "ask"
    assert policy.verdict(Settings(never=("live:*",)), target).answer == "allowed"


@dataclass
class World:
    """A home whose owner is signed in and has had the role's credentials before."""

    home: Home
    sandbox: Sandbox
    project: Path

    def arrange(self, text: str, account: str, listing: Listing | None) -> None:
        """Set the settings, the file and the list; nothing is rendered that was not allowed."""
        env = self.home.env
        state = paths.state(env)
        for folder in ("roles", "assignments", "trust"):
            shutil.rmtree(f"{state}/{folder}", ignore_errors=True)
        files.write_private(paths.settings_file(env), text.encode())
        path = str(self.project / ".ssoenv.toml")
        files.write_private(
            path,
            f'session = "acme"\n[profiles.p]\naccount = "{account}"\nrole = "Administrator"\n'.encode(),
        )
        if listing:
            kept_listings.save(env, aws_config.find_session(env, "acme"), listing)
        binding = binding_file.parse(binding_file.read(path), path)
        grants.grant(env, binding, (str(self.project),), settings.load(env))


@pytest.fixture
def world(made: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The one world of this file, seen from its project."""
    monkeypatch.chdir(made.project)
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    top = tmp_path_factory.mktemp("world")
    env = {
        "HOME": str(top / "home"),
        "PATH": os.environ["PATH"],
        "CI": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }
    home = Home(top / "home", env)
    with Sandbox() as sandbox:
        sandbox.write_home(str(home.path))
        home.env |= sandbox.environment(str(top / "sandbox"))
        made = World(home, sandbox, home.project("web"))
        home.env["PWD"] = str(made.project)
        assert home.ssoenv("login", "acme").returncode == 0
        made.arrange("", PROD.id, None)
        wanted_role = Role("acme", PROD.id, ("Administrator",))
        wish = terms.Wish(("a test",))
        allowed = terms.terms(wanted_role, wish, home.env, settings.load(home.env), Terminal())
        obtain(wanted_role, allowed)
        yield made


def _by_directory(command: str) -> Callable[[World, dict[str, str]], object]:
    def ask(world: World, env: dict[str, str]) -> object:
        found = target.resolve(None, "p", None, env)
        return found.obtain(command, env, Terminal())

    return ask


def _credential_process(world: World, env: dict[str, str]) -> object:
    account = (
        binding_file.parse(
            (world.project / ".ssoenv.toml").read_bytes(), str(world.project / ".ssoenv.toml")
        )
        .profiles["p"]
        .role.account
    )
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as out:
        for name, value in env.items():
            patch.setenv(name, value)
        credential_process(Role("acme", account, ("Administrator",)).key, False)
    return out.getvalue()


VERBS: dict[str, Callable[[World, dict[str, str]], object]] = {
    "export": _by_directory("ssoenv export"),
    "exec": _by_directory("ssoenv exec make"),
    "whoami": _by_directory("ssoenv whoami"),
    "credential-process": _credential_process,
    "ensure": lambda world, env: ensure.ensure(
        str(world.project), "p", "1", ["aws"], env, Terminal()
    ),
}


def outcome(
    ask: Callable[[World, dict[str, str]], object], world: World, env: dict[str, str]
) -> str:
    """What came of asking, as one word."""
    try:
        return "allowed" if ask(world, env) is not None else "nothing"
    except AccessDenied as error:
        if "your settings never allow" in error.message:
            return "refused"
        return "ask" if "is protected" in error.message else error.message
    except ServiceUnavailable:
        return "no answer"


def expected(key: str, by: str, meant: bool, writes: str, known: str) -> str:
    answer = {"never": "refused", "protect": "ask"}[key] if meant else "allowed"
    if known != "unreachable":
        return answer
    if by == "role" and meant:
        return answer
    if writes == "id" and by in ("id", "role"):
        return answer
    if writes == "name" and by in ("name", "wildcard") and meant:
        return answer
    return "no answer"


TABLE = list(
    itertools.product(
        ["never", "protect"],
        MEANT,
        [True, False],
        WRITTEN,
        ["known", "not known", "unreachable"],
    )
)


@pytest.mark.parametrize(("key", "by", "meant", "writes", "known"), TABLE)
def test_the_policy_holds_wherever_credentials_are_asked_for(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    by: str,
    meant: bool,
    writes: str,
    known: str,
) -> None:
    env = dict(world.home.env)
    if known == "unreachable":
        env |= {name: "http://127.0.0.1:1" for name in env if name.startswith("AWS_ENDPOINT_URL")}
        del env["AWS_DATA_PATH"]  # it, too, leads to the sandbox
        monkeypatch.setattr("time.sleep", lambda _: None)  # botocore's pause between two tries
    pattern = (MEANT if meant else OTHER)[by]
    # To ask the service takes time: then two of the verbs, others in each row.
    row = TABLE.index((key, by, meant, writes, known)) // 3
    names = list(VERBS) if known == "known" else [list(VERBS)[(row + n) % 5] for n in (0, 3)]
    for verb in names:
        ask, listing = VERBS[verb], LISTING if known == "known" else None
        world.arrange(f'{key} = ["{pattern}"]\n', WRITTEN[writes], listing)
        answer = outcome(ask, world, env)
        assert answer == expected(key, by, meant, writes, known), verb


def test_without_patterns_nothing_more_is_asked(world: World) -> None:
    world.arrange("", PROD.id, None)
    world.sandbox.clear_requests()
    for verb in ("export", "exec"):
        assert outcome(VERBS[verb], world, world.home.env) == "allowed"
    assert world.sandbox.requests() == []
    shutil.rmtree(paths.credential_cache(world.home.env))
    assert outcome(VERBS["export"], world, world.home.env) == "allowed"
    assert [call["operation"] for call in world.sandbox.requests()] == ["GetRoleCredentials"]


def test_a_pattern_that_is_decided_asks_nothing_and_one_that_is_not_asks_once(
    world: World,
) -> None:
    for pattern, lists in (("*:Billing", 0), ("111111111111:*", 0), ("dev:*", 1)):
        world.arrange(f'never = ["{pattern}"]\n', PROD.id, None)
        world.sandbox.clear_requests()
        for _ in range(2):
            assert outcome(VERBS["export"], world, world.home.env) == "allowed"
        assert operations(world.sandbox, "ListAccounts") == lists, pattern


def test_what_was_rendered_before_the_list_was_known_is_judged_by_it(world: World) -> None:
    """Until then no shell gets the keys themselves; from then on it is as any other role."""
    env, project = world.home.env, str(world.project)

    def shown() -> rendered.RenderedProfile:
        binding = rendered.load_binding(env, project)
        assert binding
        return binding.profiles["p"]

    for pattern, sign in (("prod:*", "refusal"), ("dev:*", "")):
        world.arrange(f'never = ["{pattern}"]\n', PROD.id, None)
        assert (shown().export, shown().refusal) == ("profile", "")
        outcome(VERBS["whoami"], world, env)
        assert shown().export == "keys"
        assert bool(shown().refusal) == bool(sign)


def test_new_settings_take_rendered_credentials_back(world: World) -> None:
    env = world.home.env
    key = Role("acme", PROD.id, ("Administrator",)).key
    for text, stays in (
        ("", True),
        ('never = ["*:Billing"]\n', True),
        ('never = ["prod:*"]\n', False),
        ('protect = ["prod"]\n', False),
    ):
        for listing in (LISTING, None):
            world.arrange("", PROD.id, listing)
            assert outcome(VERBS["ensure"], world, env) == "allowed"
            assert rendered.load_role(env, key)
            files.write_private(paths.settings_file(env), text.encode())
            grants.grant_anew(env, settings.load(env))
            assert bool(rendered.load_role(env, key)) is stays, (text, listing)
            assert store.trusted(env, str(world.project)) is not None


def test_ensure_says_for_how_long_a_yes_holds(world: World) -> None:
    world.arrange("", PROD.id, LISTING)
    assert VERBS["ensure"](world, world.home.env) == 0

    world.arrange("protect = ['prod']\nprotect_for = 30\n", PROD.id, LISTING)
    allowed = world.home.env | {"SSOENV_ALLOW_PROTECTED": "prod/Administrator"}
    assert VERBS["ensure"](world, allowed) in (29, 30)  # a second may have begun meanwhile
    world.arrange("protect = ['prod']\n", PROD.id, LISTING)
    assert VERBS["ensure"](world, allowed) in (59, 60)  # it may have been set for one command


@pytest.mark.parametrize("directory", ["../..", "@../..", "@a/../b", "x", "", "@", "/a/../b"])
def test_ensure_walks_nowhere(world: World, directory: str) -> None:
    with pytest.raises(SsoenvError):
        ensure.ensure(directory, "p", "1", ["aws"], world.home.env, Terminal())


@pytest.mark.parametrize("answer", [403, 500])
def test_a_list_that_cannot_be_had_leaves_the_kept_one(world: World, answer: int) -> None:
    world.arrange("", PROD.id, LISTING)
    world.sandbox.fail("ListAccountRoles", answer, times=99)
    try:
        told = world.home.ssoenv("roles", "--refresh")
    finally:
        world.sandbox.clear_faults()
    assert told.returncode == (7 if answer == 500 else 0)
    kept = kept_listings.load(world.home.env, "acme")
    assert kept
    assert kept.roles(PROD) == LISTING.roles(PROD)


def test_an_honestly_empty_list_is_a_list(home: Home) -> None:
    home.project(".aws")
    (home.path / ".aws/config").write_text(
        "[sso-session acme]\nsso_start_url = https://a.example/start\nsso_region = us-east-1\n"
    )
    session = aws_config.find_session(home.env, "acme")
    kept_listings.save(home.env, session, LISTING)
    kept_listings.save(home.env, session, Listing((), 7))
    assert kept_listings.load(home.env, "acme") == Listing((), 7)
