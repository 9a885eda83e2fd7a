"""Whether there is a browser, and how a page is opened in it: apart from us, never waited for."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from ssoenv.sign_in import browser
from ssoenv.sign_in.browser import has_browser, open_page
from tests.sign_in.people import wait_until

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://127.0.0.1:1/authorize?a=b&c=d%20e;touch /tmp/x"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A browser that writes down how it was called."""
    path = tmp_path / "browser"
    log = tmp_path / "log"
    path.write_text(
        "#!/bin/sh\n"
        f'{{ printf "%s|" "$@"; echo; ls -l /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2; '
        f'ps -o sid= -p $$; }} > {log}.part; mv {log}.part {log}; sleep 30\n'
    )  # fmt: skip
    path.chmod(0o700)
    return path


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A Linux desktop with xdg-open."""
    opener = tmp_path / "bin/xdg-open"
    opener.parent.mkdir()
    opener.write_text("#!/bin/sh\n")
    opener.chmod(0o700)
    monkeypatch.setattr(browser, "_CONTAINER_MARKS", ())
    return {"PATH": str(opener.parent), "DISPLAY": ":0"}


@pytest.mark.parametrize("how", ["setting", "BROWSER", "BROWSER %s", "BROWSER &", "second"])
def test_the_page_opens_apart_from_us(script: Path, tmp_path: Path, how: str) -> None:
    configured, env = "", {"PATH": os.environ["PATH"]}
    if how == "setting":
        configured, env["BROWSER"] = f"'{script}' --new", "/nonexistent"
    elif how == "second":
        env["BROWSER"] = f"/nonexistent:lynx:'{script}' --new"
    else:
        env["BROWSER"] = f"'{script}' --new" + how.removeprefix("BROWSER")
    began = time.monotonic()

    assert open_page(URL, env, configured)
    assert time.monotonic() - began < 20  # it sleeps for 30
    wait_until((tmp_path / "log").exists)
    called, *rest = (tmp_path / "log").read_text().splitlines()
    assert called.startswith(f"--new|{URL}|")
    # Standard input and error; standard output is the log here.
    assert sum(line.endswith("/dev/null") for line in rest) == 2
    assert int(rest[-1]) != os.getsid(0)


def test_nothing_to_open_it_in() -> None:
    assert not open_page(URL, {"PATH": "/nonexistent"})
    assert not open_page(URL, {"PATH": "/nonexistent", "BROWSER": "/nonexistent/browser"})
    assert not open_page(URL, {"PATH": "/nonexistent", "BROWSER": "lynx:'w3m' %s &:"})


def test_a_desktop_has_a_browser(desktop: dict[str, str]) -> None:
    assert has_browser(desktop)
    assert has_browser(desktop | {"DISPLAY": "", "WAYLAND_DISPLAY": "wayland-0"})
    assert has_browser({"PATH": "", "WSL_DISTRO_NAME": "Debian"})


@pytest.mark.parametrize(
    "change",
    [
        {"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"},
        {"SSH_TTY": "/dev/pts/0"},
        {"CI": "true"},
        {"CODESPACES": "true"},
        {"CLOUD_SHELL": "true"},
        {"DISPLAY": ""},
        {"PATH": "/nonexistent"},
        {"BROWSER": "lynx", "DISPLAY": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_places_without_a_browser(desktop: dict[str, str], change: dict[str, str]) -> None:
    env = desktop | change

    assert not has_browser(env)
    if change.get("BROWSER") is None:
        assert has_browser(env, configured="firefox")
        assert has_browser(env | {"BROWSER": "firefox"})


def test_a_container_has_none(
    desktop: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "_CONTAINER_MARKS", (str(tmp_path),))

    assert not has_browser(desktop)
