"""Our quick `dataclass` does what the standard one does, for every class that there is."""

from __future__ import annotations

import ast
import copy
import dataclasses
import importlib
import inspect
import itertools
import operator
import pickle
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ssoenv
from ssoenv.base import models, values

if TYPE_CHECKING:
    from collections.abc import Callable

OURS = "from ssoenv.base.values import"
ROOT = Path(ssoenv.__file__).parent


def classes() -> list[str]:
    """Every class of the package that is one of these values, as ``module:class``."""
    found: list[str] = []
    for file in sorted(ROOT.rglob("*.py")):
        source = file.read_text()
        if OURS in source:
            module = ".".join(("ssoenv", *file.relative_to(ROOT).with_suffix("").parts))
            found += [
                f"{module}:{one.name}"
                for one in ast.parse(source).body
                if isinstance(one, ast.ClassDef)
                and any("dataclass" in ast.unparse(by) for by in one.decorator_list)
            ]
    return found


CLASSES = classes()


def outcome(call: Callable[..., object], /, *values: object, **named: object) -> object:
    """What comes of a call: its value, or the kind of its error."""
    try:
        return call(*values, **named)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other one has to have it too
        return type(error)


def both(name: str) -> tuple[Any, Any]:
    """Return the class `name`, and the same by the standard library: its module's text says so."""
    module, _, name = name.partition(":")
    ours = importlib.import_module(module)
    source = Path(str(ours.__file__)).read_text().replace(OURS, "from dataclasses import")
    twin = dict(vars(ours))
    exec(compile(source, module, "exec"), twin)  # noqa: S102 - our own text
    return getattr(ours, name), twin[name]


def told(value: object) -> object:
    """Its text, without the addresses of what is in it."""
    return outcome(lambda: re.sub(r" at 0x\w+", "", str(value)))


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_what_the_standard_library_makes_of_it(name: str) -> None:
    ours, standard = both(name)
    by = random.Random(name)  # noqa: S311 - nothing secret

    for one in ("fields", "is_dataclass"):
        assert told(getattr(dataclasses, one)(ours)) == told(getattr(dataclasses, one)(standard))
    assert ours.__match_args__ == standard.__match_args__
    assert getattr(ours, "__slots__", None) == getattr(standard, "__slots__", None)
    assert ours.__doc__ in (standard.__doc__, None)
    assert (ours.__module__, ours.__qualname__) == (standard.__module__, standard.__qualname__)
    assert told(inspect.signature(ours)) == told(inspect.signature(standard))

    names = [one.name for one in dataclasses.fields(standard) if one.init]
    made: list[tuple[Any, Any]] = []
    for _ in range(40):
        given = [by.choice((0, 1, 2)) for _ in range(by.randrange(len(names) + 2))]
        named = {one: by.choice((0, 1, 2)) for one in names[len(given) :] if by.random() < 0.9}
        if by.random() < 0.1:
            named[by.choice([*names, "no_such_field"])] = 1
        mine, its = outcome(ours, *given, **named), outcome(standard, *given, **named)
        if isinstance(its, type):
            assert mine is its
        else:
            made.append((mine, its))
    assert made or hasattr(ours, "__post_init__")

    for mine, its in made:
        change = {by.choice(names): 1}
        assert told(mine) == told(its) == told(copy.copy(mine))
        assert told(values.replace(mine, **change)) == told(dataclasses.replace(its, **change))
        assert told(dataclasses.replace(mine, **change)) == told(values.replace(mine, **change))
        for deed in DEEDS:
            again = copy.copy(mine), copy.copy(its)
            assert outcome(deed, again[0], names) == outcome(deed, again[1], names)
            assert told(again[0]) == told(again[1])
    for (mine, its), (other, theirs) in itertools.product(made[:12], repeat=2):
        for compare in (operator.eq, operator.lt, operator.ge, like_a_key):
            assert outcome(compare, mine, other) == outcome(compare, its, theirs)


DEEDS: tuple[Callable[[Any, list[str]], object], ...] = (
    lambda it, names: setattr(it, names[0], 7),
    lambda it, names: delattr(it, names[-1]),
    lambda it, _: dataclasses.replace(it, no_such_field=1),
)


def like_a_key(one: object, other: object) -> bool:
    return hash(one) == hash(other)


def test_every_value_of_the_package_is_one() -> None:
    assert len(CLASSES) > 120
    assert "ssoenv.base.models:Token" in CLASSES


def test_a_frozen_value_takes_no_name_that_it_has_not() -> None:
    """There the standard one has a TypeError about `super`, in place of its own error."""
    account = models.Account("111122223333", "dev", "dev@example.com")

    with pytest.raises(dataclasses.FrozenInstanceError, match="more"):
        account.more = 1  # type: ignore[attr-defined]


def test_a_value_is_kept_by_pickle() -> None:
    account = models.Account("111122223333", "dev", "dev@example.com")

    assert pickle.loads(pickle.dumps(account)) == account  # noqa: S301 - our own bytes


def test_no_start_waits_for_the_standard_one() -> None:
    probe = "import sys; from ssoenv.base import models; print('dataclasses' in sys.modules)"

    result = subprocess.run([sys.executable, "-I", "-c", probe], capture_output=True, text=True)

    assert result.stdout == "False\n"


def test_a_value_is_nobodys_heir() -> None:
    class Heir(models.Account):
        more: int

    with pytest.raises(TypeError, match="heir"):
        values.dataclass(slots=True)(Heir)
