"""``ssoenv admin`` reads all of it, or says what it could not read: nothing refused is empty."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from ssoenv.admin import journal
from ssoenv.sandbox import world
from ssoenv.sandbox.server import Sandbox
from tests.cli.test_admin import DEV, PROD, center, parsed, sandbox
from tests.sandbox.administrators import Administrator

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Home

__all__ = ["center", "sandbox"]
REFUSED = ("AccessDeniedException", "ResourceNotFoundException", "InternalServerException")
"""What a service may say in place of an answer, the last with the status 500."""


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
        moved = home.ssoenv("admin", "assignments", **env)
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
