"""A service's answer, read as strictly as the service's model describes it.

botocore passes on whatever type the JSON holds. What a captive portal, a proxy or a wrong address
answers is an error here: neither an empty list, nor a token, nor a bug of ours.
"""

from __future__ import annotations

import re
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ssoenv.base import clock
from ssoenv.base.errors import ServiceUnavailable
from ssoenv.identity_center.refusals import NOT_THE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LATEST = 10**11
"""The largest number taken for a moment or a duration, in seconds: the year 5138."""
_SECRET = re.compile(r"[\x21-\x7e]+")


class Answer:
    """A JSON object (or the like) that `name` at `url` answered.

    Every look into it raises ServiceUnavailable where it is not what the service's model says.
    """

    __slots__ = ("_content", "_name", "_url")

    def __init__(self, content: object, name: str, url: str) -> None:
        """Take what was parsed, and who is said to have sent it."""
        self._content: Mapping[str, Any] = content if isinstance(content, dict) else {}
        self._name = name
        self._url = url

    def text(self, key: str) -> str:
        """Return the text under `key`, which is not empty."""
        value = self._content.get(key)
        if not isinstance(value, str) or not value:
            raise self.foreign()
        return _whole(value)

    def optional(self, key: str) -> str:
        """Return the text under `key`; empty where there is none."""
        return "" if self._content.get(key) in (None, "") else self.text(key)

    def secret(self, key: str) -> str:
        """Return the key, token or code under `key`: printable ASCII without a space."""
        value = self.text(key)
        if not _SECRET.fullmatch(value):
            raise self.foreign()
        return value

    def number(self, key: str, most: int = LATEST, default: int | None = None) -> int:
        """Return the whole number from 0 to `most` under `key`; `default` where there is none."""
        value = self._content.get(key)
        value = default if value is None else value
        if type(value) is not int or not 0 <= value <= most:
            raise self.foreign()
        return value

    def moment(self, key: str) -> int:
        """Return the moment under `key`, which botocore made a date with a time zone of."""
        value = self._content.get(key)
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self.foreign()
        return int(value.timestamp())

    def ends(self, moment: int) -> int:
        """Return the `moment` (epoch s) at which what was given ends, which is still to come."""
        if moment <= clock.now():
            raise ServiceUnavailable(
                f"{self._name} gave credentials that ended at {clock.render_local(moment)}",
                fix="ssoenv doctor",
                advice="is the clock of this machine right?",
            )
        return moment

    def part(self, key: str) -> Answer:
        """Return the object under `key`."""
        return Answer(self._content.get(key), self._name, self._url)

    def rows(self, key: str) -> list[Answer]:
        """Return the objects in the list under `key`, which is there even if it is empty."""
        value = self._content.get(key)
        if not isinstance(value, list):
            raise self.foreign()
        return [Answer(one, self._name, self._url) for one in value]

    def texts(self, key: str) -> list[str]:
        """Return the texts in the list under `key`, which is there even if it is empty."""
        value = self._content.get(key)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.foreign()
        return [_whole(one) for one in value]

    def table(self, key: str, names: Sequence[str]) -> list[tuple[str, ...]] | None:
        """Return the texts under two or more `names` in each object of the list under `key`.

        None unless all are there and ASCII, as almost always: what looks at each text by itself
        takes ten times as long, and says what is wrong.
        """
        try:
            rows: list[tuple[str, ...]] = [*map(itemgetter(*names), self._content[key])]
            plain = all(all(texts) and "".join(texts).isascii() for texts in rows)
        except (KeyError, TypeError):
            return None
        return rows if plain else None

    def has(self, key: str) -> bool:
        """Whether anything is under `key`."""
        return self._content.get(key) is not None

    def foreign(self) -> ServiceUnavailable:
        """Return the error that says whose answer this is not."""
        return not_the_service(self._name, self._url)


def not_the_service(name: str, url: str) -> ServiceUnavailable:
    """Return the error for an answer at `url` that `name` cannot have given."""
    return ServiceUnavailable(
        f"{url} does not answer as {name}", fix="ssoenv doctor", advice=NOT_THE_SERVICE
    )


def _whole(text: str) -> str:
    """`text` with the halves of surrogate pairs, which JSON can hold, replaced."""
    return text.encode("utf-8", "replace").decode()
