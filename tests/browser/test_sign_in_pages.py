"""A person at a real browser: whole sign-ins clicked through, and the pages looked at closely."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from ssoenv import hook_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver.remote.webelement import WebElement

    from ssoenv.sandbox.server import Sandbox
    from tests.conftest import Home

pytestmark = pytest.mark.xdist_group("browser")

PATIENCE = 30
CONTRAST = """
function channels(text) { return text.match(/[\\d.]+/g).map(Number); }
function over(top, under) {
    const a = top.length > 3 ? top[3] : 1;
    return [0, 1, 2].map(i => top[i] * a + under[i] * (1 - a));
}
function ground(node) {
    let found = [];
    for (; node; node = node.parentElement) found.push(channels(getComputedStyle(node).backgroundColor));
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    return found.reverse().reduce((under, top) => over(top, under), dark ? [18, 18, 18] : [255, 255, 255]);
}
function light(rgb) {
    const [r, g, b] = rgb.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
}
const texts = [...document.body.querySelectorAll('*')].filter(node =>
    [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()));
return texts.map(node => {
    const under = ground(node);
    const [a, b] = [light(over(channels(getComputedStyle(node).color), under)), light(under)];
    return [node.tagName + ': ' + node.textContent.trim().slice(0, 30),
        (Math.max(a, b) + .05) / (Math.min(a, b) + .05), light(under)];
});
"""
"""Contrast of every text with what is behind it (WCAG 2.2, 1.4.3), and how light that is."""


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
    running.set_page_load_timeout(PATIENCE)
    yield running
    running.quit()


class Login:
    """``ssoenv login`` as a process, and what it says on stderr."""

    def __init__(self, home: Home, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*hook_text.program(), "login", "acme", *arguments],
            env=home.env | {"PWD": str(home.path)},
            cwd=home.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
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


def heading(driver: webdriver.Chrome, text: str) -> None:
    """Wait until the page's one heading is `text`."""
    WebDriverWait(driver, PATIENCE).until(
        lambda _: [one.text for one in driver.find_elements(By.TAG_NAME, "h1")] == [text]
    )


def button(driver: webdriver.Chrome, text: str) -> WebElement:
    return driver.find_element(By.XPATH, f"//button[normalize-space()='{text}']")


def tokens(home: Home) -> list[dict[str, Any]]:
    found = [json.loads(one.read_text()) for one in (home.path / ".aws/sso/cache").glob("*.json")]
    return [one for one in found if "accessToken" in one]


def look_closely(driver: webdriver.Chrome) -> None:
    """The page as it stands: for everybody, at every width, in both lights, and from here alone."""
    assert driver.find_elements(By.TAG_NAME, "script") == []
    assert driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    assert driver.title
    assert len(driver.find_elements(By.TAG_NAME, "h1")) == 1
    assert len(driver.find_elements(By.TAG_NAME, "main")) == 1
    loaded = driver.execute_script(
        "return performance.getEntriesByType('resource').map(one => one.name)"
        ".filter(name => !name.startsWith('data:') && !name.startsWith(location.origin))"
    )
    assert loaded == []
    for field in driver.find_elements(By.CSS_SELECTOR, "input:not([type=hidden]), select"):
        name = field.get_attribute("id")
        assert driver.find_elements(By.CSS_SELECTOR, f"label[for='{name}']"), name
    for scheme, is_dark in (("light", False), ("dark", True)):
        driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )
        rows = driver.execute_script(CONTRAST)
        assert rows
        for text, contrast, ground in rows:
            assert contrast >= 4.5, (scheme, text, contrast)
            if not text.startswith("BUTTON"):
                assert (ground < 0.2) is is_dark, (scheme, text, ground)
    for width in (320, 360, 1280):
        metrics = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": width < 500}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        wide = driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.fixture
def asking(home: Home, sandbox: Sandbox) -> Home:
    """Somebody who has to say yes or no."""
    sandbox.set_approve("ask")
    return home


def test_pkce_approved(asking: Home, driver: webdriver.Chrome) -> None:
    login = Login(asking, "--no-browser")
    driver.get(login.find(r"(http://127\.0\.0\.1:\d+/authorize\?\S+)"))
    heading(driver, "Let this program use your AWS accounts?")
    look_closely(driver)
    button(driver, "Approve").click()
    heading(driver, "You are signed in")
    look_closely(driver)
    code, said = login.end()
    assert code == 0, said
    assert "signed in to acme" in said
    assert len(tokens(asking)) == 1


def test_pkce_denied(asking: Home, driver: webdriver.Chrome) -> None:
    login = Login(asking, "--no-browser")
    driver.get(login.find(r"(http://127\.0\.0\.1:\d+/authorize\?\S+)"))
    button(driver, "Deny").click()
    heading(driver, "The sign-in was declined")
    look_closely(driver)
    code, said = login.end()
    assert code == 3
    assert "was declined" in said
    assert tokens(asking) == []


def test_device_approved_with_the_code_typed_by_hand(
    asking: Home, driver: webdriver.Chrome
) -> None:
    login = Login(asking, "--device-code")
    page = login.find(r"open (http://127\.0\.0\.1:\d+/\S*) on any device")
    code = login.find(r"\n +([A-Z]{4}-[A-Z]{4})\n")
    driver.get(page)
    heading(driver, "Sign in for another device")
    look_closely(driver)
    field = driver.switch_to.active_element
    field.send_keys("WRNG-CODE" + Keys.ENTER)
    WebDriverWait(driver, PATIENCE).until(lambda _: "No sign-in is waiting" in driver.page_source)
    look_closely(driver)
    driver.switch_to.active_element.send_keys(code + Keys.ENTER)
    heading(driver, "Is this your code?")
    assert driver.find_element(By.CLASS_NAME, "code").text == code
    look_closely(driver)
    button(driver, "Approve").click()
    WebDriverWait(driver, PATIENCE).until(lambda _: "Approve" not in driver.page_source)
    look_closely(driver)
    ended, said = login.end()
    assert ended == 0, said
    assert len(tokens(asking)) == 1


def test_device_denied_by_keyboard_alone(asking: Home, driver: webdriver.Chrome) -> None:
    login = Login(asking, "--device-code")
    driver.get(login.find(r"or go straight to (\S+)"))
    heading(driver, "Is this your code?")
    reached = []
    for _ in range(3):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        focused = driver.switch_to.active_element
        reached.append(focused.get_attribute("id") or focused.text)
    assert reached == ["user", "Approve", "Deny"]
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    WebDriverWait(driver, PATIENCE).until(lambda _: "Deny</button>" not in driver.page_source)
    look_closely(driver)
    ended, said = login.end()
    assert ended == 3
    assert "was declined" in said
    assert tokens(asking) == []


def test_a_stray_visit_is_told_and_ends_nothing(asking: Home, driver: webdriver.Chrome) -> None:
    login = Login(asking, "--no-browser")
    url = login.find(r"(http://127\.0\.0\.1:\d+/authorize\?\S+)")
    callback = re.search(r"redirect_uri=http%3A%2F%2F127\.0\.0\.1%3A(\d+)", url)
    assert callback
    driver.get(f"http://127.0.0.1:{callback[1]}/oauth/callback?code=x&state=wrong")
    heading(driver, "Not a sign-in of ours")
    look_closely(driver)
    driver.get(url)
    button(driver, "Approve").click()
    heading(driver, "You are signed in")
    assert login.end()[0] == 0
