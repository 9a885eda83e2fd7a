"""``ssoenv admin`` reads all of it, or says what it could not read: nothing refused is empty."""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.admin import access, journal, opening, units
from ssoenv.admin.center import Center
from ssoenv.base.errors import AccessDenied, ServiceUnavailable
from ssoenv.identity_center.administration import Administration
from ssoenv.identity_center.answers import Answer
from ssoenv.sandbox import world
from ssoenv.sandbox.server import Sandbox
from ssoenv.shells import hook
from tests import odd_server
from tests.cli.test_admin import DEV, OLD, PROD, center, parsed, sandbox, table
from tests.conftest import administered, operations
from tests.sandbox.administrators import Administrator
from tests.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    from tests.conftest import Home

pytestmark = pytest.mark.sampled(2)

__all__ = ["center", "sandbox"]
SECURITY = "555555555555"
REFUSED = ("AccessDeniedException", "ResourceNotFoundException", "InternalServerException")
"""What a service may say in place of an answer, the last with the status 500."""


ONE = world.Account("dev", DEV, "dev@acme.example", "acme")
EMPTY = world.World(world.built_in().instances[:1], (), (ONE,), (), ())


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("permission-sets", "there is no permission set"),
        ("users", "there is no user"),
        ("users zoe", "there is no such user"),
        ("groups", "there is no group"),
        ("assignments", "there is no such assignment"),
        ("who-can dev", "nobody holds that"),
        ("grants", "no assignment has an end"),
        ("export", "there is nothing to declare: no group, no permission set, no assignment"),
    ],
)
def test_nothing_is_said_in_words(home: Home, tmp_path: Path, command: str, told: str) -> None:
    """On stderr: what reads a list has an empty one."""
    with administered(home, tmp_path, EMPTY):
        done = home.ssoenv("admin", *command.split())
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"ssoenv: {told}\n")


@pytest.mark.parametrize("command", ["who-can prod", "what-can bob", "assignments --account prod"])
@pytest.mark.parametrize("error", REFUSED)
def test_a_refusal_is_never_an_empty_list(
    home: Home, sandbox: Sandbox, command: str, error: str
) -> None:
    """... whichever call it is of."""
    words = command.split()
    whole = home.ssoenv("admin", *words)
    assert whole.returncode == 0, whole
    for operation in sorted({one["operation"] for one in sandbox.requests()}):
        if operation in ("DescribeUser", "DescribeGroup", "DescribeAccount"):
            continue  # a name, without which there are ids
        failing: Any = 500 if error == "InternalServerException" else error
        sandbox.fail(operation, failing, times=9)
        done = home.ssoenv("admin", *words)
        sandbox.clear_faults()
        if (done.returncode, done.stdout) == (0, whole.stdout):
            continue  # read another way
        assert done.returncode in (2, 6, 7), (operation, done)
        assert done.stderr.startswith("ssoenv: "), (operation, done)
        for word in ("nobody", "there is no such", "access to nothing"):
            assert word not in done.stderr, (operation, done)


def test_what_could_not_be_read_is_named(home: Home, sandbox: Sandbox) -> None:
    words = ("assignments", "--account", "dev", "--account", "prod")
    dev, prod = f"dev ({DEV})", f"prod ({PROD})"
    for form in ((), ("--csv",), ("--json",)):
        sandbox.fail("ListPermissionSetsProvisionedToAccount", "AccessDeniedException")
        part = home.ssoenv("admin", *words, *form, "--fresh")
        assert part.returncode == 6, part
        unread, read = (dev, prod) if dev in part.stderr else (prod, dev)
        assert f"not read: the permission sets in {unread}; " in part.stderr
        assert "may not list permission sets provisioned to account" in part.stderr
        # What was read is there, but for JSON, which is whole or not at all.
        assert (read[:4].strip() in part.stdout) == (form != ("--json",)), part
        assert unread[-13:-1] not in part.stdout
        sandbox.clear_faults()


def test_a_group_that_is_there_has_members_even_if_the_list_is_not_found(
    home: Home, sandbox: Sandbox
) -> None:
    sandbox.fail("ListGroupMemberships", "ResourceNotFoundException")
    part = home.ssoenv("admin", "who-can", "dev")
    assert (part.returncode, part.stdout) == (6, "")
    assert "the members of the group" in part.stderr
    admin = Administrator.named(sandbox)
    admin.store.delete_group(**admin.identity_store, GroupId=admin.group("web"))
    assert json.dumps(parsed(home, "who-can", "dev"))
    assert "web" not in home.ssoenv("admin", "who-can", "dev").stdout


# What a stopped reading was answered.


@pytest.fixture
def stopped(home: Home, sandbox: Sandbox) -> Path:
    """The journal of a reading of all assignments that was stopped."""
    sandbox.fail("ListAccountAssignments", 500, times=99)
    sandbox.fail("ListAccountAssignmentsForPrincipal", 500, times=99)
    assert home.ssoenv("admin", "assignments").returncode == 7
    sandbox.clear_faults()
    (path,) = (home.path / ".local/state/ssoenv/admin").iterdir()
    return path


def test_a_stopped_reading_is_of_one_caller_at_one_place(
    home: Home, stopped: Path, tmp_path: Path
) -> None:
    """... even where another one's Identity Center has the same ARN, as each sandbox's has."""
    other = home.ssoenv("admin", "assignments", AWS_PROFILE="delegated-administrator")
    assert (other.returncode, other.stderr) == (0, "")
    with Sandbox(world=world.built_in()) as elsewhere:
        env = elsewhere.environment(str(tmp_path / "elsewhere"))
        moved = home.ssoenv("admin", "assignments", cwd=None, **env)
    assert (moved.returncode, moved.stderr) == (0, "")
    assert stopped.exists()
    assert "going on with" in home.ssoenv("admin", "assignments").stderr
    assert not stopped.exists()


def test_what_changes_an_identity_center_forgets_what_was_read_of_it(
    center: Any, tmp_path: Path
) -> None:
    env = {"HOME": str(tmp_path)}

    def stop(query: str) -> journal.Journal:
        with journal.kept(env, center, query, fresh=False) as kept:
            size = kept.size
            kept.keep("call", [("row",)])
            raise KeyboardInterrupt(size)

    for query in ("a", "b"):
        for size in (0, 1):
            with pytest.raises(KeyboardInterrupt, match=str(size)):
                stop(query)
    folder = tmp_path / ".local/state/ssoenv/admin"
    (folder / "ssoins-other-0123456789abcdef.jsonl").write_text("")
    assert len(list(folder.iterdir())) == 3
    journal.forget(env, center)
    assert [one.name for one in folder.iterdir()] == ["ssoins-other-0123456789abcdef.jsonl"]
    journal.forget(env, center)
    journal.forget({"HOME": str(tmp_path / "nowhere")}, center)


LINES = ("5", "null", "{}", '["a", 5]', '["a"]', '"ab"', '["a", ["b"]]', '["a", [5]]', '["a", [[5]]]', '[["a"], []]',
         '["a", {"b": []}]', '["a", null]', "\ud800", '["a", [["b"]]', "[" * 20_000)  # fmt: skip
"""What else a line of a journal may be."""


def test_rubbish_in_a_journal_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    good = '["call", [["row"]]]'
    lines = [text for line in LINES for text in (line, good)]
    path.write_text("\n".join(lines), errors="replace")
    read = journal.Journal(str(path), fresh=False)
    assert (read.size, read.kept("call")) == (1, [("row",)])
    path.write_bytes(b"\xff\n" + good.encode())
    assert journal.Journal(str(path), fresh=False).size == 1


def test_what_stands_in_the_place_of_a_journal_is_not_waited_for(
    home: Home, stopped: Path, tmp_path: Path
) -> None:
    for make in (os.mkfifo, lambda path: os.symlink(tmp_path / "not mine", path)):
        stopped.unlink(missing_ok=True)
        make(stopped)
        done = home.ssoenv("admin", "assignments")
        assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "not mine").exists()


# By whose keys.

OTHERS = {
    "AWS_CREDENTIAL_FILE": "{folder}/old",
    "BOTO_CONFIG": "{folder}/boto",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{keys}/latest",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{keys}",
    "AWS_ACCESS_KEY_ID": "AKIASANDBOX888888888",
}
"""Where else botocore finds keys, each without a word of the profile that is named."""


@pytest.mark.parametrize("name", OTHERS)
def test_a_profile_that_is_named_acts_by_its_own_keys_only(
    home: Home, sandbox: Sandbox, tmp_path: Path, name: str
) -> None:
    key, secret = "AKIASANDBOX888888888", "sandbox-key-888888888888"
    (tmp_path / "old").write_text(f"AWSAccessKeyId={key}\nAWSSecretKey={secret}\n")
    (tmp_path / "boto").write_text(
        f"[Credentials]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    )
    config = home.path / ".aws/config"
    config.write_text(config.read_text() + "\n[profile empty]\nregion = us-east-1\n")
    keys = {
        "Code": "Success",
        "AccessKeyId": key,
        "SecretAccessKey": secret,
        "Token": "x",
        "Expiration": "2100-01-01T00:00:00Z",
    }
    body = json.dumps(keys).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with odd_server.serving(lambda one: one.sendall(head % len(body) + body)) as address:
        value = OTHERS[name].format(folder=tmp_path, keys=address)
        env = {name: value, "AWS_SECRET_ACCESS_KEY": secret, "AWS_PROFILE": ""}
        sandbox.clear_requests()
        home.env |= env
        done = home.ssoenv("admin", "users", "--profile", "empty")
    assert (done.returncode, done.stdout) == (3, ""), done
    assert "the profile empty has no AWS credentials" in done.stderr
    assert sandbox.requests() == []


def test_every_way_a_profile_has_keys_counts(home: Home, sandbox: Sandbox) -> None:
    words = ("admin", "users", "--profile")
    keys: dict[str, Any] = {"Version": 1, "AccessKeyId": "AKIASANDBOX888888888"}
    keys["SecretAccessKey"] = "sandbox-key-888888888888"
    config = home.path / ".aws/config"
    (home.path / "keys.json").write_text(json.dumps(keys))
    config.write_text(
        f"{config.read_text()}\n[profile run]\ncredential_process = cat {home.path}/keys.json\n"
        "[profile plain]\naws_access_key_id = AKIASANDBOX888888888\n"
        "aws_secret_access_key = sandbox-key-888888888888\n"
        "[profile first]\ncredential_source = Environment\nregion = us-east-1\n"
        "role_arn = arn:aws:iam::888888888888:role/x\n"
    )
    for name in ("administrator", "run", "plain"):
        assert home.ssoenv(*words, name, AWS_PROFILE="").returncode == 0, name
    sandbox.clear_requests()
    # A profile may name the environment itself.
    env = {"AWS_ACCESS_KEY_ID": "AKIASANDBOX888888888", "AWS_PROFILE": ""}
    home.env |= env | {"AWS_SECRET_ACCESS_KEY": "sandbox-key-888888888888"}
    home.ssoenv(*words, "first")
    assert operations(sandbox, "AssumeRole") == 1


# What is said.


def test_the_reason_of_a_refusal_is_told(home: Home, sandbox: Sandbox) -> None:
    """... as the service has it: who asked, and what for."""
    delegated = {"AWS_PROFILE": "delegated-administrator"}
    words = ("admin", "assignments", "--by", "principal", "--json")
    denied = home.ssoenv(*words, cwd=None, **delegated)
    assert (denied.returncode, denied.stdout) == (6, "")
    user = f"arn:aws:iam::{SECURITY}:user/delegated-administrator is not authorized to perform"
    assert f"(User: {user}: sso:ListAccountAssignmentsForPrincipal)" in denied.stderr
    rejected = home.ssoenv("admin", "users", AWS_ACCESS_KEY_ID="AKIA", AWS_SECRET_ACCESS_KEY="x")
    reason = "The security token included in the request is invalid"
    assert f"UnrecognizedClientException: {reason}" in rejected.stderr
    assert sandbox


def test_named_twice_is_meant_once(home: Home, sandbox: Sandbox) -> None:
    admin = Administrator.named(sandbox)
    twice = ("--user", "carol", "--user", admin.user("carol"), "--permission-set", "ReadOnly")
    sets = ("--permission-set", admin.set("ReadOnly"), "--account", "dev", "--account", DEV)
    done = home.ssoenv("admin", "unassign", *twice, *sets, "--yes")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done


def test_nothing_is_written_before_there_is_something(home: Home, sandbox: Sandbox) -> None:
    words = ("admin", "assignments", "--csv", "--by", "principal")
    denied = home.ssoenv(*words, AWS_PROFILE="delegated-administrator")
    assert (denied.returncode, denied.stdout) == (6, "")
    sandbox.fail("ListPermissionSetsProvisionedToAccount", "AccessDeniedException")
    unread = home.ssoenv("admin", "assignments", "--csv", "--account", "prod")
    assert (unread.returncode, unread.stdout) == (6, "")
    none = home.ssoenv("admin", "assignments", "--csv", "--account", "shared")
    assert (none.returncode, none.stdout.count("\n"), none.stderr) == (0, 1, "")


# What no service answers.

USES: dict[str, Callable[[Center], object]] = {
    "instances": lambda one: opening.instances(one.calls),
    "accounts": lambda one: one.accounts,
    "users": lambda one: one.users,
    "groups": lambda one: one.groups,
    "members": lambda one: one.members(next(iter(one.groups))),
    "groups of": lambda one: one.groups_of(next(iter(one.users))),
    "details": lambda one: one.details(one.set_meant("ReadOnly")),
    "unit": lambda one: one.accounts_in("/"),
    "by account": lambda one: access.who_can(one, next(iter(one.accounts.values())), None),
    "by principal": lambda one: access.what_can(one, next(iter(one.users.values()))),
}
"""What lists something, each by a list or two of its own."""


ROWS: tuple[object, ...] = ([{}], [None], None, "x")


def test_a_row_without_what_every_row_has_is_no_answer(
    center: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, str] = {}
    ask, listed = Administration.ask, Administration.listed
    odd: dict[str, object] = {}

    def lists(
        calls: Any, service: str, operation: str, key: str, *more: Any, **request: Any
    ) -> Any:
        asked[operation] = key
        return listed(calls, service, operation, key, *more, **request)

    def answers(calls: Any, service: str, operation: str, **request: Any) -> Answer:
        if operation in odd:
            return Answer(odd[operation], service, "http://127.0.0.1:1")
        return ask(calls, service, operation, **request)

    monkeypatch.setattr(Administration, "listed", lists)
    monkeypatch.setattr(Administration, "ask", answers)
    askers: dict[str, str] = {}
    for name, use in USES.items():
        before = set(asked)
        use(Center(center.calls, center.instance))
        askers |= dict.fromkeys(set(asked) - before, name)
    assert len(asked) >= 16, sorted(asked)
    for operation, key in asked.items():
        for rows in ROWS:
            odd.clear()
            odd[operation] = {key: rows}
            assert not _answers(center, USES[askers[operation]]), (operation, rows)


def _answers(center: Any, use: Callable[[Center], object]) -> bool:
    """Whether there is an answer; else what answers is no service."""
    try:
        use(Center(center.calls, center.instance))
    except ServiceUnavailable:
        return False
    return True


def test_an_organization_without_a_root(center: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Administration.ask

    def answers(calls: Any, service: str, operation: str, **request: Any) -> Answer:
        if operation == "list_roots":
            return Answer({"Roots": []}, service, "http://127.0.0.1:1")
        return ask(calls, service, operation, **request)

    monkeypatch.setattr(Administration, "ask", answers)
    for words in ("/", "Workloads"):
        with pytest.raises(AccessDenied, match="no root of an organization"):
            center.accounts_in(words)


# What a name may look like.

ODD = {
    "user": ("123456789012", "robot-12345678-1234-1234-1234-123456789012", "ps-bob", PROD),
    "group": ("ps-team", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "acme", "d-0000000000", "arn:x"),
}
"""Names that look like the ids of something."""


@pytest.fixture
def odd(sandbox: Sandbox) -> Administrator:
    """An administrator of the office, where people and groups have such names and hold something."""
    admin = Administrator.named(sandbox)
    for kind, names in ODD.items():
        for name in names:
            if kind == "user":
                more = {"DisplayName": name, "Name": {"GivenName": "x", "FamilyName": "y"}}
                admin.store.create_user(**admin.identity_store, UserName=name, **more)
            else:
                admin.store.create_group(**admin.identity_store, DisplayName=name)
            wanted = admin.assignment("222222222222", "ReadOnly", **{kind: name})
            admin.sso.create_account_assignment(**wanted)
    return admin


def test_a_name_may_look_like_an_id(home: Home, odd: Administrator) -> None:
    for kind, names in ODD.items():
        for name in names:
            row = next((one for one in table(home, "lookup", name) if one[0] == kind), None)
            known = getattr(odd, kind)(name)
            # What is the id of something is that: here an account and the identity store.
            is_id = name in (PROD, "d-0000000000")
            assert row == (None if is_id else [kind, name, known]), name
            (held,) = table(home, "assignments", f"--{kind}", name)
            assert held == ["staging", "222222222222", "ReadOnly", kind, name]
            assert table(home, "lookup", known) == [[kind, name, known]]
    assert [one[0] for one in table(home, "lookup", "acme")] == [
        "instance", "identity store", "group",
    ]  # fmt: skip


def test_an_id_that_nothing_has_is_an_error(home: Home, odd: Administrator) -> None:
    nobody, group = "12345678-1234-1234-1234-123456789012", odd.group("web")
    for words in (
        ("assignments", "--user", group),
        ("assignments", "--user", nobody, "--by", "account"),
        ("assignments", "--group", nobody, "--account", "dev"),
        ("assignments", "--account", "999999999999", "--json"),
        ("assignments", "--account", "999999999999", "--user", "bob", "--csv"),
        ("assignments", "--ou", "ou-nope"),
        ("assignments", "--ou", "ou-abcd-12345678"),
        ("assignments", "--ou", "r-and-d"),
        ("assignments", "--ou", "r-devel"),
        ("assignments", "--permission-set", "ps-0123456789abcdef"),
        ("who-can", "999999999999"),
        ("what-can", nobody),
        ("lookup", nobody),
    ):
        done = home.ssoenv("admin", *words)
        assert (done.returncode, done.stdout) == (2, ""), done
        assert "there is no " in done.stderr or "nothing here has" in done.stderr, done


def test_units_of_any_name(home: Home, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in (home.env | sandbox.environment(str(home.path))).items():
        monkeypatch.setenv(key, value)
    calls = Administration(os.environ, region="us-east-1")
    root, known = units.meant(calls, "/"), units.meant(calls, "Workloads")
    assert (units.meant(calls, root), units.meant(calls, known)) == (root, known)
    for name in ("r-and-d", "r-devel", "ou-shop-12345678"):
        monkeypatch.setattr(units, "_below", lambda *_, name=name: [("ou-id", name)])
        assert units.meant(calls, name) == "ou-id"


def test_who_is_gone_is_told(home: Home, odd: Administrator) -> None:
    bob, group = odd.user("bob"), odd.group("web")
    odd.store.delete_user(**odd.identity_store, UserId=bob)
    gone = f"ssoenv: the user {bob} is gone, and nobody can use what is still assigned to them\n"
    who = home.ssoenv("admin", "who-can", "old one")
    assert (who.returncode, who.stdout, who.stderr) == (0, f"ReadOnly  {bob}  directly\n", gone)
    what = home.ssoenv("admin", "what-can", bob)
    row = f"{OLD}  old one  ReadOnly  directly\n"
    assert (what.returncode, what.stdout, what.stderr) == (0, row, gone)
    assert [one[0] for one in table(home, "assignments", "--user", bob)] == ["old one"]
    assert json.loads(home.ssoenv("admin", "who-can", "old one", "--json").stdout)
    odd.store.delete_group(**odd.identity_store, GroupId=group)
    assert [one[0] for one in table(home, "assignments", "--group", group)] == ["dev", "prod"]


# What to try next.


def hint(done: CompletedProcess[str]) -> list[str]:
    """The words of the line that an error says to try, after ssoenv."""
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("  try: ssoenv ")]
    return shlex.split(line)[2:]


WRONG = (
    "users --region us-west-2",
    "instances --region us-west-2",
    "lookup nothing",
    "assignments --user nobody",
    "assignments --group nobody",
    "what-can nobody",
    "permission-sets nothing",
    "who-can dev nothing",
    "users --instance nothing",
)


@pytest.mark.parametrize("line", WRONG)
def test_a_hint_keeps_which_identity_center_and_by_whom(
    home: Home, sandbox: Sandbox, line: str
) -> None:
    home.env["AWS_PROFILE"] = ""
    words = ("admin", *line.split(), "-p", "administrator", "-s", "acme")
    done = home.ssoenv(*words)
    assert (done.returncode, done.stdout) in ((2, ""), (6, "")), done
    found = hint(done)
    assert found[found.index("--profile") + 1] == "administrator"
    assert found[found.index("--session") + 1] == "acme"
    # ... and it works.
    tried = home.ssoenv(*found)
    assert (tried.returncode, tried.stdout != "") == (0, True), tried
    assert sandbox


def test_a_refusal_tells_who_asked(home: Home, sandbox: Sandbox) -> None:
    sandbox.fail("ListInstances", "AccessDeniedException", times=9)
    words = ("admin", "instances", "--profile", "administrator", "--region", "us-east-1")
    denied = home.ssoenv(*words)
    assert denied.returncode == 6
    asked = "arn:aws:iam::888888888888:user/administrator"
    assert f"asked by {asked}" in denied.stderr, denied
    # Other credentials are wanted, in the same region.
    exec_line = ["exec", "ACCOUNT/ROLE", "--", "ssoenv", "admin", "instances"]
    assert hint(denied) == [*exec_line, "--region", "us-east-1"]
    sandbox.fail("GetCallerIdentity", 500, times=9)
    unknown = home.ssoenv(*words)
    assert (unknown.returncode, "asked by" in unknown.stderr) == (6, False)
    sandbox.clear_faults()
    home.env["AWS_PROFILE"] = "administrator"
    far = home.ssoenv("admin", "users", "--region", "eu-west-1")
    assert f"asked by {asked}" in far.stderr


def test_a_list_that_was_stopped_knows_what_was_changed_since(home: Home, stopped: Path) -> None:
    words = ("--user", "carol", "--permission-set", "ReadOnly", "--account", "dev", "--yes")
    assert home.ssoenv("admin", "unassign", *words).returncode == 0
    assert not stopped.exists()


def test_a_line_that_moves_is_gone_before_anything_else_is_there(
    home: Home, tmp_path: Path
) -> None:
    """Also after Ctrl-C: the shell's prompt begins a line of its own."""
    with administered(home, tmp_path, world.organization(60, 4, 5, 5, 20)) as sandbox:
        sandbox.set_pace(latency=300)
        words = [*hook.command_line(), "admin", "assignments", "--by", "account"]
        screen = Screen(words, home.env, str(home.path), columns=100)
        screen.wait(lambda text: "calls · " in text)
        screen.send("\x03")
        assert screen.end() == 130
        assert "calls · " not in screen.text()
