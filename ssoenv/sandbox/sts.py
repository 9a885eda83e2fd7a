"""STS for the credentials that were handed out: who they are, and AssumeRole (query protocol, XML).

Signatures are checked as AWS checks them (Signature Version 4, "Create a signed AWS API request"),
so that keys mixed from two roles are found out. Presigned URLs are not served. Limits and messages
of AssumeRole: botocore ``data/sts/2011-06-15`` and AWS STS API Reference. Whoever calls has a role
already, so every role that is assumed is one on top of another, which lasts an hour at most.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NoReturn
from xml.sax.saxutils import escape

from ssoenv.sandbox.state import role_suffix
from ssoenv.sandbox.wire import WireError, xml_answer

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from ssoenv.sandbox.records import Keys
    from ssoenv.sandbox.state import State
    from ssoenv.sandbox.world import IamRole

VERSION = "2011-06-15"
SHORTEST, LONGEST_CHAINED, LONGEST = 900, 3600, 43200
"""Seconds of DurationSeconds: the least, the most on top of another role, the most at all."""
_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
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
    body = (
        "<GetCallerIdentityResult>"
        f"<Arn>{escape(_arn(keys))}</Arn><UserId>{escape(_user_id(keys))}</UserId>"
        f"<Account>{keys.account}</Account></GetCallerIdentityResult>"
    )
    return xml_answer("GetCallerIdentityResponse", body)


def assume_role(state: State, request: Request) -> Response:
    """Hand out credentials of a role that trusts whoever signed the request."""
    caller, form = _signer(state, request), request.form
    arn, name = form.get("RoleArn", ""), form.get("RoleSessionName", "")
    duration = _duration(form.get("DurationSeconds", str(LONGEST_CHAINED)))
    if not 20 <= len(arn) <= 2048:
        _invalid("roleArn", arn, "Member must have length between 20 and 2048")
    if not arn.startswith("arn:"):
        fail("ValidationError", f"{arn} is invalid")
    if not _NAME.fullmatch(name):
        what = r"Member must satisfy regular expression pattern: [\w+=,.@-]*, of length 2 to 64"
        _invalid("roleSessionName", name, what)
    role = state.world.role(arn)
    if role is None or not _is_trusted(state, caller, role):
        fail(
            "AccessDenied",
            f"User: {_arn(caller)} is not authorized to perform: sts:AssumeRole on resource: {arn}",
        )
    if duration > LONGEST_CHAINED:
        what = "the 1 hour session limit for roles assumed by role chaining"
        fail("ValidationError", f"The requested DurationSeconds exceeds {what}")
    key_id, keys = state.new_keys(
        arn.split(":")[4], role.name, name, iam=True, chained=True, seconds=duration
    )
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(keys.expires))
    body = (
        "<AssumeRoleResult><AssumedRoleUser>"
        f"<AssumedRoleId>{escape(_user_id(keys))}</AssumedRoleId><Arn>{escape(_arn(keys))}</Arn>"
        f"</AssumedRoleUser><Credentials><AccessKeyId>{key_id}</AccessKeyId>"
        f"<SecretAccessKey>{keys.secret}</SecretAccessKey>"
        f"<SessionToken>{keys.token}</SessionToken><Expiration>{ends}</Expiration>"
        "</Credentials></AssumeRoleResult>"
    )
    return xml_answer("AssumeRoleResponse", body)


OPERATIONS = {"GetCallerIdentity": get_caller_identity, "AssumeRole": assume_role}


def _duration(text: str) -> int:
    """Return the DurationSeconds of a request."""
    if not (text.isascii() and text.isdecimal()):
        fail("MalformedInput", f"DurationSeconds {text[:20]!r} is no number")
    duration = int(text[:9])
    if not SHORTEST <= duration <= LONGEST:
        bound = f"less than or equal to {LONGEST}"
        if duration < SHORTEST:
            bound = f"greater than or equal to {SHORTEST}"
        _invalid("durationSeconds", text, f"Member must have value {bound}")
    return duration


def _invalid(key: str, value: str, what: str) -> NoReturn:
    fail(
        "ValidationError",
        f"1 validation error detected: Value '{value[:100]}' at '{key}' failed to satisfy "
        f"constraint: {what}",
    )


def _is_trusted(state: State, caller: Keys, role: IamRole) -> bool:
    account = state.world.account(caller.account)
    name = f"{account.name if account else caller.account}/{caller.role}"
    return any(fnmatchcase(name, pattern) for pattern in role.trusts)


def _arn(keys: Keys) -> str:
    """Return the ARN of the role session that `keys` are of."""
    suffix = role_suffix(keys.account, keys.role)
    role = keys.role if keys.iam else f"AWSReservedSSO_{keys.role}_{suffix}"
    return f"arn:aws:sts::{keys.account}:assumed-role/{role}/{keys.user}"


def _user_id(keys: Keys) -> str:
    suffix = role_suffix(keys.account, f"role/{keys.role}" if keys.iam else keys.role)
    return f"AROASANDBOX{suffix[:10].upper()}:{keys.user}"


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
