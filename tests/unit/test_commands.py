"""Which commands run without a role: those that ask for help, set themselves up, or name a profile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ssoenv.base import paths
from ssoenv.base.dialects import SHELLS
from ssoenv.shells import commands

NONE = [
    "aws s3 help",
    "aws s3 ls help",
    "terraform -help",
    "terraform plan -help",
    "terraform -chdir=x version",
    "packer -version",
    "aws help",
    "aws --version",
    "aws s3 ls --help",
    "aws s3 ls --profile mine",
    "aws s3 ls --profile=mine",
    "aws configure list",
    "aws --region eu-west-1 sso login",
    "aws --query a --cli-read-timeout 3 login",
    "aws --no-cli-pager logout",
    "terraform fmt",
    "terraform -chdir=x validate",
    "tofu fmt",
    "terraform -v",
    "terraform -h",
    "cdk --version",
    "sam version",
    "eksctl completion bash",
    "cdk help deploy",
]
SOME = [
    "aws",
    "terraform",
    "cdk",
    "deploy-it",
    "aws configure export-credentials",
    "aws --region a configure export-credentials --format env",
    "aws ssm put-parameter --value help",
    "aws --cli-error-format configure s3 ls",
    "pulumi -C help up",
    "kops --name version delete cluster --yes",
    "cdk -a help destroy",
    "sam -help deploy",
    "aws s3 ls",
    "aws s3 ls -- --help",
    "aws --region help s3 ls",
    "aws --output login s3 ls",
    "aws --debug sts get-caller-identity",
    "terraform -chdir=x apply",
    "terraform plan -v",
    "terraform login",
    "tofu configure",
    "cdk deploy --profiles x",
    "cdk fmt",
    "sam -x",
]


@pytest.mark.parametrize("line", NONE)
def test_needs_none(line: str) -> None:
    assert not commands.needs_role(line.split(" "))


@pytest.mark.parametrize("line", SOME)
def test_needs_one(line: str) -> None:
    assert commands.needs_role(line.split(" "))


def test_an_empty_word_is_no_reason_to_fail() -> None:
    assert commands.needs_role(["", ""])
    assert commands.needs_role([])


@pytest.mark.parametrize("shell", SHELLS)
def test_the_hooks_know_the_same_options_of_the_aws_cli(shell: str) -> None:
    """They tell by them whether the AWS CLI sets itself up."""
    text = Path(paths.shell_file(f"hook.{shell}")).read_text()
    (known,) = re.findall(r"^.*--endpoint-url.*$", text, re.MULTILINE)

    assert set(re.findall(r"--[a-z-]+", known)) == commands.OF_AWS_WITH_VALUE
