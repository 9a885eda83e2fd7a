"""Whether a role may be used at all: the policy is asked once, on the way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import token_cache
from ssoenv.base import arns, clock, paths
from ssoenv.base.errors import (
    AccessDenied,
    InvalidConfiguration,
    ServiceUnavailable,
    SignInRequired,
)
from ssoenv.base.values import dataclass, replace
from ssoenv.credentials import protection
from ssoenv.credentials.portal import Portal
from ssoenv.credentials.protection import Yes
from ssoenv.identity_center import account_access, assignments, kept_listings
from ssoenv.sign_in import epoch, instances
from ssoenv.trust import protected

if TYPE_CHECKING:
    from ssoenv.base.models import Role, Session
    from ssoenv.credentials.terms import Terms
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.policy import Target, Verdict


@dataclass(frozen=True, slots=True)
class Admission:
    """A role that the policy lets `terms` use, not fetched yet.

    `account_id` and `name` are what `role` means. `without_asking`: any program may have it
    without a question; `yes` is the answer of a person, where one was needed. `epoch` is that of
    the session as the request began.
    """

    role: Role
    session: Session
    account_id: str
    name: str
    terms: Terms
    without_asking: bool
    yes: Yes
    epoch: bytes

    @property
    def held(self) -> Role:
        """What it means: the role by its account id, without alternatives."""
        return self.role.held_as(self.account_id, self.name)

    @property
    def for_agent(self) -> bool:
        """Whether a coding agent asks: what it gets is kept apart."""
        return bool(self.terms.consent.agent)


def admit(role: Role, terms: Terms) -> Admission:
    """Return `role` as one that may be used on these `terms`, after the question that it may take.

    Raises AccessDenied, and what asking the service raises.
    """
    instances.settle(terms.env)
    session = aws_config.find_session(terms.env, role.session)
    require_possible(role, session)
    began = epoch.current(terms.env, session)
    listing = _listing(role, terms, session) if _takes_a_list(role, terms) else None
    verdict, target, listing = judge(role, terms, session, listing)
    yes = _ask(role, target, verdict, terms) if verdict.answer == "ask" else Yes()
    without_asking = policy.verdict(terms.settings, policy.without_file(target)).answer == "allowed"
    known = assignments.resolve(role, listing)
    if known is None:
        known = assignments.resolve_in(Portal(session, terms).list_for(role), role, session)
    yes = yes.kept_for(role.held_as(*known), terms.env)
    return Admission(role, session, *known, terms, without_asking, yes, began)


def judge(
    role: Role, terms: Terms, session: Session, listing: Listing | None
) -> tuple[Verdict, Target, Listing | None]:
    """Return whether `role` may be used on these `terms`, freely or after a question; what it is.

    Where a pattern of the settings turns on what the user's `listing` does not tell, the service is
    asked, and the list that it gives is returned. Raises AccessDenied for a role that may not be
    used, and what asking the service raises.
    """
    target = _target(role, terms, listing)
    verdict = policy.verdict(terms.settings, target)
    if verdict.answer == "unknown":
        listing = Portal(session, terms).list_for(role)
        assignments.resolve_in(listing, role, session)
        target = _target(role, terms, listing)
        verdict = policy.verdict(terms.settings, target)
    if verdict.answer in ("refused", "unknown"):
        raise AccessDenied(verdict.reason, advice=f"see {paths.settings_file(terms.env)}")
    return verdict, target, listing


def _listing(role: Role, terms: Terms, session: Session) -> Listing | None:
    """Return the list that tells what accounts are called, as it is kept.

    Accounts are renamed: one that is old, or of an earlier sign-in, is asked for anew where that
    takes no sign-in. Without the service it is better than none.
    """
    kept = kept_listings.of(terms.env, session)
    if kept is None or kept.listed_at >= clock.now() - kept_listings.ACCOUNTS_MAX_AGE:
        return kept
    token = token_cache.load_token(terms.env, session)
    if token is None or token.expires_at <= clock.now():
        return kept
    try:
        return Portal(session, terms).list_for(role)
    except (SignInRequired, ServiceUnavailable):
        return kept


def _target(role: Role, terms: Terms, listing: Listing | None) -> Target:
    """Return what `role` is; whoever names no profile has what any file that they trust says."""
    target = policy.target(role, listing, profile=terms.profile, protect=terms.protect)
    if terms.protect is None:
        listing = listing or kept_listings.load(terms.env, role.session)
        return protected.guarded(target, protected.guards(terms.env, role.session, listing))
    return replace(target, protected_by=terms.consent.request.file) if terms.protect else target


def require_possible(role: Role, session: Session) -> None:
    """Raise InvalidConfiguration for a role of IAM that `session` can never give.

    It is in another partition, or the session does not ask for the scope that it takes.
    """
    there = arns.partition_of(session.region)
    if role.iam and role.iam.arn.partition != there:
        raise InvalidConfiguration(
            f"{role.iam.arn} cannot be assumed from {session.label}, which is in {there}",
            advice=f"correct the partition in it, or sso_region at {session.source}",
        )
    if role.entitled:
        account_access.require_scope(session, account_access.ASSUME)


def _takes_a_list(role: Role, terms: Terms) -> bool:
    """Whether the user's list of accounts tells more about `role` than the request itself."""
    settings = terms.settings
    named = bool(settings.protect or settings.never)
    return terms.protect is not False or named or assignments.resolve(role, None) is None


def _ask(role: Role, target: Target, verdict: Verdict, terms: Terms) -> Yes:
    """Return the answer by which a person lets `role` be used. Raises AccessDenied."""
    request = terms.consent.request
    use = protection.Use(
        role, target, request.command, request.file, verdict.reason, request.chosen_by
    )
    return protection.require(use, terms.settings, terms.env, terms.person, terms.consent)
