"""What a .ssoenv.toml may say, and what is said about one that may not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ssoenv.base.arns import RoleArn
from ssoenv.base.errors import InvalidConfiguration, NotTrusted
from ssoenv.base.models import IamRole, Profile, Role
from ssoenv.binding import edit as binding_edit
from ssoenv.binding import file as binding_file
from ssoenv.binding.edit import Place
from ssoenv.shells import rendered

WHOLE = b"""\
# our team
session = "acme"   # the session
default = "dev"

[profiles.dev]
account = "111122223333"         # by id
role    = ["Admin", "Developer"]
region  = "eu-west-1"
output  = "json"
export  = "profile"

[profiles.prod]
account = "Prod, the real one"
role    = "ReadOnly"
protect = true

[paths]
"envs/prod" = "prod"

[sso]
start_url = "https://acme.awsapps.com/start"
region    = "eu-west-1"
"""


def test_everything_that_it_may_say() -> None:
    binding = binding_file.parse(WHOLE, "/p/.ssoenv.toml")

    assert (binding.session, binding.default) == ("acme", "dev")
    dev, prod = binding.profiles["dev"], binding.profiles["prod"]
    assert dev.role == Role("acme", "111122223333", ("Admin", "Developer"))
    assert (dev.region, dev.output, dev.export, dev.protect) == (
        "eu-west-1",
        "json",
        "profile",
        False,
    )
    assert (prod.role.account, prod.protect) == ("Prod, the real one", True)
    assert binding.paths == (("envs/prod", "prod"),)
    assert binding.sso is not None
    assert binding.content == WHOLE


ONE = 'session = "s"\n[profiles.a]\naccount = "111122223333"\nrole = "R"\n'
SECOND = 'assume_role = "arn:aws:iam::111122223333:role/team/Deploy"\n'
IAM = SECOND.replace("assume_role", "role_arn")
ALONE = f'session = "s"\n[profiles.a]\n{IAM}'
WRONG = [
    pytest.param("", ["1: session is missing", "no profile"], id="empty"),
    pytest.param("x = ", ["1: line 1 is not TOML"], id="not toml"),
    pytest.param(ONE + ONE, ["6: line 6 is not TOML: cannot declare"], id="twice"),
    pytest.param(ONE + 'rgion = "x"\n', ["5: unknown key 'rgion'; did you mean 'region'?"], id="typo"),
    pytest.param(ONE.replace('"111122223333"', "111122223333"), ['3: account must be a string: quote it, "111122223333"'], id="number"),
    pytest.param(ONE.replace('"111122223333"', "12"), ['quote it, "000000000012"'], id="leading zeros"),
    pytest.param(ONE.replace("111122223333", "11112222333"), ["3: account id '11112222333' must have 12 digits"], id="eleven digits"),
    pytest.param(ONE.replace('"R"', '"R;id"'), ["4: role 'R;id'"], id="role of shell syntax"),
    pytest.param(ONE.replace('"R"', "[]"), ["4: role is an empty list"], id="no role"),
    pytest.param(ONE.replace('"R"', '["R", "R"]'), ["4: role names one role twice"], id="role twice"),
    pytest.param(ONE.replace('"R"', "true"), ["4: role must be a string or a list"], id="role a boolean"),
    pytest.param(ONE + 'region = "Mars"\n', ["5: 'Mars' is no AWS region"], id="region"),
    pytest.param(ONE + 'output = "xml"\n', ["5: output 'xml': one of json"], id="output"),
    pytest.param(ONE + 'export = "all"\n', ["5: export 'all': one of keys, profile"], id="export"),
    pytest.param(ONE + 'protect = "yes"\n', ["5: protect must be true or false"], id="protect"),
    pytest.param('default = "b"\n' + ONE, ["1: default 'b' is no profile here"], id="default"),
    pytest.param(ONE + ONE.replace('session = "s"\n', "").replace(".a]", ".b]"), ["default is missing: one of a, b"], id="no default"),
    pytest.param(ONE.replace("profiles.a", 'profiles."a b"'), ["2: profile name 'a b'"], id="profile name"),
    pytest.param(ONE + '[paths]\n"../x" = "a"\n', ["6: path '../x' leaves the project"], id="path up"),
    pytest.param(ONE + '[paths]\n"/x" = "a"\n', ["6: path '/x' leaves the project"], id="path absolute"),
    pytest.param(ONE + '[paths]\n"a//b" = "a"\n', ["6: path 'a//b' is not a plain"], id="path odd"),
    pytest.param(ONE + '[paths]\n"a\\tb" = "a"\n', ["is not a plain"], id="path tab"),
    pytest.param(ONE + '[paths]\n"x" = "a"\n"x/" = "a"\n', ["7: path 'x' is there twice"], id="path twice"),
    pytest.param(ONE + '[paths]\nx = "b"\n', ["6: 'b' is no profile here"], id="path to nowhere"),
    pytest.param(ONE + '[sso]\nstart_url = "http://x"\n', ["5: region is missing in [sso]", "6: start_url 'http://x' is not"], id="sso"),
    pytest.param(ONE + '[sso]\nregion = "eu-west-1"\nstart_url = "https://a@b/"\n', ["is not an https address"], id="sso user"),
    pytest.param(ONE.replace('"s"', '"a\\u001b[31m"'), ["1: session is empty or holds control"], id="escape"),
    pytest.param(ONE.replace('"s"', '"s\\u200b"'), ["1: session is empty or holds control characters or invisible"], id="no width"),
    pytest.param(ONE.replace('"111122223333"', '"dev\\u202e"'), ["3: account is empty or holds control"], id="direction"),
    pytest.param(ONE.replace('"s"', '"s\\U000e0041"'), ["1: session is empty or holds control"], id="tag"),
    pytest.param(ONE + '[paths]\n"x\\u2066" = "a"\n', ["is not a plain subdirectory"], id="path isolate"),
    pytest.param(ONE + 'assume_role = "Deploy"\n', ["5: assume_role 'Deploy' is not the ARN of a role"], id="second role by name"),
    pytest.param(ONE + 'assume_role = "arn:aws:iam::111122223333:user/x"\n', ["5: assume_role", "is not the ARN of a role"], id="second role a user"),
    pytest.param(ONE + SECOND.replace("111122223333", "1"), ["5: assume_role", "is not the ARN of a role"], id="second role of no account"),
    pytest.param(ONE + SECOND.replace("aws", "aws-moon"), ["5: assume_role", "is of no partition of AWS"], id="no partition"),
    pytest.param(ONE + SECOND + 'region = "cn-north-1"\n', ["5: assume_role is of the partition aws, and cn-north-1 of aws-cn"], id="partition of the region"),
    pytest.param(ONE + SECOND + '[sso]\nstart_url = "https://x.awsapps.com/start"\nregion = "us-gov-west-1"\n', ["5: assume_role is of the partition aws, and us-gov-west-1"], id="partition of the session"),
    pytest.param(ONE + SECOND + "duration = 3601\n", ["6: duration must be 900 to 3600, in seconds"], id="too long"),
    pytest.param(ONE + SECOND + 'duration = "1h"\n', ["6: duration must be a number"], id="duration a text"),
    pytest.param(ONE + SECOND + 'role_session_name = "a b"\n', ["6: role_session_name 'a b': 2 to 64"], id="session name"),
    pytest.param(ONE + 'role_session_name = "ci"\nduration = 900\n', ["5: role_session_name is for a role that", "6: duration is for a role that"], id="without a second role"),
    pytest.param(ONE + SECOND.replace("assume_role", "asume_role") + "duration = 900\n", ["5: unknown key 'asume_role'; did you mean 'assume_role'?"], id="second role, a typo"),
    pytest.param(ONE + IAM, ["3: account beside role_arn: the ARN stands in place", "4: role beside role_arn"], id="role_arn beside account and role"),
    pytest.param(ONE.replace("111122223333", "444455556666") + IAM, ["3: account '444455556666' is not that of role_arn, 111122223333"], id="an account that differs"),
    pytest.param(ALONE + SECOND, ["4: assume_role beside role_arn"], id="both ARNs"),
    pytest.param(ALONE.replace("role/", "rule/"), ["3: role_arn", "is not the ARN of a role"], id="role_arn no ARN"),
    pytest.param(ALONE + "duration = 43201\n", ["4: duration must be 900 to 43200, in seconds"], id="role_arn too long"),
    pytest.param(ALONE + 'region = "cn-north-1"\n', ["3: role_arn is of the partition aws, and cn-north-1"], id="role_arn partition"),
    pytest.param(ALONE + '[sso]\nstart_url = "https://x.awsapps.com/start"\nregion = "eu-west-1"\ntenant = "A"\n', ["7: tenant 'A': 3 to 24"], id="tenant"),
    pytest.param(ONE + "[env]\nPATH = '/evil'\n", ["unknown key 'env'"], id="free variables"),
    pytest.param(ONE + "a\0b", ["5: holds a NUL byte"], id="nul"),
    pytest.param("\ufeff" + ONE, ["1: begins with a byte order mark"], id="bom"),
]  # fmt: skip


def test_a_second_role_on_top() -> None:
    text = f'{ONE}{SECOND}role_session_name = "ci@acme"\nduration = 1800\nregion = "eu-west-1"\n'
    profile = binding_file.parse(text.encode(), "f").profiles["a"]

    arn = RoleArn("aws", "111122223333", ("team",), "Deploy")
    assert profile.role.assumes == IamRole(arn, "ci@acme", 1800)
    assert str(arn) == "arn:aws:iam::111122223333:role/team/Deploy"
    assert profile.label == "a/R+Deploy"
    # Every part of how it is asked for is part of its key, which reads back.
    assert Role.of_key(profile.role.key) == profile.role
    others = {
        binding_file.parse(changed.encode(), "f").profiles["a"].role.key
        for changed in (
            text,
            ONE,
            text.replace("team/", ""),
            text.replace("team", "team2"),
            text.replace("arn:aws", "arn:aws-eusc").replace("eu-west-1", "eusc-de-east-1"),
            text.replace(":111122223333", ":444455556666"),
            text.replace("1800", "900"),
            text.replace("@acme", ""),
        )
    }
    assert len(others) == 8


@pytest.mark.parametrize("key", ["a/b/c/d", "a/b/c/assume:aws:1:x:0", "a/b/c/assume:aws:1:x:x/y", "a/b/c/assume:aws:1:x:00/y", "a/b"])  # fmt: skip
def test_what_is_the_key_of_no_role(key: str) -> None:
    with pytest.raises(ValueError, match="not the key of a role"):
        Role.of_key(key)


@pytest.mark.parametrize(("text", "problems"), WRONG)
def test_what_it_may_not_say(text: str, problems: list[str]) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        binding_file.parse(text.encode(), "/p/.ssoenv.toml")

    said = "\n".join(caught.value.problems)
    assert caught.value.exit_code == 5
    assert caught.value.advice
    for problem in problems:
        assert problem in said
    assert all(line.startswith("/p/.ssoenv.toml:") for line in caught.value.problems)


def test_all_problems_at_once_in_the_order_of_the_file() -> None:
    text = 'sesion = "x"\ndefault = "q"\n[profiles.a]\naccount = 1\nrole = ";"\nregion = 3\n'
    with pytest.raises(InvalidConfiguration) as caught:
        binding_file.parse(text.encode(), "f")

    assert [line.split(":")[1] for line in caught.value.problems] == ["1", "2", "4", "5", "6"]


def test_not_utf8() -> None:
    with pytest.raises(InvalidConfiguration, match="problem") as caught:
        binding_file.parse(b'a = 1\nb = "\xff"\n', "f")

    assert caught.value.problems == ("f:2: is not UTF-8",)


def test_reading(tmp_path: Path) -> None:
    path = tmp_path / ".ssoenv.toml"
    path.write_bytes(WHOLE)
    assert binding_file.read(str(path)) == WHOLE
    path.write_bytes(b"#" * (binding_file.LIMIT + 1))
    with pytest.raises(InvalidConfiguration, match="64 KiB"):
        binding_file.read(str(path))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InvalidConfiguration, match="regular"):
        binding_file.read(str(path))
    path.unlink()
    path.write_bytes(WHOLE)
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
    else:
        path = Path("/etc/passwd")
    with pytest.raises(NotTrusted, match="somebody else"):
        binding_file.read(str(path))


def test_finding_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / ".ssoenv.toml").touch()
    (tmp_path / "a/b/.ssoenv.toml").mkdir()

    assert rendered.find_binding_file(str(tmp_path / "a/b/c")) == str(tmp_path / ".ssoenv.toml")
    (tmp_path / "a/.ssoenv.toml").touch()
    assert rendered.find_binding_file(str(tmp_path / "a/b/c")) == str(tmp_path / "a/.ssoenv.toml")
    assert rendered.find_binding_file("/nowhere/at/all") is None


def profile(
    name: str, account: str = "444455556666", role: str = "Ops", region: str | None = None
) -> Profile:
    return Profile(name, Role("acme", account, (role,)), 0, region)


def test_editing_keeps_everything_else() -> None:
    added = binding_edit.edit(WHOLE, profile("new", region="us-east-1"), path="f")
    lines, before = added.decode().splitlines(), WHOLE.decode().splitlines()

    assert [line for line in lines if line and line in before] == [line for line in before if line]
    assert binding_file.parse(added, "f").profiles["new"].region == "us-east-1"

    changed = binding_edit.edit(WHOLE, profile("dev"), path="f", place=Place(default=True)).decode()
    assert 'account = "444455556666"         # by id' in changed
    assert 'role    = "Ops"' in changed
    assert "# our team" in changed


def test_editing_makes_a_first_and_a_second_profile() -> None:
    first = binding_edit.edit(None, profile("one"), path="f")
    second = binding_edit.edit(first, profile("two"), path="f")

    assert binding_file.parse(second, "f").default == "one"
    third = binding_edit.edit(second, profile("three"), path="f", place=Place(default=True))
    assert binding_file.parse(third, "f").default == "three"


def test_editing_refuses_what_it_cannot_do_safely() -> None:
    inline = b'session = "acme"\nprofiles = { a = { account = "111122223333", role = "R" } }\n'
    with pytest.raises(InvalidConfiguration, match="cannot be edited safely") as caught:
        binding_edit.edit(inline, profile("a"), path="f")

    assert "[profiles.a]" in caught.value.problems
