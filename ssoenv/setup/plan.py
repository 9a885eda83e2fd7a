"""All that setting up changes, as one value: to be shown whole, and made only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv.aws_files import edits, managed_profiles
from ssoenv.base import file_changes
from ssoenv.base.values import dataclass
from ssoenv.setup import session as sessions
from ssoenv.setup import shell as shells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.aws_files.edits import Edit
    from ssoenv.base.file_changes import Change
    from ssoenv.setup.answers import Given
    from ssoenv.setup.person import Person
    from ssoenv.setup.session import Choice


@dataclass(frozen=True, slots=True)
class Plan:
    """What changes for `shell`: its files, and the AWS config by `edit`.

    There it is the session of the `choice`, and the profile that AWS programs ask.
    """

    shell: str
    changes: tuple[Change, ...]
    choice: Choice | None
    edit: Edit

    def show(self) -> list[str]:
        """Return all of it as lines of a diff: none where nothing changes."""
        return [*shells.diff(self.changes), *edits.show(self.edit)]


def plan(
    shell: str,
    said: Given,
    env: Mapping[str, str],
    person: Person,
    *,
    prompt: bool,
    alone: bool,
    show: bool,
) -> Plan:
    """Return what has to change; `person` is asked for what is not `said`, unless `alone`.

    Raises SsoenvError before the first question for a start-up file that is not ours to change,
    and InvalidConfiguration before the last for such a config, unless it is only to `show` it.
    """
    changes = tuple(shells.plan(shell, env, prompt=prompt, show=show))
    choice = sessions.choose(said, env, person, alone=alone)
    change = managed_profiles.with_profile(env, choice.change if choice else None)
    edit = edits.plan(env, change)
    if not show:
        edits.require_writable(edit)
    return Plan(shell, changes, choice, edit)


def make(plan: Plan, env: Mapping[str, str], person: Person) -> None:
    """Make the changes of `plan`, and tell the `person` what was done. Raises OSError, SsoenvError.

    All of them are made or none: if a file was changed meanwhile, no other is.
    """
    file_changes.require_unchanged(plan.changes)
    with edits.written(env, plan.edit):
        backups = shells.install(plan.changes, plan.shell, env)
    if plan.choice and plan.choice.done:
        person.say(plan.choice.done, style="good")
    for backup in backups:
        person.note(f"the file as it was: {backup}")
    if plan.changes:
        person.say(f"{plan.shell} has ssoenv from its next start on", style="good")
