"""STS GetCallerIdentity for the credentials that the portal handed out (query protocol, XML).

Signatures are checked as AWS checks them (Signature Version 4, "Create a signed AWS API request"),
so that keys mixed from two roles are found out. Presigned URLs are not served.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, NoReturn
from xml.sax.saxutils import escape

from ssoenv.sandbox.state import role_suffix
from ssoenv.sandbox.wire import WireError, xml_answer

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from ssoenv.sandbox.records import Keys
    from ssoenv.sandbox.state import State

VERSION = "2011-06-15"
_ALGORITHM = "AWS4-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM} Credential=(?P<key>\w+)/(?P<scope>\d{{8}}/[a-z0-9-]+/sts/aws4_request),"
    r"\s*SignedHeaders=(?P<headers>[a-z0-9;_-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


def fail(name: str, message: str) -> NoReturn:
    """Raise the error `name` of this service."""
    raise WireError("sts", name, message)


def get_caller_identity(state: State, request: Request) -> Response:
    """Say whose credentials signed the request."""
    keys = _signer(state, request)
    suffix = role_suffix(keys.account, keys.role)
    role = f"AWSReservedSSO_{keys.role}_{suffix}"
    body = (
        "<GetCallerIdentityResult>"
        f"<Arn>arn:aws:sts::{keys.account}:assumed-role/{escape(role)}/{escape(keys.user)}</Arn>"
        f"<UserId>AROASANDBOX{suffix[:10].upper()}:{escape(keys.user)}</UserId>"
        f"<Account>{keys.account}</Account></GetCallerIdentityResult>"
    )
    return xml_answer("GetCallerIdentityResponse", body)


def _signer(state: State, request: Request) -> Keys:
    """Return the credentials that signed `request`."""
    signed = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    if signed is None:
        fail("MissingAuthenticationToken", "Request is missing Authentication Token")
    keys = state.keys.get(signed["key"])
    token = request.headers.get("X-Amz-Security-Token", "")
    if keys is None or not hmac.compare_digest(token.encode(), keys.token.encode()):
        fail("InvalidClientTokenId", "The security token included in the request is invalid.")
    if keys.expires <= state.now():
        fail("ExpiredToken", "The security token included in the request is expired")
    if not hmac.compare_digest(_signature(request, signed, keys.secret), signed["signature"]):
        fail(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        )
    return keys


def _signature(request: Request, signed: re.Match[str], secret: str) -> str:
    """Return the signature that `secret` gives to `request`, as hex."""
    names = signed["headers"].split(";")
    headers = "".join(f"{n}:{' '.join(request.headers.get(n, '').split())}\n" for n in names)
    payload = hashlib.sha256(request.get_data()).hexdigest()
    canonical = f"{request.method}\n/\n\n{headers}\n{signed['headers']}\n{payload}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    moment = request.headers.get("X-Amz-Date", "")
    key = f"AWS4{secret}".encode()
    for part in signed["scope"].split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"{_ALGORITHM}\n{moment}\n{signed['scope']}\n{digest}"
    return hmac.digest(key, text.encode(), "sha256").hex()
