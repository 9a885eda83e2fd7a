"""Whom a sign-in talks to, whatever the environment and the config say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from ssoenv.base.errors import InvalidConfiguration, SsoenvError
from ssoenv.base.models import Session, Token
from ssoenv.identity_center import endpoints, oidc
from ssoenv.identity_center.client import IdentityCenter
from tests.sign_in.people import ACME

if TYPE_CHECKING:
    from tests.conftest import Home
    from tests.sign_in.people import Person

AWS_OWNED = [
    "https://oidc.us-east-1.amazonaws.com",
    "https://oidc.us-east-1.amazonaws.com:443/",
    "https://portal.sso.eu-west-1.amazonaws.com",
    "https://portal.sso-fips.us-gov-west-1.amazonaws.com",
    "https://oidc-fips.us-gov-west-1.api.aws",
    "https://oidc.cn-north-1.amazonaws.com.cn",
    "https://oidc.eusc-de-east-1.amazonaws.eu",
    "https://portal.sso.us-iso-east-1.c2s.ic.gov",
    "https://vpce-0abc-1.portal.sso.eu-west-1.vpce.amazonaws.com",
    "https://sts.amazonaws.com",
    "http://127.0.0.1:8080",
    "http://localhost:8080",
    "http://[::1]:8080",
    "https://localhost",
]
FOREIGN = [
    "https://evil.example",
    "http://oidc.us-east-1.amazonaws.com",
    "https://oidc.us-east-1.amazonaws.com.evil.example",
    "https://amazonaws.com.evil.example",
    "https://evilamazonaws.com",
    "https://oidc.s3.us-east-1.amazonaws.com",
    "https://abc.execute-api.us-east-1.amazonaws.com",
    "https://oidc.execute-api.us-east-1.amazonaws.com",
    "https://x.lambda-url.us-east-1.on.aws",
    "https://oidc.us-east-1.elb.amazonaws.com",
    "http://127.0.0.1@evil.example",
    "http://127.0.0.1:80@evil.example",
    "http://evil.example\\@127.0.0.1",
    "http://evil.example#@127.0.0.1",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.1.",
    "http://0x7f.1",
    "http://169.254.169.254",
    "ftp://127.0.0.1",
    "//127.0.0.1",
    "127.0.0.1",
    "https://oidc.us-east-1.amazonaws.com:444",
    "http://[::1",
    "",
]


@pytest.mark.parametrize("url", AWS_OWNED)
def test_whom_we_talk_to(url: str) -> None:
    endpoints.check(url, "sso", {"AWS_ENDPOINT_URL": url})


@pytest.mark.parametrize("url", FOREIGN)
def test_whom_we_do_not_talk_to(url: str) -> None:
    with pytest.raises(InvalidConfiguration, match="not AWS") as caught:
        endpoints.check(url, "sso", {"AWS_ENDPOINT_URL_SSO": url or "x"})
    assert caught.value.fix == "unset AWS_ENDPOINT_URL_SSO"


def test_a_region_of_every_partition_is_one_of_aws() -> None:
    """A partition that botocore learns of must not become "not AWS"."""
    session = boto3.Session()
    for partition in session.get_available_partitions():
        for region in session.get_available_regions("sts", partition)[:1]:
            for service in ("sso", "sso-oidc", "sts"):
                client = session.client(
                    service,
                    region_name=region,
                    aws_access_key_id="x",
                    aws_secret_access_key="y",
                )
                endpoints.check(client.meta.endpoint_url, service, {})


@pytest.mark.parametrize(
    "variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"]
)
def test_a_poisoned_environment_gets_no_token(alice: Person, stranger: str, variable: str) -> None:
    """Nothing is sent: the name would not even resolve, and the address is refused before."""
    for name in ("AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"):
        del alice.env[name]
    alice.env[variable] = stranger.replace("127.0.0.1", "ssoenv.example")
    center = IdentityCenter(ACME, alice.env)
    token = alice.hold(3600)
    call = (
        (lambda: oidc.refresh(center, token))
        if variable.endswith("OIDC")
        else (lambda: center.list_accounts(token))
    )

    with pytest.raises(SsoenvError, match="not AWS") as caught:
        call()
    assert caught.value.fix == f"unset {variable}"


def in_process(home: Home, code: str, **more: str) -> str:
    """Run `code` where botocore sees this environment, with a token of ours at hand."""
    program = (
        "import os\n"
        "from ssoenv.identity_center import endpoints, oidc\n"
        "from ssoenv.base.errors import SsoenvError\n"
        "from ssoenv.identity_center.client import IdentityCenter\n"
        "from ssoenv.base.models import Registration, Session\n"
        "url = 'https://d-0000000000.awsapps.com/start'\n"
        "session = Session('acme', url, 'us-east-1', None, 'c')\n"
        "center = IdentityCenter(session, os.environ)\n"
        "try:\n"
        + "".join(f"    {line}\n" for line in code.splitlines())
        + "except SsoenvError as error: print(type(error).__name__, error.message, error.fix)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=home.env | more,
        capture_output=True,
        text=True,
        check=True,
        cwd=home.path,
    )
    return result.stdout.strip()


REGISTER = "print(oidc.register(center, grant='authorization_code').client_id)"


def test_a_poisoned_model_folder_gets_no_sign_in(alice: Person) -> None:
    """AWS_DATA_PATH can replace the rules by which botocore finds the address."""
    for rules in Path(alice.env["AWS_DATA_PATH"]).rglob("*.json"):
        rules.write_text(rules.read_text().replace("http://127.0.0.1", "https://evil.example"))
    environment = {"AWS_ENDPOINT_URL_SSO_OIDC": "", "AWS_ENDPOINT_URL": ""}

    said = in_process(alice.home, REGISTER, **environment)

    assert "AWS_DATA_PATH would send sign-ins to 'evil.example" in said
    assert said.endswith("unset AWS_DATA_PATH")


def test_the_page_is_where_the_rules_say(alice: Person) -> None:
    """Without AWS_ENDPOINT_URL, by a model folder alone, as with the AWS CLI 2.9."""
    code = (
        "registration = oidc.register(center, grant='authorization_code')\n"
        "print(oidc.authorize_url(center, registration, 'http://127.0.0.1:1/oauth/callback',"
        " 's', 'c'))"
    )
    said = in_process(alice.home, code, AWS_ENDPOINT_URL_SSO_OIDC="", AWS_ENDPOINT_URL="")

    assert said.startswith(f"{alice.sandbox.url}/authorize?response_type=code&client_id=sandbox-")
    assert "&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Foauth%2Fcallback&state=s" in said
    assert said.endswith(
        "&code_challenge_method=S256&scopes=sso%3Aaccount%3Aaccess&code_challenge=c"
    )
    assert alice.calls("RegisterClient") == 1


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param({"AWS_PROFILE": "no-such-profile"}, id="AWS_PROFILE names nothing"),
        pytest.param({"AWS_DEFAULT_PROFILE": "no-such-profile"}, id="AWS_DEFAULT_PROFILE"),
        pytest.param({"AWS_CONFIG_FILE": "/dev/null/x"}, id="no config"),
        pytest.param(
            {"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": "", "no_proxy": ""}, id="proxy"
        ),
        pytest.param({"AWS_USE_FIPS_ENDPOINT": "true"}, id="FIPS"),
        pytest.param({"AWS_USE_DUALSTACK_ENDPOINT": "true"}, id="dualstack"),
        pytest.param({"AWS_REGION": "", "AWS_DEFAULT_REGION": "nowhere"}, id="region"),
        pytest.param({"AWS_ACCESS_KEY_ID": "stale", "AWS_SECRET_ACCESS_KEY": "x"}, id="stale keys"),
    ],
)  # fmt: skip
def test_what_may_not_disturb_a_sign_in(alice: Person, poison: dict[str, str]) -> None:
    assert in_process(alice.home, REGISTER, **poison).startswith("sandbox-client-")


def test_a_broken_config_does_not_disturb_a_sign_in(alice: Person) -> None:
    (alice.home.path / ".aws/config").write_text("[profile a]\n[profile a]\nnonsense")
    (alice.home.path / ".aws/credentials").write_text("nonsense")

    assert in_process(alice.home, REGISTER).startswith("sandbox-client-")


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({}, "oidc.us-east-1.amazonaws.com"),
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, "oidc-fips.us-east-1.amazonaws.com"),
        ({"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "oidc.us-east-1.api.aws"),
        (
            {
                "AWS_ENDPOINT_URL_SSO_OIDC": "https://evil.example",
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
            },
            "oidc.us-east-1.amazonaws.com",
        ),
    ],
    ids=["plain", "FIPS", "dualstack", "overrides ignored"],
)
def test_the_address_of_the_real_service(home: Home, variables: dict[str, str], host: str) -> None:
    del home.env["AWS_ENDPOINT_URL"]
    code = (
        "print(oidc.authorize_url(center, Registration('id', 'secret', 0),"
        " 'http://127.0.0.1:1/oauth/callback', 's', 'c'))"
    )

    assert in_process(home, code, **variables).startswith(f"https://{host}/authorize?")


def test_a_region_that_is_none(home: Home) -> None:
    nowhere = Session("acme", ACME.start_url, "not a region", None, "config:3")
    del home.env["AWS_ENDPOINT_URL"]

    with pytest.raises(SsoenvError) as caught:
        IdentityCenter(nowhere, home.env).list_accounts(Token("", "", "x", 0))
    assert caught.value.exit_code == 5


def test_nothing_is_loaded_before_it_is_needed(home: Home) -> None:
    result = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from ssoenv import sign_in; print('botocore' in sys.modules)",
        ],
        env=home.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "False"
