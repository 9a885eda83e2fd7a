"""Two versions of ssoenv in one home: of one form both are right, by turns and at once; a newer form takes over.

The other one is this very source with another version, or with another form of what is rendered: two
words that have changed places, and the number in its first line. So it is there in any clone,
whatever its history.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ssoenv
from ssoenv import __version__
from ssoenv.base import paths
from ssoenv.shells import rendered
from tests.sign_in.people import Person

if TYPE_CHECKING:
    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

NEWER = "ssoenv 3"
SWAPPED = (
    'profile.label,\n        MANAGED,\n        profile.region or "",',
    ('profile.region or "",\n        MANAGED,\n        profile.label,'),
)
CHANGED = {
    "ssoenv/shells/rendering.py": [('HEADER = "ssoenv 2"', f'HEADER = "{NEWER}"')],
    "ssoenv/shells/rendered.py": [
        ('HEADER = "ssoenv 2"', f'HEADER = "{NEWER}"'),
        ("self.role_key, self.label, self.m", "self.role_key, self.region, self.m"),
        ("self.region, self.output", "self.label, self.output"),
    ],
    "ssoenv/shells/binding_rendering.py": [SWAPPED],
}


RELEASE = {"ssoenv/__init__.py": [(f'__version__ = "{__version__}"', '__version__ = "99.0"')]}


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python that has another version of the same form."""
    return made(tmp_path_factory.mktemp("other"), RELEASE)


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python that has a version of another form."""
    return made(tmp_path_factory.mktemp("newer"), CHANGED)


def made(folder: Path, changed: dict[str, list[tuple[str, str]]]) -> str:
    """Make a Python in `folder` that has this source with what is `changed`."""
    source = Path(ssoenv.__file__).parent.parent
    for name in ("ssoenv", "shell", "completions"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source / name, folder / name, ignore=ignored)
    for name, changes in changed.items():
        text = (folder / name).read_text()
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (folder / name).write_text(text)
    venv.create(folder / "python", symlinks=True, with_pip=False)
    (site,) = (folder / "python").glob("lib/python3*/site-packages")
    ours = [path for path in sys.path if path.endswith("site-packages")]
    (site / "other.pth").write_text("\n".join([str(folder), *ours]) + "\n")
    return str(folder / "python/bin/python")


def run(home: Home, python: str, *words: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from ssoenv.__main__ import main; main()"
    where = home.path / "web"
    return subprocess.run(
        [python, "-I", "-c", program, *words],
        cwd=where,
        env=home.env | {"PWD": str(where)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        start_new_session=True,
    )


STEPS: tuple[tuple[str, ...], ...] = (
    ("trust", "--yes"),
    ("export", "--format", "env"),
    ("credential-process",),
    ("status", "--json"),
    ("use", "dev", "--save"),
    ("roles",),
)


def right(home: Home, sandbox: Sandbox, ended: subprocess.CompletedProcess[str]) -> None:
    assert ended.returncode == 0, ended
    assert "Traceback" not in ended.stderr
    assert set(re.findall(r"AWS_REGION='?([\w/.-]*)", ended.stdout)) <= {"eu-west-1"}, ended
    for key in set(re.findall(r"ASIASANDBOX\w+", ended.stdout)):
        keys = sandbox.state.keys[key]
        assert f"{keys.account}/{keys.role}" == "111111111111/Developer", ended


@pytest.fixture
def signed_in(home: Home, sandbox: Sandbox) -> Home:
    Person(home, sandbox).hold(3600)
    home.project("web")
    return home


def test_each_goes_on_after_the_other(signed_in: Home, sandbox: Sandbox, other: str) -> None:
    home = signed_in
    for words in STEPS:
        for python in (other, sys.executable):
            right(home, sandbox, run(home, python, *words))
    served = [call["operation"] for call in sandbox.requests()]
    assert served.count("GetRoleCredentials") == 1, "they share what the AWS CLI's cache holds"
    assert run(home, other, "untrust").returncode == 0
    assert rendered.load_binding(home.env, f"{home.path}/web") is None
    assert run(home, sys.executable, "export").returncode == 4
    assert run(home, other, "logout", "acme").returncode == 0
    assert run(home, sys.executable, "status", "--check").returncode != 0


def test_a_newer_form_takes_over(signed_in: Home, sandbox: Sandbox, newer: str) -> None:
    home, folder = signed_in, paths.trust_folder(signed_in.env, f"{signed_in.path}/web")
    for words in STEPS:
        right(home, sandbox, run(home, sys.executable, *words))
    # What is trusted and cached counts, what is rendered is made anew.
    for words in STEPS[1:]:
        right(home, sandbox, run(home, newer, *words))
    with open(f"{folder}/@sh") as shown:
        assert shown.readline().startswith(f"#{NEWER} ")
    served = [call["operation"] for call in sandbox.requests()]
    assert served.count("GetRoleCredentials") == 1
    for words in STEPS:
        refused = run(home, sys.executable, *words)
        assert (refused.returncode, refused.stdout) == (5, ""), refused
        assert "a newer ssoenv" in refused.stderr
    for words in STEPS:
        right(home, sandbox, run(home, newer, *words))


def test_both_at_once(signed_in: Home, sandbox: Sandbox, other: str) -> None:
    right(signed_in, sandbox, run(signed_in, other, "trust", "--yes"))
    with ThreadPoolExecutor(4) as pool:
        ended = pool.map(
            lambda one: run(signed_in, *one),
            [(python, *words) for words in STEPS for python in (other, sys.executable)],
        )
        for one in ended:
            right(signed_in, sandbox, one)
    for python in (sys.executable, other):
        right(signed_in, sandbox, run(signed_in, python, "export", "--format", "json"))
