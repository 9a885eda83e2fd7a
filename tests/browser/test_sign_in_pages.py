"""A person at a real browser: whole sign-ins clicked through, and the pages looked at closely."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import Login, Running

if TYPE_CHECKING:
    from selenium import webdriver

    from ssoenv.sandbox.server import Sandbox
    from tests.browser.conftest import Visitor
    from tests.conftest import Home

pytestmark = pytest.mark.xdist_group("browser")

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


AUTHORIZE = r"(http://127\.0\.0\.1:\d+/authorize\?\S+)"
ASKED = "Let this program use your AWS accounts?"
ASKED_BY_DEVICE = "Is this your code?"
SIGNED_IN = "You are signed in"
DECLINED = "The sign-in was declined"


def test_pkce_approved(asking: Home, visitor: Visitor) -> None:
    login = Login(asking, "--no-browser")
    visitor.open(login.find(AUTHORIZE), ASKED)
    look_closely(visitor.driver)
    visitor.press("Approve", SIGNED_IN)
    look_closely(visitor.driver)
    code, said = login.end()
    assert code == 0, said
    assert "signed in to acme" in said
    assert len(tokens(asking)) == 1


def test_pkce_denied(asking: Home, visitor: Visitor) -> None:
    login = Login(asking, "--no-browser")
    visitor.open(login.find(AUTHORIZE), ASKED)
    visitor.press("Deny", DECLINED)
    look_closely(visitor.driver)
    code, said = login.end()
    assert code == 3
    assert "was declined" in said
    assert tokens(asking) == []


def test_device_approved_with_the_code_typed_by_hand(asking: Home, visitor: Visitor) -> None:
    login = Login(asking, "--device-code")
    page = login.find(r"open (http://127\.0\.0\.1:\d+/\S*) on any device")
    code = login.find(r"\n +([A-Z]{4}-[A-Z]{4})\n")
    visitor.open(page, "Sign in for another device")
    look_closely(visitor.driver)
    visitor.type("WRNG-CODE" + Keys.ENTER, "Sign in for another device")
    assert "No sign-in is waiting" in visitor.driver.page_source
    look_closely(visitor.driver)
    visitor.type(code + Keys.ENTER, ASKED_BY_DEVICE)
    assert visitor.driver.find_element(By.CLASS_NAME, "code").text == code
    look_closely(visitor.driver)
    visitor.press("Approve", SIGNED_IN)
    look_closely(visitor.driver)
    ended, said = login.end()
    assert ended == 0, said
    assert len(tokens(asking)) == 1


def test_device_denied_by_keyboard_alone(asking: Home, visitor: Visitor) -> None:
    login = Login(asking, "--device-code")
    visitor.open(login.find(r"or go straight to (\S+)"), ASKED_BY_DEVICE)
    reached = []
    for _ in range(3):
        visitor.type(Keys.TAB)
        focused = visitor.driver.switch_to.active_element
        reached.append(focused.get_attribute("id") or focused.text)
    assert reached == ["user", "Approve", "Deny"]
    visitor.type(Keys.ENTER, DECLINED)
    look_closely(visitor.driver)
    ended, said = login.end()
    assert ended == 3
    assert "was declined" in said
    assert tokens(asking) == []


def test_a_stray_visit_is_told_and_ends_nothing(asking: Home, visitor: Visitor) -> None:
    login = Login(asking, "--no-browser")
    url = login.find(AUTHORIZE)
    callback = re.search(r"redirect_uri=http%3A%2F%2F127\.0\.0\.1%3A(\d+)", url)
    assert callback
    stray = f"http://127.0.0.1:{callback[1]}/oauth/callback?code=x&state=wrong"
    visitor.open(stray, "Not a sign-in of ours")
    look_closely(visitor.driver)
    visitor.open(url, ASKED)
    visitor.press("Approve", SIGNED_IN)
    assert login.end()[0] == 0


def test_the_console_by_an_address_of_ours(home: Home, sandbox: Sandbox, visitor: Visitor) -> None:
    assert home.ssoenv("login", "acme").returncode == 0
    home.env["BROWSER"] = "true"  # it is the visitor who opens the page
    console = Running(home, "console", "dev/Developer", "--service", "s3", "--logout-first")
    address = console.find(r"(http://127\.0\.0\.1:\d+/go/\S+)")
    visitor.open(address, "You are signed in to the console")
    look_closely(visitor.driver)
    rows = visitor.driver.find_element(By.TAG_NAME, "dl").text
    assert "dev (111111111111)" in rows
    assert "https://console.aws.amazon.com/s3/home?region=" in rows
    assert visitor.driver.current_url.startswith(f"{sandbox.url}/federation?")
    ended, said = console.end()
    assert ended == 0, said
