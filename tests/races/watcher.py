"""Reads every file that ssoenv shares with others, again and again, and tells what no reader may find.

``watcher.py HOME STEADY...``, run beside a storm until its standard input ends; it prints one JSON
object. A file is bad that is empty or half, and one of STEADY (below HOME) that is missing. The AWS
CLI and the SDKs write their caches in place: what is half there, and whole a moment later in the
very same file, is theirs. What ssoenv writes is a new file each time, whole as soon as it has its name.
"""

from __future__ import annotations

import json
import os
import re
import select
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDERS = (".aws/sso/cache", ".aws/cli/cache", ".local/state/ssoenv")
ALONE = (".aws/config",)
IN_PLACE = ("sso/cache/", "cli/cache/")
"""Where programs of others write too, as they do."""
LATER = 3.0
"""Seconds within which a file that is written in place is whole."""
PAUSE = 0.02
GENERATION = rb"g[0-9a-f]{16}"
CALLS = re.compile(rb"#ssoenv \d+ " + GENERATION + rb"\n.*\n", re.DOTALL)
ROLE = re.compile(rb"ssoenv \d+\n" + GENERATION + rb"\n(.*\n){7}.+")
EPOCH = re.compile(rb"[0-9a-f]{32}")
ANY = re.compile(rb".+", re.DOTALL)
FORMS = {"@role": ROLE} | dict.fromkeys(("@sh", "@fish", "@process", "@asked"), CALLS)
EMPTY = re.compile(r"@(g[0-9a-f]{16}(\.ends|\.due)?|none|bad|named)|.*\.lock|now")
"""The names of files that say what they say by being there."""


def is_whole(name: str, content: bytes) -> bool:
    """Whether `content` is what a reader of the file `name` can take."""
    if name.endswith((".json", ".ended")):
        return is_json(content)
    if name == "config":
        return content.endswith(b"\n") and b"[sso-session acme]\n" in content
    form = EPOCH if name.endswith(".epoch") else FORMS.get(name, ANY)
    return form.fullmatch(content) is not None


def is_json(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), dict)
    except ValueError:
        return False


class Watcher:
    """What was read, and what was wrong with it."""

    def __init__(self, home: str, steady: list[str]) -> None:
        self.home, self.steady = home, steady
        self.reads, self.bad = 0, dict[str, str]()
        self.in_place = 0

    def files(self) -> Iterator[str]:
        yield from ALONE
        for top in FOLDERS:
            for folder, _, names in os.walk(f"{self.home}/{top}"):
                if os.path.basename(folder) != "locks" and "/configs/" not in folder:
                    yield from (os.path.relpath(f"{folder}/{name}", self.home) for name in names)

    def look(self) -> None:
        """Read all of them once."""
        for name in self.steady:
            if not os.path.exists(f"{self.home}/{name}"):
                self.bad[name] = "missing"
        for name in self.files():
            if not name.endswith(".tmp") and not EMPTY.fullmatch(os.path.basename(name)):
                self.read(name)

    def read(self, name: str) -> None:
        try:
            descriptor = os.open(f"{self.home}/{name}", os.O_RDONLY)
        except FileNotFoundError:
            return  # it went, as some do: those that may not are STEADY
        with open(descriptor, "rb") as stream:
            self.reads += 1
            content = stream.read()
            if is_whole(os.path.basename(name), content):
                return
            end = time.monotonic() + (LATER if any(one in name for one in IN_PLACE) else 0)
            while time.monotonic() < end:
                time.sleep(0.002)
                stream.seek(0)
                if is_whole(os.path.basename(name), stream.read()):
                    self.in_place += 1
                    return
        self.bad[name] = content[:200].decode(errors="replace")


def main() -> None:
    watcher: Any = Watcher(sys.argv[1], sys.argv[2:])
    print("watching", flush=True)  # noqa: T201 - whoever started this waits for it
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        watcher.look()
    watcher.look()
    found = {"reads": watcher.reads, "in place": watcher.in_place, "bad": watcher.bad}
    print(json.dumps(found))  # noqa: T201 - this is the answer


if __name__ == "__main__":
    main()
