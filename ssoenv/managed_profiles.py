"""What we write to the user's AWS config: profiles between our markers, sessions they confirmed.

Every other byte of the file stays as it is, and so do its mode and the link that it may be.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv import aws_config, files, paths
from ssoenv.errors import InvalidConfiguration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ssoenv.models import Session

BEGIN = "# >>> ssoenv: profiles that it manages, do not edit >>>"
END = "# <<< ssoenv <<<"
_BLOCK = re.compile(
    rf"(?:\r?\n)?^{re.escape(BEGIN)}\r?\n(.*?)^{re.escape(END)}[ \t]*(?:\r?\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
_SECTION = re.compile(r"^\[profile (.+?)\][ \t]*\r?\n((?:(?!\[|#).*\r?\n)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ManagedProfile:
    """A profile whose credentials are ours to fetch: `command` is its credential_process."""

    name: str
    command: tuple[str, ...]

    def render(self) -> str:
        """Return the section, as botocore's ``shlex.split`` reads it back."""
        words = " ".join(_quote(word) for word in self.command)
        return f"[profile {_section_word(self.name)}]\ncredential_process = {words}\n"


def publish(env: Mapping[str, str], profiles: Iterable[ManagedProfile]) -> None:
    """Add or replace `profiles` between our markers. Raises InvalidConfiguration or OSError."""
    wanted = {profile.name: profile.render() for profile in profiles}

    def change(sections: dict[str, str]) -> dict[str, str]:
        return sections | wanted

    _rewrite(env, change)


def load(env: Mapping[str, str]) -> tuple[ManagedProfile, ...]:
    """Return the profiles between our markers. Raises InvalidConfiguration."""
    content = files.read_bytes(paths.aws_config_file(env), limit=64 << 20) or b""
    text = content.decode("utf-8", "surrogateescape")
    found = []
    for name, section in _sections(text).items():
        _, _, command = section.partition("credential_process = ")
        found.append(ManagedProfile(name, tuple(shlex.split(command.partition("\n")[0]))))
    return tuple(found)


def retract(env: Mapping[str, str], names: Iterable[str]) -> None:
    """Remove the profiles `names` from between our markers."""
    gone = set(names)

    def change(sections: dict[str, str]) -> dict[str, str]:
        return {name: text for name, text in sections.items() if name not in gone}

    _rewrite(env, change)


def append_session(env: Mapping[str, str], session: Session) -> None:
    """Write an ``[sso-session]`` that the user has confirmed, before our own block."""
    if session.name is None:
        raise ValueError("a legacy session has no section of its own")
    lines = [
        f"[sso-session {_section_word(session.name)}]",
        f"sso_start_url = {session.start_url}",
        f"sso_region = {session.region}",
    ]
    if session.scopes:
        lines.append(f"sso_registration_scopes = {', '.join(session.scopes)}")
    if any("\n" in line or "\r" in line for line in lines):
        raise ValueError("a session cannot span lines")
    section = "\n".join([*lines, ""])
    _edit(env, lambda text: _with_block(_append(_without_block(text), section), _sections(text)))


def _rewrite(env: Mapping[str, str], change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    def edit(text: str) -> str:
        before = _sections(text)
        after = change(before)
        if after == before:
            return text
        _refuse_foreign(env, _without_block(text), after)
        return _with_block(_without_block(text), after)

    _edit(env, edit)


def _edit(env: Mapping[str, str], edit: Callable[[str], str]) -> None:
    """Replace the config by what `edit` makes of it, if it can be read before and after."""
    path = os.path.realpath(paths.aws_config_file(env))
    with files.Lock(f"{paths.state(env)}/locks/aws-config"):
        content = files.read_bytes(path, limit=64 << 20)
        text = (content or b"").decode("utf-8", "surrogateescape")
        aws_config.AwsConfig(path, text)
        edited = edit(text)
        if edited == text:
            return
        aws_config.AwsConfig(path, edited)
        mode = 0o600 if content is None else os.stat(path).st_mode & 0o777
        files.write_private(path, edited.encode("utf-8", "surrogateescape"), mode=mode)


def _sections(text: str) -> dict[str, str]:
    """Return the sections between our markers, by profile name."""
    block = _BLOCK.search(text)
    if not block:
        if BEGIN in text:
            raise InvalidConfiguration(
                "the end of ssoenv's block in your AWS config is gone",
                advice=f"put a line {END!r} where the block ends",
            )
        return {}
    body = block[1].replace("\r\n", "\n")
    return {
        shlex.split(name)[0]: f"[profile {name}]\n{rest}" for name, rest in _SECTION.findall(body)
    }


def _without_block(text: str) -> str:
    return _BLOCK.sub("", text, count=1)


def _with_block(text: str, sections: dict[str, str]) -> str:
    if not sections:
        return text
    return _append(
        text, "\n".join([BEGIN, *(sections[name] for name in sorted(sections)), END, ""])
    )


def _append(text: str, section: str) -> str:
    """Put `section` at the end, one empty line apart, in the line ends of the file."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if text and not text.endswith("\n"):
        text += newline
    gap = newline if text else ""
    return text + gap + section.replace("\n", newline)


def _refuse_foreign(env: Mapping[str, str], text: str, wanted: Mapping[str, str]) -> None:
    theirs = aws_config.AwsConfig(paths.aws_config_file(env), text).profiles
    for name in wanted:
        if name in theirs:
            raise InvalidConfiguration(
                f"your AWS config has a [profile {name}] of its own, and that name is ssoenv's",
                advice=f"rename or remove [profile {name}]",
            )


def _section_word(name: str) -> str:
    return shlex.quote(name) if re.search(r"[^\w.+@=,%:/-]", name, re.ASCII) else name


def _quote(word: str) -> str:
    """Quote in double quotes, which Windows' rules and POSIX's read alike."""
    if re.fullmatch(r"[\w@%+=:,./-]+", word, re.ASCII):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
