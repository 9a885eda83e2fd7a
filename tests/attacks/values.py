"""Texts that some reader takes for more than a text: for code, for an order to the terminal."""

from __future__ import annotations

CANARY = "CANARY"
"""How the files are called that the code in these texts makes."""
OWNED = "OWNED"
"""What stands behind what a terminal would obey."""
CODE = {
    "a command in dollars": "$(touch CANARY)",
    "a command in dollars without a blank": "$(touch${IFS}CANARY)",
    "a command in backticks": "`touch CANARY`",
    "a command of fish": "(touch CANARY)",
    "a second command": "x;touch CANARY",
    "a second command behind a single quote": "x';touch CANARY;'",
    "a second command behind a double quote": 'x";touch CANARY;"',
    "a second command behind both quotes": "x'\";touch CANARY;#",
    "a second command behind a backslash": "x\\';touch CANARY;\\'",
    "a second command behind a typographic quote": "x\u2019;touch CANARY;\u2019",
    "a pipe": "x|touch CANARY",
    "a job": "x&touch CANARY&",
    "a file to write": "x>CANARY",
    "a process to read": "<(touch CANARY)",
    "an index": "a[$(touch CANARY)]",
    "a nested expansion": "${x:-$(touch CANARY)}",
    "a flag of zsh": "${(e):-$(touch CANARY)}",
    "a glob with code": "*(e:'touch CANARY':)",
    "the history": "!touch CANARY",
    "a formula": "=cmd|'touch CANARY'!A0",
    "a wide formula": "\uff1dcmd|'touch CANARY'!A0",
    "a format": "%s%n%(touch CANARY)s",
    "a field": "{label}{0.__class__}$(touch CANARY)",
    "a field of a table": "%-1000000s",
    "an option": "--help",
    "somebody's home": "~root",
    "a comment": "# $(touch CANARY)",
}
CONTROLS = {
    "a title": "\x1b]0;OWNED\x07",
    "a colour": "\x1b[31mOWNED",
    "a clear screen": "\x1b[2J\x1b[HOWNED",
    "eight bits": "\x9b31mOWNED",
    "a title in eight bits": "\x9d0;OWNED\x9c",
    "the clipboard": "\x1b]52;c;T1dORUQ=\x07OWNED",
    "a link": "\x1b]8;;https://evil.example\x1b\\OWNED",
    "a report": "\x1b[6n\x1b[cOWNED",
    "a string": "\x1bPOWNED\x1b\\",
    "a bell": "\x07OWNED",
    "backspaces": "\x08\x08\x08\x08OWNED",
    "a return": "x\rOWNED",
    "a new line": "x\nOWNED",
    "another character set": "\x0eOWNED",
    "a delete": "\x7fOWNED",
    "a next line": "\x85OWNED",
    "a line separator": "\u2028OWNED",
    "right to left": "\u202eOWNED",
    "an isolate": "\u2066OWNED",
    "no width": "\u200bOWNED",
    "a tag": "\U000e0041OWNED",
}
"""What the terminal obeys stands right before OWNED, so that it is told from what a shell draws."""
ORDERS = tuple(
    text.partition(OWNED)[0] + OWNED
    for text in CONTROLS.values()
    if not text.startswith(("x\r", "x\n"))
)
"""What no shell ever shows raw. A return and a new line stand before anything that it shows."""
