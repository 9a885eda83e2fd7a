"""Answers and errors as the services send them, and the log of what was asked.

Errors: botocore ``data/sso-oidc/2019-06-10/service-2.json`` and ``data/sso/2019-06-10``; botocore
finds the code in ``x-amzn-ErrorType``, so that header is always there.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from werkzeug.wrappers import Response

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


class WireError(Exception):
    """An error of one of the services, by the name that its model gives it."""

    def __init__(self, service: str, name: str, message: str) -> None:
        """Keep all three."""
        super().__init__(message)
        self.service, self.name, self.message = service, name, message

    def response(self) -> Response:
        """Return the answer that tells a client of it."""
        if self.service == "sso-oidc":
            error, status = OIDC_ERRORS[self.name]
            body = {"error": error, "error_description": self.message}
            origin = "http://internal.amazon.com/coral/com.amazonaws.sso.oidc/"
        else:
            status = PORTAL_ERRORS[self.name]
            kind = f"com.amazonaws.switchboard.portal#{self.name}"
            body = {"message": self.message, "__type": kind}
            origin = "http://internal.amazon.com/coral/com.amazonaws.switchboard.portal/"
        response = answer(body, status)
        response.headers["x-amzn-ErrorType"] = f"{self.name}:{origin}"
        return response


def answer(body: dict[str, Any] | list[Any] | None, status: int = 200) -> Response:
    """Return `body` as JSON (None: an empty answer), with a request id."""
    text = "" if body is None else json.dumps(body)
    response = Response(text, status, content_type="application/json")
    response.headers["x-amzn-RequestId"] = str(uuid.uuid4())
    return response
