"""State of other versions of ssoenv: what is older is read or made anew, what is newer is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.base import files, paths
from ssoenv.shells.rendered import HEADER
from tests.conftest import PROJECT, Copies

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

NAME, _, NUMBER = HEADER.partition(" ")
NEWER, OLDER = f"{NAME} {int(NUMBER) + 1}", f"{NAME} {int(NUMBER) - 1}"
ODD = (
    b"",
    b"\n",
    b"ssoenv",
    b"ssoenv two\n",
    b"ssoenv -3",
    b"other 9\n",
    b"\xff\x00",
    b"ssoenv 9" + b"9" * 30,
)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """A home with a trusted project of somebody who is signed in, and credentials."""
    made = Copies(tmp_path_factory.getbasetemp() / "versions")
    with made.making() as (home, sandbox):
        directory = home.project("web", PROJECT)
        for words in (("login", "acme"), ("trust", "--yes"), ("export",)):
            assert home.ssoenv(*words, cwd=directory).returncode == 0
        made.keep("web", home, sandbox)
    return made


@pytest.fixture
def web(home: Home, sandbox: Sandbox, copies: Copies) -> Path:
    """The project in that home."""
    copies.lay("web", home, sandbox)
    return home.path / "web"


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def rendered_as(home: Home, header: str) -> None:
    """Have everything in the state folder be of the form `header`."""
    state = Path(paths.state(home.env))
    for path in filter(Path.is_file, state.rglob("@*")):
        content = path.read_bytes()
        if content.removeprefix(b"#").startswith(HEADER.encode()):
            path.write_bytes(content.replace(HEADER.encode(), header.encode(), 1))
    files.write_private(paths.version_file(home.env), f"{header}\n".encode())


def test_the_state_folder_says_of_what_form_it_is(home: Home, web: Path) -> None:
    path = Path(paths.version_file(home.env))
    assert path.read_text() == f"{HEADER}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.stat().st_mtime_ns
    assert home.ssoenv("status", cwd=web).returncode == 0
    assert path.stat().st_mtime_ns == before


def test_nothing_is_written_where_no_state_is(home: Home) -> None:
    assert home.ssoenv("status").returncode == 0
    assert not Path(paths.state(home.env)).exists()


@pytest.mark.parametrize(
    "words",
    [
        "status",
        "export",
        "credential-process",
        "trust --yes",
        "logout --all",
        "doctor --offline --shell bash",
        "hook bash",
        "setup --print --shell zsh",
        "untrust",
    ],
)
def test_what_is_newer_is_refused_and_left_alone(home: Home, web: Path, words: str) -> None:
    rendered_as(home, NEWER)
    before = tree(home.path)
    told = home.ssoenv(*words.split(), cwd=web)
    assert told.returncode == 5
    assert not told.stdout
    assert "a newer ssoenv has written" in told.stderr
    assert paths.version_file(home.env) in told.stderr.replace("\n  ", " ")
    assert "upgrade this one" in told.stderr
    assert tree(home.path) == before


def test_what_is_newer_is_no_answer_of_the_source(home: Home, web: Path) -> None:
    rendered_as(home, NEWER)
    told = home.ssoenv("renew", str(web))
    assert (told.returncode, told.stdout) == (5, "")


@pytest.mark.parametrize("said", ["", OLDER])
def test_what_is_older_is_read_or_made_anew(home: Home, web: Path, said: str) -> None:
    rendered_as(home, OLDER)
    if not said:
        files.remove(paths.version_file(home.env))
    given = home.ssoenv("export", cwd=web)
    assert given.returncode == 0
    assert "AWS_ACCESS_KEY_ID=" in given.stdout
    assert Path(paths.version_file(home.env)).read_text() == f"{HEADER}\n"
    folder = Path(paths.trust_folder(home.env, str(web)))
    assert (folder / "@sh").read_text().startswith(f"#{HEADER} ")


@pytest.mark.parametrize("said", ODD, ids=range(len(ODD)))
def test_a_version_that_says_nothing_is_written_anew(home: Home, web: Path, said: bytes) -> None:
    path = Path(paths.version_file(home.env))
    path.write_bytes(said)
    assert home.ssoenv("status", cwd=web).returncode == 0
    assert path.read_text() == f"{HEADER}\n"
