"""Editing a ``.ssoenv.toml`` by lines, so that a person's comments and layout stay as they are.

The result is parsed and compared with what was meant; what cannot be edited safely is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import tomli_w

from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.values import dataclass, replace
from ssoenv.binding import file as binding_file

if TYPE_CHECKING:
    from ssoenv.base.models import Binding, Profile, Role, SignInHint


@dataclass(frozen=True, slots=True)
class Place:
    """What a profile is to be in its file: the one of the project, or of coding agents there."""

    default: bool = False
    agent: bool = False


PLAIN = Place()


def edit(before: bytes | None, profile: Profile, *, path: str, place: Place = PLAIN) -> bytes:
    """Return the file `before` (None: there is none) with `profile` added or changed.

    The session is that of the profile's role; new lines end as the first one. Raises
    InvalidConfiguration, with the lines to paste, where the layout of the file does not allow it.
    """
    if before is None:
        root = {"session": profile.role.session} | ({"agent": profile.name} if place.agent else {})
        first = tomli_w.dumps(root) + "\n" + _table(profile)
        return _verified(first.encode(), None, profile, path, place)
    old = binding_file.parse(before, path)
    lines = before.decode().splitlines(keepends=True)
    newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
    if not lines[-1].endswith("\n"):
        lines[-1] += newline
    if profile.name in old.profiles:
        lines = _change_table(lines, profile, newline)
    else:
        lines = _add_table(lines, profile, newline)
    if place.default or (len(old.profiles) == 1 and profile.name not in old.profiles):
        lines = _set(lines, "default", profile.name if place.default else old.default, newline)
    if place.agent:
        lines = _set(lines, "agent", profile.name, newline)
    return _verified("".join(lines).encode(), old, profile, path, place)


def profile_name(account: str, role: str) -> str:
    """Return a profile name made from the account's name, or from the role if it has only an id."""
    source = role if account.isdigit() else account
    kept = "".join(char if char.isascii() and char.isalnum() else "-" for char in source.lower())
    return kept.strip("-") or "default"


def _table(profile: Profile) -> str:
    return f"[profiles.{_key(profile.name)}]\n" + "".join(
        f"{key} = {value}\n" for key, value in _values(profile).items() if value is not None
    )


def _values(profile: Profile) -> dict[str, str | None]:
    entitled = profile.role.entitled
    roles = profile.role.roles
    role = _toml(roles[0]) if len(roles) == 1 else f"[{', '.join(map(_toml, roles))}]"
    region = _toml(profile.region) if profile.region else None
    output = _toml(profile.output) if profile.output else None
    return {
        "account": None if entitled else _toml(profile.role.account),
        "role": None if entitled else role,
        "role_arn": _toml(str(entitled.arn)) if entitled else None,
        "region": region,
        "output": output,
        "protect": "true" if profile.protect else None,
    }


def _change_table(lines: list[str], profile: Profile, newline: str) -> list[str]:
    start = next((i for i, line in enumerate(lines) if _heads(line, profile.name)), None)
    if start is None:
        return lines
    end = next(
        (i for i in range(start + 1, len(lines)) if lines[i].lstrip()[:1] == "["), len(lines)
    )
    body = lines[start + 1 : end]
    for key, value in _values(profile).items():
        at = next((i for i, line in enumerate(body) if re.match(rf"\s*{key}\s*=", line)), None)
        if value is None:
            continue
        if at is None:
            last = max((i for i, line in enumerate(body) if line.strip()), default=-1)
            body.insert(last + 1, f"{key} = {value}{newline}")
        else:
            body[at] = re.sub(
                rf"^(\s*{key}\s*=\s*)(?:\"[^\"]*\"|'[^']*'|\[[^\]#]*\]|true|false)",
                lambda match, value=value: f"{match[1]}{value}",  # type: ignore[misc]
                body[at],
            )
    return [*lines[: start + 1], *body, *lines[end:]]


def _add_table(lines: list[str], profile: Profile, newline: str) -> list[str]:
    """Put the table after the last profile, before what follows it."""
    heads = [i for i, line in enumerate(lines) if line.lstrip()[:1] == "["]
    profiles = [i for i in heads if re.match(r"\s*\[\s*profiles\s*\.", lines[i])]
    after = next((i for i in heads if profiles and i > profiles[-1]), len(lines))
    gap = [] if after == 0 or not lines[after - 1].strip() else [newline]
    tail = [newline] if after < len(lines) else []
    table = _table(profile).replace("\n", newline)
    return [*lines[:after], *gap, table, *tail, *lines[after:]]


def _set(lines: list[str], key: str, name: str, newline: str) -> list[str]:
    wanted = f"{key} = {_toml(name)}"
    heads = (i for i, line in enumerate(lines) if line.lstrip()[:1] == "[")
    end = next(heads, len(lines))
    for i, line in enumerate(lines[:end]):
        if re.match(rf"\s*{key}\s*=", line):
            comment = re.search(r"\s+#[^\"']*$", line.rstrip("\r\n"))
            said = wanted + (comment[0] if comment else "") + newline
            return [*lines[:i], said, *lines[i + 1 :]]
        if re.match(r"\s*session\s*=", line):
            at = i + 1
    return [*lines[:at], wanted + newline, *lines[at:]]


def _verified(
    content: bytes, old: Binding | None, profile: Profile, path: str, place: Place
) -> bytes:
    """Return `content` if it says exactly what `old` said, but for `profile`."""
    try:
        new = binding_file.parse(content, path)
    except InvalidConfiguration as error:
        if old is None:
            raise
        raise _refusal(path, profile) from error
    meant = dict(old.profiles) if old else {}
    kept = meant.get(profile.name, profile)
    meant[profile.name] = replace(
        profile,
        role=_kept(profile.role, kept.role, old.sso if old else None),
        region=profile.region or kept.region,
        output=profile.output or kept.output,
        export=kept.export,
        protect=profile.protect or kept.protect,
    )
    default = profile.name if place.default or old is None else old.default
    agent = profile.name if place.agent else old.agent if old else ""
    same = (
        {name: replace(one, line=0) for name, one in new.profiles.items()}
        == {name: replace(one, line=0) for name, one in meant.items()}
        and (new.default, new.agent) == (default, agent)
        and new.session == profile.role.session
        and (old is None or (new.paths, new.sso) == (old.paths, old.sso))
    )
    if not same:
        raise _refusal(path, profile)
    return content


def _kept(role: Role, kept: Role, sso: SignInHint | None) -> Role:
    """Return `role` with what stays of the one in the file: what is on top, and how it is asked."""
    if role.entitled is None:
        return replace(role, assumes=kept.assumes)
    same = kept.entitled and kept.entitled.arn == role.entitled.arn
    return replace(
        role, entitled=kept.entitled if same else role.entitled, tenant=sso.tenant if sso else ""
    )


def _refusal(path: str, profile: Profile) -> InvalidConfiguration:
    return InvalidConfiguration(
        f"{path} is laid out in a way that cannot be edited safely; write this into it yourself:",
        problems=tuple(_table(profile).splitlines()),
        fix="ssoenv trust",
    )


def _heads(line: str, name: str) -> bool:
    pattern = rf"\s*\[\s*profiles\s*\.\s*[\"']?{re.escape(name)}[\"']?\s*\]"
    return re.match(pattern, line) is not None


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _toml(text: str) -> str:
    return tomli_w.dumps({"_": text})[4:].rstrip("\n")
