"""STS for the credentials that were handed out: who they are, and AssumeRole (query protocol, XML).

Limits and messages of AssumeRole: botocore ``data/sts/2011-06-15`` and AWS STS API Reference.
Whoever calls has a role already, so every role that is assumed is one on top of another, which
lasts an hour at most.
"""

from __future__ import annotations

import re
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NoReturn
from xml.sax.saxutils import escape

from ssoenv.sandbox.signatures import signer
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


def fail(name: str, message: str) -> NoReturn:
    """Raise the error `name` of this service."""
    raise WireError("sts", name, message)


def get_caller_identity(state: State, request: Request) -> Response:
    """Say whose credentials signed the request."""
    keys = signer(state, request, "sts")[0]
    body = (
        "<GetCallerIdentityResult>"
        f"<Arn>{escape(arn(keys))}</Arn><UserId>{escape(_user_id(keys))}</UserId>"
        f"<Account>{keys.account}</Account></GetCallerIdentityResult>"
    )
    return xml_answer("GetCallerIdentityResponse", body)


def assume_role(state: State, request: Request) -> Response:
    """Hand out credentials of a role that trusts whoever signed the request."""
    caller, form = signer(state, request, "sts")[0], request.form
    wanted, name = form.get("RoleArn", ""), form.get("RoleSessionName", "")
    duration = _duration(form.get("DurationSeconds", str(LONGEST_CHAINED)))
    if not 20 <= len(wanted) <= 2048:
        _invalid("roleArn", wanted, "Member must have length between 20 and 2048")
    if not wanted.startswith("arn:"):
        fail("ValidationError", f"{wanted} is invalid")
    if not _NAME.fullmatch(name):
        what = r"Member must satisfy regular expression pattern: [\w+=,.@-]*, of length 2 to 64"
        _invalid("roleSessionName", name, what)
    role = state.world.role(wanted)
    if role is None or not _is_trusted(state, caller, role):
        what = f"sts:AssumeRole on resource: {wanted}"
        fail("AccessDenied", f"User: {arn(caller)} is not authorized to perform: {what}")
    if duration > LONGEST_CHAINED:
        what = "the 1 hour session limit for roles assumed by role chaining"
        fail("ValidationError", f"The requested DurationSeconds exceeds {what}")
    key_id, keys = state.new_keys(
        wanted.split(":")[4], role.name, name, iam=True, chained=True, seconds=duration
    )
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(keys.expires))
    body = (
        "<AssumeRoleResult><AssumedRoleUser>"
        f"<AssumedRoleId>{escape(_user_id(keys))}</AssumedRoleId><Arn>{escape(arn(keys))}</Arn>"
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
    account = state.directory.accounts.get(caller.account)
    name = f"{account.name if account else caller.account}/{caller.role}"
    return any(fnmatchcase(name, pattern) for pattern in role.trusts)


def arn(keys: Keys) -> str:
    """Return the ARN of the role session, or of the user of IAM, that `keys` are of."""
    if not keys.role:
        return f"arn:aws:iam::{keys.account}:user/{keys.user}"
    suffix = role_suffix(keys.account, keys.role)
    role = keys.role if keys.iam else f"AWSReservedSSO_{keys.role}_{suffix}"
    return f"arn:aws:sts::{keys.account}:assumed-role/{role}/{keys.user}"


def _user_id(keys: Keys) -> str:
    suffix = role_suffix(keys.account, f"role/{keys.role}" if keys.iam else keys.role)
    if not keys.role:
        return f"AIDASANDBOX{role_suffix(keys.account, keys.user)[:10].upper()}"
    return f"AROASANDBOX{suffix[:10].upper()}:{keys.user}"
