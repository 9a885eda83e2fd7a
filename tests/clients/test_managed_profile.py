"""``AWS_PROFILE=ssoenv`` in the programs of others: the role of the directory, in each state and from each kind of directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from ssoenv.base.models import Role
from ssoenv.credentials.fetching import obtain
from ssoenv.credentials.terms import Terms
from ssoenv.settings import Settings
from tests.clients.programs import CLIENTS, DEV, Client
from tests.conftest import VAULT
from tests.shell.conftest import OPS, PROD, ReporterFor, project_text, trust
from tests.sign_in.people import NEVER, Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.clients.programs import Clients

pytestmark = pytest.mark.xdist_group("clients")
NOBODY = "Could not load credentials from any providers"
"""What the SDK for JavaScript says, whatever a credential process said: that is only in its log."""
ODD = "a b\n'c' $(d) é"


@dataclass(frozen=True)
class Row:
    """Where a program runs, and as whom."""

    where: str
    role: str = ""
    says: str = ""
    """What it says where it gets no role."""
    more: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[str, ...] | None = None
    """What it takes of the service; None: whatever it does."""
    gone: bool = False
    signed_out: bool = False
    """Whether somebody signs out before."""


def rows(home: Path) -> Iterator[Row]:
    """Yield every row, in this order: those of before may have fetched what they need."""
    web = {"SSOENV_DIR": f"{home}/web", "SSOENV_PROFILE": "dev"}
    allowed = {"SSOENV_ALLOW_PROTECTED": "prod/ReadOnly,333333333333/ReadOnly"}
    refused = "is protected"
    # Armed: the role is fetched; live: it is at hand.
    yield Row("web", DEV, calls=("GetRoleCredentials", "GetCallerIdentity"))
    yield Row("web", DEV, calls=("GetCallerIdentity",))
    # Each kind of directory.
    yield Row("web/src/deep", DEV)
    yield Row("web/envs/prod", PROD)
    yield Row("link/src", DEV)
    yield Row("ops", OPS)
    yield Row(ODD, OPS)
    yield Row("web/gone", says="the current directory is gone", gone=True)
    # Each state in which there is none, and what gives one all the same.
    yield Row("vault", says=refused)
    yield Row("vault", PROD, more=allowed)
    yield Row("clone", says="ssoenv trust")
    yield Row("changed", says="ssoenv trust")
    yield Row(".", says="no .ssoenv.toml")
    yield Row(".", DEV, more=web)
    yield Row("web", says="try: ssoenv login acme", signed_out=True)


@pytest.fixture
def place(clients: Clients) -> Path:
    """A home with projects; somebody is signed in, and the role of ~/web is not fetched yet."""
    home, top = clients.home, clients.home.path
    texts = {"web": project_text("web"), "ops": project_text("ops"), "vault": VAULT}
    for name, text in {**texts, "changed": VAULT, ODD: project_text("ops")}.items():
        trust(home, home.project(name, text))
    home.project("changed", VAULT + "# another\n")
    home.project("clone")
    for name in ("web/src/deep", "web/envs/prod", "web/gone"):
        (top / name).mkdir(parents=True)
    (top / "link").symlink_to("web")
    trust(home, top / "link")
    Person(home, clients.sandbox).hold(3600)
    terms = Terms(home.env, Settings(), NEVER, ReporterFor(home))
    for role in (PROD, OPS):
        account, name = role.split("/")
        obtain(Role("acme", account, (name,)), terms)
    home.env |= {
        "AWS_PROFILE": "ssoenv",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    return top


@pytest.mark.parametrize("client", [one for one in CLIENTS if one.asks_a_process], ids=str)
def test_the_role_is_that_of_the_directory(clients: Clients, place: Path, client: Client) -> None:
    wrong = []
    clients.calls()
    for row in rows(place):
        if row.signed_out:
            assert clients.home.ssoenv("logout", "acme").returncode == 0
        answer = clients.run(client, client.who, place / row.where, gone=row.gone, **row.more)
        calls = tuple(clients.calls())
        right = answer.role(clients.sandbox) == row.role and row.calls in (None, calls)
        if not row.role:
            right = right and answer.code != 0 and row.says in answer.err
            right = right and (client.tells or NOBODY in answer.err)
        if not right:
            wrong.append((row, answer, calls))
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.parametrize("client", [one for one in CLIENTS if not one.tells], ids=str)
def test_the_reason_is_told_where_the_profile_alone_is_asked(
    clients: Clients, place: Path, client: Client
) -> None:
    """The chain of others hides it: docs/exit-codes.md says what to do then."""
    answer = clients.run(client, ("ini",), place / "clone")
    assert (answer.code, answer.out) == (1, "")
    assert "is not trusted" in answer.err
    assert "try: ssoenv trust" in answer.err
