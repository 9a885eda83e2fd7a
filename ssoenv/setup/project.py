"""A directory bound to a role: what its ``.ssoenv.toml`` is to say, and writing it."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from typing import TYPE_CHECKING

from ssoenv import here, policy
from ssoenv.aws_files import choice
from ssoenv.aws_files import config as aws_config
from ssoenv.base import dialects, files, paths
from ssoenv.base.errors import (
    AccessDenied,
    Cancelled,
    InvalidConfiguration,
    NotTrusted,
    SsoenvError,
    UsageError,
)
from ssoenv.base.values import dataclass, replace
from ssoenv.binding import edit as binding_edit
from ssoenv.binding import file as binding_file
from ssoenv.identity_center import kept_listings
from ssoenv.setup import answers
from ssoenv.setup import session as sessions
from ssoenv.trust import grants, store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.base.models import Binding, Profile, Role, Session
    from ssoenv.binding.edit import Place
    from ssoenv.settings import Settings
    from ssoenv.setup.person import Person


@dataclass(frozen=True, slots=True)
class Project:
    """A directory with its binding file as it is now; `before` is None where there is none."""

    directory: str
    path: str
    before: bytes | None
    binding: Binding | None

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """The profiles of the file, by name."""
        return self.binding.profiles if self.binding else {}


def load(directory: str, env: Mapping[str, str], person: Person) -> Project:
    """Return `directory` as a project; `person` is asked where it would be all of their home.

    What bind writes is trusted; so would be whatever else stands in the file. So this raises
    NotTrusted unless the person has seen all of it, and InvalidConfiguration for one that is wrong.
    """
    path = f"{directory.rstrip('/')}/{paths.BINDING_FILE}"
    if not os.path.lexists(path):
        if here.holds_home(directory, env):
            _require_yes(directory, person)
        return Project(directory, path, None, None)
    before = binding_file.read(path)
    binding = binding_file.parse(before, path)
    if not store.remembered(env, directory, before):
        changed = store.trusted(env, directory) is not None
        what = "was changed since you trusted it" if changed else "is not trusted"
        raise NotTrusted(f"{path} {what}", fix="ssoenv trust")
    return Project(directory, path, before, binding)


def _require_yes(directory: str, person: Person) -> None:
    """Ask whether everything below `directory` is to have the role.

    Raises UsageError where nobody can be asked, and Cancelled without a yes.
    """
    what = f"all of your home directory is in {directory}, and would have this role"
    if not person.interactive():
        raise UsageError(what, fix="mkdir PROJECT && cd PROJECT && ssoenv bind")
    person.say(what, style="warning")
    person.note("for one project: mkdir PROJECT && cd PROJECT && ssoenv bind")
    if not person.confirm(f"Bind {directory} all the same?"):
        raise Cancelled("nothing was bound")


def find_session(
    project: Project, wanted: str | None, env: Mapping[str, str], person: Person
) -> Session:
    """Return the session to bind to: as asked, as the file has it, or as the person says."""
    if project.binding is not None:
        named = project.binding.session
        session = aws_config.find_session(env, named)
        if wanted and not _means(wanted, session, env):
            raise UsageError(
                f"{project.path} is bound to session {named!r}, and holds one session only",
                fix=f"ssoenv bind --session {dialects.word(named)}",
            )
        return replace(session, chosen_by=project.path)
    chosen = sessions.default(env, wanted, person)
    if wanted and (said := choice.explained(wanted, chosen)):
        person.say(said)
    return chosen


def _means(wanted: str, session: Session, env: Mapping[str, str]) -> bool:
    """Whether a person may mean `session` by `wanted`."""
    try:
        return choice.named(env, wanted) == session
    except InvalidConfiguration:
        return False


@dataclass(frozen=True, slots=True)
class Named:
    """What the command line, as it was `typed`, says of the name of a profile.

    `replace`: a profile of another role that has the `name` may go.
    """

    name: str | None
    replace: bool
    typed: str

    def again(self, *more: str) -> str:
        """Return the command as it was typed, with the words `more`."""
        return " ".join([self.typed, *more])


def choose_name(
    project: Project, role: Role, account_name: str, named: Named, person: Person
) -> str:
    """Return the name of the profile for `role`: as `named`, else one that replaces none unasked.

    Who is there is asked where the file has profiles already. Where nobody is, and the name is that
    of another role, raises UsageError that says what to run; Cancelled for a no.
    """
    if named.name is not None:
        _require_free(project, role, account_name, named, person)
        return named.name
    mine = [name for name, one in project.profiles.items() if _is(one.role, role, account_name)]
    usual = binding_edit.profile_name(account_name, role.roles[0])
    longer = f"{usual}-{binding_edit.profile_name('0', role.roles[0])}"
    proposal = mine[0] if mine else usual if usual not in project.profiles else longer
    if not project.profiles:
        return proposal
    if person.interactive():
        check = partial(_check_name, project, role, account_name, person)
        return person.ask("Name of the profile", check, proposal)
    if proposal == longer and not mine:
        raise UsageError(
            f"{project.path} has a profile {usual!r} already, for {project.profiles[usual].role}",
            fix=named.again("--name", longer),
        )
    return proposal


def _require_free(
    project: Project, role: Role, account_name: str, named: Named, person: Person
) -> None:
    """Raise UsageError, or Cancelled, unless the profile that is named may be what `role` is."""
    name, old = named.name, project.profiles.get(named.name or "")
    if old is None or named.replace or _is(old.role, role, account_name):
        return
    if not person.interactive():
        what = f"{project.path} has a profile {name!r} already, for {old.role}"
        raise UsageError(what, fix=named.again("--replace"))
    if not person.confirm(f"{name} is {old.role}. Replace it?"):
        raise Cancelled(f"{name} stays as it is")


def choose_region(
    project: Project, name: str, session: Session, wanted: str | None, person: Person | None
) -> str | None:
    """Return the region of the profile `name`: as `wanted`, as it has, or as the person says.

    That of the session is proposed, and taken where no `person` is to be asked: most AWS programs
    do nothing without a region.
    """
    if wanted is not None:
        return wanted
    before = project.profiles.get(name)
    if before is not None:
        return before.region
    if person is None or not person.interactive():
        return session.region
    return person.ask("Its AWS region", answers.check_region, session.region)


def _check_name(
    project: Project, role: Role, account_name: str, person: Person, answer: str
) -> str:
    old = project.profiles.get(answers.check_profile(answer))
    if old is None or _is(old.role, role, account_name):
        return answer
    if not person.confirm(f"{answer} is {old.role}. Replace it?"):
        raise UsageError(f"{answer} stays as it is")
    return answer


def _is(old: Role, role: Role, account_name: str) -> bool:
    """Whether `old` is `role`, however the file writes the account."""
    same = (old.entitled and old.entitled.arn) == (role.entitled and role.entitled.arn)
    return same and old.roles == role.roles and old.account in (role.account, account_name)


def planned(project: Project, profile: Profile, place: Place) -> Binding:
    """Return what the file will say with `profile`.

    Raises InvalidConfiguration, with the lines to paste, where its layout does not allow it.
    """
    content = binding_edit.edit(project.before, profile, path=project.path, place=place)
    return binding_file.parse(content, project.path)


def require_allowed(profile: Profile, env: Mapping[str, str], settings: Settings) -> None:
    """Raise AccessDenied for a role that the user's settings rule out."""
    listing = kept_listings.load(env, profile.role.session)
    verdict = policy.verdict(settings, policy.profile_target(profile, listing))
    if verdict.answer == "refused":
        raise AccessDenied(verdict.reason, advice=f"see {paths.settings_file(env)}")


def write(project: Project, binding: Binding, env: Mapping[str, str]) -> None:
    """Write `binding` as the file of `project`, and trust it; if that fails, all is as before.

    Raises SsoenvError where the file is not as it was when this was planned.
    """
    with store.changing(env):
        _require_unchanged(project)
        _write(project, binding, env)


def _write(project: Project, binding: Binding, env: Mapping[str, str]) -> None:
    with (
        _undone_on_failure(project),
        store.restored_on_failure(env, project.directory),
        grants.served(env),
    ):
        # First, so that wherever this is stopped nobody is asked about what they have just said.
        store.remember(env, project.directory, [binding.content])
        files.write_private(project.path, binding.content, mode=_mode(project.path))
        grants.grant_here(binding, env)


def _require_unchanged(project: Project) -> None:
    if files.read_bytes(project.path) != project.before:
        raise SsoenvError(
            f"{project.path} was changed meanwhile", advice="nothing was changed; run it again"
        )


@contextlib.contextmanager
def _undone_on_failure(project: Project) -> Iterator[None]:
    mode = _mode(project.path)
    try:
        yield
    except BaseException:
        if project.before is None:
            files.remove(project.path)
        elif files.read_bytes(project.path) != project.before:
            files.write_private(project.path, project.before, mode=mode)
        raise


def _mode(path: str) -> int:
    """Return the mode of the file at `path`, or what a committed file usually has."""
    try:
        return os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        return 0o644
