"""STS GetCallerIdentity for the credentials that the portal handed out (query protocol, XML)."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from ssoenv.sandbox.state import State

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_CREDENTIAL = re.compile(r"Credential=([A-Z0-9]+)/\d{8}/[a-z0-9-]+/sts/aws4_request")


def handle(state: State, request: Request) -> tuple[str, Response]:
    """Answer an STS request; return the operation's name and the answer."""
    operation = request.form.get("Action", "")
    if operation != "GetCallerIdentity":
        return operation or "Unknown", _error(400, "InvalidAction", f"No operation {operation}")
    match = _CREDENTIAL.search(request.headers.get("Authorization", ""))
    if match is None:
        return operation, _error(403, "MissingAuthenticationToken", "Request is not signed")
    keys = state.keys.get(match[1])
    if keys is None or request.headers.get("X-Amz-Security-Token") != keys.token:
        message = "The security token included in the request is invalid."
        return operation, _error(403, "InvalidClientTokenId", message)
    if keys.expires <= state.now():
        message = "The security token included in the request is expired"
        return operation, _error(403, "ExpiredToken", message)
    suffix = state.role_suffix(keys.account, keys.role)
    role = f"AWSReservedSSO_{keys.role}_{suffix}"
    body = (
        f'<GetCallerIdentityResponse xmlns="{_NAMESPACE}"><GetCallerIdentityResult>'
        f"<Arn>arn:aws:sts::{keys.account}:assumed-role/{escape(role)}/{escape(keys.user)}</Arn>"
        f"<UserId>AROASANDBOX{suffix[:10].upper()}:{escape(keys.user)}</UserId>"
        f"<Account>{keys.account}</Account></GetCallerIdentityResult>"
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"
        "</GetCallerIdentityResponse>"
    )
    return operation, Response(body, 200, content_type="text/xml")


def _error(status: int, code: str, message: str) -> Response:
    body = (
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return Response(body, status, content_type="text/xml")
