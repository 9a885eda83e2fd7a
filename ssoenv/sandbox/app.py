"""The WSGI application: which path is which operation, and the log of what was served."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from ssoenv.sandbox import oidc, portal, sts
from ssoenv.sandbox.wire import OIDC_ERRORS, PORTAL_ERRORS, WireError, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from ssoenv.sandbox.people import People
    from ssoenv.sandbox.state import State

HOSTS = ("127.0.0.1", "localhost", "[::1]")
BODY_LIMIT = 1 << 20

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
    ("POST", "/"): ("sts", "Unknown"),
}


class Application:
    """One sandbox as WSGI has it."""

    def __init__(self, state: State, people: People) -> None:
        """Take the memory and those who answer."""
        self.state = state
        self.people = people
        self.log: list[dict[str, Any]] = []
        self._faults: dict[str, tuple[str, int]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        request.max_content_length = BODY_LIMIT
        # A web page elsewhere may have its name point here: only our own names are answered.
        if (request.host.rpartition(":")[0] or request.host) not in HOSTS:
            response = Response("unknown host\n", 421)
        elif request.path.startswith("/_sandbox/"):
            response = self._control(request)
        else:
            response = self._serve(request)
        return response(environ, start_response)

    def _serve(self, request: Request) -> Response:
        service, operation = OPERATIONS.get(
            (request.method, request.path), ("unknown", f"{request.method} {request.path}")
        )
        with self.state.lock:
            try:
                self._fail_if_told(service, operation)
                operation, response = self._dispatch(service, operation, request)
            except WireError as error:
                response = error.response()
            self.log.append(
                {
                    "service": service,
                    "operation": operation,
                    "time": self.state.now(),
                    "status": response.status_code,
                }
            )
        return response

    def _dispatch(self, service: str, operation: str, request: Request) -> tuple[str, Response]:
        if service == "sts":
            return sts.handle(self.state, request)
        if service == "sso":
            return operation, self._portal(operation, request)
        if service == "unknown":
            return operation, answer({"message": f"the sandbox does not serve {operation}"}, 404)
        browser: dict[str, Callable[[Request], Response]] = {
            "Authorize": self.people.authorize,
            "DevicePage": self.people.device,
            "Consent": self.people.consent,
        }
        if operation in browser:
            return operation, browser[operation](request)
        return operation, answer(self._oidc(operation, request))

    def _oidc(self, operation: str, request: Request) -> dict[str, Any]:
        try:
            body = json.loads(request.get_data() or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            oidc.fail("InvalidRequestException", "The body is not a JSON object")
        if operation == "RegisterClient":
            return oidc.register_client(self.state, body)
        if operation == "CreateToken":
            return oidc.create_token(self.state, body)
        started = oidc.start_device_authorization(self.state, body, f"http://{request.host}")
        self.people.auto_approve(started["userCode"])
        return started

    def _portal(self, operation: str, request: Request) -> Response:
        bearer = request.headers.get("x-amz-sso-bearer-token", "")
        if operation == "Logout":
            portal.logout(self.state, bearer)
            return answer(None)
        operations = {
            "ListAccounts": portal.list_accounts,
            "ListAccountRoles": portal.list_account_roles,
            "GetRoleCredentials": portal.get_role_credentials,
        }
        return answer(operations[operation](self.state, bearer, request.args))

    def _fail_if_told(self, service: str, operation: str) -> None:
        name, times = self._faults.get(operation, ("", 0))
        if times:
            self._faults[operation] = name, times - 1
            raise WireError(service, name, "As told by /_sandbox/faults")

    def _control(self, request: Request) -> Response:
        """Turn the sandbox's own handles, for tests: requests, faults, approve, clock."""
        what = request.path.removeprefix("/_sandbox/")
        if what == "requests" and request.method == "GET":
            return answer(self.log)
        if what == "requests" and request.method == "DELETE":
            self.log.clear()
            return answer(None, 204)
        if request.method != "PUT" or request.mimetype != "application/json":
            return answer({"message": "PUT JSON to faults, approve or clock"}, 405)
        body = request.get_json()
        known = OIDC_ERRORS.keys() | PORTAL_ERRORS.keys()
        if what == "faults" and body.get("error") in known:
            self._faults[str(body.get("operation"))] = body["error"], int(body.get("times", 1))
        elif what == "approve" and body.get("approve") in ("ask", "auto", "deny"):
            self.people.approve = body["approve"]
            self.people.user = body.get("user", self.people.user)
        elif what == "clock":
            self.state.advance(float(body.get("advance", 0)))
        else:
            return answer({"message": f"no such handle or value: {what}"}, 400)
        return answer(None, 204)
