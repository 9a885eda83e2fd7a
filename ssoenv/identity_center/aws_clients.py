"""Clients that talk to AWS and to this machine only.

Whatever they raise becomes an error of ours here, and no call takes longer than it may.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    ParamValidationError,
    UnknownServiceError,
)
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies
from botocore.validate import ParamValidator

from ssoenv.base import background
from ssoenv.base.errors import InvalidConfiguration, ServiceUnavailable, SsoenvError, UsageError
from ssoenv.identity_center import endpoints, service_data
from ssoenv.identity_center.answers import Answer, not_the_service
from ssoenv.identity_center.pace import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.awsrequest import AWSPreparedRequest
    from botocore.credentials import Credentials as BotoCredentials

    from ssoenv.base.models import Credentials

CALL_TIMEOUT = 15
"""Seconds for one call in all: resolver, proxy, TLS, answer, and the attempts after the first."""
ATTEMPTS = 3
REDIRECT_TIMEOUT = 10
"""Seconds for a start URL that is not AWS's own to say where it leads."""
CONNECT_TIMEOUT = 5
"""Seconds for one attempt to connect."""
_OBEYED = (
    "data_path",
    "ignore_configured_endpoint_urls",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
)
"""The variables of botocore's own, by its names, that count for a client besides what it is given.
"""
_SINCE = {"account-access-runtime": "1.43.125", "account-access": "1.43.69"}
"""The first botocore that knows a service which not every one does (its CHANGELOG)."""

log = logging.getLogger(__name__)


class _Unlogged(logging.Filter):
    """Drops what is logged of our own calls: botocore writes whole requests and answers, by DEBUG.

    A program that has the library may have turned that on for its own. Every call of ours has a
    thread of its own, by whose name it is known.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether `record` is of something else."""
        return record.threadName != background.NAME


_UNLOGGED = _Unlogged()


def _keep_out_of_logs() -> None:
    """See that nothing of our calls is logged: a filter counts for its own logger alone."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("boto3", "botocore", "urllib3"):
            logging.getLogger(name).addFilter(_UNLOGGED)


class Refused(Exception):
    """A service answered with an error: its `code`, empty where it names none, and the status.

    `reason` is what it says in words, on one line; empty where it says nothing.
    `retry_after`: for how many seconds it asks to be left alone; 0 where it does not say.
    """

    def __init__(self, error: ClientError) -> None:
        """Take them out of what botocore made of the answer."""
        super().__init__(str(error))
        metadata = error.response.get("ResponseMetadata", {})
        self.status = int(metadata.get("HTTPStatusCode", 0))
        # RFC 9110, 10.2.3: seconds, or a date, which no service of AWS sends.
        wait = metadata.get("HTTPHeaders", {}).get("retry-after", "")
        self.retry_after = int(wait) if re.fullmatch(r"[0-9]{1,6}", wait) else 0
        told = error.response.get("Error", {})
        self.reason = " ".join(str(told.get("Message") or "").split())
        code = str(told.get("Code", ""))
        self.code = "" if code == str(self.status) else code


def call(
    client: Any,
    name: str,
    operation: str,
    request: Mapping[str, Any],
    seconds: float | None = None,
) -> Answer:
    """Return what the service `name` answers to `operation`, in `seconds` at the latest.

    Raises Refused, ServiceUnavailable or InvalidConfiguration.
    """
    url = client.meta.endpoint_url
    with _translating_errors(name, url):
        return Answer(
            background.within(
                seconds or CALL_TIMEOUT, lambda: getattr(client, operation)(**request)
            ),
            name,
            url,
        )


def odd(client: Any, operation: str, request: Mapping[str, Any]) -> str:
    """Return what is wrong with a request by the model of its service; empty: nothing.

    That is of its types, what it needs and its lengths: nobody but the service checks patterns.
    """
    name = client.meta.method_to_api_mapping[operation]
    shape = client.meta.service_model.operation_model(name).input_shape
    report = ParamValidator().validate(dict(request), shape)
    return " ".join(report.generate_report().split()) if report.has_errors() else ""


def given(client: Any, operation: str) -> list[str]:
    """Return the members that every answer to `operation` has, by the model of its service."""
    name = client.meta.method_to_api_mapping[operation]
    shape = client.meta.service_model.operation_model(name).output_shape
    return list(shape.required_members) if shape else []


def origin(client: Any, name: str, operation: str, request: Mapping[str, Any]) -> str:
    """Return where requests of `client` really go, rule sets and overrides included.

    botocore knows only once it makes one: stop it before it leaves, as the AWS CLI does.
    """
    seen: list[str] = []

    def stop(params: Mapping[str, str], **_: object) -> tuple[SimpleNamespace, dict[str, str]]:
        seen.append(params["url"])
        return SimpleNamespace(status_code=200), {}

    client.meta.events.register("before-call", stop)
    try:
        call(client, name, operation, request)
    finally:
        client.meta.events.unregister("before-call", stop)
    return "{0.scheme}://{0.netloc}".format(urlsplit(seen[0]))


def time_at(client: Any, name: str, env: Mapping[str, str]) -> int:
    """Return what time it is where `client` leads to, by the Date header (RFC 9110, 6.6.1)."""
    from email.utils import parsedate_to_datetime

    url = client.meta.endpoint_url
    http = _http(url, env, CONNECT_TIMEOUT)
    with _translating_errors(name, url):
        request = AWSRequest("GET", url).prepare()
        answer = background.within(CALL_TIMEOUT, lambda: http.send(request))
        return int(parsedate_to_datetime(answer.headers["Date"]).timestamp())


def post(url: str, name: str, form: Mapping[str, str], env: Mapping[str, str]) -> tuple[int, bytes]:
    """Return the status and the body of what `name` at `url` answers to `form`.

    No redirect is followed: what is in the form is for `url` alone. Raises ServiceUnavailable.
    """
    http = _http(url, env, CALL_TIMEOUT)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    with _translating_errors(name, url):
        request = AWSRequest("POST", url, data=urlencode(form).encode(), headers=headers).prepare()
        answer = background.within(CALL_TIMEOUT, lambda: http.send(request))
        return int(answer.status_code), bytes(answer.content)


def redirect(url: str, env: Mapping[str, str]) -> str:
    """Return where `url` redirects to, as it says so; empty where it does not.

    Asked by HEAD, and by GET where that is not allowed; the redirect is not followed, and no body
    is read. Raises InvalidConfiguration for an error, ServiceUnavailable for no answer.
    """
    name = f"the start URL {url}"
    http = _http(url, env, CONNECT_TIMEOUT)

    def ask(method: str) -> tuple[int, str]:
        request = AWSRequest(method, url, stream_output=True).prepare()
        answer = http.send(request)
        answer.raw.close()
        return answer.status_code, answer.headers.get("Location", "")

    with _translating_errors(name, url):
        status, location = background.within(REDIRECT_TIMEOUT, lambda: ask("HEAD"))
        if status in (405, 501):
            status, location = background.within(REDIRECT_TIMEOUT, lambda: ask("GET"))
    if status >= 400:
        raise InvalidConfiguration(
            f"{name} answers with the error {status}",
            advice="open it in a browser: does it lead to your Identity Center?",
        )
    return location if status in (301, 302, 303, 307, 308) else ""


def _http(url: str, env: Mapping[str, str], seconds: int) -> URLLib3Session:
    """Return what sends requests to `url`; a read, or a connection, may take that many seconds."""
    verify: Any = env.get("AWS_CA_BUNDLE") or env.get("REQUESTS_CA_BUNDLE") or True
    return URLLib3Session(verify=verify, proxies=proxies(url), timeout=seconds)


def proxies(url: str) -> dict[str, str]:
    """Return the proxies that the environment has for `url`; none for this machine."""
    return {} if endpoints.is_loopback(url) else get_environ_proxies(url)


def unreachable(name: str, url: str, why: str) -> ServiceUnavailable:
    """Return the error for a service that gives no answer at all."""
    fix, advice = "ssoenv doctor", "check the network, VPN and proxies"
    if endpoints.is_loopback(url):
        fix = "ssoenv sandbox serve --env-file sandbox.env"
        advice = (
            "that is on this machine: a sandbox that has ended? Start one, and then, in every shell"
            " that is to use it: . ./sandbox.env"
        )
    return ServiceUnavailable(f"cannot reach {name} at {url} ({why})", fix=fix, advice=advice)


@contextlib.contextmanager
def _translating_errors(name: str, url: str) -> Iterator[None]:
    """Turn whatever a call of the service `name` at `url` can raise into errors of ours.

    botocore's parsers raise whatever Python does (KeyError, AttributeError, ValueError) when they
    meet an answer that no service of AWS gives.
    """
    _keep_out_of_logs()
    try:
        yield
    except SsoenvError:
        raise
    except ClientError as error:
        raise Refused(error) from None
    except TimeoutError:
        raise unreachable(name, url, "no answer in time") from None
    except ParamValidationError as error:
        raise UsageError(f"{name} takes no such request: {' '.join(str(error).split())}") from None
    except (BotoCoreError, HTTPClientError) as error:
        raise unreachable(name, url, type(error).__name__) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not an answer
        log.debug("the answer of %s cannot be read: %s", url, type(error).__name__)
        raise not_the_service(name, url) from None


class Given(CredentialProvider):
    """The only provider of a session: it has the credentials."""

    METHOD = "ssoenv"

    def __init__(self, credentials: BotoCredentials) -> None:
        """Take the `credentials`."""
        super().__init__()
        self._credentials = credentials

    def load(self) -> BotoCredentials:
        """Return them."""
        return self._credentials


def _session(env: Mapping[str, str], given: BotoCredentials | None) -> botocore.session.Session:
    """Return a session that no profile, no broken config and no variable can disturb.

    AWS_PROFILE may name a profile of ours, or none that exists; and of a value that it does not
    know, whatever it is for, botocore makes an error. Not in the Config: older ones refuse options.
    """
    core = botocore.session.Session()
    for name, (_, _, default, convert) in [*core.session_var_map.items()]:
        if name not in _OBEYED:
            core.session_var_map[name] = (None, [], default, convert)
    core.get_component("config_store").set_config_variable("s3", {})
    core.set_config_variable("config_file", os.devnull)
    core.set_config_variable("credentials_file", os.devnull)
    core.register_component(
        "data_loader", service_data.loader(core.get_config_variable("data_path"))
    )
    if env.get("AWS_CA_BUNDLE"):
        core.set_config_variable("ca_bundle", env["AWS_CA_BUNDLE"])
    if given is not None:
        core.register_component("credential_provider", CredentialResolver([Given(given)]))
    return core


def make(
    service: str,
    region: str,
    env: Mapping[str, str],
    credentials: Credentials | None = None,
    *,
    given: BotoCredentials | None = None,
    attempts: int = ATTEMPTS,
    bearer: str = "",
) -> Any:
    """Return a client that talks to AWS and to this machine only; unsigned without keys.

    Keys are `credentials`, or those that botocore was `given` or got, which it renews if it can.
    A call that fails, or is refused because there are too many, is made `attempts` times. `bearer`
    is a token that goes with every request. Raises InvalidConfiguration.
    """
    keys: dict[str, Any] = {
        "aws_access_key_id": credentials and credentials.access_key_id,
        "aws_secret_access_key": credentials and credentials.secret_access_key,
        "aws_session_token": credentials and credentials.session_token,
    }
    endpoint = endpoints.override(service, env)
    if endpoint:
        endpoints.check(endpoint, service, env)
    loopback = endpoints.is_loopback(endpoint or "")
    signed = credentials is not None or given is not None
    config = _config(signed=signed, loopback=loopback, attempts=attempts)
    try:
        client = _session(env, given).create_client(
            service, region_name=region, endpoint_url=endpoint, config=config, **keys
        )
    except UnknownServiceError:
        raise InvalidConfiguration(
            f"botocore {botocore.__version__}, which is installed here, does not know {service}; "
            f"version {_SINCE.get(service, 'of today')} does",
            advice="upgrade boto3 where ssoenv is installed",
        ) from None
    except (BotoCoreError, ValueError) as error:
        raise InvalidConfiguration(
            f"no endpoint of {service} for region {region!r} ({type(error).__name__})",
            advice="check sso_region in your AWS config",
        ) from None

    def check(params: Mapping[str, Any], **_: object) -> None:
        endpoints.check(params["url"], service, env)
        if bearer:
            params["headers"]["Authorization"] = f"Bearer {bearer}"

    # Rule sets have the last word on the address; so what counts is each request as it leaves.
    client.meta.events.register_first("before-call", check)
    if not loopback:
        client.meta.events.register_first("before-send", _send_here)
    return client


def _send_here(request: AWSPreparedRequest, **_: object) -> Any:
    """Send a request that a rule set leads to this machine; None for others, which botocore sends.

    botocore has chosen its proxies by the address of before. What is in clear, as here, must not
    go to one: it may be anywhere.
    """
    if not endpoints.is_loopback(request.url):
        return None
    return _http(request.url, os.environ, CALL_TIMEOUT).send(request)


def _config(*, signed: bool, loopback: bool, attempts: int) -> Config:
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT,
        "read_timeout": CALL_TIMEOUT,
        "retries": {"mode": "standard", "total_max_attempts": attempts},
        "max_pool_connections": AT_ONCE,
    }
    if not signed:
        options["signature_version"] = UNSIGNED
    if loopback:
        options |= {"proxies": {}, "use_fips_endpoint": False, "use_dualstack_endpoint": False}
    return Config(**options)
