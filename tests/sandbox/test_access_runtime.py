"""The account access manager of the sandbox, as its model has it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from ssoenv.sandbox.server import Sandbox
from ssoenv.sandbox.world import Entitlement, IamRole, User, built_in
from tests.sandbox import model
from tests.sandbox.caller import DEVICE, Caller

TENANT = "aa-0000000000"
SCOPES = "sso:account:access, account_access:read_only, account_access:assume"


def ask(caller: Caller, operation: str, token: str, **query: str) -> tuple[int, str]:
    """Call the service as its model has it; return the status and the error, or the body."""
    known = model.operation("account-access-runtime", operation)
    path = f"{known.http['requestUri']}?{urlencode({'tenantId': TENANT} | query)}"
    answer = caller.send("GET", path, None, {"Authorization": f"Bearer {token}"})
    model.check_answer(
        "account-access-runtime", operation, answer.status, answer.headers, answer.text
    )
    return answer.status, (answer.headers["x-amzn-ErrorType"] or "").partition(":")[0]


def test_it_answers_as_its_model_has_it_and_is_as_strict() -> None:
    """By scope, tenant, entitlement and length; and in pages."""
    roles = tuple(IamRole("dev", f"R{n}", max_session=7200) for n in range(3))
    entitled = tuple(Entitlement("dev", one.name, group="all") for one in roles[:2])
    users = (User("carol", ("all",)), User("dave"))
    world = replace(built_in(), users=users, roles=roles, entitlements=entitled)
    mine, none = ("arn:aws:iam::111111111111:role/R0", "arn:aws:iam::111111111111:role/R2")
    with Sandbox(world=world) as sandbox:
        caller = Caller(sandbox)
        weak = caller.sign_in()["accessToken"]
        token = strong(caller)
        keys = {"roleArn": mine, "accessType": "PROGRAMMATIC_ACCESS"}
        for operation, bearer, query, told in (
            ("ListRoles", token, {}, (200, "")),
            ("ListRoles", weak, {}, (401, "UnauthorizedException")),
            ("ListRoles", "nobody's", {}, (401, "UnauthorizedException")),
            ("ListRoles", token, {"tenantId": "aa-1"}, (400, "ValidationException")),
            ("ListRoles", token, {"maxResults": "0"}, (400, "ValidationException")),
            ("GetRoleCredentials", token, keys, (200, "")),
            ("GetRoleCredentials", token, keys | {"sessionDuration": "7200"}, (200, "")),
            ("GetRoleCredentials", weak, keys, (401, "UnauthorizedException")),
            ("GetRoleCredentials", token, keys | {"roleArn": none}, (403, "AccessDeniedException")),
            ("GetRoleCredentials", token, keys | {"sessionDuration": "7201"}, (400, "ValidationException")),
            ("GetRoleCredentials", token, keys | {"sessionName": "a b"}, (400, "ValidationException")),
            ("GetRoleCredentials", token, {"roleArn": mine}, (400, "ValidationException")),
        ):  # fmt: skip
            assert ask(caller, operation, bearer, **query) == told, (operation, query)
        header = {"Authorization": f"Bearer {token}"}
        path, seen = f"/access?tenantId={TENANT}&maxResults=1", []
        page = caller.send("GET", path, None, header).body
        while "nextToken" in page:
            seen += page["roles"]
            page = caller.send("GET", f"{path}&nextToken={page['nextToken']}", None, header).body
        assert [row["roleArn"][-2:] for row in [*seen, *page["roles"]]] == ["R0", "R1"]
        sandbox.set_approve("auto", "dave")
        assert ask(caller, "GetRoleCredentials", strong(caller), **keys)[0] == 403


def strong(caller: Caller) -> str:
    """Sign in with all scopes; return the token."""
    caller.register(scopes=SCOPES.split(", "))
    device = caller.start_device().body["deviceCode"]
    return str(caller.token(DEVICE, deviceCode=device).body["accessToken"])


def test_it_takes_no_more_calls_than_the_portal_does() -> None:
    with Sandbox() as sandbox:
        caller = Caller(sandbox)
        token = strong(caller)
        sandbox.set_pace(rate=0.01, burst=1)
        assert ask(caller, "ListRoles", token) == (200, "")
        assert ask(caller, "ListRoles", token) == (429, "ThrottlingException")
