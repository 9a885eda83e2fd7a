"""Whether a role may be used: the one place where the user's `never` and `protect` are judged.

A pattern names an account by its id or by its name, whichever the user prefers, and so does a
binding file. Both are compared only once both are known: where one is missing and a pattern may
turn on it, the verdict is "unknown", and whoever hands out credentials asks the service first.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from ssoenv import settings as settings_module
from ssoenv.base.values import dataclass, replace
from ssoenv.identity_center import assignments, kept_listings
from ssoenv.identity_center.assignments import is_account_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ssoenv.base.models import Account, Binding, IamRole, Profile, Role
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.settings import Settings

Answer = Literal["allowed", "ask", "refused", "unknown"]
_STRICTEST: tuple[Answer, ...] = ("refused", "unknown", "ask", "allowed")
NO_PROFILE = "!"
"""In place of the name of a profile: none."""
FOR_AGENTS = {
    "refuse": "what you get, but no protected role",
    "none": 'no role: your settings say agents = "none"',
    "same": 'what you get: your settings say agents = "same"',
}
"""What coding agents get, by the user's settings, where the project does not say."""
NONE_FOR_AGENTS = 'gets no role: your settings say agents = "none"'


@dataclass(frozen=True, slots=True)
class Target:
    """A role about to be used, by every name that a pattern may call it.

    The account's id or name is empty while it is not known. `roles` are the alternatives of the
    binding file, or only the one that will be taken, once that is known. `protect` is what the
    binding file says, and None while it is not known whether a file that names the role otherwise
    protects it; `protected_by` is the path of the file that does, as far as that is known.
    `profile` is empty where no profile names the role. `assumes` is the second role that comes on
    top. `is_listed` is off for an account that a list of the user's does not have and need not
    have: nothing will tell its name.
    """

    account_id: str
    account_name: str
    roles: tuple[str, ...]
    profile: str = ""
    protect: bool | None = False
    assumes: Target | None = None
    is_listed: bool = True
    protected_by: str = ""

    @property
    def role_name(self) -> str:
        """The role for people: all the alternatives, while it is not known which one is held.

        With what comes on top: ``Developer, then prod/Deploy``.
        """
        top = self.assumes
        name = "|".join(self.roles)
        return f"{name}, then {top.account_name or top.account_id}/{top.role_name}" if top else name


@dataclass(frozen=True, slots=True)
class Verdict:
    """The policy's answer, with the sentence that explains every answer but "allowed"."""

    answer: Answer
    reason: str = ""


def target(
    role: Role, listing: Listing | None, *, profile: str = "", protect: bool | None = False
) -> Target:
    """Return what `role` means, as far as the user's `listing` of accounts tells."""
    account = listing.account(role.account) if listing else None
    top = _assumed(role.assumes, listing, profile) if role.assumes else None
    if role.entitled:
        return replace(_assumed(role.entitled, listing, profile), protect=protect)
    if listing is None or account is None:
        by_id = role.account if is_account_id(role.account) else ""
        by_name = "" if by_id else role.account
        return Target(by_id, by_name, role.roles, profile, protect, top)
    taken = listing.first_held(account, role.roles)
    roles = (taken,) if taken else role.roles
    return Target(account.id, account.name, roles, profile, protect, top)


def _assumed(role: IamRole, listing: Listing | None, profile: str) -> Target:
    """Return what a role of IAM is: its account need not be one of the user's own `listing`."""
    account = listing.account(role.arn.account) if listing else None
    name = account.name if account else ""
    is_listed = listing is None or bool(name)
    return Target(role.arn.account, name, (role.arn.name,), profile, is_listed=is_listed)


def profile_target(profile: Profile, listing: Listing | None) -> Target:
    """Return what the `profile` of a binding file means."""
    return target(profile.role, listing, profile=profile.name, protect=profile.protect)


def as_held(profile: Profile, listing: Listing | None) -> Profile:
    """Return `profile` with the role that the user holds, as far as their `listing` tells."""
    found = assignments.find(profile.role, listing) if listing else None
    return replace(profile, held=found[1] if found else "")


def as_kept(profile: Profile, env: Mapping[str, str]) -> Profile:
    """Return `profile` with the role that the user holds by the list that is kept."""
    return as_held(profile, kept_listings.load(env, profile.role.session))


def is_given(has: Role, gives: Role, env: Mapping[str, str]) -> bool:
    """Whether the role `has`, by the id of its account, may be what `gives` means."""
    if has.session != gives.session or has.roles[0] not in gives.roles:
        return False
    if (has.assumes, has.entitled) != (gives.assumes, gives.entitled):
        return False
    if has.entitled:
        return True
    known = assignments.resolve(gives, kept_listings.load(env, gives.session))
    return known is None or known == (has.account, *has.roles)


def for_people(role: Role, env: Mapping[str, str]) -> str:
    """Return `role` with the name of its account, where the list that is kept has it."""
    listing = kept_listings.load(env, role.session)
    account = listing.account(role.account) if listing else None
    return f"{account.name if account else role.account}/{role.roles[0]}{role.on_top}"


def verdict(settings: Settings, wanted: Target) -> Verdict:
    """Return whether `wanted` may be used: freely, after a question, or not at all.

    Each alternative role is judged. Where they differ, it matters which one the user holds, and
    the verdict is unknown until that is. Of two roles, one on top of the other, the stricter
    verdict counts.
    """
    found = _of_alternatives(settings, wanted)
    if wanted.assumes is None:
        return found
    both = (found, _of_alternatives(settings, wanted.assumes))
    return min(both, key=lambda one: _STRICTEST.index(one.answer))


def _of_alternatives(settings: Settings, wanted: Target) -> Verdict:
    verdicts = [_judge(settings, wanted, role) for role in wanted.roles]
    if len({one.answer for one in verdicts}) == 1:
        return verdicts[0]
    doubt = next((one for one in verdicts if one.answer == "unknown"), None)
    roles = ", ".join(wanted.roles)
    return doubt or Verdict("unknown", f"which of the roles {roles} you hold is not known yet")


def judge(profile: Profile, env: Mapping[str, str], agent: str = "") -> Verdict:
    """Return whether `profile` may be used, by the user's settings and the list that is kept.

    By the coding agent called `agent`, if one asks.
    """
    listing, settings = kept_listings.load(env, profile.role.session), settings_module.load(env)
    found = verdict(settings, profile_target(profile, listing))
    return for_agents(found, settings, agent) if agent else found


def for_agents(found: Verdict, settings: Settings, agent: str) -> Verdict:
    """Return the verdict `found` as a coding agent called `agent` has it: it is asked nothing."""
    if found.answer == "ask" and settings.agents != "same":
        return Verdict("refused", f"{found.reason}, and {agent} runs this")
    return found


def effective(settings: Settings, profile: Profile, listing: Listing | None) -> tuple[Profile, str]:
    """Return `profile` as shells should see it, and why it may not be used at all; else "".

    One that is protected, or cannot be judged yet, never has its credentials in an environment:
    each program asks for them, and they are given after a yes, or when the verdict is known.
    """
    answer = verdict(settings, profile_target(profile, listing))
    profile = as_held(profile, listing)
    if answer.answer == "ask":
        profile = replace(profile, protect=True)
    if answer.answer in ("ask", "unknown"):
        profile = replace(profile, export="profile")
    return profile, answer.reason if answer.answer == "refused" else ""


def apply(
    settings: Settings, binding: Binding, listing: Listing | None
) -> tuple[Binding, dict[str, str]]:
    """Return `binding` as shells should see it, and by profile why some may not be used."""
    judged = {
        name: effective(settings, profile, listing) for name, profile in binding.profiles.items()
    }
    profiles = {name: profile for name, (profile, _) in judged.items()}
    refusals = {name: reason for name, (_, reason) in judged.items() if reason}
    return replace(binding, profiles=profiles), refusals


def profile_for_agents(settings: Settings, binding: Binding | None = None) -> str:
    """Return the only profile of `binding` that coding agents get, NO_PROFILE, or "" for any."""
    if binding and binding.agent:
        return binding.agent
    return NO_PROFILE if settings.agents == "none" else ""


def refusal_for_agent(
    agent: str, settings: Settings, role: Role, binding: Binding | None, env: Mapping[str, str]
) -> str:
    """Return why the coding agent called `agent` may not have `role`; empty if it may.

    `binding` is what applies where it asks. Whether the role is protected is another matter.
    """
    name = profile_for_agents(settings, binding)
    if name == NO_PROFILE:
        return f"{agent} {NONE_FOR_AGENTS}"
    if not name or binding is None:
        return ""
    listing, only = kept_listings.load(env, role.session), binding.profiles[name].role
    asked, given = target(role, listing), target(only, listing)
    same = bool(_same_account(asked, given)) and asked.roles == given.roles
    same = same and (role.assumes, role.entitled) == (only.assumes, only.entitled)
    if role.session == only.session and (same or role == only):
        return ""
    return f'{agent} gets no role but that of {name}: {binding.path} says agent = "{name}"'


def is_meant(pattern: str, account: Account, role: str) -> bool:
    """Whether `pattern`, as the settings have them, means `role` in `account`."""
    wanted = Target(account.id, account.name, (role,))
    return bool(_means(pattern, wanted, role, (account.id, account.name)))


def gives(wanted: Target, role: Target) -> bool | None:
    """Whether whoever uses `wanted` may have what `role` gives: by either role of a pair.

    What gives credentials of a pair is its second role. None where one account is known by its id
    alone, and the other by its name.
    """
    given = role.assumes or role
    found = [
        _same_account(one, given)
        for one in (wanted, wanted.assumes)
        if one and set(one.roles) & set(given.roles)
    ]
    return surest(found)


def surest(found: Iterable[bool | None]) -> bool | None:
    """Return True where one is; else None where one may be; else False."""
    seen = set(found)
    return True if True in seen else None if None in seen else False


def _same_account(one: Target, other: Target) -> bool | None:
    """Whether two targets are in one account; None where what is known of them tells nothing."""
    if one.account_id and other.account_id:
        return one.account_id == other.account_id
    if one.account_name and other.account_name:
        return one.account_name == other.account_name
    return None


def without_file(wanted: Target) -> Target:
    """Return `wanted` as a program asks for it that no binding file sent."""
    top = without_file(wanted.assumes) if wanted.assumes else None
    return replace(wanted, profile="", protect=False, assumes=top)


def _judge(settings: Settings, wanted: Target, role: str) -> Verdict:
    account = wanted.account_name or wanted.account_id
    names = (wanted.account_id, wanted.account_name)
    pattern, means = _first(settings.never, wanted, role, names)
    if means:
        reason = f'your settings never allow {account}/{role} (never = ["{pattern}"])'
        return Verdict("refused", reason)
    if means is None:
        return _unknown(wanted, role, "never", pattern)
    pattern, means = _first(settings.protect, wanted, role, (*names, wanted.profile))
    if means:
        return Verdict("ask", f'your settings protect {account}/{role} (protect = ["{pattern}"])')
    if means is None:
        return _unknown(wanted, role, "protect", pattern)
    return _judge_by_file(wanted, f"{account}/{role}")


def _judge_by_file(wanted: Target, named: str) -> Verdict:
    if wanted.protect is None:
        missing = "name" if wanted.account_id else "id"
        reason = f"a file that you trust may protect {named}: the {missing} of its account"
        return Verdict("unknown", f"{reason} is not known yet")
    if wanted.protect:
        return Verdict("ask", f"{wanted.protected_by or 'a binding file'} protects {named}")
    return Verdict("allowed")


def _unknown(wanted: Target, role: str, key: str, pattern: str) -> Verdict:
    if not wanted.is_listed:
        reason = (
            f"account {wanted.account_id}, which has the role {role}, is in no list of yours, "
            f'and {key} = ["{pattern}"] may mean it: name it there by its id'
        )
        return Verdict("refused" if key == "never" else "ask", reason)
    what = f"the name of account {wanted.account_id}"
    if not wanted.account_id:
        what = f"the id of account {wanted.account_name}"
    return Verdict("unknown", f'{what} is not known yet, and {key} = ["{pattern}"] may mean it')


def _first(
    patterns: Iterable[str], wanted: Target, role: str, names: tuple[str, ...]
) -> tuple[str, bool | None]:
    """Return the first pattern that means `role`; else one that may (None); else none (False)."""
    doubtful = ""
    for pattern in patterns:
        means = _means(pattern, wanted, role, names)
        if means:
            return pattern, True
        if means is None:
            doubtful = doubtful or pattern
    return doubtful, None if doubtful else False


def _means(pattern: str, wanted: Target, role: str, names: tuple[str, ...]) -> bool | None:
    """Whether `pattern` means `role` of an account called `names`; None while that is not known."""
    if pattern in names:  # the name of an account may have a colon
        return True
    account, _, wanted_role = pattern.rpartition(":") if ":" in pattern else (pattern, "", "")
    if not _fits(role, wanted_role or "*"):
        return False
    if any(name and _fits(name, account) for name in names):
        return True
    id_would_tell = not wanted.account_id and _may_be_an_id(account)
    name_would_tell = not wanted.account_name and not is_account_id(account)
    return None if id_would_tell or name_would_tell else False


def _fits(name: str, pattern: str) -> bool:
    """Whether `name` fits `pattern`, read with brackets as in a shell and as they stand.

    Both, because accounts are called ``[prod] web``, and a pattern must not mean less than it may.
    """
    return fnmatchcase(name, pattern) or fnmatchcase(name, pattern.replace("[", "[[]"))


def _may_be_an_id(pattern: str) -> bool:
    """Whether some id of an account fits `pattern`; careful about brackets."""
    return "[" in pattern or not set(pattern) - set("0123456789*?")
