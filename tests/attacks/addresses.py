"""Repositories that offer a sign-in at an address which looks like the company's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.attacks.model import DEV, TRUSTED, Attack, binding, file, toml

if TYPE_CHECKING:
    from collections.abc import Iterator

KNOWN = "https://d-0000000000.awsapps.com/start"
LIKE_IT = {
    "another digit": "https://d-0000000001.awsapps.com/start",
    "a letter for a digit": "https://d-O000000000.awsapps.com/start",
    "a longer host": "https://d-0000000000.awsapps.com.evil.invalid/start",
    "a longer name": "https://xd-0000000000.awsapps.com/start",
    "a hyphen for a dot": "https://d-0000000000-awsapps.com.invalid/start",
    "another ending": "https://d-0000000000.awsapps.invalid/start",
    "another port": "https://d-0000000000.awsapps.com:8443/start",
    "the same port, written out": "https://d-0000000000.awsapps.com:443/start",
    "capitals": "HTTPS://D-0000000000.AWSAPPS.COM/start",
    "another path": "https://d-0000000000.awsapps.com/evil/start",
    "an address in the path": "https://evil.invalid/d-0000000000.awsapps.com/start",
    "an address in the query": "https://evil.invalid/?https://d-0000000000.awsapps.com/start",
    "an address in the fragment": "https://evil.invalid/#https://d-0000000000.awsapps.com/start",
    "the numbers of a host": "https://2130706433/start",
    "another host of AWS": "https://s3.amazonaws.com/d-0000000000/start",
    "this machine": "https://127.0.0.1:1/start",
    "the metadata of a machine": "https://169.254.169.254/start",
    "escapes in the path": "https://d-0000000000.awsapps.com/%2e%2e/start",
    "a code in the path": "https://d-0000000000.awsapps.com/$(touch$IFS'CANARY')",
    "a host in Punycode": "https://xn--d-0000000000-abc.awsapps.com/start",
}
"""Addresses that somebody can have; what AWS has of its own goes to anybody."""
NO_ADDRESS = {
    "a person before the host": "https://d-0000000000.awsapps.com@evil.invalid/start",
    "a person with a password": "https://d-0000000000.awsapps.com:x@evil.invalid/start",
    "a backslash": "https://evil.invalid\\@d-0000000000.awsapps.com/start",
    "a dot behind the host": "https://d-0000000000.awsapps.com./start",
    "two dots": "https://d-0000000000..awsapps.com/start",
    "a Cyrillic letter": "https://d-0000000000.\u0430wsapps.com/start",
    "a wide slash": "https://evil.invalid\uff0f.awsapps.com/start",
    "a wide dot": "https://d-0000000000\u3002awsapps.com/start",
    "no width": "https://d-0000000000.aws\u200bapps.com/start",
    "an escape in the host": "https://evil.invalid%2f.awsapps.com/start",
    "a blank": "https://d-0000000000.awsapps.com /start",
    "a new line": "https://d-0000000000.awsapps.com/start\nsso_region = x",
    "a title": "https://d-0000000000.awsapps.com/\x1b]0;OWNED\x07",
    "no TLS": "http://d-0000000000.awsapps.com/start",
    "a file": "file:///etc/passwd",
    "a script": "javascript:alert(1)",
    "a page of data": "data:text/html,x",
    "no scheme": "//d-0000000000.awsapps.com/start",
    "another Internet protocol": "https://[::1]/start",
    "half of a bracket": "https://[::1/start",
    "a port of letters": "https://d-0000000000.awsapps.com:https/start",
    "a port of 65,536": "https://d-0000000000.awsapps.com:65536/start",
    "no host": "https:///start",
    "nothing": "",
}
"""What a file may not say."""


def addresses() -> Iterator[Attack]:
    """Yield start URLs for a session that the person has, and for one that they have not."""
    for number, (what, url) in enumerate(LIKE_IT.items()):
        offer = f'[sso]\nstart_url = {toml(url)}\nregion = "eu-west-1"\n'
        # The session that the person has is theirs, whatever a file says of it.
        known = file(binding(more=offer))
        if number % 4 == 0:
            yield Attack("address", f"{what}, for a known session", known, TRUSTED, DEV, hides=("sso-session",))  # fmt: skip
        new = file(binding(session="corp", more=offer))
        says = ("you have no [sso-session corp]", url)
        yield Attack("address", what, new, (0, 5), says=says)
    for what, url in NO_ADDRESS.items():
        offer = f'[sso]\nstart_url = {toml(url)}\nregion = "eu-west-1"\n'
        yield Attack("address", what, file(binding(session="corp", more=offer)))
    for what, region in {
        "of nowhere": "evil-north-1",
        "of another partition": "cn-north-1",
    }.items():
        offer = f'[sso]\nstart_url = "{KNOWN}"\nregion = "{region}"\n'
        new = file(binding(session="corp", more=offer))
        yield Attack("address", f"the known one with a region {what}", new, (0, 5), says=(region,))
