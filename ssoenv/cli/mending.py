"""What mends a line that was typed: that very line, with what was meant, or without too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssoenv.base import dialects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.errors import SsoenvError

KEPT: dict[str, tuple[str, ...]] = {"admin": ("profile", "session", "region", "instance")}
"""Group -> the options of its commands that stay in what to try next, one of that group again.

The profile is whose credentials they are: what is tried with others does without.
"""


_OF_SESSION = ("ssoenv roles", "ssoenv bind", "ssoenv configure")
"""Commands of one session: that which was named stays in what to try next."""
_RUNNING = ("exec", "sandbox run")
"""Commands whose last `words` are another command, where no ``--`` stands before that."""
_LONGEST = 400
"""So many letters may a line have that is proposed."""
_FOR_THE_HOOK = "--answer"
"""The option of what a hook has typed for a person."""


def with_kept(fix: str | None, ctx: Any) -> str | None:
    """Return `fix`, which is tried next, with the options of `ctx` that stay in it."""
    group = path_of(ctx).partition(" ")[0]
    if fix is None or group not in KEPT:
        return _with_session(fix, ctx) if fix else None
    if f"ssoenv {group} " not in fix:
        return fix
    words = [fix]
    for name in KEPT[group]:
        value, flag = ctx.params.get(name), f"--{name}"
        others = name == "profile" and fix.startswith("ssoenv exec ")
        if isinstance(value, str) and f" {flag} " not in fix and not others:
            words.append(f"{flag} {dialects.word(value)}")
    return " ".join(words)


def _with_session(fix: str, ctx: Any) -> str:
    """Return `fix` for the one session that was named, if it is of one, and names none itself."""
    said = ctx.params.get("session") or ()
    names = (said,) if isinstance(said, str) else tuple(said)
    if not fix.startswith(_OF_SESSION) or "--session" in fix or len(names) != 1:
        return fix
    ssoenv, command, *more = fix.split(" ", 2)
    return " ".join([ssoenv, command, f"--session {dialects.word(names[0])}", *more])


def mended(error: SsoenvError, context: Any) -> SsoenvError:
    """Return `error` with what mends the line that was typed, where that can be told."""
    fix = _as_meant(error, context) or _without(error, context)
    error.fix = fix or with_kept(error.fix, context)
    return error


def _as_meant(error: SsoenvError, context: Any) -> str | None:
    """Return the line that was typed, with what was likely meant in place of the wrong word.

    None where nothing is likely, or where the word is not in that line, as where a file has it. The
    words of a command that is to be run are never touched.
    """
    if error.meant is None:
        return None
    ours, theirs = _own_words(context)
    better = [_with(word, *error.meant) for word in ours]
    changed = sum(one != other for one, other in zip(ours, better, strict=True))
    return _shown(better, theirs) if changed == 1 else None


def _without(error: SsoenvError, context: Any) -> str | None:
    """Return the line that was typed without the options that are too much; None for none."""
    ours, theirs = _own_words(context)
    wrong = [one for one in context.command.params if set(one.opts) & set(error.too_much)]
    options = [one for one in wrong if one.param_type_name == "option"]
    takes_value = {flag: not one.is_flag for one in options for flag in one.opts}
    takes_value |= {context.params[one.name]: False for one in wrong if one not in options}
    kept: list[str] = []
    words = iter(ours)
    for word in words:
        flag, equals, _ = word.partition("=")
        if flag not in takes_value:
            kept.append(word)
        elif takes_value[flag] and not equals:
            next(words, None)
    return _shown(kept, theirs) if len(kept) < len(ours) else None


def corrected(context: Any, meant_by: Mapping[str, str]) -> list[str]:
    """Return the words that were typed, commands and options as they were likely meant.

    Not those of a command that is to be run: where no ``--`` stands before that, it begins
    somewhere behind the first wrong word.
    """
    typed = list(context.find_root().obj)
    end = typed.index("--") if "--" in typed else len(typed)
    once = end == len(typed) and path_of(context) in _RUNNING
    left = dict(meant_by)
    for place, word in enumerate(typed[:end]):
        flag, equals, value = word.partition("=")
        typed[place] = f"{left.get(flag, flag)}{equals}{value}"
        if once or not flag.startswith("-"):
            left.pop(flag, None)
    return typed


def _own_words(context: Any) -> tuple[list[str], list[str]]:
    """Return the words that were typed; those of a command that is to be run are apart."""
    words = [word for word in context.find_root().obj if word != _FOR_THE_HOOK]
    end = len(words)
    if "--" in words:
        end = words.index("--")
    elif path_of(context) in _RUNNING:  # all may be theirs, where that is not parsed yet
        end -= len(context.params.get("words", words) or ())
    return words[:end], words[end:]


def _shown(ours: list[str], theirs: list[str]) -> str | None:
    line = dialects.line(["ssoenv", *ours, *theirs])
    return line if can_be_shown(line) else None


def can_be_shown(line: str) -> bool:
    """Whether a person can read `line`, and copy it from a terminal: a script in it may be long."""
    return len(line) <= _LONGEST and line.isprintable()


def _with(word: str, wrong: str, meant: str) -> str:
    """Return `word`, perhaps ACCOUNT/ROLE or an option with its value, `meant` for `wrong`."""
    if word == wrong:
        return meant
    for sign in ("=", "/", ","):
        before, found, behind = word.partition(sign) if sign == "=" else word.rpartition(sign)
        if found and wrong in (before, behind):
            return f"{_with(before, wrong, meant)}{found}{_with(behind, wrong, meant)}"
    return word


def path_of(ctx: Any) -> str:
    """Return the words of a command after ``ssoenv``."""
    return str(ctx.command_path).partition(" ")[2]
