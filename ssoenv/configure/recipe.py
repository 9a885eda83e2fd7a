"""By which options the profiles of a session are made: typed, and kept in their block.

So a second ``ssoenv configure`` without options makes them anew, as they were made.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ssoenv import policy
from ssoenv.aws_files.profile_blocks import LEGACY, OURS, SETTING
from ssoenv.base.errors import InvalidConfiguration, UsageError
from ssoenv.base.values import dataclass, field
from ssoenv.configure.names import DEFAULT, Naming

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssoenv.base.models import Account

_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d+")
_ROLES = (
    *(*OURS, *LEGACY, "aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
    *(
        "role_arn",
        "source_profile",
        "credential_source",
        "login_session",
        "web_identity_token_file",
    ),
)
"""Keys that decide whose credentials a profile has: those are not for ``--set``."""
_REPEATED = {"--trim": "trim", "--region": "regions", "--set": "settings"}
_ONCE = {"--name": "name", "--separator": "separator"}
_SWITCHES = {"--sso": "sso", "--unique": "unique"}


@dataclass(frozen=True, slots=True)
class Setting:
    """A `key`, or the key `sub` in its nested block, for the roles that `pattern` means."""

    pattern: str
    key: str
    sub: str
    value: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which roles get a profile, how it is called, and what else stands in it.

    `words` filter as in the picker. Each of `regions` makes a profile of its own; without one it
    is that of the session. `settings` are ``PATTERN:key=value``. With `sso` the profiles are those
    of ``aws configure sso``, else they run ssoenv. `unique` lets the account's id into names that
    are not.
    """

    words: tuple[str, ...] = ()
    name: str | None = None
    separator: str | None = None
    trim: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    sso: bool = False
    unique: bool = False
    parsed: tuple[Setting, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check all of it. Raises UsageError."""
        for word in self.options:
            if not word.isprintable():
                raise UsageError(f"{word!r} cannot be written to an AWS config")
        if any(word.startswith("-") for word in self.words):
            raise UsageError("a word to look for cannot begin with a dash")
        self.naming.check()
        object.__setattr__(self, "parsed", tuple(map(_setting, self.settings)))
        for region in self.all_regions:
            if not _REGION.fullmatch(region):
                raise UsageError(f"{region!r} is no AWS region", advice="such as eu-west-1")

    @property
    def naming(self) -> Naming:
        """The rules of its names."""
        separator = "-" if self.separator is None else self.separator
        return Naming(self.name or DEFAULT, separator, self.trim)

    @property
    def all_regions(self) -> tuple[str, ...]:
        """Every region that it names."""
        named = (one.value for one in self.parsed if one.key == "region")
        return tuple(dict.fromkeys((*self.regions, *named)))

    @property
    def options(self) -> tuple[str, ...]:
        """The words behind ``ssoenv configure`` that say it; none where nothing is said."""
        return tuple(self._options())

    def _options(self) -> Iterator[str]:
        yield from self.words
        for flag, name in _ONCE.items():
            value = getattr(self, name)
            if value is not None:
                yield from (flag, value)
        for flag, name in _REPEATED.items():
            for value in getattr(self, name):
                yield from (flag, value)
        yield from (flag for flag, name in _SWITCHES.items() if getattr(self, name))

    def keys(self, account: Account, role: str) -> dict[str, str | dict[str, str]]:
        """Return what the settings say of `role` in `account`; the last one wins."""
        found: dict[str, str | dict[str, str]] = {}
        for one in self.parsed:
            if not policy.is_meant(one.pattern, account, role):
                continue
            if not one.sub:
                found[one.key] = one.value
                continue
            old = found.get(one.key)
            nested = found[one.key] = old if isinstance(old, dict) else {}
            nested[one.sub] = one.value
        return found


def parse(options: Sequence[str]) -> Recipe:
    """Return the recipe that `options` say, as a block has them. Raises InvalidConfiguration."""
    values: dict[str, list[str]] = {}
    switches: set[str] = set()
    words = iter(options)
    for word in words:
        name = _ONCE.get(word) or _REPEATED.get(word)
        if name:
            values.setdefault(name, []).append(next(words, ""))
        elif word in _SWITCHES:
            switches.add(_SWITCHES[word])
        else:
            values.setdefault("words", []).append(word)
    many = {name: tuple(values.get(name, ())) for name in ("words", *_REPEATED.values())}
    once = {name: values[name][0] for name in _ONCE.values() if name in values}
    on = dict.fromkeys(switches, True)
    said: dict[str, Any] = {**many, **once, **on}
    try:
        return Recipe(**said)
    except UsageError as error:
        raise InvalidConfiguration(
            f"the options in ssoenv's block of your AWS config cannot be used: {error.message}",
            advice="say how the profiles are to be made, as in: ssoenv configure --name ...",
        ) from None


def _setting(text: str) -> Setting:
    found = SETTING.fullmatch(text)
    if not found:
        raise UsageError(
            f"--set {text!r} says no key",
            advice="as in --set output=json or --set '*prod*:key=value'",
        )
    pattern, key, sub, value = (part or "" for part in found.groups())
    if key.lower() in _ROLES:
        raise UsageError(f"--set {key}: whose credentials a profile has, its role says")
    return Setting(pattern or "*", key.lower(), sub.lower(), value.strip())
