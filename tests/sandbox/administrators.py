"""Real boto3 clients of administrators, every answer that they get judged by botocore's models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from werkzeug.test import Client, EnvironBuilder

from ssoenv.sandbox.app import TARGETS
from ssoenv.sandbox.signatures import SIGNING_NAMES
from ssoenv.sandbox.state import administrators
from tests.sandbox import model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.sandbox.server import Sandbox

REGION = "us-east-1"
SESSION = boto3.Session()
"""Made while nothing of AWS is in the environment: rule sets there would lead to a sandbox that has
ended, and boto3 keeps its own session with those of whoever comes first."""


class Administrator:
    """A caller of the three services with one pair of keys; `client` has the rest of boto3."""

    def __init__(self, sandbox: Sandbox, keys: Mapping[str, str], region: str = REGION) -> None:
        self.sandbox, self._keys, self._region = sandbox, keys, region
        self._clients: dict[str, Any] = {}

    @classmethod
    def named(cls, sandbox: Sandbox, name: str = "administrator") -> Administrator:
        """The user of IAM called `name`."""
        one = next(one for one in administrators(sandbox.world) if one.name == name)
        return cls(sandbox, {"accessKeyId": one.key_id, "secretAccessKey": one.secret})

    def client(self, service: str) -> Any:
        """A client, which asks nothing twice and checks nothing itself."""
        if service not in self._clients:
            client: Any = SESSION.client(  # type: ignore[call-overload]
                service,
                region_name=self._region,
                endpoint_url=self.sandbox.url,
                aws_access_key_id=self._keys["accessKeyId"],
                aws_secret_access_key=self._keys["secretAccessKey"],
                aws_session_token=self._keys.get("sessionToken"),
                config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
            )
            client.meta.events.register("after-call", _judge)
            self._clients[service] = client
        return self._clients[service]

    def send(
        self, service: str, operation: str, body: object, signed_at: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Sign and hand over exactly this, past the network, which takes more than the answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        target = next(one for one, named in TARGETS.items() if named == service)
        request = AWSRequest("POST", f"{self.sandbox.url}/", data=data)
        request.headers["X-Amz-Target"] = f"{target}.{operation}"
        credentials = Credentials(self._keys["accessKeyId"], self._keys["secretAccessKey"])
        signing = SIGNING_NAMES.get(service, service)
        _Signer(signed_at, credentials, signing, self._region).add_auth(request)
        headers = list(request.headers.items())
        here = {"REMOTE_ADDR": "127.0.0.1"}
        asking = EnvironBuilder(
            "/", self.sandbox.url, method="POST", data=data, headers=headers, environ_base=here
        )
        application = vars(self.sandbox)["_server"].application
        answer = Client(application).open(asking)
        return answer.status_code, json.loads(answer.get_data())

    @property
    def sso(self) -> Any:
        return self.client("sso-admin")

    @property
    def store(self) -> Any:
        return self.client("identitystore")

    @property
    def organization(self) -> Any:
        return self.client("organizations")

    @property
    def access(self) -> Any:
        return self.client("account-access")

    @property
    def instance(self) -> dict[str, str]:
        """The argument that nearly every call takes."""
        return {"InstanceArn": self.sso.list_instances()["Instances"][0]["InstanceArn"]}

    @property
    def identity_store(self) -> dict[str, str]:
        return {"IdentityStoreId": self.sso.list_instances()["Instances"][0]["IdentityStoreId"]}

    def user(self, name: str) -> str:
        """The id of a user."""
        return self._id("user", "UserName", name)

    def group(self, name: str) -> str:
        return self._id("group", "DisplayName", name)

    def set(self, name: str) -> str:
        """The ARN of a permission set."""
        for arn in self.sso.list_permission_sets(**self.instance)["PermissionSets"]:
            asked = self.instance | {"PermissionSetArn": arn}
            if self.sso.describe_permission_set(**asked)["PermissionSet"]["Name"] == name:
                return str(arn)
        raise LookupError(name)

    def assignment(self, account: str, permission_set: str, **principal: str) -> dict[str, str]:
        """The arguments that make and delete an assignment, to a `user` or a `group`."""
        (kind, name) = next(iter(principal.items()))
        return self.instance | {
            "TargetId": account,
            "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": self.set(permission_set),
            "PrincipalType": kind.upper(),
            "PrincipalId": getattr(self, kind)(name),
        }

    def _id(self, kind: str, path: str, name: str) -> str:
        identifier = {"UniqueAttribute": {"AttributePath": path, "AttributeValue": name}}
        call = getattr(self.store, f"get_{kind}_id")
        found = call(**self.identity_store, AlternateIdentifier=identifier)
        return str(found[f"{kind.title()}Id"])


class _Signer(SigV4Auth):
    """Signs as of any moment; now, unless told otherwise."""

    def __init__(self, moment: str, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._moment = moment

    def _modify_request_before_signing(self, request: Any) -> None:
        request.context["timestamp"] = self._moment or request.context["timestamp"]
        super()._modify_request_before_signing(request)  # type: ignore[misc]


def _judge(http_response: Any, model: Any, **_: Any) -> None:
    """Fail unless an answer is right by the model of its operation."""
    body = json.loads(http_response.content or b"{}")
    if http_response.status_code in (200, 204):
        if model.output_shape:
            checked(model.output_shape, body, model.name)
        return
    name = http_response.headers["x-amzn-ErrorType"]
    known = {shape.name for shape in model.error_shapes} | COMMON
    assert name in known, f"{model.name} cannot fail with {name}"
    assert body["Message"]
    allowed = (403, 404, 409, 429) if model.service_model.service_name == "account-access" else ()
    assert http_response.status_code in (400, 500, 501, *allowed)


checked = model.check
COMMON = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "NotImplementedException",
    "UnknownOperationException",
    "UnrecognizedClientException",
}
"""What every service answers, and "Common Errors" lists, and no model."""
