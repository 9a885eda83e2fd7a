"""JSON schemas of the two files that people write, made of what the code checks them by.

Draft 4 of JSON Schema, the newest that Taplo reads, and Even Better TOML with it: so there is no
``const``, ``if`` or ``propertyNames``. A schema sees one value at a time: `UNSAID` is what it
cannot say.
"""

from __future__ import annotations

import re
from typing import Any

from ssoenv import settings
from ssoenv.binding import file as binding_file

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-04/schema#"
UNSAID = (
    "default, agent and the values of [paths] name a profile of the same file",
    "no two keys of [paths] mean one directory, as a and ./a/ do",
    "assume_role and role_arn are of the partition of region and of that in [sso]",
    "the file is UTF-8 without NUL and byte order mark, and has at most 64 KiB",
    "a line has at most 50 dots outside of texts",
)
"""What `ssoenv check` refuses and no schema does."""
_PROJECT = {
    "session": "The [sso-session] of ~/.aws/config that the project signs in to.",
    "default": "The profile to use where nothing else chooses one; needed if there are several.",
    "agent": "The only profile that coding agents get in this project.",
    "profiles": "A role and how to use it, by a name: [profiles.dev].",
    "paths": 'For a subdirectory, the profile to use in it: "envs/prod" = "prod".',
    "sso": "The session, for people who have none of that name: `ssoenv trust` shows it and asks.",
    "account": "The account: its 12-digit id, or its exact name.",
    "role": "The role, or several of which the first counts that one holds.",
    "role_arn": "In place of account and role: a role of IAM by the account access manager.",
    "assume_role": "A second role on top of the first: the ARN of an IAM role that trusts it.",
    "role_session_name": "With assume_role or role_arn: the name of the role's session.",
    "duration": "With assume_role or role_arn: how many seconds the credentials last.",
    "region": "What AWS_REGION and AWS_DEFAULT_REGION are set to.",
    "output": "What AWS_DEFAULT_OUTPUT is set to.",
    "export": '"keys" puts credentials into the environment while they last, "profile" never does.',
    "protect": "Ask before the first use in a shell.",
    "start_url": "The start URL of the Identity Center.",
    "tenant": "The tenant of the account access manager.",
    "sso.region": "The region of the Identity Center.",
}
_SETTINGS = {
    "commands": 'More commands that use AWS; "!NAME" takes one of the default list away.',
    "export": '"keys" puts credentials into the environment while they last, "profile" never does.',
    "login": 'With "manual", no page opens unless you type `ssoenv login`.',
    "never": "Roles that no command may fetch, as ACCOUNT:ROLE with * and ?; wins over any file.",
    "protect": "Roles to ask for before their first use in a shell, as ACCOUNT or ACCOUNT:ROLE.",
    "protect_for": "For how many seconds a yes holds in its shell.",
    "browser": "The command that opens a page; %s is its address.",
    "console_browser": "The command that opens the AWS console; %s is its address, %c a name.",
    "console_duration": "How many seconds a session of the AWS console lasts.",
    "tenant": "The tenant of the account access manager, where a project names none.",
    "sign_in_pause": "For how many seconds a declined sign-in is not asked for again by itself.",
    "agents": "What coding agents get where a project does not say.",
    "agent_commands": 'More commands that are coding agents; "!NAME" is none.',
    "agent_env": 'More variables by which coding agents are known; "!NAME" is none.',
    "session": "The session that is meant where there are several and nothing says which.",
    "storage": 'Where tokens and credentials are: in plain "files", or sealed by the "keyring".',
}
_NAME = {"type": "string", "minLength": 1}
_C = binding_file.CONTROLS
# A part of a path that is none of "", "." and "..", written without a look ahead.
_PART = rf"(?:[^./{_C}][^/{_C}]*|\.[^./{_C}][^/{_C}]*|\.\.[^/{_C}]+)"
_PATH = re.compile(rf"(?:\./)?{_PART}(?:/{_PART})*/*")


def project() -> Schema:
    """Return the schema of a ``.ssoenv.toml``."""
    makers: dict[str, Schema] = {
        "session": _text(),
        "default": _NAME,
        "agent": _NAME,
        "profiles": _table_of(binding_file.PROFILE_NAME, _profile(), minProperties=1),
        "paths": _table_of(_PATH, _NAME),
        "sso": _sso(),
    }
    return {
        "$schema": DRAFT,
        "title": ".ssoenv.toml, a project's AWS role",
        **_table({key: makers[key] for key in binding_file.ROOT_KEYS}, _PROJECT),
        "required": ["session", "profiles"],
        "anyOf": [
            {"properties": {"profiles": {"maxProperties": 1}}},
            {"required": ["default"]},
        ],
    }


def for_settings() -> Schema:
    """Return the schema of the user's settings, ``~/.config/ssoenv/config.toml``."""
    makers: dict[str, Schema] = {
        "commands": _list_of(settings.COMMAND),
        "never": _list_of(settings.ACCOUNT_AND_ROLE),
        "protect": _list_of(settings.ACCOUNT_PERHAPS_ROLE),
        "browser": {"type": "string"},
        "console_browser": {"type": "string"},
        "tenant": {"type": "string", "pattern": _whole(settings.TENANT)},
        "agent_commands": _list_of(settings.COMMAND),
        "agent_env": _list_of(settings.VARIABLE),
        "session": {"type": "string"},
    }
    makers |= {key: {"enum": [*said], "default": said[0]} for key, said in settings.CHOICES.items()}
    makers |= {
        key: {
            "type": "integer",
            "minimum": least,
            "maximum": most,
        }
        for key, (least, most) in settings.SPANS.items()
    }
    ordered = {key: makers[key] for key in settings.KEYS}
    return {"$schema": DRAFT, "title": "The settings of ssoenv", **_table(ordered, _SETTINGS)}


MAKERS = {"project": project, "settings": for_settings}
"""Name of a file's kind -> what makes its schema."""


def _profile() -> Schema:
    role = {"type": "string", "pattern": _whole(binding_file.ROLE)}
    account = _text()
    account["anyOf"] = [
        {"pattern": _whole(binding_file.ACCOUNT_ID)},
        {"pattern": "[^0-9-]"},
        {"pattern": "^-+$"},
    ]
    makers: dict[str, Schema] = {
        "account": account,
        "role": {
            "anyOf": [role, {"type": "array", "items": role, "minItems": 1, "uniqueItems": True}]
        },
        "role_arn": {"type": "string", "pattern": _whole(binding_file.ROLE_ARN)},
        "assume_role": {"type": "string", "pattern": _whole(binding_file.ROLE_ARN)},
        "role_session_name": {"type": "string", "pattern": _whole(binding_file.SESSION_NAME)},
        "duration": {
            "type": "integer",
            "minimum": binding_file.SHORTEST,
            "maximum": binding_file.LONGEST,
        },
        "region": _region(),
        "output": {"enum": [*binding_file.OUTPUTS]},
        "export": {"enum": [*binding_file.EXPORTS]},
        "protect": {"type": "boolean", "default": False},
    }
    table = _table({key: makers[key] for key in binding_file.PROFILE_KEYS}, _PROJECT)
    by_arn = {"anyOf": [{"required": ["assume_role"]}, {"required": ["role_arn"]}]}
    beside = [{"required": [key]} for key in ("account", "role", "assume_role")]
    by_name = {
        "required": ["account", "role"],
        "properties": {"duration": {"maximum": binding_file.LONGEST_CHAINED}},
        "not": {"required": ["role_arn"]},
    }
    return {
        **table,
        "anyOf": [by_name, {"required": ["role_arn"], "not": {"anyOf": beside}}],
        "dependencies": dict.fromkeys(("role_session_name", "duration"), by_arn),
    }


def _sso() -> Schema:
    makers = {
        "start_url": {"type": "string", "pattern": _whole(binding_file.START_URL)},
        "region": _region(),
        "tenant": {"type": "string", "pattern": _whole(binding_file.TENANT)},
    }
    told = _PROJECT | {"region": _PROJECT["sso.region"]}
    table = _table({key: makers[key] for key in binding_file.SSO_KEYS}, told)
    return {**table, "required": ["start_url", "region"]}


def _table(properties: dict[str, Schema], told: dict[str, str]) -> Schema:
    """Return the schema of a table with these keys and no others."""
    described = {key: {"description": told[key], **one} for key, one in properties.items()}
    return {"type": "object", "properties": described, "additionalProperties": False}


def _table_of(name: re.Pattern[str], value: Schema, **more: int) -> Schema:
    """Return the schema of a table whose keys are names of one form, all with such a `value`."""
    of_names = {_whole(name): value}
    return {"type": "object", "patternProperties": of_names, "additionalProperties": False, **more}


def _list_of(form: re.Pattern[str]) -> Schema:
    return {"type": "array", "items": {"type": "string", "pattern": _whole(form)}}


def _region() -> Schema:
    return {"type": "string", "pattern": _whole(binding_file.REGION)}


def _text() -> Schema:
    """Return the schema of a text that says something, and nothing to a terminal."""
    return {"type": "string", "allOf": [{"pattern": rf"^[^{_C}]*$"}, {"pattern": r"\S"}]}


def _whole(form: re.Pattern[str]) -> str:
    """Return the pattern of a text that is of `form` as a whole: a schema's finds any part."""
    return f"^(?:{form.pattern})$"
