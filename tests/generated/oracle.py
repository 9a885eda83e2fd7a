"""What a program may have had: the role of the directory that it ran in, or none, or the user's own.

A model of DESIGN's first promise, written without a look at how the hooks keep it. It knows
directories and what they give, and judges what programs saw. Nothing here runs anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv.base import paths
from tests.generated.commands import MOVES, STARTS
from tests.generated.environments import ENVRC_TEXT, HOLDS

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from tests.generated.rows import Row

KINDS = (
    "ran",
    "wrong role",
    "unasked",
    "overruled",
    "mixed",
    "left behind",
    "lost",
    "no role",
    "not run",
    "stuck",
)
"""What can be wrong, the worst first."""
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
MARKERS = ("SSOENV_DIR", "SSOENV_LABEL", "SSOENV_VARS", "SSOENV_PROFILE", "SSOENV_USE")
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")


@dataclass(frozen=True, slots=True)
class Given:
    """What a directory gives: ``account/role``, its region, and the profile of the project."""

    role: str
    region: str
    profile: str
    project: str


@dataclass(frozen=True, slots=True)
class Program:
    """A program that ran: in which phase of the row, where, with what, and what it was answered.

    `phase`: ``first`` prompt, ``source``, ``act`` on a line of its own, ``same-line`` as the move,
    ``end`` at the prompt after it, ``home`` after leaving. `answer` is the id of a key, or empty.
    """

    name: str
    phase: str
    cwd: str
    env: dict[str, str]
    answer: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a program had and its directory does not give; `open`: said in the docs."""

    kind: str
    text: str
    open: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the model is told: what a directory gives, whose a key is, and where the shell stood.

    `left_open` has the ways of docs/shells.md, each with a shell, by which a program that is not
    wrapped keeps the keys that it inherited.
    """

    gives: Callable[[str], Given | None]
    role_of: Callable[[str], str | None]
    regions: tuple[str, ...]
    source: str
    left_open: Container[tuple[str, str]]


def judge(row: Row, programs: Iterable[Program], facts: Facts) -> list[Finding]:
    """Return everything that is wrong with what the `programs` of `row` had."""
    found: list[Finding] = []
    programs = list(programs)
    if expected(row) and not any(one.phase in ("act", "same-line") for one in programs):
        found.append(Finding("not run", "the wrapped command never ran"))
    for program in programs:
        if program.name == "look":
            found += _at_a_prompt(row, program, facts)
        else:
            found += _had(row, program, facts)
    return found


def _had(row: Row, program: Program, facts: Facts) -> Iterator[Finding]:
    """Judge a program by what it could use: its keys, else what its profile's source answered."""
    kind = STARTS[row.start].kind if program.phase in ("act", "same-line") else "wrapped"
    if MOVES[row.move].child and kind == "wrapped" and program.phase != "source":
        kind = "plain"
    key = program.env.get("AWS_ACCESS_KEY_ID", "")
    asked = not key or kind == "asks"
    held = key if key and program.name != "keep" else program.answer
    role = facts.role_of(held) if held else None
    given = facts.gives(program.cwd)
    where = f"{program.name} in {program.cwd} ({program.phase}, {kind})"
    if row.setting == "profile" and facts.role_of(key) and row.start != "ssoenv-exec":
        yield Finding("left behind", f"{where} had keys of ours in its environment")
    if role:
        allowed = {given.role} if given else set()
        unseen = MOVES[row.move].called and program.phase == "same-line"
        if (MOVES[row.move].child or unseen) and not given and asked:
            # Outside of every project: the role of the shell that it comes from, as that knows it.
            origin = facts.gives(facts.source)
            allowed |= {origin.role} if origin else set()
        if role not in allowed:
            wanted = " or ".join(sorted(allowed)) or "none"
            left = "" if asked or kind != "plain" else _left_open(row, program, facts)
            yield Finding(
                "wrong role",
                f"{where} {'was given' if asked else 'had keys of'} {role}, not {wanted}",
                left,
            )
        elif row.setting == "protected-no":
            yield Finding("unasked", f"{where} had {role} though nobody said yes")
    elif given and program.phase in ("act", "same-line") and expected(row):
        yield Finding("no role", f"{where} had none, not {given.role}")
    own = next(
        (program.env[one] for one in PROFILES if program.env.get(one) in ("mine", "of-envrc")), ""
    )
    if kind == "wrapped" and (odd := _mixed(program, facts)):
        yield Finding("mixed", f"{where} had keys of ours with {odd}")
    if own and key and facts.role_of(key) and kind == "wrapped":
        yield Finding("overruled", f"{where} had keys of ours beside the user's profile {own}")


def expected(row: Row) -> bool:
    """Whether a wrapped command of `row` must have the role of its directory, not just no other."""
    start, hold = STARTS[row.start], HOLDS[row.hold]
    return (
        start.kind == "wrapped"
        and not start.own
        and not MOVES[row.move].child
        and not row.move.endswith("-inside")
        and (
            row.setting in ("live", "profile")
            or (row.setting != "protected-no" and row.start != "background")
        )
        and row.route != "web-link"
        # The user's own word wins where it is given, also where zsh gives it back.
        and not (
            row.shell == "zsh"
            and row.move == "profile-before-function"
            and hold.env.keys() & {*PROFILES}
        )
        and not (hold.typed.keys() & {*KEYS, *PROFILES})
        and row.envrc.partition("-")[0] not in ("profile", "keys")
    )


def _mixed(program: Program, facts: Facts) -> str:
    """Name what does not belong to the key of ours that a program has; empty if all does."""
    role = facts.role_of(program.env.get("AWS_ACCESS_KEY_ID", ""))
    others = (name for name in KEYS[1:] if name in program.env)
    odd = (name for name in others if facts.role_of(program.env[name]) != role)
    return next(odd, "") if role else ""


def _left_open(row: Row, program: Program, facts: Facts) -> str:
    """Name the way by which an unwrapped `program` kept keys, if docs/shells.md lists it.

    With `export = "profile"` there are no keys to keep, and nothing is left open.
    """
    way = MOVES[row.move].called
    if row.setting == "profile":
        return ""
    if program.phase == "same-line" and (way, row.shell) in facts.left_open:
        return f"{way}, {row.shell}"
    return ""


def _at_a_prompt(row: Row, look: Program, facts: Facts) -> Iterator[Finding]:
    """Judge what a shell exports at its prompt: nothing of another directory's role, ever."""
    given = facts.gives(look.cwd)
    where = f"at the prompt in {look.cwd} ({look.phase})"
    for name in KEYS:
        role = facts.role_of(look.env.get(name, ""))
        if role and (given is None or role != given.role):
            yield Finding("left behind", f"{name} of {role} {where}")
        elif role and row.setting == "protected-no":
            yield Finding("unasked", f"{name} of {role} {where}, though nobody said yes")
    for name in PROFILES:
        value = look.env.get(name, "")
        role = managed_role(value)
        if role is not None and (given is None or role not in ("", given.role)):
            yield Finding("left behind", f"{name}={value} {where}")
    if "mine" in (look.env.get(name) for name in PROFILES) and facts.role_of(
        look.env.get("AWS_ACCESS_KEY_ID", "")
    ):
        yield Finding("overruled", f"keys of ours beside the user's profile {where}")
    if odd := _mixed(look, facts):
        yield Finding("mixed", f"keys of ours with {odd} {where}")
    for name in REGIONS:
        value = look.env.get(name, "")
        if value in facts.regions and (given is None or value != given.region):
            yield Finding("left behind", f"{name}={value} {where}")
    yield from _markers(look, given, where)
    yield from _others(row, look, where)


def _markers(look: Program, given: Given | None, where: str) -> Iterator[Finding]:
    for name in MARKERS:
        if given is None and name in look.env:
            yield Finding("left behind", f"{name}={look.env[name]!r} {where}")
    if given is None:
        return
    if look.env.get("SSOENV_DIR", given.project) != given.project:
        yield Finding("left behind", f"SSOENV_DIR={look.env['SSOENV_DIR']!r} {where}")
    label = look.env.get("SSOENV_LABEL", given.profile)
    if label.partition("/")[0] != given.profile:
        yield Finding("left behind", f"SSOENV_LABEL={label!r} {where}")


def _others(row: Row, look: Program, where: str) -> Iterator[Finding]:
    """At home, where no role is: what the user had before is there again."""
    hold = HOLDS[row.hold]
    if look.phase == "first":
        kept = set(hold.env)
    elif look.phase == "home" and row.move not in ("pane", "exec"):
        # Not in a new shell, which cannot know what the old one put away; nor what an .envrc sets
        # too, or what was typed beside direnv: there direnv says what it gives back.
        kept = set(hold.env if row.direnv != "none" else hold.env | hold.typed)
        envrc = ENVRC_TEXT.get(row.envrc.partition("-")[0], "")
        kept = {name for name in kept if f"{name}=" not in envrc}
    else:
        return
    for name, value in hold.own.items():
        if name in kept and look.env.get(name) != value:
            yield Finding("lost", f"the user's {name} is {look.env.get(name)!r} {where}")


def managed_role(profile: str) -> str | None:
    """Return the role that a managed `profile` names, empty if it names none; None for no such."""
    prefix, slash, key = profile.partition("/")
    if prefix != "ssoenv" and (not slash or prefix != "ssoenv-protected"):
        return None
    try:
        _, (account,), roles, *_ = paths.parse_role_key(key)
    except ValueError:
        return ""
    return f"{account}/{'+'.join(roles)}"
