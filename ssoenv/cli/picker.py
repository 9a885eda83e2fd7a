"""The picker: type a few letters, see what is left, press Enter. Rows are drawn only when seen.

On a terminal that cannot move its cursor (``TERM=dumb``), and for who asks for plain text, the same
choice is made line by line.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from ssoenv.base.errors import Cancelled, UsageError
from ssoenv.cli import screen
from ssoenv.cli.rows import fit, likeliest, matching, widths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prompt_toolkit.application import Application
    from prompt_toolkit.data_structures import Size
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.layout import Layout, Window
    from prompt_toolkit.output import Output

    from ssoenv.cli.rows import Row

INVITATION = "type a few letters"
CHOSEN = "=>"
"""What stands before the chosen row: to be seen without any colour, too."""
VISIBLE = 15
"""How many rows are on the screen at most."""
PLAIN_ROWS = 20
NOTHING_PICKED = "nothing was picked"
_STEPS = {
    **dict.fromkeys(("up", "c-p", "s-tab"), -1),
    **dict.fromkeys(("down", "c-n", "tab"), 1),
    "pageup": -VISIBLE,
    "pagedown": VISIBLE,
}
_STYLES = {
    "question": "bold",
    "chosen": "reverse",
    "beware": "ansired",
    "faint": "ansibrightblack",
}


def pick(question: str, rows: Sequence[Row], *, instead: str) -> int:
    """Return the index of the row that the person picks; `instead` is what to run without one.

    Raises UsageError where nobody can be asked or nothing is there, Cancelled on Esc and Ctrl-C.
    """
    if not screen.interactive():
        raise UsageError(f"{question} nobody is here to pick", fix=instead)
    if not rows:
        raise UsageError(f"{question} there is nothing to pick from", fix=instead)
    screen.forget_typed()
    if screen.plain():
        found = _pick_by_line(question, rows)
    else:
        from questionary import Question

        found = Question(_Picker(question, rows).application()).unsafe_ask(patch_stdout=False)
    # What is asked next is about this choice, so it stays in sight.
    screen.write(sys.stderr, f"{question} {'  '.join(rows[found].columns)}")
    return found


def _size() -> Size:
    from prompt_toolkit.data_structures import Size

    columns, lines = shutil.get_terminal_size()
    return Size(rows=lines, columns=columns)


class _Picker:
    """What is typed, what matches it, and which of that is chosen."""

    def __init__(self, question: str, rows: Sequence[Row]) -> None:
        self.question, self.rows = question, rows
        self.columns = widths(rows)
        self._filter("")

    def application(self) -> Application[int]:
        """Return the prompt: a line to type in, and under it the rows that match."""
        from prompt_toolkit.application import Application
        from prompt_toolkit.styles import Style

        plain = bool(os.environ.get("NO_COLOR"))
        return Application(
            layout=self._layout(),
            key_bindings=self._keys(),
            style=Style.from_dict({} if plain else _STYLES),
            output=_output(plain=plain),
            erase_when_done=True,
        )

    def _layout(self) -> Layout:
        from prompt_toolkit.layout import HSplit, Layout, VSplit, Window
        from prompt_toolkit.layout.controls import FormattedTextControl

        head = f"{self.question} "
        asked = Window(FormattedTextControl([("class:question", head)]), width=len(head), height=1)
        typed = self._typed()
        listing = Window(FormattedTextControl(self._draw), height=self._height, wrap_lines=False)
        status = Window(FormattedTextControl(self._status), height=1)
        return Layout(HSplit([VSplit([asked, typed]), listing, status]), focused_element=typed)

    def _typed(self) -> Window:
        """Return the line to type in, which says so while it is empty."""
        from prompt_toolkit.buffer import Buffer
        from prompt_toolkit.filters import Condition
        from prompt_toolkit.layout import Window
        from prompt_toolkit.layout.controls import BufferControl
        from prompt_toolkit.layout.processors import AfterInput, ConditionalProcessor

        query = Buffer(multiline=False, on_text_changed=lambda buffer: self._filter(buffer.text))
        invitation = ConditionalProcessor(
            AfterInput(INVITATION, "class:faint"), Condition(lambda: not query.text)
        )
        return Window(BufferControl(query, input_processors=[invitation]), height=1)

    def _filter(self, query: str) -> None:
        self.found = matching(self.rows, query)
        self.chosen, self.first = likeliest(self.rows, self.found), 0

    def _height(self) -> int:
        free = shutil.get_terminal_size().lines - 4
        return max(1, min(VISIBLE, free, len(self.found)))

    def _draw(self) -> StyleAndTextTuples:
        height, width = self._height(), shutil.get_terminal_size().columns - 5
        self.first = min(max(self.first, self.chosen - height + 1), self.chosen)
        lines: StyleAndTextTuples = []
        for place in range(self.first, min(self.first + height, len(self.found))):
            row = self.rows[self.found[place]]
            here = place == self.chosen
            style = "class:chosen" if here else "class:beware" if row.beware else ""
            marks = f"{CHOSEN if here else '  '}{'!' if row.beware else ' '}"
            lines.append((style, f"{marks} {fit(row, self.columns, width)}\n"))
        return lines

    def _status(self) -> StyleAndTextTuples:
        many = f"{len(self.found)} of {len(self.rows)}"
        text = (
            f"  {many} · Enter picks · Esc leaves"
            if self.found
            else "  nothing matches; Esc leaves"
        )
        width = shutil.get_terminal_size().columns
        return [("class:faint", text[: width - 1])]

    def _move(self, by: int) -> None:
        self.chosen = min(max(0, self.chosen + by), max(0, len(self.found) - 1))

    def _keys(self) -> KeyBindings:
        from prompt_toolkit.key_binding import KeyBindings

        keys = KeyBindings()
        far = len(self.rows)
        for key, by in (_STEPS | {"home": -far, "end": far}).items():
            keys.add(key)(lambda _, by=by: self._move(by))
        keys.add("enter")(self._take)
        for key in ("c-c", "c-d"):
            keys.add(key)(_leave)
        keys.add("escape", eager=True)(_leave)
        return keys

    def _take(self, event: KeyPressEvent) -> None:
        if self.found:
            event.app.exit(result=self.found[self.chosen])


def _leave(event: KeyPressEvent) -> None:
    event.app.exit(exception=Cancelled(NOTHING_PICKED))


def _output(*, plain: bool) -> Output:
    from prompt_toolkit.output import ColorDepth
    from prompt_toolkit.output.vt100 import Vt100_Output

    return Vt100_Output(
        sys.stderr,
        _size,
        term=os.environ.get("TERM"),
        default_color_depth=ColorDepth.DEPTH_1_BIT if plain else None,
        enable_cpr=False,  # a terminal that does not answer would be waited for
    )


def _pick_by_line(question: str, rows: Sequence[Row]) -> int:
    """Ask for words until a number is given; what is listed can be read aloud line by line."""
    found = list(range(len(rows)))
    while True:
        shown = found[:PLAIN_ROWS]
        _list(rows, shown, more=len(found) - len(shown))
        words = f"{question} a number, or words to look for: "
        line = screen.read_answer(words, sys.stdin, sys.stderr)
        if not line:
            raise Cancelled(NOTHING_PICKED)
        if line.isdigit() and 1 <= int(line) <= len(shown):
            return shown[int(line) - 1]
        found = matching(rows, line)
        if not found:
            screen.note("nothing matches")
            found = list(range(len(rows)))


def _list(rows: Sequence[Row], shown: Sequence[int], *, more: int) -> None:
    columns = widths(rows)
    for number, index in enumerate(shown, 1):
        beware = " (protected)" if rows[index].beware else ""
        screen.note(f"{number}. {fit(rows[index], columns, 10_000)}{beware}")
    if more:
        screen.note(f"and {more} more")
