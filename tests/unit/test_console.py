"""Where the console opens: hosts of each partition, services, addresses of its own, durations."""

from __future__ import annotations

import boto3
import pytest

from ssoenv.base.errors import InvalidConfiguration, UsageError
from ssoenv.console import destination, services, visit
from ssoenv.identity_center import endpoints, federation

AWS = federation.partition_of("eu-west-1")
CONSOLE = "https://console.aws.amazon.com"


@pytest.mark.parametrize(
    ("region", "name", "sign_in", "console"),
    [
        ("eu-west-1", "aws", "eu-west-1.signin.aws.amazon.com", "console.aws.amazon.com"),
        ("mx-central-1", "aws", "mx-central-1.signin.aws.amazon.com", "console.aws.amazon.com"),
        ("cn-north-1", "aws-cn", "cn-north-1.signin.amazonaws.cn", "console.amazonaws.cn"),
        (
            "us-gov-west-1",
            "aws-us-gov",
            "us-gov-west-1.signin.amazonaws-us-gov.com",
            "console.amazonaws-us-gov.com",
        ),
        (
            "eusc-de-east-1",
            "aws-eusc",
            "eusc-de-east-1.signin.amazonaws-eusc.eu",
            "console.amazonaws-eusc.eu",
        ),
    ],
)
def test_each_partition_has_its_own_hosts(
    region: str, name: str, sign_in: str, console: str
) -> None:
    partition = federation.partition_of(region)

    assert partition.id == name
    assert federation.origin(region, {}) == f"https://{sign_in}"
    assert federation.login_url(region, "t", "d", "", {}).startswith(f"https://{sign_in}/fed")
    assert destination.address(partition, region) == (
        f"https://{console}/console/home?region={region}"
    )


def test_the_partitions_are_those_of_botocore() -> None:
    """A region that botocore puts elsewhere would be signed in at the wrong console."""
    session = boto3.Session()
    known = {one.id for one in federation.PARTITIONS}
    for partition in session.get_available_partitions():
        for region in session.get_available_regions("sts", partition):
            if partition in known:
                assert federation.partition_of(region).id == partition
            else:
                with pytest.raises(UsageError, match="does not know the console"):
                    federation.partition_of(region)


@pytest.mark.parametrize("region", ["", "x", "evil.example/", "eu-west-1.evil.example", "eu west"])
def test_what_is_no_region_gets_into_no_host(region: str) -> None:
    with pytest.raises(UsageError, match="no region"):
        federation.partition_of(region)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "http://signin.aws.amazon.com",
        "https://signin.aws.amazon.com.evil.example",
        "https://evilsignin.aws.amazon.com",
        "https://oidc.us-east-1.amazonaws.com",
        "https://x.signin.aws.amazon.com",
    ],
)
def test_keys_go_to_the_console_s_own_sign_in_only(url: str) -> None:
    with pytest.raises(InvalidConfiguration, match="not AWS") as caught:
        federation.origin("eu-west-1", {"AWS_ENDPOINT_URL_SIGNIN": url})
    assert caught.value.fix == "unset AWS_ENDPOINT_URL_SIGNIN"
    for other in ("sso", "sts"):
        with pytest.raises(InvalidConfiguration):
            endpoints.check("https://signin.aws.amazon.com", other, {})


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("s3", "/s3/home"),
        ("S3", "/s3/home"),
        ("cfn", "/cloudformation/home"),
        ("stepfunctions", "/states/home"),
        ("groundstation", "/groundstation/home"),
    ],
)
def test_a_service_has_a_path(name: str, path: str) -> None:
    assert services.path(name) == path
    assert destination.address(AWS, "eu-west-1", service=name) == (
        f"{CONSOLE}{path}?region=eu-west-1"
    )


@pytest.mark.parametrize(
    "name", ["", "../iam", "s3/home", "a b", "x?y", "x#y", "%2e", "\u00e9", "-x"]
)
def test_what_is_no_name_of_a_service_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        destination.address(AWS, "eu-west-1", service=name)


def test_every_service_is_an_address_of_the_console() -> None:
    for name in services.PATHS:
        address = destination.address(AWS, "eu-west-1", service=name)
        assert address.startswith(f"{CONSOLE}/")
        assert destination.address(AWS, "eu-west-1", wanted=address) == address
    assert set(services.ALIASES.values()) <= set(services.PATHS)
    assert not set(services.ALIASES) & set(services.PATHS)


@pytest.mark.parametrize(
    ("wanted", "kept", "moved"),
    [
        ("/s3/home", "/s3/home?region=R", "/s3/home?region=R"),
        ("/ec2/home#Instances:", "/ec2/home?region=R#Instances:", "/ec2/home?region=R#Instances:"),
        ("/a?b=c%20d&e", "/a?b=c%20d&e&region=R", "/a?b=c%20d&e&region=R"),
        ("/a?region=us-east-1&b=c", "/a?region=us-east-1&b=c", "/a?b=c&region=R"),
        (f"{CONSOLE}/iam/home", "/iam/home?region=R", "/iam/home?region=R"),
        (CONSOLE, "/console/home?region=R", "/console/home?region=R"),
    ],
)
def test_an_address_keeps_its_region_unless_one_is_asked_for(
    wanted: str, kept: str, moved: str
) -> None:
    for moves, expected in ((False, kept), (True, moved)):
        found = destination.address(AWS, "eu-west-1", wanted=wanted, moves=moves)
        assert found == CONSOLE + expected.replace("=R", "=eu-west-1")


def test_the_region_in_the_host_is_a_region_too() -> None:
    page = "https://us-west-2.console.aws.amazon.com/lambda/home#/f"
    assert destination.address(AWS, "eu-west-1", wanted=page) == page
    assert destination.address(AWS, "eu-west-1", wanted=page, moves=True) == (
        "https://eu-west-1.console.aws.amazon.com/lambda/home?region=eu-west-1#/f"
    )


def test_a_page_of_another_session_is_the_same_page_of_this_one() -> None:
    """In a browser with several sessions, the host of each page begins with the session's mark."""
    page = "https://111122223333-ab12cd34.us-west-2.console.aws.amazon.com/s3/home"
    assert destination.address(AWS, "eu-west-1", wanted=page) == (
        "https://us-west-2.console.aws.amazon.com/s3/home"
    )


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "s3/home",
        "//evil.example/",
        "https://evil.example/",
        "http://console.aws.amazon.com/",
        "https://console.aws.amazon.com.evil.example/",
        "https://evilconsole.aws.amazon.com/",
        "https://a:b@console.aws.amazon.com/",
        "https://evil.example\\@console.aws.amazon.com/",
        "https://console.aws.amazon.com:8443/",
        "https://console.amazonaws.cn/",
        "https://a b.console.aws.amazon.com/",
        "https://..console.aws.amazon.com/",
        "https://[::1",
        "/a b",
        "/a\nb",
        "/\u00e9",
        "/a\x1b]0;x",
        "javascript:alert(1)",
        "javascript://console.aws.amazon.com/%0aalert(1)",
        "/" + "x" * 3000,
    ],
)
def test_no_other_address_is_opened(wanted: str) -> None:
    with pytest.raises(UsageError, match="--destination"):
        destination.address(AWS, "eu-west-1", wanted=wanted)


def test_a_service_and_a_destination_are_two_places() -> None:
    with pytest.raises(UsageError, match="not both"):
        destination.address(AWS, "eu-west-1", service="s3", wanted="/ec2")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15m", 900), ("900s", 900), ("12h", 43200), ("1h30m", 5400), (" 8H ", 28800)],
)
def test_a_duration(text: str, seconds: int) -> None:
    assert visit.seconds(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", " ", "1", "3600", "h", "14m", "13h", "12h1s", "-1h", "1d", "1h 30m", "9" * 40 + "h"],
)
def test_no_duration_of_a_console_session(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        visit.seconds(text)
    assert str(caught.value.advice).startswith("say: --duration ")
