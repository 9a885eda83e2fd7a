"""STS: who the credentials are, and what is said of those that are nobody's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.sandbox import model
from tests.sandbox.administrators import SESSION
from tests.sandbox.caller import FORM, Caller

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

DEV = "111111111111"
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"


def sts(caller: Caller, keys: dict[str, Any], **other: Any) -> STSClient:
    """A client, of nobody here, that signs with `keys`."""
    keys = keys | other
    return SESSION.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=caller.sandbox.url,
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        aws_session_token=keys["sessionToken"],
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


@pytest.fixture
def keys(caller: Caller) -> dict[str, Any]:
    """Credentials of alice as Developer in dev."""
    return caller.keys(caller.sign_in()["accessToken"], DEV, "Developer")


def test_who_i_am(caller: Caller, keys: dict[str, Any]) -> None:
    answer = sts(caller, keys).get_caller_identity()

    assert answer["Account"] == DEV
    prefix, _, rest = answer["Arn"].rpartition("AWSReservedSSO_Developer_")
    assert prefix == f"arn:aws:sts::{DEV}:assumed-role/"
    suffix, _, user = rest.partition("/")
    assert (len(suffix), int(suffix, 16) > 0, user) == (16, True, "alice")
    role_id, _, name = answer["UserId"].partition(":")
    assert (len(role_id), role_id.startswith("AROA"), name) == (21, True, "alice")


def test_every_role_has_its_own_suffix(caller: Caller, keys: dict[str, Any]) -> None:
    token = caller.sign_in()["accessToken"]
    others = [caller.keys(token, DEV, "ReadOnly"), caller.keys(token, "222222222222", "Developer")]
    arns = [sts(caller, one).get_caller_identity()["Arn"] for one in (keys, *others)]
    assert len({arn.split("/")[1].rpartition("_")[2] for arn in arns}) == 3


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"accessKeyId": "ASIASANDBOXAAAAAAAAA"}, "InvalidClientTokenId"),
        ({"sessionToken": "sandbox-session-token-of-another"}, "InvalidClientTokenId"),
        ({"sessionToken": None}, "InvalidClientTokenId"),
        ({"secretAccessKey": "sandbox-key-of-another"}, "SignatureDoesNotMatch"),
    ],
)
def test_keys_that_were_not_handed_out(
    caller: Caller, keys: dict[str, Any], change: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        sts(caller, keys, **change).get_caller_identity()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_keys_past_their_end(caller: Caller, keys: dict[str, Any]) -> None:
    """... and not before: a logout does not end them."""
    token = caller.sign_in()["accessToken"]
    assert caller.call("sso", "Logout", accessToken=token).status == 200
    assert sts(caller, keys).get_caller_identity()

    caller.sandbox.advance(3601)
    with pytest.raises(ClientError, match="expired") as caught:
        sts(caller, keys).get_caller_identity()
    assert caught.value.response["Error"]["Code"] == "ExpiredToken"


def test_operations_that_are_not_there(caller: Caller, keys: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as caught:
        sts(caller, keys).get_session_token()
    assert caught.value.response["Error"]["Code"] == "InvalidAction"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (BODY, 403, "MissingAuthenticationToken"),
        (BODY.replace(b"2011", b"2010"), 400, "InvalidAction"),
        (b"Action=<nothing>&Version=2011-06-15", 400, "InvalidAction"),
        (b"", 400, "InvalidAction"),
    ],
)
def test_answers_are_as_the_model_has_them(
    caller: Caller, body: bytes, status: int, code: str
) -> None:
    answer = caller.send("POST", "/", body, {"Content-Type": FORM})
    model.check_xml("GetCallerIdentity", answer.status, answer.text)
    assert (answer.status, f"<Code>{code}</Code>" in answer.text) == (status, True)


def test_the_answer_is_as_the_model_has_it(caller: Caller, keys: dict[str, Any]) -> None:
    seen: list[Any] = []
    client = sts(caller, keys)
    client.meta.events.register(
        "response-received.sts", lambda response_dict, **_: seen.append(response_dict)
    )
    client.get_caller_identity()
    model.check_xml("GetCallerIdentity", seen[0]["status_code"], seen[0]["body"].decode())


UNASKED = frozenset(
    {"PackedPolicySize", "SourceIdentity", "SessionTokenUtilization", "SessionTokenSize"}
)
DEPLOY = "arn:aws:iam::333333333333:role/Deploy"


def assumed(caller: Caller, keys: dict[str, Any], **request: Any) -> dict[str, Any]:
    """What AssumeRole answers, as the model has it."""
    seen: list[Any] = []
    client = sts(caller, keys)
    client.meta.events.register(
        "response-received.sts", lambda response_dict, **_: seen.append(response_dict)
    )
    try:
        given = client.assume_role(**{"RoleArn": DEPLOY, "RoleSessionName": "alice"} | request)
    finally:
        text = seen[0]["body"].decode()
        model.check_xml("AssumeRole", seen[0]["status_code"], text, UNASKED)
    return dict(given)


def as_portal(keys: dict[str, Any]) -> dict[str, Any]:
    """Credentials of STS as the portal calls them."""
    return {name[0].lower() + name[1:]: value for name, value in keys.items()}


def test_a_role_that_trusts_the_caller(caller: Caller, keys: dict[str, Any]) -> None:
    """An hour where nothing else is said; and it may not be assumed from itself."""
    given = assumed(caller, keys)
    arn = "arn:aws:sts::333333333333:assumed-role/Deploy/alice"
    assert given["AssumedRoleUser"]["Arn"] == arn
    credentials = given["Credentials"]
    mine = as_portal(credentials)
    identity = sts(caller, mine).get_caller_identity()
    assert (identity["Arn"], identity["Account"]) == (arn, "333333333333")
    assert identity["UserId"] == given["AssumedRoleUser"]["AssumedRoleId"]
    left = credentials["Expiration"].timestamp() - caller.sandbox.state.now()
    assert 3590 < left <= 3600
    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
        assumed(caller, mine)
    short = assumed(caller, keys, DurationSeconds=900)["Credentials"]
    caller.sandbox.advance(901)
    with pytest.raises(ClientError, match="expired"):
        sts(caller, as_portal(short)).get_caller_identity()


@pytest.mark.parametrize(
    ("request_", "status", "code", "message"),
    [
        ({"RoleArn": DEPLOY + "er"}, 403, "AccessDenied", "assumed-role/AWSReservedSSO_Developer_"),
        (
            {"RoleArn": "arn:aws:iam::555555555555:role/team/Audit"},
            403,
            "AccessDenied",
            "team/Audit",
        ),
        ({"RoleArn": "arn:aws:iam::333333333333:role/team/Deploy"}, 403, "AccessDenied", "Deploy"),
        ({"DurationSeconds": 3601}, 400, "ValidationError", "1 hour session limit for roles"),
        ({"DurationSeconds": 899}, 400, "ValidationError", "greater than or equal to 900"),
        ({"DurationSeconds": 43201}, 400, "ValidationError", "less than or equal to 43200"),
        ({"RoleSessionName": "a b"}, 400, "ValidationError", "roleSessionName"),
        ({"RoleSessionName": "a" * 65}, 400, "ValidationError", "roleSessionName"),
        ({"RoleArn": "x" * 20}, 400, "ValidationError", "is invalid"),
    ],
)
def test_what_no_role_is_given_for(
    caller: Caller,
    keys: dict[str, Any],
    request_: dict[str, Any],
    status: int,
    code: str,
    message: str,
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        assumed(caller, keys, **request_)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
