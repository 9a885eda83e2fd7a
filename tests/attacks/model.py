"""What an attack is: something hostile in a folder, and what may come of it at most."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import tomli_w

from ssoenv.sandbox.world import Account, Assignment, Instance, World, built_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Make = Callable[[Path], Path]
    """Makes the attack in an empty folder, and returns the directory that somebody enters."""

INVALID, FOREIGN, TRUSTED = (5,), (4,), (0,)
DEV = "111111111111/Developer"
PROD = "333333333333/ReadOnly"
NEW = "121212121212"
"""The id of an account that an attack brings."""
BETA = Instance("beta", "https://d-1111111111.awsapps.com/start", "eu-west-1")
"""The Identity Center of another company, which the person has in their config too."""


@dataclass(frozen=True)
class Attack:
    """One attack. `kind` and `name` call it.

    `trust`: with which codes ``ssoenv trust --yes`` may end. `gives`: the role that its directory
    has once it is trusted; empty: none; `may_give`: one that it may have, since whoever is asked may sign
    in there. `after` is done to what was trusted, which then gives none;
    `before` to what was shown by ``trust --show`` and not trusted yet. `says` and `hides`: what
    ``trust --show`` has to say, and what it must not. `world` is what the service lists, where that is not
    the usual.
    """

    kind: str
    name: str
    make: Make
    trust: tuple[int, ...] = INVALID
    gives: str = ""
    may_give: str = ""
    after: Callable[[Path], None] | None = None
    says: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    world: World | None = None

    def __str__(self) -> str:
        """How a report calls it."""
        return f"{self.kind}: {self.name}"


def listing(accounts: Iterable[Account] = (), *roles: str) -> World:
    """Return the world with `accounts` more, in each of which alice holds `roles`."""
    more = tuple(accounts)
    held = tuple(Assignment(one.id, role, user="alice") for one in more for role in roles)
    sets = dict.fromkeys((*WORLD.permission_sets, *roles))
    return replace(
        WORLD,
        accounts=WORLD.accounts + more,
        permission_sets=tuple(sets),
        assignments=WORLD.assignments + held,
    )


def account(name: str, number: str = NEW, email: str = "aws@acme.example") -> Account:
    """Return an account of the session acme."""
    return Account(name, number, email, "acme")


def _world() -> World:
    """Return the built-in world, and another company whose one account is called as one of it."""
    first = built_in()
    ids = {one.name: one.id for one in first.accounts}
    by_id = tuple(replace(one, account=ids[one.account]) for one in first.assignments)
    return replace(
        first,
        instances=(*first.instances, BETA),
        accounts=(*first.accounts, Account("dev", "999999999999", "aws@beta.example", "beta")),
        assignments=(*by_id, Assignment("999999999999", "Developer", user="alice")),
    )


WORLD = _world()


def binding(
    *, session: str = "acme", of: str = "111111111111", role: str = "Developer", more: str = ""
) -> str:
    """Return a binding file with one profile; `more` stands behind it."""
    return (
        f"session = {toml(session)}\n[profiles.dev]\naccount = {toml(of)}\nrole = {toml(role)}\n"
        f"{more}"
    )


def toml(value: str) -> str:
    """Return a string as TOML has it."""
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def file(content: str | bytes, inside: str = "") -> Make:
    """Make a project whose file has `content`, to be entered at the directory `inside` of it."""

    def make(folder: Path) -> Path:
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / ".ssoenv.toml").write_bytes(raw)
        (folder / inside).mkdir(parents=True, exist_ok=True)
        return folder / inside

    return make


def below(name: str | bytes, content: str = "") -> Make:
    """Make a directory called `name` with a file that means no harm."""

    def make(folder: Path) -> Path:
        raw = name if isinstance(name, bytes) else name.encode()
        directory = type(folder)(os.fsdecode(os.path.join(os.fsencode(folder), raw)))
        directory.mkdir(parents=True)
        return file(content or binding())(directory)

    return make
