"""Read and check a ``.ssoenv.toml``. It may come from a stranger, so every value is checked.

It only names a session, accounts and roles: it has no includes, commands or free variables.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Any

from ssoenv.base import arns, dialects, paths
from ssoenv.base.errors import InvalidConfiguration, NotTrusted
from ssoenv.base.models import Binding, IamRole, Profile, Role, SignInHint
from ssoenv.base.toml_checks import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = paths.BINDING_LIMIT
"""How many bytes a binding file may have."""
OUTPUTS = ("json", "text", "table", "yaml", "yaml-stream")
EXPORTS = ("keys", "profile")
ROOT_KEYS = ("session", "default", "agent", "profiles", "paths", "sso")
PROFILE_KEYS = (
    "account",
    "role",
    "role_arn",
    "assume_role",
    "role_session_name",
    "duration",
    "region",
    "output",
    "export",
    "protect",
)
SSO_KEYS = ("start_url", "region", "tenant")
SHORTEST, LONGEST_CHAINED = 900, 3600
"""Seconds that credentials of a role on top of another may last (STS AssumeRole, role chaining)."""
LONGEST = 43200
"""Seconds that credentials of the account access manager may last."""
# Without flags and without what regular expressions of other languages read otherwise (\d, \w):
# the schema that editors read has these very patterns.
PROFILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
ROLE = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")  # IAM RoleName; permission sets allow no more
ROLE_ARN, SESSION_NAME, TENANT = arns.ROLE_ARN, arns.SESSION_NAME, arns.TENANT
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_PORT = r"(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
START_URL = re.compile(
    rf"[Hh][Tt][Tt][Pp][Ss]://(?:{_LABEL}\.)*{_LABEL}(?::{_PORT})?(?:/[!-\[\]-~]*)?"
)
REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}")
ACCOUNT_ID = re.compile(r"[0-9]{12}")
LIKE_AN_ID = re.compile(r"-*[0-9][0-9-]*")
"""What is meant for an account id, and no name."""
NAME_MAX = 255
"""Bytes that the name of a folder may have (Linux ``limits.h``; macOS too)."""
CONTROLS = r"\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
"""What a terminal or a reader of lines would obey, and what nobody sees, by which one name looks
like another: as a class of a pattern has it."""
# Tags besides, which no pattern of JSON can say.
_CONTROL = re.compile(f"[{CONTROLS}\U000e0000-\U000e0fff]")


def read(path: str, *, anybodys: bool = False) -> bytes:
    """Return the bytes at `path`, opened once.

    Raises NotTrusted if the file is not our own, but for `anybodys`, where nothing comes of it. A
    link is followed: trust is by content, and the owner asked for is that of its target. Raises
    InvalidConfiguration for what is no regular file or too large; OSError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise InvalidConfiguration(f"{path} is not a regular file", fix=_look(path))
        if status.st_uid != os.geteuid() and not anybodys:
            raise NotTrusted(f"{path} belongs to somebody else", fix=_look(path))
        content = stream.read(LIMIT + 1)
    if content is None:  # what would have to be waited for, such as /proc/kmsg
        raise InvalidConfiguration(f"{path} is not a plain file", fix=_look(path))
    if len(content) > LIMIT:
        raise InvalidConfiguration(
            f"{path} has more than {LIMIT // 1024} KiB", advice=f"make {path} smaller"
        )
    return content


def _look(path: str) -> str:
    """Return the command that shows whose file that is, and what it is."""
    return f"ls -l {dialects.word(path)}"


def checked(path: str) -> tuple[Binding | None, tuple[str, ...]]:
    """Return what the file at `path` says, whoever owns it; or what is wrong in it.

    Each fault is ``path:line: what``.
    """
    try:
        return parse(read(path, anybodys=True), path), ()
    except InvalidConfiguration as problem:
        return None, problem.problems or (problem.message,)
    except OSError as problem:
        return None, (f"{path}: {problem.strerror}",)


def parse(content: bytes, path: str) -> Binding:
    """Return what `content`, the bytes of the file at `path`, says.

    Raises InvalidConfiguration that lists every problem as ``path:line: what``.
    """
    document = Document(content, path)
    root = document.root
    document.check_keys(root, ROOT_KEYS)
    session = _text(document, root, "session")
    if "session" not in root:
        what = 'session is missing: session = "NAME", of an [sso-session]'
        document.missing(what, "session")
    profiles = dict(_profiles(document, session or ""))
    default = _default(document, profiles)
    chosen = tuple(_paths(document, profiles))
    hint = _sign_in_hint(document)
    agent = document.take(document.root, str, "agent")
    if agent is not None and agent not in profiles and not document.meant("profiles"):
        document.problem(f"agent {agent!r} is no profile here", "agent")
    document.finish()
    return Binding(path, content, session or "", default, profiles, chosen, hint, agent or "")


def _profiles(document: Document, session: str) -> Iterator[tuple[str, Profile]]:
    tables = document.take(document.root, dict, "profiles")
    if not tables:
        if "profiles" not in document.root or tables is not None:
            document.missing("there is no profile: write a [profiles.NAME]", "profiles")
        return
    for name, table in tables.items():
        at = ("profiles", name)
        if not PROFILE_NAME.fullmatch(name):
            document.problem(f"profile name {name!r}: only letters, digits, '.', '_', '-'", *at)
        if not isinstance(table, dict):
            document.problem(f"profiles.{name} must be a table: [profiles.{name}]", *at)
            continue
        yield name, _profile(document, name, table, session)


def _profile(document: Document, name: str, table: dict[str, Any], session: str) -> Profile:
    at = ("profiles", name)
    document.check_keys(table, PROFILE_KEYS, *at)
    role = _role(document, table, session, *at)
    # Session, account and roles are each the name of a folder of ours.
    if max(map(len, role.key.split("/"))) > NAME_MAX:
        what = (
            "session, account and role are too long: shorter names, the account's id, fewer roles"
        )
        document.problem(what, *at)
    return Profile(
        name=name,
        role=role,
        line=document.line(*at),
        region=_region(document, table, *at),
        output=_choice(document, table, "output", OUTPUTS, *at),
        export=_choice(document, table, "export", EXPORTS, *at),
        protect=bool(document.take(table, bool, "protect", *at)),
    )


def _role(document: Document, table: dict[str, Any], session: str, *at: str) -> Role:
    iam, key = _iam_role(document, table, *at)
    if key != "role_arn":
        account, roles = _account(document, table, *at), _roles(document, table, *at)
        return Role(session, account, roles, iam)
    sso = document.root.get("sso")
    tenant = sso.get("tenant") if isinstance(sso, dict) else None
    for other in ("account", "role", "assume_role"):
        if other in table:
            what = f"{other} beside role_arn: the ARN stands in place of account and role"
            if iam and other == "account" and table[other] != iam.arn.account:
                what = f"account {table[other]!r} is not that of role_arn, {iam.arn.account}"
            document.problem(what, *at, other)
    account, name = (iam.arn.account, iam.arn.name) if iam else ("", "")
    tenant = tenant if isinstance(tenant, str) else ""
    return Role(session, account, (name,), entitled=iam, tenant=tenant)


def _account(document: Document, table: dict[str, Any], *at: str) -> str:
    value = table.get("account")
    if value is None:
        document.missing(f"account is missing in [{'.'.join(at)}]", "account", *at)
    elif isinstance(value, int) and not isinstance(value, bool):
        quoted = f', "{value:012}"' if 0 <= value < 10**12 else ""
        document.problem(f"account must be a string: quote it{quoted}", *at, "account")
    elif text := _text(document, table, "account", *at):
        if LIKE_AN_ID.fullmatch(text) and not ACCOUNT_ID.fullmatch(text):
            document.problem(f"account id {text!r} must have 12 digits", *at, "account")
        return text
    return ""


def _roles(document: Document, table: dict[str, Any], *at: str) -> tuple[str, ...]:
    value = table.get("role")
    names = value if isinstance(value, list) else [value]
    if value is None:
        document.missing(f"role is missing in [{'.'.join(at)}]", "role", *at)
        return ()
    if not names:
        document.problem("role is an empty list", *at, "role")
    for name in names:
        if not isinstance(name, str):
            document.problem("role must be a string or a list of strings", *at, "role")
        elif not ROLE.fullmatch(name):
            document.problem(f"role {name!r}: 1 to 64 letters, digits or _+=,.@-", *at, "role")
    if len({str(name) for name in names}) < len(names):
        document.problem("role names one role twice", *at, "role")
    return tuple(str(name) for name in names)


def _iam_role(document: Document, table: dict[str, Any], *at: str) -> tuple[IamRole | None, str]:
    """Return the role that the profile names by its ARN, and the key that does; none and ""."""
    key = next((one for one in ("role_arn", "assume_role") if one in table), "")
    text = document.take(table, str, key, *at) if key else None
    name = document.take(table, str, "role_session_name", *at)
    duration = document.take(table, int, "duration", *at)
    for one in ("role_session_name", "duration"):
        meant = key or document.meant("assume_role", *at) or document.meant("role_arn", *at)
        if one in table and not meant:
            document.problem(f"{one} is for a role that assume_role or role_arn names", *at, one)
    if name is not None and not SESSION_NAME.fullmatch(name):
        what = f"role_session_name {name!r}: 2 to 64 letters, digits or _+=,.@-"
        document.problem(what, *at, "role_session_name")
    longest = LONGEST if key == "role_arn" else LONGEST_CHAINED
    if duration is not None and not SHORTEST <= duration <= longest:
        what = f"duration must be {SHORTEST} to {longest}, in seconds"
        why = "" if key == "role_arn" else ": AWS gives a role on top of another an hour at most"
        document.problem(f"{what}{why}", *at, "duration")
    arn = None if text is None else _arn(document, table, key, text, *at)
    return IamRole(arn, name or "", duration or 0) if arn else None, key


def _arn(
    document: Document, table: dict[str, Any], key: str, text: str, *at: str
) -> arns.RoleArn | None:
    try:
        arn = arns.parse(text)
    except ValueError as error:
        document.problem(f"{key} {text!r} {error}", *at, key)
        return None
    sso = document.root.get("sso")
    for region in (table.get("region"), sso.get("region") if isinstance(sso, dict) else None):
        if isinstance(region, str) and arns.partition_of(region) != arn.partition:
            here = arns.partition_of(region)
            what = f"{key} is of the partition {arn.partition}, and {region} of {here}"
            document.problem(f"{what}: no role of one can be had in the other", *at, key)
            break
    return arn


def _region(document: Document, table: dict[str, Any], *at: str) -> str | None:
    value: str | None = document.take(table, str, "region", *at)
    if value is not None and not REGION.fullmatch(value):
        document.problem(f"{value!r} is no AWS region, such as eu-west-1", *at, "region")
    return value


def _choice(
    document: Document, table: dict[str, Any], key: str, known: tuple[str, ...], *at: str
) -> str | None:
    value: str | None = document.take(table, str, key, *at)
    if value is not None and value not in known:
        document.problem(f"{key} {value!r}: one of {', '.join(known)}", *at, key)
    return value


def _default(document: Document, profiles: dict[str, Profile]) -> str:
    default = document.take(document.root, str, "default")
    if default is not None:
        if default not in profiles and not document.meant("profiles"):
            document.problem(f"default {default!r} is no profile here", "default")
        return str(default)
    if len(profiles) > 1 and "default" not in document.root:
        document.missing(f"default is missing: one of {', '.join(profiles)}", "default")
    return next(iter(profiles), "")


def _paths(document: Document, profiles: dict[str, Profile]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for key, name in (document.take(document.root, dict, "paths") or {}).items():
        at = ("paths", key)
        path = key.rstrip("/").removeprefix("./")
        parts = path.split("/")
        if key.startswith("/") or ".." in parts:
            document.problem(f"path {key!r} leaves the project", *at)
        elif not path or "" in parts or "." in parts or _CONTROL.search(key):
            document.problem(f"path {key!r} is not a plain subdirectory", *at)
        elif path in seen:
            document.problem(f"path {path!r} is there twice", *at)
        elif (not isinstance(name, str) or name not in profiles) and not document.meant("profiles"):
            document.problem(f"{name!r} is no profile here", *at)
        else:
            seen.add(path)
            yield path, name


def _sign_in_hint(document: Document) -> SignInHint | None:
    table = document.take(document.root, dict, "sso")
    if table is None:
        return None
    document.check_keys(table, SSO_KEYS, "sso")
    start_url = _text(document, table, "start_url", "sso") or ""
    region = _region(document, table, "sso") or ""
    for key in ("start_url", "region"):
        if key not in table:
            document.missing(f"{key} is missing in [sso]", key, "sso")
    if start_url and not START_URL.fullmatch(start_url):
        document.problem(f"start_url {start_url!r} is not an https address", "sso", "start_url")
    tenant = document.take(table, str, "tenant", "sso")
    if tenant is not None and not TENANT.fullmatch(tenant):
        document.problem(f"tenant {tenant!r}: 3 to 24 of a-z, 0-9 and -", "sso", "tenant")
    return SignInHint(start_url, region, tenant or "")


def _text(document: Document, table: dict[str, Any], key: str, *at: str) -> str | None:
    """Return a string that is not empty and holds nothing that a terminal would obey or hide."""
    value: str | None = document.take(table, str, key, *at)
    if value is not None and (not value.strip() or _CONTROL.search(value)):
        document.problem(f"{key} is empty or holds control characters or invisible ones", *at, key)
    return value
