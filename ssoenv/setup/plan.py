"""All that setting up changes, as one value: to be shown whole, and made only then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssoenv.aws_files import edits
from ssoenv.setup import session as sessions
from ssoenv.setup import shell as shells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.setup.answers import Given
    from ssoenv.setup.person import Person
    from ssoenv.setup.session import Choice
    from ssoenv.shells.rc_files import Change


@dataclass(frozen=True, slots=True)
class Plan:
    """What changes for `shell`: its files, and what the AWS config lacks of the `choice`."""

    shell: str
    changes: tuple[Change, ...]
    choice: Choice | None

    def show(self) -> list[str]:
        """Return all of it as lines of a diff: none where nothing changes."""
        edit = self.choice.edit if self.choice else None
        return [*shells.diff(self.changes), *(edits.show(edit) if edit else [])]


def plan(
    shell: str, said: Given, env: Mapping[str, str], person: Person, *, prompt: bool, alone: bool
) -> Plan:
    """Return what has to change; `person` is asked for what is not `said`, unless `alone`.

    Raises SsoenvError before the first question for a start-up file that is not ours to change.
    """
    changes = tuple(shells.plan(shell, env, prompt=prompt))
    return Plan(shell, changes, sessions.choose(said, env, person, alone=alone))


def make(plan: Plan, env: Mapping[str, str], person: Person) -> None:
    """Make the changes of `plan`, and tell the `person` what was done. Raises OSError, SsoenvError.

    The session comes first: the managed profiles, which an installation may bring back, stand in
    the same file.
    """
    choice = plan.choice
    if choice and choice.edit:
        edits.write(env, choice.edit)
        person.say(choice.done, style="good")
    for backup in shells.install(plan.changes, plan.shell, env):
        person.note(f"the file as it was: {backup}")
    if plan.changes:
        person.say(f"{plan.shell} has ssoenv from its next start on", style="good")
