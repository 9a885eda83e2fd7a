"""Which operation is answered by whom, and what is said of those that the sandbox has not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ssoenv.base.values import replace
from ssoenv.sandbox.admin import (
    assignments,
    calls,
    entitlements,
    identity_store,
    models,
    organization,
    permission_sets,
)
from ssoenv.sandbox.wire import WireError, answer

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from ssoenv.sandbox.state import State

HANDLERS = {
    "sso-admin": permission_sets.HANDLERS | assignments.HANDLERS,
    "identitystore": identity_store.HANDLERS,
    "organizations": organization.HANDLERS,
    "account-access": entitlements.HANDLERS,
}
OPERATIONS = frozenset(name for handlers in HANDLERS.values() for name in handlers)


def serve(
    state: State, service: str, operation: str, request: Request, *, failure: str = ""
) -> Response:
    """Answer a call; `failure`: what is started by it fails later, for that reason."""
    handler = HANDLERS[service].get(operation)
    if handler is None:
        known = models.knows(service, operation)
        name = "NotImplementedException" if known else "UnknownOperationException"
        message = f"the sandbox does not serve {operation} of {service}"
        raise WireError(service, name, message, 501 if known else 400)
    body = _body(service, request)
    call = calls.authorize(state, request, service, operation, body)
    problem = models.problem(service, operation, body)
    if problem:
        name = "InvalidInputException" if service == "organizations" else "ValidationException"
        raise WireError(service, name, problem)
    if call is None:
        return _from_elsewhere(service, operation)
    if service == "identitystore":
        call.require_store()
    found = handler(replace(call, failure=failure))
    response = answer(found)
    response.content_type = "application/x-amz-json-1.1"
    return response


def _from_elsewhere(service: str, operation: str) -> Response:
    """Answer an account that is no administrator, or a region in which nothing is."""
    if operation == "ListInstances":
        return answer({"Instances": []})
    message = "You don't have permissions to access this resource."
    raise WireError(service, "AccessDeniedException", message)


def _body(service: str, request: Request) -> dict[str, Any]:
    try:
        body = _said(json.loads(request.get_data() or b"{}"))
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise WireError(service, "SerializationException", "The body is not a JSON object")
    return body | _in_address(request) if service == "account-access" else body


def _in_address(request: Request) -> dict[str, Any]:
    """Return the members of a request that stand in its path and its query."""
    first, _, rest = request.path.lstrip("/").partition("/")
    key = {"applications": "applicationArn", "entitlements": "entitlementId"}.get(first)
    return request.args.to_dict() | ({key: rest} if key and rest else {})


def _said(value: Any) -> Any:
    """Return JSON without the members that are null, at every depth: those are as if left out.

    Raises ValueError for half a character (a lone surrogate), which no text has.
    """
    if isinstance(value, dict):
        return {_said(key): _said(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_said(one) for one in value]
    if isinstance(value, str):
        value.encode()
    return value
