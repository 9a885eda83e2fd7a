"""The user's AWS config as text and as sections, read as botocore reads it.

Grammar: ``botocore/configloader.py`` (section classes by prefix, names by ``shlex``).
"""

from __future__ import annotations

import configparser
import io
import os
import re
import shlex
import stat
from functools import lru_cache
from typing import TYPE_CHECKING

from ssoenv.aws_files import lines
from ssoenv.base import dialects, paths
from ssoenv.base.errors import InvalidConfiguration

if TYPE_CHECKING:
    from collections.abc import Mapping

Section = dict[str, str]
LIMIT = 16 << 20
"""Bytes of an AWS config that are read at most; a larger one is refused."""


class AwsConfig:
    """A parsed AWS config: sections by class and name, and the line on which each stands.

    `others` are those of no class that we use, such as ``[plugins]``, by their whole header.
    """

    def __init__(self, path: str, text: str) -> None:
        """Parse `text`. Raises InvalidConfiguration for what botocore cannot read either."""
        self.path = path
        parser = configparser.RawConfigParser()
        try:
            parser.read_file(io.StringIO(text, newline=None), path)
        except configparser.Error as error:
            raise _unreadable(path, error) from None
        self.sessions: dict[str, Section] = {}
        self.profiles: dict[str, Section] = {}
        self.others: dict[str, Section] = {}
        self._lines: dict[tuple[str, str], dict[str, int]] = {}
        numbers = _lines(text)
        for header in parser.sections():
            section = dict(parser.items(header))
            self._check_nested(header, section, numbers)
            kind, name = class_and_name(header)
            known = {"sso-session": self.sessions, "profile": self.profiles}.get(kind)
            if known is None or name is None:
                known, kind, name = self.others, "", header
            known[name] = section  # of two spellings of a name, the last one counts
            shared = numbers.get(parser.default_section, {})
            self._lines[kind, name] = shared | numbers.get(header, {})

    def _check_nested(
        self, header: str, section: Section, numbers: Mapping[str, Mapping[str, int]]
    ) -> None:
        """Raise InvalidConfiguration for a nested block that is none: botocore wants k = v."""
        for key, value in section.items():
            if value.startswith("\n") and any(
                "=" not in line for line in value.splitlines() if line.strip()
            ):
                what = f"what stands below {key} in [{header}] has no ="
                raise InvalidConfiguration(
                    f"{self.path} cannot be read by any AWS tool: {what}",
                    problems=(f"{self.path}:{_line(numbers.get(header, {}), key)}: {what}",),
                    advice=f"correct [{header}] in {self.path}",
                )

    def every(self) -> dict[tuple[str, str | None], Section]:
        """Return every section, by class and name; `others` by an empty one and their header."""
        found = {"sso-session": self.sessions, "profile": self.profiles, "": self.others}
        return {(kind, name): said for kind, one in found.items() for name, said in one.items()}

    def source(self, kind: str, name: str, key: str = "") -> str:
        """Return where a section stands, or its `key`, as ``file:line``."""
        return f"{self.path}:{_line(self._lines.get((kind, name), {}), key)}"


parsed = lru_cache(maxsize=2)(AwsConfig)
"""A config of some thousand profiles takes a while to parse, and a command looks several times."""


def read(env: Mapping[str, str]) -> str | None:
    """Return the text of the user's AWS config; None where there is no such file.

    Raises InvalidConfiguration for one that is there and cannot be read: it is not an empty one.
    """
    path = paths.aws_config_file(env)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(path, error.strerror or "an error") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode) and os.path.realpath(path) != os.devnull:
        os.close(descriptor)
        raise _refused(path, "not a file")
    with open(descriptor, "rb") as stream:
        try:
            content = stream.read(LIMIT + 1)
        except OSError as error:
            raise _refused(path, error.strerror or "an error") from None
    if content is None:  # what would have to be waited for, such as /proc/kmsg
        raise _refused(path, "not a plain file")
    if len(content) > LIMIT:
        raise _refused(path, f"larger than {LIMIT >> 20} MiB")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise _refused(path, "not UTF-8") from None


def class_and_name(header: str) -> tuple[str, str | None]:
    """Return the class and name of a section, by prefix, as botocore has it."""
    if header == "default":
        return "profile", "default"
    for kind in ("profile", "sso-session", "services"):
        if header.startswith(kind):
            try:
                # Where nothing is quoted both do the same, and shlex takes 100 times as long.
                words = shlex.split(header) if re.search(r"""['"\\]""", header) else _words(header)
            except ValueError:
                return kind, None
            return kind, words[1] if len(words) == 2 else None
    return "", None


def _words(header: str) -> list[str]:
    return [word for word in re.split(r"[ \t\r\n]+", header) if word]


def _line(numbers: Mapping[str, int], key: str) -> int:
    """Return the line of `key`, of a section with its keys at `numbers`; else of its header."""
    return numbers.get(key) or numbers.get("", 1)


def _lines(text: str) -> dict[str, dict[str, int]]:
    """Return for each header the line of each of its keys, and under "" its own."""
    found: dict[str, dict[str, int]] = {}
    for number, line in enumerate(lines.read(text), 1):
        if line.kind in ("header", "key"):
            found.setdefault(line.header, {}).setdefault(line.key, number)
    return found


def _refused(path: str, why: str) -> InvalidConfiguration:
    return InvalidConfiguration(
        f"your AWS config cannot be read ({why}): {path}", fix=f"ls -l {dialects.word(path)}"
    )


def _unreadable(path: str, error: configparser.Error) -> InvalidConfiguration:
    line = getattr(error, "lineno", None) or 1
    what = {
        configparser.DuplicateSectionError: "a section that stands there twice",
        configparser.DuplicateOptionError: "a key that stands there twice",
        configparser.MissingSectionHeaderError: "text before the first [section]",
    }.get(type(error), "a line that is neither a section nor a key")
    if isinstance(error, configparser.ParsingError) and getattr(error, "errors", None):
        line = error.errors[0][0]
    return InvalidConfiguration(
        f"{path} cannot be read by any AWS tool: {what}",
        problems=(f"{path}:{line}: {what}",),
        advice=f"correct line {line} of {path}",
    )
