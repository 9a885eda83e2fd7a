"""The page of a command: what ``--help`` prints, and what man pages and completions are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ssoenv.base.values import dataclass
from ssoenv.cli import layout, manual

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MORE = "More: ssoenv help COMMAND, ssoenv help exit-codes, man ssoenv"
WIDEST = 80
HELP = "Show this help."


@dataclass(frozen=True, slots=True)
class Option:
    """An option: its `flags`, short ones first, what it `takes` (a switch: nothing), its `help`."""

    flags: tuple[str, ...]
    takes: str
    help: str
    default: str = ""
    repeated: bool = False

    @property
    def spelled(self) -> str:
        """The option as a person reads it: ``-a, --account NAME``."""
        return f"{', '.join(self.flags)} {self.takes}".rstrip()

    @property
    def told(self) -> str:
        """What it does, and what holds without it."""
        return f"{self.help} [default: {self.default}]" if self.default else self.help


@dataclass(frozen=True, slots=True)
class Page:
    """Everything to say about one command; `path` is its words after ``ssoenv``."""

    path: str
    summary: str
    arguments: tuple[tuple[str, str], ...]
    options: tuple[Option, ...]
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """Headings, and the names and summaries of the commands below each."""
    examples: tuple[tuple[str, str], ...]

    @property
    def usage(self) -> str:
        """How it is called."""
        words = ["ssoenv", self.path, "[OPTIONS]", *[name for name, _ in self.arguments]]
        return " ".join([word for word in words if word] + ["COMMAND ..."] * bool(self.sections))


def page(command: Any, path: str) -> Page:
    """Return the page of a parsed `command` of Typer's, which is called by the words of `path`."""
    entry = manual.COMMANDS.get(path) or manual.SUBCOMMANDS.get(path)
    own = _alone(command, path)
    return Page(
        path,
        entry.summary if entry else manual.PURPOSE,
        tuple(
            (metavar(one), one.help or "")
            for one in own.params
            if one.param_type_name == "argument" and not one.hidden
        ),
        (*_options(own), Option(("-h", "--help"), "", HELP)),
        tuple(_sections(command, path)),
        entry.examples if entry else (),
    )


def _alone(command: Any, path: str) -> Any:
    """Return what `command` is by itself: one of those below it, if so it is."""
    below = getattr(command, "commands", {})
    return next((one for name, one in below.items() if f"{path} {name}" in manual.ALONE), command)


def exit_codes() -> list[tuple[str, str]]:
    """Return the exit codes, and what each means."""
    return [(str(code), meaning) for code, meaning in manual.EXIT_CODES.items()]


def render(one: Page, columns: int) -> str:
    """Return the page as plain text for a terminal of so many columns."""
    width = min(columns, WIDEST) - 1
    blocks = [
        layout.fill(f"Usage: {one.usage}", width, hang=7),
        layout.fill(one.summary, width, hang=0),
        _block("Arguments", [row for row in one.arguments if row[1]], width),
        *[_block(title, list(rows), width) for title, rows in one.sections],
        _block("Options", [(option.spelled, option.told) for option in one.options], width),
        _examples(one.examples, width),
        "" if one.path else layout.fill(MORE, width),
    ]
    return "\n\n".join(block for block in blocks if block)


def render_exit_codes(columns: int) -> str:
    """Return the table of exit codes as plain text for a terminal of so many columns."""
    width = min(columns, WIDEST) - 1
    note = layout.fill(manual.EXIT_CODES_NOTE, width, hang=0)
    return f"{_block('Exit codes', exit_codes(), width)}\n\n{note}"


def _block(title: str, rows: list[tuple[str, str]], width: int) -> str:
    return "\n".join([f"{title}:", *layout.table(rows, width)]) if rows else ""


def _examples(rows: Sequence[tuple[str, str]], width: int) -> str:
    lines = [line for row in rows for line in _example(row, width)]
    return "\n".join(["Examples:", *lines]) if rows else ""


def _example(row: tuple[str, str], width: int) -> Iterator[str]:
    why, line = row
    yield layout.fill(f"  # {why}", width, hang=4)
    yield layout.fill_command(f"  {line}", width, hang=6)


def _options(command: Any) -> Iterator[Option]:
    for one in command.params:
        if one.param_type_name == "option" and not one.hidden:
            flags = sorted([*one.opts, *one.secondary_opts], key=lambda flag: flag[:2] == "--")
            takes = "" if one.is_flag else metavar(one)
            default = str(one.default or "") if takes else ""
            yield Option(tuple(flags), takes, one.help or "", default, one.multiple)


def metavar(parameter: Any) -> str:
    """Return what stands for a value: in brackets an argument that may be left out."""
    if parameter.param_type_name == "option":
        name = "N" if "int" in parameter.type.name else max(parameter.opts, key=len).lstrip("-")
        return str(parameter.metavar or name.upper())
    name = parameter.metavar or (parameter.name or "").upper()
    return str(name) if parameter.required or name.startswith("[") else f"[{name}]"


def _sections(command: Any, path: str) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    if not path:
        for title, entries in manual.SECTIONS.items():
            yield title, tuple((name, entry.summary) for name, entry in entries.items())
    elif hasattr(command, "commands"):
        rows = (
            (name, manual.SUBCOMMANDS[f"{path} {name}"].summary)
            for name in command.commands
            if f"{path} {name}" not in manual.ALONE
        )
        yield "Commands", tuple(rows)
