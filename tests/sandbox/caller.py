"""A client that nothing holds back: any request, any header; modelled answers are all judged."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from botocore.model import StructureShape

from tests.sandbox import model

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

    from ssoenv.sandbox.server import Sandbox

START_URL = "https://d-0000000000.awsapps.com/start"
CODE, REFRESH = "authorization_code", "refresh_token"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
REDIRECT = "http://127.0.0.1/oauth/callback"
CALLBACK = "http://127.0.0.1:18999/oauth/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:-1]
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """What came back; redirects are not followed."""

    status: int
    headers: Message
    text: str

    @property
    def body(self) -> Any:
        """The JSON in it."""
        return json.loads(self.text)

    @property
    def error(self) -> str | None:
        """The name of the error, by the header that botocore reads."""
        kind = self.headers.get("x-amzn-ErrorType")
        return kind.partition(":")[0] if kind else None

    @property
    def fields(self) -> dict[str, str]:
        """What a redirect carries back in its query."""
        query = urlsplit(self.headers["Location"]).query
        return {name: values[0] for name, values in parse_qs(query).items()}

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the form on the page."""
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', self.text)
        return {name: unescape(value) for name, value in found}


class Caller:
    """One registered client of a sandbox, after `register`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.client: dict[str, str] = {}

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send exactly this."""
        connection = http.client.HTTPConnection(urlsplit(self.sandbox.url).netloc, timeout=20)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def page(self, path: str, **query: str) -> Answer:
        """Open a page as a browser would."""
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, **form: str) -> Answer:
        """Send a form as a browser would."""
        return self.send("POST", path, urlencode(form).encode(), {"Content-Type": FORM})

    def control(self, method: str, handle: str, body: object = None) -> Answer:
        """Turn one of the sandbox's own handles."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        return self.send(method, f"/_sandbox/{handle}", data, headers)

    def call(self, service: str, operation: str, **fields: Any) -> Answer:
        """Call a modelled operation with `fields`, right or wrong, and judge what comes back."""
        known = model.operation(service, operation)
        query: dict[str, str] = {}
        headers = {"Content-Type": "application/json"}
        if service == "sso":
            assert isinstance(known.input_shape, StructureShape)
            for name, value in fields.items():
                place = known.input_shape.members[name].serialization
                (headers if place["location"] == "header" else query)[place["name"]] = str(value)
        body = json.dumps(fields).encode() if service == "sso-oidc" else None
        path = known.http["requestUri"] + (f"?{urlencode(query)}" if query else "")
        answer = self.send(known.http["method"], path, body, headers)
        model.check_answer(service, operation, answer.status, answer.headers, answer.text)
        return answer

    def register(self, *grants: str, **fields: Any) -> Answer:
        """Register a client, as the AWS CLI does for these grants, and be that client."""
        request: dict[str, Any] = {"clientName": "botocore-client-acme", "clientType": "public"}
        request["scopes"] = ["sso:account:access"]
        if grants:
            request |= {"grantTypes": list(grants)}
        if CODE in grants:
            request |= {"redirectUris": [REDIRECT], "issuerUrl": START_URL}
        answer = self.call("sso-oidc", "RegisterClient", **(request | fields))
        if answer.status == 200:
            self.client = {name: answer.body[name] for name in ("clientId", "clientSecret")}
        return answer

    def token(self, grant: str, **fields: Any) -> Answer:
        """Ask for a token."""
        return self.call("sso-oidc", "CreateToken", **(self.client | {"grantType": grant} | fields))

    def start_device(self, **fields: Any) -> Answer:
        """Start a device sign-in."""
        request = self.client | {"startUrl": START_URL} | fields
        return self.call("sso-oidc", "StartDeviceAuthorization", **request)

    def authorize_path(self, **fields: str | None) -> str:
        """Return where the page is that asks for an authorization code."""
        query = {
            "response_type": "code",
            "client_id": self.client["clientId"],
            "redirect_uri": CALLBACK,
            "state": "the-state",
            "code_challenge_method": "S256",
            "scopes": "sso:account:access",
            "code_challenge": CHALLENGE,
        } | fields
        given = {name: value for name, value in query.items() if value is not None}
        return f"/authorize?{urlencode(given)}"

    def authorize(self, **fields: str | None) -> Answer:
        """Open that page."""
        return self.page(self.authorize_path(**fields))

    def code(self) -> str:
        """Return a fresh authorization code, where the sandbox approves by itself."""
        return self.authorize().fields["code"]

    def exchange(self, authorization_code: str, **fields: Any) -> Answer:
        """Exchange an authorization code for tokens."""
        request = {
            "code": authorization_code,
            "codeVerifier": VERIFIER,
            "redirectUri": CALLBACK,
        } | fields
        return self.token(CODE, **request)

    def sign_in(self) -> dict[str, Any]:
        """Register, sign in with a device code that is approved at once; return the tokens."""
        self.register()
        answer = self.token(DEVICE, deviceCode=self.start_device().body["deviceCode"])
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.body
        return found

    def keys(self, token: str, account: str, role: str) -> dict[str, Any]:
        """Return credentials of a role."""
        answer = self.call(
            "sso", "GetRoleCredentials", accessToken=token, accountId=account, roleName=role
        )
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.body["roleCredentials"]
        return found
