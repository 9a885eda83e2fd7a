"""How Typer parses for us: help as our own pages, and what it refuses as our own errors."""

from __future__ import annotations

import os
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from ssoenv import settings
from ssoenv.base import agents, dialects, likely
from ssoenv.base.errors import SsoenvError, UsageError
from ssoenv.cli import manual, mending, pages, screen
from ssoenv.cli.mending import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Typer has its own copy of click since 0.26: whichever it is, its errors descend from this one.
_Refused: type[Exception] = next(
    one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException"
)


_GENERAL = ("--help", "--plain", "--verbose", "--version")
"""Options that stand before a command, or with any."""


CONSENTING: dict[str, tuple[tuple[str, ...], bool]] = {
    "bind": ((), False),
    "login": ((), False),
    "console": (("link",), False),
    "trust": (("only_show",), False),
    "untrust": ((), False),
    "setup": (("show",), False),
    "use": (("save",), True),
    "doctor": (("fix",), True),
    "agents setup": (("write", "undo"), True),
    "configure profiles": (("dry_run",), False),
    "configure session": (("dry_run",), False),
    "configure import": (("dry_run",), False),
    "admin assign": (("dry_run",), False),
    "admin unassign": (("dry_run",), False),
    "admin define": (("dry_run",), False),
    "admin provision": (("dry_run",), False),
    "admin add-user": (("dry_run",), False),
    "admin add-group": (("dry_run",), False),
    "admin join": (("dry_run",), False),
    "admin leave": (("dry_run",), False),
    "admin delete": (("dry_run",), False),
    "admin apply": (("dry_run",), False),
    "admin expire": (("dry_run",), False),
    "admin entitle": (("dry_run",), False),
    "admin disentitle": (("dry_run",), False),
}
"""Command -> the parameters that decide whether it takes a person's yes, and what any is then."""


MAY_BE_EMPTY: dict[str, tuple[str, ...]] = {
    "admin define": ("inline",),
    "configure profiles": ("separator",),
    "exec": ("words",),
    "sandbox run": ("words",),
}
"""Command -> the parameters of which an empty value means something: all others refuse one.

The words of a command that is to be run are its own.
"""


_ALSO_CALLED = {"--role": "--permission-set", "--permission-set": "--role"}
"""What one option is called where the other one is not known: the letters are not alike."""


class _Interrupted(Exception):
    """Ctrl-C on its way through Typer, which else makes a mere exit code of it."""

    def __init__(self, by: KeyboardInterrupt) -> None:
        super().__init__()
        self.by = by


class Command(TyperCommand):
    """A command whose help is its page, and which no agent runs where it takes a person's yes."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands behind the command. Raises UsageError for a value that is empty.

        That comes of a variable which a script has not set, and is neither a value nor none.
        """
        for parameter in _empty(self, ctx, args):
            if parameter.name not in MAY_BE_EMPTY.get(path_of(ctx), ()):
                is_option = parameter.param_type_name == "option"
                raise empty(
                    path_of(ctx),
                    max(parameter.opts, key=len) if is_option else pages.metavar(parameter),
                )
        try:
            return super().parse_args(ctx, args)
        except SsoenvError as error:
            raise mending.mended(error, ctx) from None

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises SsoenvError where an agent would say yes by it."""
        name = path_of(ctx)
        parameters, consents = CONSENTING.get(name, ((), True))
        if any(ctx.params.get(one) for one in parameters) == consents:
            words = [word for word in ctx.find_root().obj if word not in ("--yes", "-y")]
            # A sign-in is what the settings of an agent have it run for itself (awsAuthRefresh).
            signs_in = name == "login"
            agent = settings.agent(os.environ, for_itself=signs_in)
            agents.require_person(agent, dialects.line(["ssoenv", *words]), signs_in=signs_in)
        try:
            return super().invoke(ctx)
        except SsoenvError as error:
            mending.mended(error, ctx)
            raise
        except KeyboardInterrupt as left:
            raise _Interrupted(left) from None

    def get_help(self, ctx: Any) -> str:
        """Return the page."""
        return pages.render(pages.page(self, path_of(ctx)), screen.columns())


class Group(TyperGroup):
    """Commands below a name; its help is its page, and an unknown command is an error of ours."""

    def get_help(self, ctx: Any) -> str:
        """Return the page."""
        return pages.render(pages.page(self, path_of(ctx)), screen.columns())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the command. Raises UsageError where there is none.

        A word for the command that the group is by itself is taken for another, misspelt, only if
        that is almost sure.
        """
        alone = next(
            (name for name in self.commands if f"{path_of(ctx)} {name}" in manual.ALONE), ""
        )
        if alone and (not args or args[0] not in (*self.commands, "-h", "--help")):
            others = [name for name in self.commands if name != alone]
            if args and likely.closest(args[0], others, likely.ALMOST_SURE):
                raise unknown(args[0], ctx, others, _line(path_of(ctx), "--help"))
            args = [alone, *args]
        if not args and path_of(ctx) and not self.invoke_without_command:
            raise UsageError(f"{path_of(ctx)} needs a command", fix=f"ssoenv {path_of(ctx)} --help")
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that `args` begins with. Raises UsageError with the likely one."""
        if args[0] not in self.commands:
            known = self.commands if path_of(ctx) else manual.COMMANDS
            below = [one for one in manual.SUBCOMMANDS if one.rpartition(" ")[2] == args[0]]
            if len(below) == 1 and not path_of(ctx):
                raise _below(args[0], below[0], ctx)
            raise unknown(args[0], ctx, known, _line(path_of(ctx), "--help"))
        return super().resolve_command(ctx, args)


def unknown(name: str, context: Any, known: Iterable[str], instead: str) -> UsageError:
    """Return the error for a command `name` that is not among those `known`, with the likely one.

    `instead` is what to run where none is likely.
    """
    return _likely(f"no command {name!r}", {name: list(known)}, context, instead)


def _below(name: str, path: str, context: Any) -> UsageError:
    """Return the error for a command `name` that is called by the words of its `path` alone."""
    words = list(context.find_root().obj)
    place = words.index(name)
    words[place : place + 1] = path.split()
    return UsageError(
        f"no command {name!r}; did you mean {path}?", fix=f"ssoenv {dialects.line(words)}"
    )


def empty(path: str, what: str) -> UsageError:
    """Return the error for `what`, an option or an argument of the command of `path`."""
    return UsageError(
        f"{path}: {what} is empty",
        fix=_line(path, "--help"),
        advice="leave it out, or say what is meant",
    )


def _empty(command: Any, context: Any, args: list[str]) -> list[Any]:
    """Return the parameters that have an empty value in `args`; none where those do not parse."""
    try:
        values, _, _ = command.make_parser(context).parse_args(list(args))
    except _Refused:
        return []
    return [
        one
        for one in command.params
        if "" in (said if isinstance(said := values.get(one.name), (list, tuple)) else (said,))
    ]


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
    except _Interrupted as left:
        raise left.by from None
    except _Refused as refused:
        raise _as_ours(refused, arguments) from None
    return code if isinstance(code, int) else 0


def typed(context: typer.Context, *options: str) -> str:
    """Return the command line of `context`, as it can be typed again, with more `options`.

    What stands behind `--` is no option.
    """
    words = list(context.obj)
    end = words.index("--") if "--" in words else len(words)
    return dialects.line(["ssoenv", *words[:end], *options, *words[end:]])


def finite(value: float) -> float:
    """Return a number of seconds. Raises UsageError for "nan", which is less than nothing else."""
    if value != value:  # noqa: PLR0124 - that is how one knows it
        raise UsageError("--timeout nan: seconds are a number", fix="ssoenv help admin assign")
    return value


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
    path = path_of(refused.ctx) if refused.ctx else named
    if getattr(refused, "option_name", None) and hasattr(refused, "possibilities"):
        return _unknown_option(refused, path)
    text = refused.format_message().rstrip(".")
    what = f"{path}: {text[:1].lower()}{text[1:]}".lstrip(": ")
    if text.startswith("Missing argument"):
        what = f"{path} needs {pages.metavar(refused.param)}"
    return UsageError(what, fix=_line(path, "--help"))


def _unknown_option(refused: Any, path: str) -> UsageError:
    """Return the error for an option that the command of `path` has not; all such are corrected."""
    options = pages.page(refused.ctx.command, path).options
    known = [flag for one in options for flag in one.flags]
    typed = takewhile(lambda word: word != "--", refused.ctx.find_root().obj)
    flags = [word.partition("=")[0] for word in typed if word.startswith("--")]
    wrong = [refused.option_name, *(flag for flag in flags if flag not in (*known, *_GENERAL))]
    what = f"{path or 'ssoenv'} has no option {refused.option_name}"
    given = [word for word in refused.ctx.find_root().obj if not word.startswith("-")]
    if len(given) - len(path.split()) < _arguments_needed(refused.ctx.command):
        return UsageError(what, fix=_line(path, "--help"))
    return _likely(what, dict.fromkeys(wrong, known), refused.ctx, _line(path, "--help"))


def _arguments_needed(command: Any) -> int:
    """Return how many arguments `command` does not do without."""
    return sum(one.required and one.param_type_name == "argument" for one in command.params)


def _likely(
    what: str, wrong: Mapping[str, Sequence[str]], context: Any, instead: str
) -> UsageError:
    """Return the error `what`: for each word that is `wrong` one of those known may be meant.

    It tells the likely one of the first, and proposes the whole command line with all of them in
    their places, or `instead` where none is likely.
    """
    close = {
        word: also if (also := _ALSO_CALLED.get(word)) in known else likely.closest(word, known)
        for word, known in wrong.items()
    }
    first = next(iter(close.values()))
    if not first:
        return UsageError(what, fix=instead)
    meant_by = {word: found for word, found in close.items() if found}
    words = mending.corrected(context, meant_by)
    meant = f"{what}; did you mean {first}?"
    line = dialects.line(["ssoenv", *words])
    shown = _parses(words, context) and mending.can_be_shown(line)
    return UsageError(meant, fix=line if shown else instead)


def _parses(words: list[str], context: Any) -> bool:
    """Whether `words`, a line for the command of `context`, has for each option what it takes."""
    path = path_of(context).split()
    behind = words[words.index(path[-1]) + 1 :] if path and path[-1] in words else words
    try:
        context.command.make_parser(context).parse_args(list(behind))
    except _Refused:
        return False
    return True


def _line(path: str, word: str) -> str:
    """Return the command line of `word` behind the words of `path`."""
    words = f"{path} {word}".lstrip()
    return f"ssoenv {words}"
