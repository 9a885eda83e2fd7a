"""Short names of services, and where each has its page in the AWS console."""

from __future__ import annotations

import re

from ssoenv.base.errors import UsageError
from ssoenv.base.likely import did_you_mean

HOME = "/console/home"
"""Where the console begins."""

PATHS = {
    "acm": "acm/home",
    "amplify": "amplify/home",
    "apigateway": "apigateway/main/apis",
    "appsync": "appsync/home",
    "athena": "athena/home",
    "autoscaling": "ec2/home#AutoScalingGroups:",
    "backup": "backup/home",
    "batch": "batch/home",
    "beanstalk": "elasticbeanstalk/home",
    "bedrock": "bedrock/home",
    "billing": "billing/home",
    "cloudformation": "cloudformation/home",
    "cloudfront": "cloudfront/v4/home",
    "cloudshell": "cloudshell/home",
    "cloudtrail": "cloudtrailv2/home",
    "cloudwatch": "cloudwatch/home",
    "codebuild": "codesuite/codebuild/projects",
    "codecommit": "codesuite/codecommit/repositories",
    "codedeploy": "codesuite/codedeploy/applications",
    "codepipeline": "codesuite/codepipeline/pipelines",
    "cognito": "cognito/v2/home",
    "config": "config/home",
    "controltower": "controltower/home",
    "cost": "cost-management/home",
    "dms": "dms/v2/home",
    "dynamodb": "dynamodbv2/home",
    "ec2": "ec2/home",
    "ecr": "ecr/home",
    "ecs": "ecs/v2/home",
    "efs": "efs/home",
    "eks": "eks/home",
    "elasticache": "elasticache/home",
    "elb": "ec2/home#LoadBalancers:",
    "emr": "emr/home",
    "eventbridge": "events/home",
    "firehose": "firehose/home",
    "glue": "glue/home",
    "guardduty": "guardduty/home",
    "health": "health/home",
    "home": "console/home",
    "iam": "iam/home",
    "identitycenter": "singlesignon/home",
    "inspector": "inspector/v2/home",
    "kinesis": "kinesis/home",
    "kms": "kms/home",
    "lambda": "lambda/home",
    "logs": "cloudwatch/home#logsV2:log-groups",
    "msk": "msk/home",
    "opensearch": "aos/home",
    "organizations": "organizations/v2/home",
    "parameters": "systems-manager/parameters",
    "quotas": "servicequotas/home",
    "ram": "ram/home",
    "rds": "rds/home",
    "redshift": "redshiftv2/home",
    "route53": "route53/v2/home",
    "s3": "s3/home",
    "sagemaker": "sagemaker/home",
    "secretsmanager": "secretsmanager/home",
    "securityhub": "securityhub/home",
    "servicecatalog": "servicecatalog/home",
    "ses": "ses/home",
    "sns": "sns/v3/home",
    "sqs": "sqs/v3/home",
    "ssm": "systems-manager/home",
    "stepfunctions": "states/home",
    "support": "support/home",
    "tags": "resource-groups/home",
    "transfer": "transfer/home",
    "vpc": "vpcconsole/home",
    "waf": "wafv2/homev2",
    "xray": "xray/home",
}
"""Name -> path below the console's host, as its own links have it, without a region."""
ALIASES = {
    "agw": "apigateway",
    "asg": "autoscaling",
    "cf": "cloudfront",
    "cfn": "cloudformation",
    "cw": "cloudwatch",
    "ddb": "dynamodb",
    "events": "eventbridge",
    "lb": "elb",
    "org": "organizations",
    "params": "parameters",
    "r53": "route53",
    "sfn": "stepfunctions",
    "sm": "secretsmanager",
    "sso": "identitycenter",
    "states": "stepfunctions",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def path(name: str) -> str:
    """Return the path of the service `name`; that of one that is not known is /NAME/home.

    Raises UsageError for what cannot be the name of a service.
    """
    word = name.lower()
    word = ALIASES.get(word, word)
    if not _NAME.fullmatch(word):
        raise UsageError(
            f"{name!r} is no name of a service", advice="a path goes to --destination /s3/buckets"
        )
    return f"/{PATHS.get(word, f'{word}/home')}"


def doubt(name: str) -> str:
    """Return what is odd about `name`, in words; empty for a service that is known."""
    known = {*PATHS, *ALIASES}
    word = name.lower()
    if word in known:
        return ""
    meant = did_you_mean(word, known)
    return f"{word} is no service that ssoenv knows, so it opens /{word}/home{meant}"
