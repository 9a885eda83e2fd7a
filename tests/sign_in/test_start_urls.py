"""Where a start URL leads: AWS's own addresses, and those that companies call their own."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ssoenv.aws_files import choice, token_cache
from ssoenv.aws_files import config as aws_config
from ssoenv.base import paths
from ssoenv.base.errors import InvalidConfiguration, ServiceUnavailable, UsageError
from ssoenv.identity_center import start_urls
from ssoenv.identity_center.client import IdentityCenter
from ssoenv.setup import answers
from tests.sign_in.people import ACME, Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ssoenv.base.models import Session
    from tests.sign_in.people import Person

pytestmark = pytest.mark.sampled(2)

OWN = {
    "https://d-0123456789.awsapps.com/start": "",
    "https://acme.awsapps.cn/start": "",
    "https://start.us-gov-home.awsapps.com/directory/d-0123": "",
    "https://identitycenter.amazonaws.com/ssoins-0123": "",
    "https://identitycenter.us-gov.amazonaws.com/ssoins-0123": "",
    "https://identitycenter.amazonaws.com.cn/ssoins-0123": "",
    "https://identitycenter.amazonaws.eu/ssoins-0123": "",
    "https://ssoins-0123.portal.eu-west-1.app.aws": "eu-west-1",
    "https://SSOINS-0123.portal.us-gov-west-1.app.aws./": "us-gov-west-1",
    "https://ssoins-0123.us-east-1.portal.amazonaws.com": "us-east-1",
    "https://ssoins-0123.cn-north-1.portal.amazonaws.com.cn": "cn-north-1",
    "https://ssoins-0123.portal.cn-northwest-1.app.amazonwebservices.com.cn": "cn-northwest-1",
    "https://ssoins-0123.eusc-de-east-1.portal.amazonaws.eu:443/": "eusc-de-east-1",
    "https://ssoins-0123.portal.eusc-de-east-1.api.amazonwebservices.eu": "eusc-de-east-1",
}
FOREIGN = (
    "http://acme.awsapps.com/start",
    "https://acme.awsapps.com.evil.example/start",
    "https://evilawsapps.com/start",
    "https://acme.awsapps.com@evil.example/start",
    "https://evil.example\\@acme.awsapps.com/start",
    "https://acme.awsapps.com:8443/start",
    "https://s3.amazonaws.com/acme",
    "https://portal.amazonaws.com.evil.example",
    "https://identitycenter.amazonaws.com.evil.example",
    "https://evil.example%2f.awsapps.com/start",
    "https://evil.example%5c.awsapps.com",
    "https://evil.example\uff0f.awsapps.com",
    "https://evil.example;.awsapps.com",
    "https://evil_example .awsapps.com",
    "https://[::1",
    "acme.awsapps.com",
    "",
)


@pytest.mark.parametrize(("url", "region"), OWN.items())
def test_addresses_of_aws(url: str, region: str) -> None:
    assert start_urls.is_aws(url)
    assert start_urls.region_of(url) == region
    assert start_urls.resolve(replace(ACME, start_url=url), {}).start_url == url


@pytest.mark.parametrize("url", FOREIGN)
def test_addresses_of_others(url: str) -> None:
    assert not start_urls.is_aws(url)
    assert start_urls.region_of(url) == ""


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("acme.awsapps.com", "https://acme.awsapps.com/start"),
        ("https://d-0123456789.awsapps.com/", "https://d-0123456789.awsapps.com/start"),
        ("acme.awsapps.cn/#/", "https://acme.awsapps.cn/start"),
        ("https://ssoins-0123.portal.eu-west-1.app.aws/", "https://ssoins-0123.portal.eu-west-1.app.aws"),
        ("start.us-gov-home.awsapps.com/directory/acme", "https://start.us-gov-home.awsapps.com/directory/acme"),
        ("sso.acme.example", "https://sso.acme.example"),
    ],
)  # fmt: skip
def test_an_address_without_its_end_is_completed(typed: str, url: str) -> None:
    assert answers.check_start_url(typed) == url


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        (" D-1234567890", "did you mean https://d-1234567890.awsapps.com/start?"),
        ("acme", "did you mean https://acme.awsapps.com/start?"),
        ("ac me", "it looks like https://acme.awsapps.com/start"),
    ],
)
def test_a_name_alone_is_no_address_and_has_the_likely_one(typed: str, advice: str) -> None:
    with pytest.raises(UsageError) as refused:
        answers.check_start_url(typed)
    assert refused.value.advice == advice


OWN_ELSEWHERE = "https://ssoins-0123.portal.eu-west-1.app.aws"
REGIONS = {
    "us-gov-west-1": "amazonaws.com",
    "cn-north-1": "amazonaws.com.cn",
    "eusc-de-east-1": "amazonaws.eu",
}


@pytest.mark.parametrize(("region", "suffix"), REGIONS.items())
def test_partitions_have_their_own_services(region: str, suffix: str) -> None:
    center = IdentityCenter(replace(ACME, region=region), {})
    assert center.sign_in_origin() == f"https://oidc.{region}.{suffix}"
    assert center.client("sso").meta.endpoint_url == f"https://portal.sso.{region}.{suffix}"


def test_a_token_goes_to_the_region_that_issued_it(alice: Person) -> None:
    """An instance in several Regions: none knows the tokens of another."""
    west = replace(ACME, name="west", region="eu-west-1")
    text = Path(paths.aws_config_file(alice.env)).read_text()
    second = text.split("[profile")[0].replace("acme]", "west]").replace("us-east-1", west.region)
    Path(paths.aws_config_file(alice.env)).write_text(text + second)
    east, token = alice.sign_in(), alice.sign_in(session=west)

    assert (east.region, token.region) == ("us-east-1", "eu-west-1")
    assert token_cache.load_token(alice.env, replace(west, region="us-east-1")) is None
    # Whatever the config says by now, the token is shown where it came from.
    center = IdentityCenter(ACME, {})
    assert center.client("sso", token.region).meta.region_name == "eu-west-1"
    assert [one.label for one in aws_config.instances(alice.env)] == ["acme", "west"]


class Company:
    """A web server of a company's own, over TLS, that leads to `target`."""

    def __init__(self, folder: Path) -> None:
        self.target, self.head = "", 302
        self.asked: list[str] = []
        company = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                company.asked.append(f"{self.command} {self.path}")
                self.send_response(company.head if self.command == "HEAD" else 302)
                self.send_header("Location", company.target)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_HEAD

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.bundle, key = f"{folder}/company.pem", f"{folder}/company.key"
        command = (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        )
        names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
        subprocess.run(
            [*command.split(), *names, "-keyout", key, "-out", self.bundle],
            check=True,
            capture_output=True,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.bundle, key)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_port}/start"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    company = Company(tmp_path_factory.mktemp("company"))
    yield company
    company.server.shutdown()
    company.server.server_close()


@pytest.fixture
def company(running: Company) -> Company:
    running.target, running.head = "https://ssoins-0123.portal.eu-west-1.app.aws/?a=b#/", 302
    running.asked.clear()
    return running


def resolved(company: Company, **more: str) -> start_urls.Resolved:
    session = replace(ACME, start_url=company.url, start_url_from="config:2")
    return start_urls.resolve(session, {"AWS_CA_BUNDLE": company.bundle} | more)


def test_one_redirect_over_tls(company: Company) -> None:
    there = start_urls.Resolved("https://ssoins-0123.portal.eu-west-1.app.aws", "eu-west-1")
    assert resolved(company) == there
    assert company.asked == ["HEAD /start"]
    company.target = "https://d-0123456789.awsapps.com/start/"
    assert resolved(company).region == ACME.region


@pytest.mark.parametrize("status", [405, 501])
def test_where_head_is_not_allowed(company: Company, status: int) -> None:
    company.head = status
    assert resolved(company).region == "eu-west-1"
    assert company.asked == ["HEAD /start", "GET /start"]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("https://evil.example/start", "leads to evil.example, which is not AWS's own"),
        ("http://d-0123456789.awsapps.com/start", "which is not AWS's own"),
        ("/elsewhere", "leads to 127.0.0.1:"),
        ("", "leads nowhere else"),
    ],
)
def test_a_redirect_to_somebody_else(company: Company, target: str, says: str) -> None:
    company.target = target
    with pytest.raises(InvalidConfiguration, match=says) as caught:
        resolved(company)
    assert caught.value.advice == "correct sso_start_url at config:2"
    assert len(company.asked) == 1


@pytest.mark.parametrize("target", ["//[::1", "https://x]/"])
def test_a_redirect_to_what_is_no_address(alice: Person, target: str) -> None:
    class Odd(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Odd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/start"
        with open(paths.aws_config_file(alice.env), "w") as stream:
            stream.write(f"[sso-session acme]\nsso_start_url = {url}\nsso_region = us-east-1\n")
        done = alice.home.ssoenv("login")
        server.shutdown()
    assert done.returncode in (5, 7), done


def test_what_is_no_redirect(company: Company) -> None:
    for status, says in ((200, "leads nowhere else"), (404, "answers with the error 404")):
        company.head = status
        with pytest.raises(InvalidConfiguration, match=says):
            resolved(company)
    with pytest.raises(InvalidConfiguration, match="not https"):
        start_urls.resolve(replace(ACME, start_url="http://sso.acme.example"), {})


def test_a_certificate_that_nobody_vouches_for(company: Company) -> None:
    with pytest.raises(ServiceUnavailable, match="SSLError"):
        resolved(company, AWS_CA_BUNDLE="")
    assert company.asked == []


def vanity(person: Person, name: str = "acme") -> Session:
    """The session at an address of the sandbox that is not AWS's own; the config says eu-north-1."""
    url = f"{person.sandbox.url}/sso/{name}"
    config = Path(paths.aws_config_file(person.env))
    text = config.read_text().replace(ACME.start_url, url)
    text += "[profile again]\nsso_session = acme\nsso_region = us-east-1\n"
    config.write_text(text)
    return choice.named(person.env, "acme")


@pytest.mark.parametrize("method", ["browser", "device"])
def test_a_sign_in_at_a_company_s_own_address(alice: Person, method: str) -> None:
    session, seen = vanity(alice), Recorder()
    alice.sandbox.fail("VanityAddress", 405)
    token = alice.sign_in(session=session, method=method, reporter=seen)

    assert seen.names[:3] == ["announce", "note", "page" if method == "browser" else "code"]
    assert seen.events[1][1] == f"{session.start_url} leads to {ACME.start_url}, in us-east-1"
    assert IdentityCenter(session, alice.env).list_accounts(token)
    # The AWS CLI and the SDKs find both by what the config says.
    kept = json.loads(Path(token_cache.token_file(alice.env, session)).read_text())
    assert (kept["startUrl"], kept["region"]) == (session.start_url, "us-east-1")
    grant = "device_code" if method == "device" else "authorization_code"
    assert token_cache.load_registration(alice.env, session, grant=grant)
    assert alice.sign_in(session=session) == token
    assert alice.calls("VanityAddress") == 2


@pytest.fixture
def moving(alice: Person) -> Iterator[Session]:
    """A session whose address leads to another Region than the config says."""
    state = alice.sandbox.state
    before = state.world
    there = replace(before.instances[0], start_url=OWN_ELSEWHERE, region="eu-west-1")
    state.world = replace(before, instances=(there,))
    yield vanity(alice)
    state.world = before


def test_the_config_follows_to_the_region(alice: Person, moving: Session) -> None:
    seen = Recorder()
    token = alice.sign_in(session=moving, reporter=seen)

    assert token.region == "eu-west-1"
    assert ("note", "sso_region of acme is now eu-west-1 in your AWS config") in seen.events
    now = aws_config.find_session(alice.env, "acme")  # its profiles do not contradict it
    assert (now.region, now.start_url) == ("eu-west-1", moving.start_url)
    assert token_cache.load_token(alice.env, now)
    assert "sso_region = us-east-1" in Path(paths.aws_config_file(alice.env)).read_text()


def test_a_config_that_cannot_be_written_is_told(alice: Person, moving: Session) -> None:
    file, seen = Path(paths.aws_config_file(alice.env)), Recorder()
    file.write_text(file.read_text() + "[profile again]\n")

    token = alice.sign_in(session=moving, reporter=seen)

    notes = [event[1] for event in seen.events if event[0] == "note"]
    assert f"write sso_region = eu-west-1 at {moving.region_from}" in notes[-1]
    assert token_cache.load_token(alice.env, moving) == token


def test_legacy_profiles_follow_too(alice: Person, moving: Session) -> None:
    config = Path(paths.aws_config_file(alice.env))
    config.write_text(
        config.read_text().split("[profile legacy]")[1].join(("[profile legacy]", ""))
    )
    session = choice.default_session(alice.env, None)
    assert session.name is None
    alice.sign_in(session=session)

    assert choice.default_session(alice.env, None).region == "eu-west-1"


BROUGHT = """
session = "new"
[profiles.a]
account = "111111111111"
role = "Developer"
[sso]
start_url = "{}"
region = "us-east-1"
"""


def test_trust_says_where_an_address_leads(alice: Person) -> None:
    own = alice.home.project("own", BROUGHT.format("https://acme.awsapps.com/start"))
    shown = alice.home.ssoenv("trust", "--show", cwd=own)
    said = "acme.awsapps.com is AWS's own; anybody may have an Identity Center there"
    assert said in " ".join(shown.stderr.split())

    other = alice.home.project("other", BROUGHT.format("https://127.0.0.1:1/start"))
    shown = alice.home.ssoenv("trust", "--show", cwd=other)
    said = "127.0.0.1:1 is not AWS's own: it is asked where it leads"
    assert said in " ".join(shown.stderr.split())
    trusted = alice.home.ssoenv("trust", "--yes", cwd=other)
    assert "where it leads cannot be asked now" in trusted.stderr
    assert trusted.returncode == 0


def test_trust_takes_no_address_that_leads_elsewhere(alice: Person, company: Company) -> None:
    project = alice.home.project("web", BROUGHT.format(company.url))
    assert alice.home.ssoenv("trust", "--show", cwd=project).returncode == 0
    assert company.asked == []  # not before somebody says yes
    company.target = "https://evil.example/"
    refused = alice.home.ssoenv("trust", "--yes", cwd=project, AWS_CA_BUNDLE=company.bundle)

    assert (refused.returncode, refused.stdout) == (5, "")
    assert "leads to evil.example, which is not AWS's own" in refused.stderr
    assert "[sso-session new]" not in Path(paths.aws_config_file(alice.env)).read_text()
    assert "not trusted" in alice.home.ssoenv("status", cwd=project).stdout


def test_setup_says_where_an_address_leads(alice: Person, company: Company) -> None:
    line = (
        "setup",
        "--yes",
        "--start-url",
        company.url,
        "--region",
        "us-east-1",
        "--session",
        "new",
    )
    done = alice.home.ssoenv(*line, SHELL="/bin/bash", AWS_CA_BUNDLE=company.bundle)

    assert done.returncode == 0, done.stderr
    told = " ".join(done.stderr.split())
    assert "is not AWS's own" in told
    assert "it leads to https://ssoins-0123.portal.eu-west-1.app.aws, in eu-west-1" in told
    assert aws_config.find_session(alice.env, "new").region == "eu-west-1"


def test_doctor_says_where_it_leads(alice: Person) -> None:
    session = vanity(alice)
    found = " ".join(alice.home.ssoenv("doctor").stdout.split())
    assert f"{session.start_url} leads to {ACME.start_url}, in us-east-1" in found


NO_ADDRESS = ("https://[x/start", "https://x]/start", "https://[::1/start", "https://a:b/start", "https://a:99999/start", "https://\u2100.awsapps.com/start", "https:///start", "x")  # fmt: skip


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_address_is_told_as_that(alice: Person, url: str) -> None:
    """Whichever way it comes: in a section, in the environment, in a file of a repository."""
    with open(paths.aws_config_file(alice.env), "w") as stream:
        stream.write(f"[sso-session acme]\nsso_start_url = {url}\nsso_region = us-east-1\n")
    for command, code in (("login", 5), ("roles", 3), ("status", 0), ("doctor", 1)):
        done = alice.home.ssoenv(command)
        assert done.returncode == code, done
    told = alice.home.ssoenv("login").stderr
    assert "is no address" in told or "is not https" in told
    assert "correct sso_start_url at" in told
    alice.env.update(AWS_DEFAULT_SSO_START_URL=url, AWS_DEFAULT_SSO_REGION="us-east-1")
    assert alice.home.ssoenv("doctor").returncode != 70
    text = f'session = "b"\n[profiles.d]\naccount = "dev"\nrole = "x"\n[sso]\nstart_url = "{url}"\nregion = "us-east-1"\n'  # fmt: skip
    there = alice.home.project("odd", text)
    for words in (("check",), ("trust", "--show"), ("trust", "--yes"), ("status",)):
        assert alice.home.ssoenv(*words, cwd=there).returncode != 70
