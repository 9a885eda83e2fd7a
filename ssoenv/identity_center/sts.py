"""STS over the wire: whose credentials they are, and a role on top of another.

Operations, shapes and limits: botocore ``data/sts/2011-06-15``; AWS STS API Reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssoenv.base import arns, dialects
from ssoenv.base.errors import AccessDenied, InvalidConfiguration, ServiceUnavailable
from ssoenv.base.models import Credentials
from ssoenv.identity_center import aws_clients
from ssoenv.identity_center.answers import not_the_service
from ssoenv.identity_center.refusals import may_pass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import IamRole

SESSION_NAME = "ssoenv"
"""The name of a role session where the person's own is not known."""
_REJECTIONS = ("ExpiredToken", "InvalidClientTokenId", "UnrecognizedClientException")


class KeysRejected(AccessDenied):
    """STS rejects the keys that signed the request."""


def caller_identity(
    credentials: Credentials, region: str, env: Mapping[str, str]
) -> dict[str, str]:
    """Return UserId, Account and Arn of `credentials`, as STS GetCallerIdentity has them."""
    client = aws_clients.make("sts", region, env, credentials)
    try:
        answer = aws_clients.call(client, "STS", "get_caller_identity", {})
    except aws_clients.Refused as refusal:
        raise _unavailable(refusal, client, "ssoenv whoami") or _rejected(refusal) from None
    return {name: answer.text(name) for name in ("UserId", "Account", "Arn")}


def assume_role(
    first: Credentials, role: IamRole, region: str, env: Mapping[str, str]
) -> Credentials:
    """Return credentials of `role` by those of the `first` role, which is allowed to assume it.

    The session has the name that the person has in that of the first role, where none is given.
    Raises AccessDenied, KeysRejected, InvalidConfiguration or ServiceUnavailable.
    """
    request: dict[str, Any] = {
        "RoleArn": str(role.arn),
        "RoleSessionName": role.session_name or _own_name(first, region, env),
    }
    if role.duration:
        request["DurationSeconds"] = role.duration
    client = aws_clients.make("sts", region, env, first)
    try:
        answer = aws_clients.call(client, "STS", "assume_role", request)
    except aws_clients.Refused as refusal:
        unavailable = _unavailable(refusal, client, "ssoenv status")
        raise unavailable or _explain(refusal, first, role) from None
    keys = answer.part("Credentials")
    return Credentials(
        keys.secret("AccessKeyId"),
        keys.secret("SecretAccessKey"),
        keys.secret("SessionToken"),
        keys.ends(keys.moment("Expiration")),
        role.arn.account,
        role.arn.name,
    )


def _own_name(first: Credentials, region: str, env: Mapping[str, str]) -> str:
    """Return the name of the session of `first`: for a permission set, that of the person."""
    name = caller_identity(first, region, env)["Arn"].rpartition("/")[2]
    return name if arns.SESSION_NAME.fullmatch(name) else SESSION_NAME


def _unavailable(refusal: aws_clients.Refused, client: Any, fix: str) -> ServiceUnavailable | None:
    """Return the error for a service that failed, or is not STS; None for one that says no."""
    code, status = refusal.code, refusal.status
    if may_pass(status) or code == "Throttling":
        return ServiceUnavailable(
            f"STS failed ({status} {code})", fix=fix, advice="wait a minute first"
        )
    return None if code else not_the_service("STS", client.meta.endpoint_url)


def _rejected(refusal: aws_clients.Refused) -> KeysRejected:
    return KeysRejected(f"STS refused these credentials ({refusal.code})", fix="ssoenv doctor")


def _explain(refusal: aws_clients.Refused, first: Credentials, role: IamRole) -> Exception:
    held = f"{first.role} in account {first.account_id}"
    if refusal.code in _REJECTIONS:
        return _rejected(refusal)
    if refusal.code == "AccessDenied":
        return AccessDenied(
            f"{held} may not assume {role.arn}: the permission set has to allow sts:AssumeRole, "
            f"and the role to trust {first.role} by its trust policy",
            fix=dialects.line(["ssoenv", "whoami", f"{first.account_id}/{first.role}"]),
        )
    return InvalidConfiguration(
        f"STS refused to have {held} assume {role.arn} ({refusal.code})",
        advice="check assume_role, role_session_name and duration in the binding file",
    )
