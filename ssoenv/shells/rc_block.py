"""Our block in the text of a start-up file: between two marks, so that it can be taken out again.

To the byte: one newline before the block is ours in every text that was there before, empty or
not, ended or not; a block that is all there is, without one, stands in a file that we made.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from ssoenv.base import dialects
from ssoenv.base.errors import SsoenvError

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN, END = "# >>> ssoenv >>>", "# <<< ssoenv <<<"
_FIRST, _LAST = rf"^{re.escape(BEGIN)}[ \t\r]*$", rf"^{re.escape(END)}[ \t\r]*(?:\n|\Z)"
_BLOCK = re.compile(rf"(\n?){_FIRST}(?:(?!{_FIRST}).)*?{_LAST}", re.MULTILINE | re.DOTALL)
_BY_HAND = re.compile(r"^[^#\n]*\bssoenv hook\b", re.MULTILINE)


def block(
    shell: str, kept: str, program: Sequence[str], tab: Sequence[str], *, prompt: bool
) -> str:
    """Return our block: source the hook that is `kept`; where it is gone, ask `program`.

    The lines `tab` have TAB complete ssoenv.
    """
    quoted = dialects.quote(shell, kept)
    run = " ".join(dialects.quote(shell, word) for word in program)
    lines = [BEGIN, "# The hook: a project's AWS role is in its directory, and nowhere else."]
    if shell == "fish":
        there = f"test -O {quoted} -a -f {quoted}"
        lines.append(f"if {there}; source {quoted}; else; {run} hook fish | source; end")
    else:
        load = f". {quoted}"
        if shell == "zsh":
            inner = dialects.quote_posix(f"source {quoted}")
            load = f"\\builtin emulate zsh -o no_aliases -c {inner}"
        # A login file may be read by other shells, too.
        mine = 'if [ -z "${BASH_VERSION-}" ]; then :; elif' if shell == "bash" else "if"
        there = f"[ -O {quoted} ] && [ -f {quoted} ]"
        lines.append(f'{mine} {there}; then {load}; else eval "$({run} hook {shell})"; fi')
    if prompt:
        # A hook that is not there has not defined it.
        lines.append("# The role in front of the prompt.")
        end = "; and ssoenv_prompt" if shell == "fish" else " >/dev/null 2>&1 && ssoenv_prompt"
        lines.append(
            f"functions -q ssoenv_prompt{end}" if shell == "fish" else f"type ssoenv_prompt{end}"
        )
    tab = ["# What ssoenv takes, by TAB.", *tab] if tab else []
    return "\n".join([*lines, *tab, END, ""])


def find(text: str) -> re.Match[str] | None:
    """Return where our block stands in `text`; its first group is the newline before it."""
    return _BLOCK.search(text)


def others(text: str) -> str:
    """Return what `text` says beside our block."""
    return _BLOCK.sub("", text)


def by_hand(text: str) -> bool:
    """Whether a line that somebody wrote by hand loads the hook."""
    return bool(_BY_HAND.search(others(text)))


def behind(text: str) -> str:
    """Return what stands behind our block, or behind the line by hand."""
    found = _BLOCK.search(text) or _BY_HAND.search(text)
    return text[found.end() :] if found else ""


def behind_all(text: str | None, block: str) -> str:
    """Return `text`, None where no file is yet, with `block` at its end."""
    return block if text is None else f"{text}\n{block}"


def diff(before: str, after: str) -> list[str]:
    """Return what makes `after` of `before` as hunks of a unified diff, without context.

    No line of the person's is among them: nothing but our block comes, goes or moves to the end.
    """
    if len(_BLOCK.findall(before)) > 1:
        lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
        return list(difflib.unified_diff(*lines, n=0))[2:]
    (here, old), (there, new) = _placed(before), _placed(after)
    here, there = (here if old else there), (there if new else here)
    if here != there:
        gone = _hunk(here, old, here, [])
        return gone + _hunk(there + len(old), [], there, new)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [
        line
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
        for line in _hunk(here + i, old[i:j], here + k, new[k:m])
    ]


def _placed(text: str) -> tuple[int, list[str]]:
    """Return how many lines stand before our block, and the lines that are ours."""
    found = find(text)
    if found is None:
        return 0, []
    start = found.start()
    glued = found[1] and start and text[start - 1] != "\n"
    before = text[: start + 1] if glued else text[:start]
    return before.count("\n"), text[len(before) : found.end()].splitlines()


def _hunk(at: int, old: list[str], there: int, new: list[str]) -> list[str]:
    """Return the hunk that takes the lines `old` out behind `at` others, and puts `new` there."""
    if not old and not new:
        return []
    head = f"@@ -{_range(at, len(old))} +{_range(there, len(new))} @@\n"
    return [head, *(f"-{line}\n" for line in old), *(f"+{line}\n" for line in new)]


def _range(at: int, count: int) -> str:
    """Return a range of lines as a unified diff has it: of none, the line before is named."""
    return f"{at + 1}" if count == 1 else f"{at + 1 if count else at},{count}"


def without(text: str, path: str) -> str | None:
    """Return `text`, of the file at `path`, as it was before our block: None if there was no file.

    Lines that the block parts by now are parted still. Raises SsoenvError where only half of our
    block is left: what follows it may be the person's own.
    """
    # Whoever copies start-up files has more than one.
    while found := find(text):
        if found[0] == text and not found[1]:
            return None
        first, last = text[: found.start()], text[found.end() :]
        glued = first and last and not first.endswith("\n")
        text = first + (found[1] if glued else "") + last
    if re.search(_FIRST, text, re.MULTILINE):
        raise SsoenvError(
            f"{path} has the line {BEGIN!r}, and no {END!r} after it",
            advice="take out what is left of ssoenv's block by hand",
        )
    return text
