"""What a request may look like, by the service's own model: the data files of botocore.

They are read as files (``botocore/data/SERVICE/VERSION/service-2.json.gz``, "API models"), nothing
of botocore is run. Messages are those of the services: "1 validation error detected: ...".
"""

from __future__ import annotations

import glob
import gzip
import importlib.util
import json
import os
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHOWN = 100
_PARTS = re.compile(r"\\p\{\w\}|\\.|.", re.DOTALL)
_NOBODY = "\U0010ffff"
"""No character, by Unicode's own word: stands where there would be none."""
_TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "timestamp": (int, float),
}


def problem(service: str, operation: str, body: dict[str, Any]) -> str:
    """Return what is wrong with the `body` of a request; empty: nothing."""
    wanted = _model(service)["operations"][operation].get("input", {}).get("shape")
    return _told(_faults(_model(service)["shapes"], wanted, body, "")) if wanted else ""


def problem_of(
    service: str, structure: str, attributes: dict[str, Any], needed: Iterable[str]
) -> str:
    """Return what is wrong with the `attributes` of a user or a group; empty: nothing.

    They are held to a `structure` of the model, but for what it requires: these are `needed`.
    """
    shapes = _model(service)["shapes"]
    return _told(_odd_members(shapes, shapes[structure] | {"required": needed}, attributes, ""))


def _told(faults: Iterable[str]) -> str:
    found = list(faults)
    if not found:
        return ""
    count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
    return f"{count}: {'; '.join(found)}"


def knows(service: str, operation: str) -> bool:
    """Whether the service has that operation at all."""
    return operation in _model(service)["operations"]


@cache
def _model(service: str) -> dict[str, Any]:
    spec = importlib.util.find_spec("botocore")
    folder = f"{os.path.dirname(spec.origin or '')}/data" if spec else ""
    paths = sorted(glob.glob(f"{folder}/{service}/*/service-2.json*"))
    found: dict[str, Any] = json.loads(_read(paths[-1]))
    return found


def _read(path: str) -> bytes:
    if path.endswith(".gz"):
        with gzip.open(path) as stream:
            return stream.read()
    with open(path, "rb") as plain:
        return plain.read()


def _faults(shapes: dict[str, Any], name: str, value: Any, where: str) -> Iterator[str]:
    """Yield what is wrong with `value`, which is to be of the shape `name`."""
    shape = shapes[name]
    # A document is JSON of any kind, such as the value of an attribute.
    expected = None if shape.get("document") else _TYPES.get(shape["type"])
    is_odd = expected and not isinstance(value, expected)
    if is_odd or (isinstance(value, bool) and shape["type"] == "integer"):
        yield _fault(value, where, f"Member must be of type {shape['type']}")
        return
    if shape["type"] == "structure" and expected:
        yield from _odd_members(shapes, shape, value, where)
    elif shape["type"] == "list":
        yield from _out_of_bounds(shape, len(value), value, where, "length")
        for number, inner in enumerate(value, 1):
            yield from _faults(shapes, shape["member"]["shape"], inner, f"{where}.{number}.member")
    elif shape["type"] == "integer":
        yield from _out_of_bounds(shape, value, value, where, "value")
    elif shape["type"] == "string":
        yield from _odd_text(shape, value, where)


def _odd_members(
    shapes: dict[str, Any], shape: dict[str, Any], value: dict[str, Any], where: str
) -> Iterator[str]:
    for member in shape.get("required", ()):
        if value.get(member) is None:
            yield _fault(None, _at(where, member), "Member must not be null")
    for member, inner in value.items():
        known = shape.get("members", {}).get(member)
        if known is None:
            yield _fault(inner, _at(where, member), "Member must be one of the model")
        else:
            yield from _faults(shapes, known["shape"], inner, _at(where, member))


def _odd_text(shape: dict[str, Any], value: str, where: str) -> Iterator[str]:
    if value not in shape.get("enum", (value,)):
        allowed = ", ".join(shape["enum"])
        yield _fault(value, where, f"Member must satisfy enum value set: [{allowed}]")
    yield from _out_of_bounds(shape, len(value), value, where, "length")
    pattern = shape.get("pattern", "")
    if pattern and not _matches(pattern, value):
        rule = f"Member must satisfy regular expression pattern: {pattern}"
        yield _fault(value, where, rule)


def _matches(pattern: str, value: str) -> bool:
    r"""Whether `value` is as a pattern of the models has it: `\d` is ASCII, `\p{L}` a category.

    Python has no categories of Unicode: in their place stand the characters of `value` of each.
    """
    own: dict[str, str] = {}
    for one in set(value):
        category = unicodedata.category(one)[0]
        own[category] = own.get(category, "") + re.escape(one)
    text, inside = "", False
    for part in _PARTS.findall(pattern):
        if part.startswith(r"\p{"):
            those = own.get(part[3:-1], _NOBODY)
            text += those if inside else f"[{those}]"
        else:
            inside = part == "[" or (inside and part != "]")
            text += part
    return _NOBODY not in value and bool(re.fullmatch(text, value, re.ASCII))


def _out_of_bounds(
    shape: dict[str, Any], measure: int, value: Any, where: str, what: str
) -> Iterator[str]:
    if measure < shape.get("min", measure):
        yield _fault(
            value, where, f"Member must have {what} greater than or equal to {shape['min']}"
        )
    if measure > shape.get("max", measure):
        yield _fault(value, where, f"Member must have {what} less than or equal to {shape['max']}")


def _fault(value: Any, where: str, rule: str) -> str:
    shown = "null" if value is None else f"'{value!s:.{_SHOWN}}'"
    return f"Value {shown} at '{where or 'the request'}' failed to satisfy constraint: {rule}"


def _at(where: str, member: str) -> str:
    """Return where `member` is, as the services say it: with a small letter at the beginning."""
    own = member[:1].lower() + member[1:]
    return f"{where}.{own}" if where else own
