"""The WSGI application: which path is which operation, and who answers it."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from ssoenv.sandbox import access, breaking, federation, oidc, pages, portal, sts
from ssoenv.sandbox.control import PREFIX, Controls
from ssoenv.sandbox.faults import BROKEN, CHANGED
from ssoenv.sandbox.wire import ADMINISTRATION, WireError, answer, error_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from ssoenv.sandbox.pace import Pace
    from ssoenv.sandbox.people import People
    from ssoenv.sandbox.state import State

_LOGGER = logging.getLogger("ssoenv.sandbox")
HOSTS = ("127.0.0.1", "localhost", "[::1]")
BEARER = "x-sandbox-bearer"
"""Where the server leaves ``x-amz-sso_bearer_token``, whose underscore WSGI cannot carry."""

OPERATIONS = {
    ("POST", "/client/register"): ("sso-oidc", "RegisterClient"),
    ("POST", "/device_authorization"): ("sso-oidc", "StartDeviceAuthorization"),
    ("POST", "/token"): ("sso-oidc", "CreateToken"),
    ("GET", "/authorize"): ("sso-oidc", "Authorize"),
    ("GET", "/device"): ("sso-oidc", "DevicePage"),
    ("POST", "/consent"): ("sso-oidc", "Consent"),
    ("GET", "/assignment/accounts"): ("sso", "ListAccounts"),
    ("GET", "/assignment/roles"): ("sso", "ListAccountRoles"),
    ("GET", "/federation/credentials"): ("sso", "GetRoleCredentials"),
    ("POST", "/logout"): ("sso", "Logout"),
    ("GET", "/access"): (access.SERVICE, "ListRoles"),
    ("GET", "/access/credentials"): (access.SERVICE, "GetRoleCredentials"),
}
VANITY = "/sso/"
"""Before the session of an instance: an address not of AWS's own that leads to its start URL."""
NAME_LIMIT = 100
ENTITLING = {
    ("POST", "applications-list"): "ListApplications",
    ("POST", "applications"): "CreateApplication",
    ("GET", "applications"): "GetApplication",
    ("DELETE", "applications"): "DeleteApplication",
    ("POST", "entitlements"): "CreateEntitlement",
    ("GET", "entitlements"): "GetEntitlement",
    ("DELETE", "entitlements"): "DeleteEntitlement",
    ("POST", "entitlements-list"): "ListEntitlements",
}
"""The operations of account-access, by method and the first part of the path."""
TARGETS = {
    "SWBExternalService": "sso-admin",
    "AWSIdentityStore": "identitystore",
    "AWSOrganizationsV20161128": "organizations",
}
"""The services for administrators, by what stands before the operation in X-Amz-Target."""
_OF_PEOPLE = frozenset(
    (
        *(operation for _, operation in OPERATIONS.values()),
        *federation.OPERATIONS.values(),
        *sts.OPERATIONS,
        "VanityAddress",
    )
)


class Application:
    """One sandbox as WSGI has it."""

    def __init__(self, state: State, people: People, pace: Pace) -> None:
        """Take the memory, those who answer, and how slow and strict to be at first."""
        self.state = state
        self.people = people
        self.controls = Controls(state, people, _operations, pace)
        self._browser: dict[str, Callable[[Request], Response]] = {
            "Authorize": people.authorize,
            "DevicePage": people.device,
            "Consent": people.consent,
            "VanityAddress": self._lead,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        # Without itself in what it holds: a cycle of 5 kB a request would wait for the collector.
        request = Request(environ, populate_request=False)
        # A web page elsewhere may have its name point here: only our own names are answered.
        if not _is_ours(environ.get("HTTP_HOST", ""), environ["SERVER_PORT"]):
            response = Response("unknown host\n", 421, content_type="text/plain")
        elif request.path.startswith(PREFIX):
            response = self.controls.serve(request)
        elif (request.method, request.path) == ("GET", "/"):
            response = pages.message("The sandbox is running", "Sign in from your terminal.")
        else:
            response = self._serve(request)
        return response(environ, start_response)

    def _serve(self, request: Request) -> Response:
        # Not under the lock: many calls take their time side by side.
        time.sleep(self.controls.buckets.pace.latency)
        with self.state.lock:
            service, operation = "unknown", f"{request.method} {request.path}"[:NAME_LIMIT]
            fault = None
            try:
                service, operation = _name(request)
                self.controls.buckets.take(service, operation)
                fault = self.controls.fail_if_told(service, operation)
                self.state.settle()
                if service in ADMINISTRATION:
                    reason = fault.reason if fault else ""
                    response = _administrate(self.state, service, operation, request, reason)
                else:
                    response = self._dispatch(service, operation, request)
            except WireError as error:
                response = error.response()
            except HTTPException as error:  # the body is not what its headers say
                status = error.code or 400
                response = WireError(
                    service, "InvalidRequestException", error.name, status
                ).response()
            except Exception as error:  # a mistake of ours: who asks is told as AWS tells it
                _LOGGER.exception("the sandbox stumbled over %s", operation)
                message = f"The sandbox stumbled: {type(error).__name__}"
                response = WireError(service, error_for(service, 500), message, 500).response()
            if fault and fault.how in CHANGED:
                response = breaking.changed(response, fault.how, self.state.now())
            elif fault and fault.how in BROKEN:
                breaking.breaks(request, fault.how)
            self.controls.note(service, operation, response.status_code)
        return response

    def _dispatch(self, service: str, operation: str, request: Request) -> Response:
        if service == "unknown":
            message = f"the sandbox does not serve {operation}"
            raise WireError(service, "UnknownOperationException", message, 404)
        if operation in self._browser:
            return self._browser[operation](request)
        if service == "sts":
            if operation not in sts.OPERATIONS or request.form.get("Version") != sts.VERSION:
                sts.fail("InvalidAction", f"Could not find operation {operation}")
            return sts.OPERATIONS[operation](self.state, request)
        if service == access.SERVICE:
            bearer = request.headers.get("Authorization", "")
            return answer(access.OPERATIONS[operation](self.state, bearer, request.args))
        if service == "sso":
            return self._portal(operation, request)
        if service == "signin":
            return federation.serve(self.state, operation, request)
        return answer(self._oidc(operation, request))

    def _lead(self, request: Request) -> Response:
        """Redirect to the start URL of an instance, as a company's own address does."""
        session = request.path.removeprefix(VANITY)
        for one in self.state.world.instances:
            if one.session == session:
                return redirect(f"{one.start_url}/?from=sandbox#/", 302)
        return Response("no such instance\n", 404, content_type="text/plain")

    def _oidc(self, operation: str, request: Request) -> dict[str, Any]:
        try:
            body = json.loads(request.get_data() or b"{}")
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            oidc.fail("InvalidRequestException", "The body is not a JSON object")
        if operation == "RegisterClient":
            return oidc.register_client(self.state, body)
        if operation == "CreateToken":
            return oidc.create_token(self.state, body)
        started = oidc.start_device_authorization(self.state, body, f"http://{request.host}")
        self.people.started(started["userCode"])
        return started

    def _portal(self, operation: str, request: Request) -> Response:
        bearer = request.headers.get(BEARER, "")
        if operation == "Logout":
            portal.logout(self.state, bearer)
            return answer(None)
        operations = {
            "ListAccounts": portal.list_accounts,
            "ListAccountRoles": portal.list_account_roles,
            "GetRoleCredentials": portal.get_role_credentials,
        }
        return answer(operations[operation](self.state, bearer, request.args))


def _administrate(
    state: State, service: str, operation: str, request: Request, failure: str
) -> Response:
    """Answer a call of an administrator; what that takes is loaded by the first of them."""
    from ssoenv.sandbox.admin import serve

    return serve.serve(state, service, operation, request, failure=failure)


def _operations() -> frozenset[str]:
    """Return all operations that are served."""
    from ssoenv.sandbox.admin import serve

    return _OF_PEOPLE | serve.OPERATIONS


def _is_ours(host: str, port: str) -> bool:
    """Whether the Host header of a request names this server; clients leave out port 80."""
    return host.removesuffix(f":{port}") in HOSTS and (host not in HOSTS or port == "80")


def _entitling(request: Request) -> tuple[str, str] | None:
    """Return the service and the operation of account-access that `request` is for, if it is."""
    operation = ENTITLING.get((request.method, request.path.split("/")[1]))
    return ("account-access", operation) if operation else None


def _name(request: Request) -> tuple[str, str]:
    """Return the service and the operation that `request` is for."""
    if request.path.startswith(VANITY) and request.method in ("GET", "HEAD"):
        return "sso", "VanityAddress"
    known = OPERATIONS.get((request.method, request.path)) or _entitling(request)
    if known:
        return known
    if request.path in federation.PATHS and request.method in ("GET", "POST"):
        operation = federation.OPERATIONS.get(request.values.get("Action", ""))
        if operation:
            return "signin", operation
    if (request.method, request.path) == ("POST", "/"):
        # Read first: the signature is over the body, which parsing the form would consume.
        request.get_data()
        target = request.headers.get("X-Amz-Target")
        if target:
            prefix, _, operation = target.partition(".")
            service = TARGETS.get(prefix, "unknown")
            return service, (target if service == "unknown" else operation)[:NAME_LIMIT]
        if request.mimetype == "application/x-www-form-urlencoded":
            return "sts", request.form.get("Action", "no Action")[:NAME_LIMIT]
    return "unknown", f"{request.method} {request.path}"[:NAME_LIMIT]
