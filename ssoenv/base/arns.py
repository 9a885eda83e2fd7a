"""ARNs of IAM roles, the partitions of AWS, and who hands such roles out.

Source: IAM User Guide, "IAM identifiers" and "IAM and AWS STS quotas"; botocore's ``partitions``.
"""

from __future__ import annotations

import re

from ssoenv.base.values import dataclass

_BY_REGION = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "eusc-": "aws-eusc",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
}
"""How the regions of a partition begin; all others are of ``aws``."""
PARTITIONS = ("aws", *_BY_REGION.values())
LONGEST_PART = 64
"""Letters of a name of a role, and of each part of its path as far as ssoenv takes one."""
_REST = (
    rf":iam::([0-9]{{12}}):role/((?:[!-.0-~]{{1,{LONGEST_PART}}}/){{0,16}})"
    r"([A-Za-z0-9_+=,.@-]{1,64})"
)
_ROLE_ARN = re.compile(f"arn:([a-z-]+){_REST}")
ROLE_ARN = re.compile(f"arn:({'|'.join(PARTITIONS)}){_REST}")
"""The ARN of a role in a partition that there is; of the form that the schemas have, too."""
SESSION_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{2,64}")
"""STS AssumeRole, RoleSessionName."""
TENANT = re.compile(r"[a-z0-9-]{3,24}")
"""A tenant of the account access manager (botocore ``account-access-runtime``, TenantId)."""


@dataclass(frozen=True, slots=True)
class RoleArn:
    """The ARN of a role of IAM; `path` has the parts of its path."""

    partition: str
    account: str
    path: tuple[str, ...]
    name: str

    def __str__(self) -> str:
        """``arn:aws:iam::111122223333:role/team/Deploy``."""
        return f"arn:{self.partition}:iam::{self.account}:role/{'/'.join((*self.path, self.name))}"


def parse(text: str) -> RoleArn:
    """Return what the ARN of a role says. ValueError, in words, for any other text."""
    found = _ROLE_ARN.fullmatch(text)
    if found is None:
        raise ValueError("is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME")
    partition, account, path, name = found.groups()
    if partition not in PARTITIONS:
        raise ValueError(f"is of no partition of AWS; there is {', '.join(PARTITIONS)}")
    return RoleArn(partition, account, tuple(path.split("/")[:-1]), name)


def is_arn(text: str) -> bool:
    """Whether `text` is meant for an ARN, and for no name of a role or an account."""
    return text.startswith("arn:")


def partition_of(region: str) -> str:
    """Return the partition that `region` is in."""
    return next((name for start, name in _BY_REGION.items() if region.startswith(start)), "aws")
