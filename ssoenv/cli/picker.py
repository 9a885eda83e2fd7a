"""The picker: type a few letters, see what is left, press Enter. Rows are drawn only when seen.

On a terminal that cannot move its cursor (``TERM=dumb``), and for who asks for plain text, the same
choice is made line by line.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sys
import time
from typing import TYPE_CHECKING

from ssoenv.base import background
from ssoenv.base.errors import Cancelled, SsoenvError, UsageError
from ssoenv.cli import layout, screen
from ssoenv.cli.rows import fit, likeliest, matching, place_of, widths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prompt_toolkit.application import Application
    from prompt_toolkit.data_structures import Size
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.layout import Layout, Window
    from prompt_toolkit.output import Output

    from ssoenv.cli.offer import Offer
    from ssoenv.cli.rows import Row

INVITATION = "type a few letters"
CHOSEN = "=>"
"""What stands before the chosen row: to be seen without any colour, too."""
VISIBLE = 15
"""How many rows are on the screen at most."""
ROOMY = 64
"""In a terminal of so many columns every key can be named."""
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


EVERY = 0.2
"""Seconds between two looks at whether more rows have come."""
PATIENCE = 5
"""How many times as long as laying out the rows takes, they are left as they are."""


class Again(Exception):
    """The person wants all that is offered asked for again; `query` is what was typed."""

    def __init__(self, query: str) -> None:
        """Take what was typed."""
        super().__init__()
        self.query = query


def pick(question: str, offer: Offer, *, instead: str, query: str = "") -> Row:
    """Return the row that the person picks; `instead` is what to run without one.

    It begins with `query` in the line to type in. Raises UsageError where nobody can be asked or
    nothing is there, Cancelled on Esc and Ctrl-C, Again on Ctrl-R where an offer can be renewed.
    """
    if not screen.interactive():
        raise UsageError(f"{question} nobody is here to pick", fix=instead)
    if not offer.rows():
        raise UsageError(f"{question} there is nothing to pick from", fix=instead)
    if screen.plain():
        screen.forget_typed()
        found = _pick_by_line(question, offer)
    else:
        found = _Picker(question, offer, query).ask()
    # What is asked next is about this choice, so it stays in sight.
    screen.write(sys.stderr, f"{question} {'  '.join(found.columns)}")
    return found


def load_meanwhile() -> None:
    """Load what the picker takes beside what is done next, which waits for the network."""

    def load() -> None:
        with contextlib.suppress(ImportError):
            importlib.import_module("questionary")

    if screen.interactive() and not screen.plain():
        background.start(load)


def _size() -> Size:
    from prompt_toolkit.data_structures import Size

    columns, lines = shutil.get_terminal_size()
    return Size(rows=lines, columns=columns)


class _Picker:
    """What is typed, what matches it, and which of that is chosen."""

    def __init__(self, question: str, offer: Offer, query: str) -> None:
        self.question, self.offer = question, offer
        self.version, self.query, self.awaited = offer.version, query, ""
        self.rows = offer.rows()
        self.columns = widths(self.rows)
        self.found: list[int] = []
        self.chosen = self.first = 0
        self.key: tuple[str, ...] = ("",)
        self.next_look = 0.0
        self._filter(query)

    def ask(self) -> Row:
        """Return the row that the person picks. Raises Cancelled and Again."""
        from questionary import Question

        picking = Question(self.application())
        with screen.beginning_here():
            row: Row = picking.unsafe_ask(patch_stdout=False)
        return row

    def application(self) -> Application[Row]:
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
            refresh_interval=EVERY if self.offer.coming else None,
            before_render=self._update,
        )

    def _update(self, app: Application[Row]) -> None:
        """Take up what has come since the last look."""
        if app.is_done:
            return
        try:
            version = self.offer.version
        except SsoenvError as error:
            app.exit(exception=error)
            return
        began = time.monotonic()
        if version != self.version and began >= self.next_look:
            self.version, self.rows = version, self.offer.rows()
            self._stay()
            self._take_awaited(app)
            # A long list takes a while to lay out: most of the time is for what brings it.
            self.next_look = began + PATIENCE * (time.monotonic() - began)

    def _stay(self) -> None:
        """Find what is typed in the new rows; the chosen row stays the chosen one."""
        self.columns = widths(self.rows)
        self.found = matching(self.rows, self.query)
        place = place_of(self.rows, self.found, self.key)
        self.chosen = min(self.chosen, max(0, len(self.found) - 1)) if place is None else place
        self._look()

    def _take_awaited(self, app: Application[Row]) -> None:
        """Take the only role of the account that the person chose before its roles were there."""
        theirs = [row for row in self.rows if row.key[0] == self.awaited]
        if not theirs or theirs[0].open:
            return
        self.awaited = ""
        if len(theirs) == 1 and not theirs[0].beware:
            app.exit(result=theirs[0])

    def _look(self) -> None:
        """Say what one looks at: the chosen row, those on the screen, all that match."""
        on_screen = self.found[self.first : self.first + VISIBLE] if self.found else []
        chosen = self.found[self.chosen : self.chosen + 1]
        self.key = self.rows[chosen[0]].key if chosen else ("",)
        rest = self.found if self.query else []
        self.offer.look([self.rows[index] for index in (*chosen, *on_screen, *rest)])

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
        from prompt_toolkit.document import Document
        from prompt_toolkit.filters import Condition
        from prompt_toolkit.layout import Window
        from prompt_toolkit.layout.controls import BufferControl
        from prompt_toolkit.layout.processors import AfterInput, ConditionalProcessor

        query = Buffer(multiline=False, document=Document(self.query))
        query.on_text_changed += lambda buffer: self._filter(buffer.text)
        invitation = ConditionalProcessor(
            AfterInput(INVITATION, "class:faint"), Condition(lambda: not query.text)
        )
        return Window(BufferControl(query, input_processors=[invitation]), height=1)

    def _filter(self, query: str) -> None:
        self.query, self.awaited = query, ""
        self.found = matching(self.rows, query)
        self.chosen, self.first = likeliest(self.rows, self.found), 0
        self._look()

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
            plain = "class:beware" if row.beware else "class:faint" if row.open else ""
            style = "class:chosen" if here else plain
            marks = f"{CHOSEN if here else '  '}{'!' if row.beware else ' '}"
            lines.append((style, f"{marks} {fit(row, self.columns, width)}\n"))
        return lines

    def _status(self) -> StyleAndTextTuples:
        coming = self.offer.coming
        width = shutil.get_terminal_size().columns
        room = width >= ROOMY and not coming
        renewed = ["Ctrl-R asks again"] if self.offer.renewable and room else []
        parts = [f"{len(self.found)} of {len(self.rows)}", "Enter picks", *renewed, "Esc leaves"]
        if not self.found:
            parts = ["nothing matches so far"] if coming else ["nothing matches", *parts[2:]]
        if self.awaited:
            parts.insert(0, "its roles are coming")
        text = f"  {' · '.join([*parts, coming] if coming else parts)}"
        return [("class:faint", layout.cut(text, width - 1))]

    def _move(self, by: int) -> None:
        self.chosen = min(max(0, self.chosen + by), max(0, len(self.found) - 1))
        self.awaited = ""
        self._look()

    def _keys(self) -> KeyBindings:
        from prompt_toolkit.key_binding import KeyBindings

        keys = KeyBindings()
        far = 1 << 30
        for key, by in (_STEPS | {"home": -far, "end": far}).items():
            keys.add(key)(lambda _, by=by: self._move(by))
        keys.add("enter")(self._take)
        if self.offer.renewable:
            keys.add("c-r")(lambda event: event.app.exit(exception=Again(self.query)))
        for key in ("c-c", "c-d"):
            keys.add(key)(_leave)
        keys.add("escape", eager=True)(_leave)
        return keys

    def _take(self, event: KeyPressEvent) -> None:
        row = self.rows[self.found[self.chosen]] if self.found else None
        if row and row.open:
            self.awaited = row.key[0]
            self.offer.want(row)
        elif row:
            event.app.exit(result=row)


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


def _pick_by_line(question: str, offer: Offer) -> Row:
    """Ask for words until a number is given; what is listed can be read aloud line by line."""
    words, line = f"{question} a number, or words to look for: ", ""
    while True:
        rows, found = _settled(offer, line)
        if not found:
            screen.note("nothing matches")
            rows, found = _settled(offer, "")
        shown = found[:PLAIN_ROWS]
        _list(rows, shown, more=len(found) - len(shown))
        line = screen.read_answer(words, sys.stdin, sys.stderr)
        if not line:
            raise Cancelled(NOTHING_PICKED)
        if line.isdigit() and 1 <= int(line) <= len(shown):
            return rows[shown[int(line) - 1]]


def _settled(offer: Offer, query: str) -> tuple[Sequence[Row], list[int]]:
    """Return the rows, and which of them match; the first of those stand for nothing else."""
    while True:
        rows = offer.rows()
        found = matching(rows, query)
        open_rows = [rows[index] for index in found[:PLAIN_ROWS] if rows[index].open]
        if not found:
            open_rows = [row for row in rows if row.open]
        if not open_rows:
            return rows, found
        offer.wait_for(open_rows)
        if offer.rows() == rows:
            return rows, [index for index in found if not rows[index].open]


def _list(rows: Sequence[Row], shown: Sequence[int], *, more: int) -> None:
    columns = widths(rows)
    for number, index in enumerate(shown, 1):
        beware = " (protected)" if rows[index].beware else ""
        screen.note(f"{number}. {fit(rows[index], columns, 10_000)}{beware}")
    if more:
        screen.note(f"and {more} more")
