"""Which role a command means: ACCOUNT/ROLE, a named profile, or what the directory says."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ssoenv import here, policy, settings, surroundings
from ssoenv.aws_files import config as aws_config
from ssoenv.base import arns, clock, dialects
from ssoenv.base.errors import SsoenvError, UsageError
from ssoenv.base.models import Role
from ssoenv.base.values import dataclass, replace
from ssoenv.credentials import serving, terms
from ssoenv.credentials.fetching import obtain, obtain_others
from ssoenv.identity_center import assignments, kept_listings
from ssoenv.trust import adhoc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Credentials, Session
    from ssoenv.credentials.endpoint import Endpoint
    from ssoenv.credentials.terms import Person
    from ssoenv.identity_center.assignments import Listing

BY_NAME = "name a role, as in: ACCOUNT/ROLE (ssoenv roles lists yours), or bind it:"
"""What there is to do where nothing is bound and a session is there."""


@dataclass(frozen=True, slots=True)
class Target:
    """A role with the region to use it in, and the profile and file that named it, if one did.

    `protect`: that file protects it. `chosen_by`: what chose it in that project, if not the file.
    """

    role: Role
    region: str | None = None
    label: str = ""
    file: str = ""
    protect: bool = False
    profile: str = ""
    chosen_by: str = ""

    def at(self, region: str | None) -> Target:
        """Return this in `region`, if one is given."""
        return replace(self, region=region or self.region)

    def obtain(
        self,
        command: str,
        env: Mapping[str, str],
        person: Person,
        *,
        typed: bool = True,
        unasked: str = "",
    ) -> Credentials:
        """Return its credentials; `person` is told of `command`, should someone have to sign in.

        `typed`: it is a command that a person typed. `unasked` says why `person` is asked nothing.
        """
        wish = self._wish(command, typed=typed, unasked=unasked)
        return obtain(self.role, self._terms(wish, env, person))

    def obtain_others(
        self, rejected: Credentials, command: str, env: Mapping[str, str], person: Person
    ) -> Credentials:
        """Return other credentials than those that AWS rejects, otherwise as `obtain` does."""
        return obtain_others(self.role, self._terms(self._wish(command), env, person), rejected)

    def serve(
        self,
        command: str,
        endpoint: Endpoint,
        env: Mapping[str, str],
        person: Person,
        base: Mapping[str, str],
    ) -> dict[str, str]:
        """Serve its credentials until this process ends; return `base` as it uses them.

        `person` is asked before that, in the name of `command`, and never later.
        """
        allowed = self._terms(self._wish(command), env, person)
        return {**base, **self._marks(), **serving.serve(self.role, allowed, endpoint, base)}

    def _wish(self, command: str, *, typed: bool = True, unasked: str = "") -> terms.Wish:
        return terms.Wish(
            (command,), self.file, self.profile, self.protect, typed, unasked, self.chosen_by
        )

    def _terms(self, wish: terms.Wish, env: Mapping[str, str], person: Person) -> terms.Terms:
        return terms.terms(self.role, wish, env, settings.load(env), person)

    def _marks(self) -> dict[str, str]:
        """Return the region, where one is set, and the label."""
        return {**self._regions(), "AWS_SSO_PROFILE": self.label}

    def _regions(self) -> dict[str, str]:
        if not self.region:
            return {}
        return {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}

    def variables(self, credentials: Credentials) -> dict[str, str]:
        """Return the environment that `credentials` make, with the region where one is set."""
        return {
            "AWS_ACCESS_KEY_ID": credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
            "AWS_SESSION_TOKEN": credentials.session_token,
            "AWS_CREDENTIAL_EXPIRATION": clock.render_timestamp(credentials.expiration),
            **self._regions(),
        }

    def environment(self, credentials: Credentials, base: Mapping[str, str]) -> dict[str, str]:
        """Return `base`, which has no role, with `credentials`, for one command.

        The key id is marked as given on purpose, so that a shell with the hook lets it stand.
        """
        given = {"SSOENV_GIVEN": credentials.access_key_id}
        return {**base, **self._marks(), **self.variables(credentials), **given}


def resolve(
    target: str | None, profile: str | None, session: str | None, env: Mapping[str, str]
) -> Target:
    """Return what `target` (ACCOUNT/ROLE, or an ARN), else `profile`, else the directory means.

    A `profile` with a slash is an ACCOUNT/ROLE, too: no profile of a project has one. `session`
    names that of ACCOUNT/ROLE. Raises UsageError when it means nothing, NotTrusted when the
    binding here may not act.
    """
    if target is not None and profile is not None:
        raise UsageError("either ACCOUNT/ROLE or --profile, not both").without("--profile")
    if target is None and profile is not None and "/" in profile:
        target, profile = profile, None
    if target is not None:
        return _anywhere(target, session, env)
    if session is not None:
        raise UsageError(
            "--session goes with ACCOUNT/ROLE: a project has its own",
            fix=f"ssoenv roles --session {dialects.word(session)}",
        )
    try:
        found = (
            here.follow(env)
            if profile is None
            else here.require(here.working_directory(env), env, profile)
        )
    except here.NothingBound as nothing:
        if nothing.knows_sessions:
            nothing.advice = BY_NAME
        raise
    if found.profile is None:
        raise UsageError("no profile is chosen here", fix="ssoenv status")
    chosen = found.profile
    return Target(
        chosen.role,
        chosen.region,
        chosen.label,
        found.path or "",
        chosen.protect,
        chosen.name,
        here.BY_USE if adhoc.is_name(chosen.name) else "",
    )


def by_arn(session: str, text: str) -> Role:
    """Return the role of IAM with the ARN `text`, of the account access manager of `session`.

    Raises UsageError.
    """
    try:
        return assignments.as_role(session, "", text)
    except ValueError as error:
        raise UsageError(f"{text!r} {error}", fix="ssoenv roles") from None


def _anywhere(target: str, wanted: str | None, env: Mapping[str, str]) -> Target:
    """Return the role ACCOUNT/ROLE of the session `wanted`, of the project's, or the usual one."""
    if arns.is_arn(target):
        session = here.session(wanted, env)
        return Target(by_arn(session.label, target), _region(session, env), target)
    account, slash, role = target.rpartition("/")
    if not slash or not account or not role:
        found = here.look(here.working_directory(env), env)
        if found.binding and target in found.binding.profiles:
            what = f"{target!r} is a profile of the project here, not ACCOUNT/ROLE"
            raise _by_option(what, target, target)
        if target in aws_config.load(env).profiles:
            raise UsageError(
                f"{target!r} is a profile of your AWS config, not ACCOUNT/ROLE",
                advice="AWS tools take it by themselves, and it is the same in every directory:",
                fix=f"aws sts get-caller-identity --profile {dialects.word(target)}",
            )
        listing = None
        with contextlib.suppress(SsoenvError):
            listing = kept_listings.of(env, here.session(wanted, env))
        raise no_role(target, listing)
    session = here.session(wanted, env)
    _require_no_label(target, account, session, env)
    return Target(Role(session.label, account, (role,)), _region(session, env), target)


def no_role(words: str, listing: Listing | None, *, because: str = "") -> UsageError:
    """Return the error for `words` that should be ACCOUNT/ROLE, and may be an account's alone."""
    alone = listing is not None and listing.called(words)
    fix = f"ssoenv roles {dialects.word(words)}" if alone else "ssoenv roles"
    return UsageError(f"{because}{words!r} is not ACCOUNT/ROLE", fix=fix)


def _by_option(what: str, words: str, profile: str) -> UsageError:
    """Return the error `what` for `words` that mean a `profile` of the project."""
    error = UsageError(
        what,
        advice="name it by an option:",
        fix=f"ssoenv whoami --profile {dialects.word(profile)}",
    )
    error.meant = (words, f"--profile={profile}")
    return error


def _require_no_label(target: str, account: str, session: Session, env: Mapping[str, str]) -> None:
    """Raise UsageError for a `target` that is the label of a profile, as the prompt has it.

    It looks like ACCOUNT/ROLE, and is that where an account has the name of the profile.
    """
    found = here.look(here.working_directory(env), env)
    profile = found.binding.profiles.get(account) if found.binding else None
    listing = kept_listings.of(env, session)
    if profile is None or listing is None or listing.called(account):
        return
    if target in (profile.label, policy.as_kept(profile, env).label):
        what = f"{target} is how the project here calls its profile {account}, and no ACCOUNT/ROLE"
        raise _by_option(what, target, account)


def _region(session: Session, env: Mapping[str, str]) -> str | None:
    """Return the region for a role that no file names: that of its `session`.

    None where the person has one of their own, in the environment or the AWS config: it stays.
    """
    own = surroundings.without_ours(env)
    default = aws_config.load(env).profiles.get("default", {})
    has_own = own.get("AWS_REGION") or own.get("AWS_DEFAULT_REGION") or default.get("region")
    return None if has_own else session.region
