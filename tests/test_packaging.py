"""The wheel carries what the program needs, and works where there is no checkout."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ssoenv import __version__

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
pytestmark = pytest.mark.xdist_group("wheel")  # built once
HOOKS = ("hook.bash", "hook.fish", "hook.zsh")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy of what git has."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.split("\n"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    return source


@pytest.fixture(scope="module")
def wheel(source: Path) -> Path:
    """The wheel, built from the source distribution, as README says."""
    assert "\npython -m build\n" in README
    subprocess.run([sys.executable, "-m", "build", str(source)], check=True, capture_output=True)
    return next((source / "dist").glob("*.whl"))


def test_the_wheel_carries_shell_files_and_completions(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    for hook in HOOKS:
        assert f"ssoenv/_shell/{hook}" in names
    for name in (path.name for path in (ROOT / "completions").iterdir() if path.name[0] != "."):
        assert f"ssoenv/_completions/{name}" in names
    for page in (ROOT / "docs/man").iterdir():
        assert f"ssoenv-{__version__}.data/data/share/man/man1/{page.name}" in names
    for schema in (ROOT / "docs/schemas").iterdir():
        assert f"ssoenv-{__version__}.data/data/share/ssoenv/schemas/{schema.name}" in names
    assert "ssoenv/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "shell/"))]


@pytest.mark.timeout(300)
def test_the_installed_wheel_works(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    program = venv / "bin/ssoenv"
    pip = [sys.executable, "-m", "pip", "--python", str(venv), "install", "--no-compile"]
    subprocess.run([*pip, "--quiet", f"{wheel}[sandbox]"], check=True, capture_output=True)
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    version = subprocess.run([program, "--version"], env=env, capture_output=True, text=True)
    hook = subprocess.run([program, "hook", "bash"], env=env, capture_output=True, text=True)
    status = subprocess.run([program, "status"], env=env, capture_output=True, text=True)
    line = f"{program} login acme && {program} roles --csv"
    inside = [str(program), "sandbox", "run", "--", "sh", "-c", line]
    roles = subprocess.run(inside, env=env, capture_output=True, text=True)

    assert version.stdout == f"ssoenv {__version__}\n"
    assert str(tmp_path / "venv") in hook.stdout
    assert status.returncode == 0, status.stderr
    assert roles.returncode == 0, roles.stderr
    assert "111111111111" in roles.stdout


@pytest.mark.timeout(300)
def test_the_install_lines_of_the_readme_work(source: Path, wheel: Path, tmp_path: Path) -> None:
    checkout, built, away = (
        "pip install '.[sandbox]'",
        f'pip install "$(echo dist/{wheel.name.split("-")[0]}-*.whl)[sandbox]"',
        "pip uninstall ssoenv",
    )
    assert f"`{checkout}`" in README
    assert f"\n{built}\n" in README
    assert f"`{away}`" in README
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    env = os.environ | {"HOME": str(tmp_path), "PATH": f"{tmp_path}/venv/bin:/usr/bin:/bin"}
    check = "command -v ssoenv; (cd ~; ssoenv --version)"

    run = f"set -e; {checkout}; {check}; yes | {away}; ! command -v ssoenv; {built}; {check}"
    done = subprocess.run(["sh", "-c", run], cwd=source, env=env, capture_output=True, text=True)

    assert not done.returncode, done.stderr
    told = f"{tmp_path}/venv/bin/ssoenv\nssoenv {__version__}\n"
    assert done.stdout.count(told) == 2


def test_the_metadata_leads_to_the_project(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        told = email.message_from_bytes(archive.read(name))

    assert {"Source", "Issues", "Changelog"} <= {
        url.partition(",")[0] for url in told.get_all("Project-URL", [])
    }
    assert told["Requires-Python"] == ">=3.11"
    assert "# ssoenv" in str(told.get_payload())
