"""A real browser, somebody who sits at it, and the sign-in that sent them there."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from ssoenv.shells import hook as hook_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

PATIENCE = 30
ARRIVED = """
if (window.left || document.readyState !== 'complete') return null;
return [...document.querySelectorAll('h1')].map(one => one.textContent);
"""
"""The headings of a document, if it is whole and not the one that is being left."""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    # Nothing but this machine: whatever a page asked of elsewhere would fail, and be seen.
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    service = webdriver.ChromeService("/usr/bin/chromedriver")
    running = webdriver.Chrome(options=options, service=service)
    try:
        running.set_page_load_timeout(PATIENCE)
        yield running
    finally:
        running.quit()


class Running:
    """The program as a process, and what it says on stderr."""

    def __init__(self, home: Home, *arguments: str) -> None:
        self.process = home.start(*hook_text.command_line(), *arguments)
        self.said = ""

    def find(self, pattern: str) -> str:
        """Return what the first group of `pattern` matches in what it says."""
        assert self.process.stderr
        while not (found := re.search(pattern, self.said)):
            line = self.process.stderr.readline()
            assert line, self.said
            self.said += line
        return found[1]

    def end(self) -> tuple[int, str]:
        out, rest = self.process.communicate(timeout=PATIENCE)
        assert out == ""
        return self.process.returncode, self.said + rest


class Login(Running):
    """``ssoenv login``."""

    def __init__(self, home: Home, *arguments: str) -> None:
        super().__init__(home, "login", "acme", *arguments)


class Visitor:
    """Somebody at the browser, who looks at a page only once it is there.

    Whatever leads to another page names the heading to find there, and returns when a document has
    come that is not the one of before, is complete, and has that heading. Until then the old
    document may be replaced at any moment, and nothing is read of it.
    """

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, url: str, heading: str) -> None:
        with self._leaving(heading):
            self.driver.get(url)

    def press(self, button: str, heading: str) -> None:
        """Press the button that says `button`."""
        found = self.driver.find_element(By.XPATH, f"//button[normalize-space()='{button}']")
        with self._leaving(heading):
            found.click()

    def type(self, keys: str, heading: str | None = None) -> None:
        """Type into what has the focus; where that leads to another page, it has `heading`."""
        focused = self.driver.switch_to.active_element
        with self._leaving(heading) if heading else contextlib.nullcontext():
            focused.send_keys(keys)

    @contextlib.contextmanager
    def _leaving(self, heading: str) -> Iterator[None]:
        self.driver.execute_script("window.left = true")
        yield
        WebDriverWait(self.driver, PATIENCE).until(
            lambda driver: driver.execute_script(ARRIVED) == [heading],
            f"no page with the heading {heading!r}",
        )


@pytest.fixture
def asking(home: Home, sandbox: Sandbox) -> Home:
    """Somebody who has to say yes or no."""
    sandbox.set_approve("ask")
    return home


@pytest.fixture
def visitor(driver: webdriver.Chrome) -> Visitor:
    """The same person at the one browser of these tests."""
    return Visitor(driver)
