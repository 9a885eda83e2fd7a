"""Which role a command means: ACCOUNT/ROLE, a named profile, or what the directory says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here, settings
from ssoenv.aws_files import config as aws_config
from ssoenv.base.errors import UsageError
from ssoenv.base.models import Role
from ssoenv.cli import lazily
from ssoenv.credentials import obtain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Credentials

TargetArgument = Annotated[
    str | None, typer.Argument(metavar="[ACCOUNT/ROLE]", help="Else the role of this directory.")
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        metavar="NAME|ACCOUNT/ROLE",
        help="A profile of the project here, or any role.",
    ),
]
SessionOption = Annotated[
    str | None,
    typer.Option("--session", "-s", help="The sso-session of ACCOUNT/ROLE, if there are several."),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A role with the region to use it in, and the profile and file that named it, if one did.

    `protect`: that file protects it.
    """

    role: Role
    region: str | None = None
    label: str = ""
    file: str = ""
    protect: bool = False
    profile: str = ""

    def obtain(self, command: str, env: Mapping[str, str]) -> Credentials:
        """Return its credentials, for `command` to be named should someone have to sign in."""
        preferences = settings.load(env)
        terms = lazily.terms(
            self.role,
            (command,),
            env,
            preferences,
            self.file,
            profile=self.profile,
            protect=self.protect,
        )
        return obtain(self.role, terms)


def find(
    target: str | None, profile: str | None, session: str | None, env: Mapping[str, str]
) -> Wanted:
    """Return what `target` (ACCOUNT/ROLE), else `profile`, else the directory means.

    A `profile` with a slash is an ACCOUNT/ROLE, too: no profile of a project has one. `session`
    names that of ACCOUNT/ROLE. Raises UsageError when it means nothing, NotTrusted when the
    binding here may not act.
    """
    if target is not None and profile is not None:
        raise UsageError("either ACCOUNT/ROLE or --profile, not both")
    if target is None and profile is not None and "/" in profile:
        target, profile = profile, None
    if target is not None:
        return _anywhere(target, session, env)
    if session is not None:
        raise UsageError(
            "--session goes with ACCOUNT/ROLE: a project has its own",
            hint=f"ssoenv roles --session {session}",
        )
    found = here.require(here.working_directory(env), env, profile)
    if found.profile is None:
        raise UsageError("no profile is chosen here", hint="ssoenv status")
    chosen = found.profile
    return Wanted(
        chosen.role, chosen.region, chosen.label, found.path or "", chosen.protect, chosen.name
    )


def _anywhere(target: str, wanted: str | None, env: Mapping[str, str]) -> Wanted:
    """Return the role ACCOUNT/ROLE of the session `wanted`, or of the user's default one."""
    account, slash, role = target.rpartition("/")
    if not slash or not account or not role:
        raise UsageError(f"{target!r} is not ACCOUNT/ROLE", hint="ssoenv roles")
    session = aws_config.default_session(env, wanted)
    return Wanted(Role(wanted or session.label, account, (role,)), label=target)
