"""Answers and errors as the services send them.

sso-oidc and sso: botocore ``data/sso-oidc/2019-06-10/service-2.json`` and ``data/sso/2019-06-10``;
botocore finds the code in ``x-amzn-ErrorType``, so that header is always there. STS: the errors
of the query protocol, in XML (AWS STS API Reference, "Common Errors"). The services for
administrators speak JSON 1.1, with 400 for whatever is the caller's fault, throttling included; but
account-access is a REST service with statuses. The console's sign-in answers with pages.
"""

from __future__ import annotations

import json
import uuid
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from ssoenv.sandbox import pages

OIDC_ERRORS = {
    "AuthorizationPendingException": ("authorization_pending", 400),
    "SlowDownException": ("slow_down", 400),
    "ExpiredTokenException": ("expired_token", 400),
    "AccessDeniedException": ("access_denied", 400),
    "InvalidGrantException": ("invalid_grant", 400),
    "InvalidClientException": ("invalid_client", 401),
    "InvalidClientMetadataException": ("invalid_client_metadata", 400),
    "InvalidRedirectUriException": ("invalid_redirect_uri", 400),
    "InvalidRequestException": ("invalid_request", 400),
    "InvalidScopeException": ("invalid_scope", 400),
    "UnauthorizedClientException": ("unauthorized_client", 400),
    "UnsupportedGrantTypeException": ("unsupported_grant_type", 400),
    "InternalServerException": ("server_error", 500),
}
PORTAL_ERRORS = {
    "InvalidRequestException": 400,
    "UnauthorizedException": 401,
    "ForbiddenException": 403,
    "ResourceNotFoundException": 404,
    "TooManyRequestsException": 429,
    "InternalServerException": 500,
}
ACCOUNT_ACCESS = "account-access-runtime"
ACCESS_ERRORS = {
    "ValidationException": 400,
    "UnauthorizedException": 401,
    "AccessDeniedException": 403,
    "ThrottlingException": 429,
    "InternalServerException": 500,
}
STS_ERRORS = {
    "InvalidAction": 400,
    "MalformedInput": 400,
    "ValidationError": 400,
    "AccessDenied": 403,
    "Throttling": 400,
    "MissingAuthenticationToken": 403,
    "InvalidClientTokenId": 403,
    "SignatureDoesNotMatch": 403,
    "ExpiredToken": 403,
    "InternalFailure": 500,
    "ServiceUnavailable": 503,
}
ADMINISTRATION = ("sso-admin", "identitystore", "organizations", "account-access")
"""The services for administrators."""
STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_OURS = ("InternalServerException", "ServiceException")
"""What the services for administrators call a failure of their own."""
_REST = {
    "AccessDeniedException": 403,
    "ResourceNotFoundException": 404,
    "AlreadyCreatedException": 409,
    "ConflictException": 409,
    "ThrottlingException": 429,
}
"""The statuses of account-access, which are not all 400."""
_BY_STATUS = {
    401: "UnauthorizedException",
    403: "ForbiddenException",
    429: "TooManyRequestsException",
}


class WireError(Exception):
    """An error of one of the services, by the name that its model gives it."""

    def __init__(
        self,
        service: str,
        name: str,
        message: str,
        status: int | None = None,
        retry_after: int = 0,
    ) -> None:
        """Keep them; `status` overrides the one that belongs to `name`.

        `retry_after`: the seconds that a header of that name asks for; none if it is 0.
        """
        super().__init__(message)
        self.service, self.name, self.message, self.status = service, name, message, status
        self.retry_after = retry_after

    def response(self) -> Response:
        """Return the answer that tells a client of it."""
        response = self._response()
        if self.retry_after:
            response.headers["Retry-After"] = str(self.retry_after)
        return response

    def _response(self) -> Response:
        if self.service == "sts":
            return self._as_xml()
        if self.service == "signin":
            return pages.message("You cannot be signed in", self.message, self.status or 400)
        if self.service in ADMINISTRATION:
            named = _REST.get(self.name, 400) if self.service == "account-access" else 400
            status = self.status or (500 if self.name in _OURS else named)
            response = answer({"__type": self.name, "Message": self.message}, status)
            response.headers["x-amzn-ErrorType"] = self.name
            return response
        if self.service == "sso-oidc":
            error, status = OIDC_ERRORS.get(self.name, ("invalid_request", 400))
            body = {"error": error, "error_description": self.message}
            origin = "http://internal.amazon.com/coral/com.amazonaws.sso.oidc/"
        elif self.service == ACCOUNT_ACCESS:
            status = ACCESS_ERRORS.get(self.name, 400)
            body = {"message": self.message}
            origin = "http://internal.amazon.com/coral/com.amazonaws.accountaccess/"
        else:
            status = PORTAL_ERRORS.get(self.name, 400)
            kind = f"com.amazonaws.switchboard.portal#{self.name}"
            body = {"message": self.message, "__type": kind}
            origin = "http://internal.amazon.com/coral/com.amazonaws.switchboard.portal/"
        response = answer(body, self.status or status)
        response.headers["x-amzn-ErrorType"] = f"{self.name}:{origin}"
        return response

    def _as_xml(self) -> Response:
        status = self.status or STS_ERRORS.get(self.name, 400)
        body = (
            f"<Error><Type>{'Sender' if status < 500 else 'Receiver'}</Type>"
            f"<Code>{escape(self.name)}</Code><Message>{escape(self.message)}</Message></Error>"
        )
        return xml_answer("ErrorResponse", body, status)


def error_for(service: str, status: int) -> str:
    """Return the name of the error that `service` sends with `status`."""
    if service == "sts":
        return {429: "Throttling", 503: "ServiceUnavailable"}.get(status, "InternalFailure")
    if status >= 500:
        return "ServiceException" if service == "organizations" else "InternalServerException"
    if service == ACCOUNT_ACCESS:
        named = {code: name for name, code in ACCESS_ERRORS.items()}
        return named.get(status, "ValidationException")
    if service in ADMINISTRATION:
        return _throttling(service) if status == 429 else "AccessDeniedException"
    if service == "sso-oidc" and status == 401:
        return "InvalidClientException"
    return _BY_STATUS.get(status, "InvalidRequestException")


def _throttling(service: str) -> str:
    """Return what `service` calls it that too many calls have come."""
    return "TooManyRequestsException" if service == "organizations" else "ThrottlingException"


def answer(body: dict[str, Any] | list[Any] | None, status: int = 200) -> Response:
    """Return `body` as JSON (None: an empty answer), with a request id."""
    text = "" if body is None else json.dumps(body)
    response = Response(text, status, content_type="application/json")
    response.headers["x-amzn-RequestId"] = str(uuid.uuid4())
    return response


def xml_answer(root: str, body: str, status: int = 200) -> Response:
    """Return `body` within the element `root`, as STS has it, with a request id."""
    request_id = str(uuid.uuid4())
    metadata = f"<RequestId>{request_id}</RequestId>"
    if root != "ErrorResponse":
        metadata = f"<ResponseMetadata>{metadata}</ResponseMetadata>"
    text = f'<{root} xmlns="{STS_NAMESPACE}">{body}{metadata}</{root}>\n'
    response = Response(text, status, content_type="text/xml")
    response.headers["x-amzn-RequestId"] = request_id
    return response
