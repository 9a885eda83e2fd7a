"""``make pictures``: how the parts of ssoenv fit together, as one picture for README and docs."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from tools.svg import COLOURS, FRAME, INK, PAPER

FILE = Path(__file__).parent.parent / "docs/pictures/how-it-works.svg"
TITLE = "How ssoenv works"
DESCRIPTION = (
    "The hook in your shell reads the project's .ssoenv.toml and the state folder, and gives AWS "
    "programs a role. Only when something needs a sign-in or new credentials is the program "
    "ssoenv started, which asks IAM Identity Center and shares the files of the AWS CLI."
)
WIDTH, HEIGHT = 940, 500
BOX = 250, 92
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
QUIET = COLOURS["brightblack"]
YOURS, OURS, THEIRS = COLOURS["green"], COLOURS["blue"], COLOURS["brown"]


@dataclass(frozen=True)
class Box:
    """A part: where its upper left corner is, what it is called, what it is."""

    left: int
    top: int
    colour: str
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Arrow:
    """What one part does with another: a line with a head at its end, and words beside it."""

    path: tuple[tuple[int, int], ...]
    words: str
    at: tuple[int, int]
    anchor: str = "middle"


BOXES = (
    Box(
        20,
        30,
        YOURS,
        "The project",
        (".ssoenv.toml: account and role,", "committed, without secrets"),
    ),
    Box(
        345,
        30,
        OURS,
        "Your shell",
        ("the hook, in bash, zsh or fish:", "at a prompt it starts no process"),
    ),
    Box(670, 30, YOURS, "AWS programs", ("aws, terraform, make, SDKs,", "unchanged")),
    Box(
        20,
        200,
        OURS,
        "The state folder",
        ("what you trusted, and the", "credentials for it, mode 0600"),
    ),
    Box(
        345,
        200,
        OURS,
        "ssoenv, the program",
        ("started when a command needs", "a sign-in or new credentials"),
    ),
    Box(
        670,
        200,
        THEIRS,
        "IAM Identity Center",
        ("accounts and roles of yours,", "short-lived credentials"),
    ),
    Box(
        345,
        380,
        THEIRS,
        "~/.aws",
        ("config and caches, shared with", "the AWS CLI and the SDKs"),
    ),
    Box(670, 380, THEIRS, "Your browser", ("opens only for a command", "that you typed")),
)
ARROWS = (
    Arrow(((270, 64), (345, 64)), "read", (307, 56)),
    Arrow(((595, 64), (670, 64)), "the role", (632, 56)),
    Arrow(
        ((145, 200), (145, 160), (400, 160), (400, 122)),
        "read: trusted? credentials?",
        (155, 152),
        "start",
    ),
    Arrow(((470, 122), (470, 200)), "first use", (478, 182), "start"),
    Arrow(
        ((795, 122), (795, 160), (560, 160), (560, 200)),
        "ask by credential_process",
        (785, 152),
        "end",
    ),
    Arrow(((345, 246), (270, 246)), "writes", (307, 238)),
    Arrow(((595, 246), (670, 246)), "https", (632, 238)),
    Arrow(((470, 292), (470, 380)), "reads and writes", (462, 342), "end"),
    Arrow(((560, 292), (560, 335), (720, 335), (720, 380)), "shows the page", (712, 327), "end"),
    Arrow(((850, 380), (850, 292)), "you approve", (842, 342), "end"),
)


def render() -> str:
    """Return the picture."""
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
                f'height="{HEIGHT}" role="img" aria-labelledby="title desc">'
            ),
            f'<title id="title">{escape(TITLE)}</title>',
            f'<desc id="desc">{escape(DESCRIPTION)}</desc>',
            f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>',
            f'<g font-family="{escape(FONT)}" font-size="13">',
            *(mark for arrow in ARROWS for mark in _arrow(arrow)),
            *(mark for box in BOXES for mark in _box(box)),
            "</g>",
            "</svg>",
            "",
        ]
    )


def _box(box: Box) -> list[str]:
    width, height = BOX
    return [
        (
            f'<rect x="{box.left}" y="{box.top}" width="{width}" height="{height}" rx="8" '
            f'fill="{FRAME}" stroke="{box.colour}" stroke-width="1.5"/>'
        ),
        _text(
            box.left + 14, box.top + 27, box.name, box.colour, ' font-weight="600" font-size="15"'
        ),
        *(
            _text(box.left + 14, box.top + 50 + 19 * number, line, INK)
            for number, line in enumerate(box.lines)
        ),
    ]


def _arrow(arrow: Arrow) -> list[str]:
    (before, end) = arrow.path[-2:]
    across = (end[0] > before[0]) - (end[0] < before[0])
    down = (end[1] > before[1]) - (end[1] < before[1])
    sides = [
        (end[0] - 8 * across + 4 * s * down, end[1] - 8 * down + 4 * s * across) for s in (1, -1)
    ]
    line = " L".join(f"{x} {y}" for x, y in arrow.path)
    head = " L".join(f"{x} {y}" for x, y in (end, *sides))
    return [
        f'<path d="M{line}" fill="none" stroke="{QUIET}" stroke-width="1.5"/>',
        f'<path d="M{head} Z" fill="{QUIET}"/>',
        _text(*arrow.at, arrow.words, INK, f' text-anchor="{arrow.anchor}"'),
    ]


def _text(left: int, top: int, text: str, ink: str, more: str = "") -> str:
    return f'<text x="{left}" y="{top}" fill="{ink}"{more}>{escape(text)}</text>'


def main() -> None:
    """Write the picture."""
    FILE.write_text(render())


if __name__ == "__main__":
    main()
