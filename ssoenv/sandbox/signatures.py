"""Who signed a request: Signature Version 4 (AWS, "Create a signed AWS API request").

It is checked as AWS does, so keys mixed from two roles are found out. Presigned URLs are not
served.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from ssoenv.sandbox.wire import WireError

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from ssoenv.sandbox.records import Keys
    from ssoenv.sandbox.state import State

_ALGORITHM = "AWS4-HMAC-SHA256"
_MOMENT = "%Y%m%dT%H%M%SZ"
_MOST_OFF = timedelta(minutes=5)
"""How far from the real time a signature may be made."""
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM} Credential=(?P<key>\w+)/"
    r"(?P<scope>\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z-]+)/aws4_request),"
    r"\s*SignedHeaders=(?P<headers>[a-z0-9;_-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
SIGNING_NAMES = {"sso-admin": "sso"}
"""What a service signs as, where that is not its own name (botocore: ``signingName``)."""
_NAMES_OF_STS = {
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "ExpiredTokenException": "ExpiredToken",
    "InvalidSignatureException": "SignatureDoesNotMatch",
}


def signer(state: State, request: Request, service: str) -> tuple[Keys, str]:
    """Return the credentials that signed `request` to `service`, and the region it signed for.

    Raises WireError, by the names that JSON services have for it, or those of STS.
    """
    signed = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if signed is None or signed["service"] != SIGNING_NAMES.get(service, service):
        raise _refusal(
            service,
            "MissingAuthenticationTokenException",
            "Request is missing Authentication Token",
        )
    keys = state.keys.get(signed["key"]) or state.administrators.get(signed["key"])
    token = request.headers.get("X-Amz-Security-Token", "")
    if keys is None or not hmac.compare_digest(token.encode(), keys.token.encode()):
        message = "The security token included in the request is invalid."
        raise _refusal(service, "UnrecognizedClientException", message)
    if keys.expires <= state.now():
        message = "The security token included in the request is expired"
        raise _refusal(service, "ExpiredTokenException", message)
    odd = _odd_moment(request.headers.get("X-Amz-Date", ""), signed["scope"])
    if odd:
        raise _refusal(service, "InvalidSignatureException", odd)
    if not hmac.compare_digest(_signature(request, signed, keys.secret), signed["signature"]):
        message = "The request signature we calculated does not match the signature you provided."
        raise _refusal(service, "InvalidSignatureException", message)
    return keys, signed["region"]


def _refusal(service: str, name: str, message: str) -> WireError:
    return WireError(service, _NAMES_OF_STS[name] if service == "sts" else name, message)


def _odd_moment(moment: str, scope: str) -> str:
    """Return what is wrong with the moment of a signature, in the words of AWS; empty: nothing.

    The real time decides, not the sandbox's clock: who turns that does not turn those of programs.
    """
    try:
        signed = datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return f"Date must be in ISO-8601 'basic format'. Got '{moment[:20]}'."
    if scope[:8] != moment[:8]:
        what = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date"
        return f"{what} from HTTP: '{scope[:8]}' != '{moment[:8]}', from '{moment}'."
    now = datetime.now(UTC)
    least, most = f"{now - _MOST_OFF:{_MOMENT}}", f"{now + _MOST_OFF:{_MOMENT}}"
    if signed < now - _MOST_OFF:
        return f"Signature expired: {moment} is now earlier than {least} ({now:{_MOMENT}} - 5 min.)"
    if signed > now + _MOST_OFF:
        what = f"Signature not yet current: {moment} is still later than"
        return f"{what} {most} ({now:{_MOMENT}} + 5 min.)"
    return ""


def _signature(request: Request, signed: re.Match[str], secret: str) -> str:
    """Return the signature that `secret` gives to `request`, as hex."""
    names = signed["headers"].split(";")
    headers = "".join(f"{n}:{' '.join(request.headers.get(n, '').split())}\n" for n in names)
    payload = hashlib.sha256(request.get_data()).hexdigest()
    path, _, query = str(request.environ.get("REQUEST_URI") or "/").partition("?")
    where = f"{quote(path, safe='/~')}\n{'&'.join(sorted(filter(None, query.split('&'))))}"
    canonical = f"{request.method}\n{where}\n{headers}\n{signed['headers']}\n{payload}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    moment = request.headers.get("X-Amz-Date", "")
    key = f"AWS4{secret}".encode()
    for part in signed["scope"].split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"{_ALGORITHM}\n{moment}\n{signed['scope']}\n{digest}"
    return hmac.digest(key, text.encode(), "sha256").hex()
