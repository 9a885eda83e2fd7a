"""How Typer parses for us: help as our own pages, and what it refuses as our own errors."""

from __future__ import annotations

import difflib
import shlex
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from ssoenv.base.errors import UsageError
from ssoenv.cli import manual, pages, screen

if TYPE_CHECKING:
    from collections.abc import Iterable

# Typer has its own copy of click since 0.26: whichever it is, its errors descend from this one.
_Refused: type[Exception] = next(
    one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException"
)


class Command(TyperCommand):
    """A command whose help is its page."""

    def get_help(self, ctx: Any) -> str:
        """Return the page."""
        return pages.render(pages.page(self, _path(ctx)), screen.columns())


class Group(TyperGroup):
    """Commands below a name; its help is its page, and an unknown command is an error of ours."""

    def get_help(self, ctx: Any) -> str:
        """Return the page."""
        return pages.render(pages.page(self, _path(ctx)), screen.columns())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the command. Raises UsageError where there is none."""
        if not args and _path(ctx):
            raise UsageError(f"{_path(ctx)} needs a command", fix=f"ssoenv {_path(ctx)} --help")
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that `args` begins with. Raises UsageError with the likely one."""
        if args[0] not in self.commands:
            raise unknown(args[0], _path(ctx), self.commands if _path(ctx) else manual.COMMANDS)
        return super().resolve_command(ctx, args)


def unknown(name: str, path: str, known: Iterable[str]) -> UsageError:
    """Return the error for a command `name` that is not below `path`, with the likely one."""
    return _likely(f"no command {name!r}", name, known, path)


def run(app: typer.Typer, arguments: list[str]) -> int:
    """Parse `arguments` and run what they say; return the exit code.

    Raises UsageError for what cannot be parsed, and whatever the command raises.
    """
    command: Any = typer.main.get_command(app)
    try:
        code = command.main(
            arguments, prog_name="ssoenv", standalone_mode=False, obj=tuple(arguments)
        )
    except typer.Abort:
        raise KeyboardInterrupt from None
    except _Refused as refused:
        raise _as_ours(refused, arguments) from None
    return code if isinstance(code, int) else 0


def typed(context: typer.Context) -> str:
    """Return the command line of `context`, as it can be typed again."""
    return shlex.join(["ssoenv", *context.obj])


def helpful(app: typer.Typer) -> None:
    """Give every command of `app` that has no class of its own the help that we write."""
    app.info.cls = Group
    for info in app.registered_commands:
        if info.cls in (None, TyperCommand):
            info.cls = Command
    for group in app.registered_groups:
        group.cls = Group
        if group.typer_instance:
            helpful(group.typer_instance)


def _as_ours(refused: Any, arguments: list[str]) -> UsageError:
    """Return our error for one of click's."""
    named = next((word for word in arguments if word in manual.COMMANDS), "")
    path = _path(refused.ctx) if refused.ctx else named
    option = getattr(refused, "option_name", None)
    if option and hasattr(refused, "possibilities"):
        options = pages.page(refused.ctx.command, path).options
        known = [flag for one in options for flag in one.flags]
        return _likely(f"{path or 'ssoenv'} has no option {option}", option, known, path)
    text = refused.format_message().rstrip(".")
    what = f"{path}: {text[:1].lower()}{text[1:]}".lstrip(": ")
    if text.startswith("Missing argument"):
        what = f"{path} needs {pages.metavar(refused.param)}"
    return UsageError(what, fix=_line(path, "--help"))


def _likely(what: str, word: str, known: Iterable[str], path: str) -> UsageError:
    """Return the error `what`, with the one of the `known` words that was meant for `word`."""
    found = difflib.get_close_matches(word, list(known), 1)
    if not found:
        return UsageError(what, fix=_line(path, "--help"))
    return UsageError(f"{what}; did you mean {found[0]}?", fix=_line(path, found[0]))


def _line(path: str, word: str) -> str:
    """Return the command line of `word` behind the words of `path`."""
    words = f"{path} {word}".lstrip()
    return f"ssoenv {words}"


def _path(ctx: Any) -> str:
    """Return the words of a command after ``ssoenv``."""
    return str(ctx.command_path).partition(" ")[2]
