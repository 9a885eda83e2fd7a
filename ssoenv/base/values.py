"""Frozen values: the `dataclass` of the standard library, made in a tenth of its time.

The standard one writes each class as source text, compiles it, and loads `inspect` for that: more
than a millisecond for each class at each start, a third of a command's. These are made of closures.
They do the same (tests/unit/test_values.py compares the two, for every class that there is), type
checkers see the standard ones, and the functions of the standard module take them: `asdict`,
`fields`, `replace`.

Only what ssoenv uses is there: no `kw_only`, no `InitVar`, no `ClassVar`, no heirs.
"""

from __future__ import annotations

from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass, field, fields, replace
    from typing import Any

__all__ = ["dataclass", "field", "fields", "replace"]

_MISSING = object()


class _Field:
    """What is said of one field; as ``dataclasses.Field``."""

    __slots__ = ("compare", "default", "default_factory", "hash", "init", "name", "repr")

    def __init__(
        self,
        *,
        default: Any = _MISSING,
        default_factory: Any = _MISSING,
        init: bool = True,
        repr: bool = True,  # noqa: A002 - as it is called there
        hash: bool | None = None,  # noqa: A002 - as it is called there
        compare: bool = True,
    ) -> None:
        self.name = ""
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.hash = hash
        self.compare = compare

    @property
    def has_default(self) -> bool:
        """Whether there is a value where nobody gives one."""
        return self.default is not _MISSING or self.default_factory is not _MISSING

    def value(self, owner: type) -> Any:
        """Return what it is where nobody gives it. TypeError: it has to be given."""
        if self.default is not _MISSING:
            return self.default
        if self.default_factory is not _MISSING:
            return self.default_factory()
        raise TypeError(f"{owner.__name__}() needs {self.name!r}")


class _Standard:
    """What the standard modules ask a class for, made when they do: by then they are loaded."""

    __slots__ = ("_made", "_name")

    def __init__(self, made: Callable[[type], Any]) -> None:
        self._made = made

    def __set_name__(self, _: type, name: str) -> None:
        self._name = name

    def __get__(self, _: object, owner: type) -> Any:
        """Return it, and put it in our place."""
        found = self._made(_standard(owner))
        setattr(owner, self._name, found)
        return found


def _standard(cls: type) -> type:
    """Return the class that the standard module would have made of `cls`."""
    import dataclasses

    def said(one: _Field) -> Any:
        given = {key: getattr(one, key) for key in _Field.__slots__ if key != "name"}
        return dataclasses.field(**{k: v for k, v in given.items() if v is not _MISSING})

    found: tuple[_Field, ...] = cls.__ssoenv_fields__  # type: ignore[attr-defined]
    every = [(one.name, cls.__annotations__[one.name], said(one)) for one in found]
    return dataclasses.make_dataclass(cls.__name__, every)


def _signature(standard: type) -> object:
    from inspect import signature

    return signature(standard)


if not TYPE_CHECKING:

    def field(**said: Any) -> Any:
        """As ``dataclasses.field``, with the options of `_Field`."""
        return _Field(**said)

    def fields(value: Any) -> tuple[_Field, ...]:
        """Return the fields of a value, or of a class, in their order."""
        return value.__ssoenv_fields__

    def replace(value: Any, /, **changes: Any) -> Any:
        """Return a value like `value`, but for `changes`. TypeError: there is no such field."""
        values = [
            changes.pop(name) if name in changes else getattr(value, name)
            for name in value.__match_args__
        ]
        return type(value)(*values, **changes)

    def dataclass(
        *, frozen: bool = False, slots: bool = False, order: bool = False, eq: bool = True
    ) -> Callable[[type], type]:
        """As ``dataclasses.dataclass``."""
        return lambda cls: _made(cls, frozen=frozen, slots=slots, order=order, eq=eq)


def _made(cls: type, *, frozen: bool, slots: bool, order: bool, eq: bool) -> type:
    """Return the class that `cls` tells: a new one, since slots are made with their class."""
    if cls.__bases__ != (object,):
        raise TypeError("a value is nobody's heir")
    every = tuple(_field_of(cls, name) for name in cls.__annotations__)
    names = tuple(one.name for one in every)
    contents = {name: it for name, it in cls.__dict__.items() if name not in names}
    del contents["__dict__"], contents["__weakref__"]
    contents |= {
        "__qualname__": cls.__qualname__,
        "__match_args__": tuple(one.name for one in every if one.init),
        "__ssoenv_fields__": every,
        "__dataclass_fields__": _Standard(attrgetter("__dataclass_fields__")),
        "__signature__": _Standard(_signature),
        "__replace__": replace,
    }
    if slots:
        contents["__slots__"] = names
    contents.setdefault("__repr__", _repr_of(every))
    if eq:
        key = _key_of([one.name for one in every if one.compare])
        contents.setdefault("__eq__", _comparison(key, "__eq__"))
        for name in ("__lt__", "__le__", "__gt__", "__ge__") if order else ():
            contents[name] = _comparison(key, name)
        if contents.get("__hash__") is None:
            hashed = _key_of([one.name for one in every if _is_hashed(one)])
            contents["__hash__"] = (lambda self: hash(hashed(self))) if frozen else None
    if frozen:
        contents["__setattr__"] = contents["__delattr__"] = _refuse
    new: Any = type(cls)(cls.__name__, (), contents)
    setters = tuple(_setter(new, name) for name in names)
    new.__init__ = _init_of(new, every, setters)
    new.__getstate__ = lambda self: [getattr(self, name) for name in names]
    new.__setstate__ = _setstate_of(setters)
    return new  # type: ignore[no-any-return]


def _field_of(cls: type, name: str) -> _Field:
    """Return the field `name` of `cls`, with the default that its body gives."""
    said = cls.__dict__.get(name, _MISSING)
    found = said if isinstance(said, _Field) else _Field(default=said)
    found.name = name
    return found


def _setter(new: Any, name: str) -> Callable[[Any, Any], None]:
    """Return what sets a field of a value that is being made, frozen or not."""
    slot = vars(new).get(name)
    return slot.__set__ if slot else lambda self, value: object.__setattr__(self, name, value)


def _init_of(
    new: type, every: tuple[_Field, ...], setters: tuple[Callable[[Any, Any], None], ...]
) -> Callable[..., None]:
    """Return the ``__init__`` of `new`."""
    both = list(zip(setters, every, strict=True))
    asked = [(put, one.name, one.default, one) for put, one in both if one.init]
    puts = tuple(row[0] for row in asked)
    settled = [(put, one) for put, one in both if not one.init and one.has_default]
    afterwards = getattr(new, "__post_init__", None)

    def __init__(self: Any, /, *values: Any, **named: Any) -> None:  # noqa: N807
        if len(values) > len(puts):
            raise TypeError(f"{new.__name__}() takes {len(puts)} values, not {len(values)}")
        for put, value in zip(puts, values, strict=False):
            put(self, value)
        for put, name, default, one in asked[len(values) :]:
            if name in named:
                put(self, named.pop(name))
            else:
                put(self, one.value(new) if default is _MISSING else default)
        if named:
            raise TypeError(f"{new.__name__}() has no room for {', '.join(map(repr, named))}")
        for put, one in settled:
            put(self, one.value(new))
        if afterwards:
            afterwards(self)

    return __init__


def _setstate_of(setters: tuple[Callable[[Any, Any], None], ...]) -> Callable[[Any, Any], None]:
    """Return what copies and pickles are filled with: a frozen value cannot be set otherwise."""

    def __setstate__(self: Any, state: Any) -> None:  # noqa: N807
        for put, value in zip(setters, state, strict=True):
            put(self, value)

    return __setstate__


def _repr_of(every: tuple[_Field, ...]) -> Callable[[Any], str]:
    shown = tuple(one.name for one in every if one.repr)

    def __repr__(self: Any) -> str:  # noqa: N807
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({values})"

    return __repr__


def _key_of(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives the values of some fields as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple(getattr(self, name) for name in names)


def _is_hashed(one: _Field) -> bool:
    return one.compare if one.hash is None else one.hash


def _comparison(key: Callable[[Any], tuple[Any, ...]], name: str) -> Callable[[Any, Any], Any]:
    """Return the comparison `name`: between two of the same class, by `key`."""
    compare = getattr(tuple, name)

    def compared(self: Any, other: object) -> Any:
        return compare(key(self), key(other)) if type(other) is type(self) else NotImplemented

    return compared


def _refuse(_: Any, name: str, *__: Any) -> None:
    """In place of setting and deleting what is frozen."""
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change {name!r}: it is frozen")
