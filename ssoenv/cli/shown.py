"""What a binding would do, and what other tools wrote into our profiles, as a person is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import managed_profiles
from ssoenv.base.errors import InvalidConfiguration, ServiceUnavailable
from ssoenv.base.values import replace
from ssoenv.binding import changes as binding_changes
from ssoenv.binding import file as binding_file
from ssoenv.cli import screen
from ssoenv.identity_center import assignments, kept_listings, regions, start_urls
from ssoenv.setup import agent_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Binding, IamRole, Profile, Role, Session
    from ssoenv.policy import Verdict
    from ssoenv.settings import Settings


_READ = 20
"""How many lines a person can be taken to read; of more, what matters is told in short."""
_ACCOUNTS = 60
"""So many accounts of one role are named there."""
_LACKING = "not assigned to you"


def tell_where_it_leads(session: Session, env: Mapping[str, str]) -> None:
    """Ask a start URL that is not AWS's own where it leads, and tell it.

    Raises InvalidConfiguration where that is not AWS's own either.
    """
    try:
        at = start_urls.resolve(session, env)
    except ServiceUnavailable as failure:
        screen.note(f"where it leads cannot be asked now: {failure.message}")
        return
    if at.start_url != session.start_url:
        screen.note(f"it leads to {at.start_url}, in {at.region}")


def tell_foreign_keys(env: Mapping[str, str]) -> None:
    """Say which keys of other tools stand in our profiles, before those are written anew."""
    for key in managed_profiles.foreign(env):
        screen.say(f"{key}; it is kept there as a comment", style="warning")


def show(
    binding: Binding, before: bytes | None, env: Mapping[str, str], preferences: Settings
) -> None:
    """Tell on stderr what `binding` would do, and what is new since the bytes `before`."""
    listing = kept_listings.load(env, binding.session)
    count = _show_all(binding, preferences, listing)
    agents = f"coding agents get {agent_report.given(binding, preferences, listing)}"
    screen.note(agents)
    if before is not None and before != binding.content:
        count += _show_changes(before, binding, listing)
    if count > _READ:
        _show_in_short(binding, listing)
        screen.note(agents)


def _show_all(binding: Binding, preferences: Settings, listing: assignments.Listing | None) -> int:
    """Tell everything that `binding` asks for; return in how many lines."""
    screen.say(f"{binding.path} asks for:", style="strong")
    for profile in binding.profiles.values():
        verdict = policy.verdict(preferences, policy.profile_target(profile, listing))
        screen.note(_describe(profile, binding, listing, verdict))
    for path, name in binding.paths:
        screen.note(f"{path}/ -> {name}")
    if binding.sso and binding.sso.tenant:
        screen.note(f"tenant {binding.sso.tenant} of the account access manager")
    return len(binding.profiles) + len(binding.paths)


def _show_in_short(binding: Binding, listing: assignments.Listing | None) -> None:
    """Tell what stands above in one line for each role: it may be out of sight."""
    screen.say(f"in short, {len(binding.profiles):,} profiles:", style="strong")
    accounts: dict[str, list[str]] = {}
    for profile in binding.profiles.values():
        words, account, lacks = _in_short(profile, listing)
        if profile.name == binding.default:
            screen.note(f"by default {words} in {account}")
        accounts.setdefault("" if lacks else words, []).append(account)
    unheld = len(accounts.pop("", ()))
    for words in sorted(accounts)[:_READ]:
        screen.note(f"{words} in {_listed(accounts[words])}")
    if len(accounts) > _READ:
        screen.note(f"and {len(accounts) - _READ:,} roles more")
    if unheld:
        screen.note(f"{unheld:,} more {_LACKING}")


def _listed(accounts: list[str]) -> str:
    """Return `accounts`, each once; of very many the first, and how many more there are."""
    found = [*dict.fromkeys(accounts)]
    more = f", and {len(found) - _ACCOUNTS:,} more" if len(found) > _ACCOUNTS else ""
    return ", ".join(found[:_ACCOUNTS]) + more


def _in_short(profile: Profile, listing: assignments.Listing | None) -> tuple[str, str, bool]:
    """Return the role and the account of `profile`, and whether that is known to be lacking."""
    account, lacks = _account(profile.role, listing)
    words = ", ".join([_role(profile, listing), *_on_top(profile.role, listing)])
    return words, account, lacks == [_LACKING]


def _show_changes(before: bytes, binding: Binding, listing: assignments.Listing | None) -> int:
    """Tell what `binding` asks for that the bytes `before` did not; nothing if those are broken.

    Returns in how many lines.
    """
    try:
        old = binding_file.parse(before, binding.path)
    except InvalidConfiguration:
        return 0
    changes = binding_changes.between(old, binding, lambda role: _meant(role, listing))
    if not changes:
        screen.say("its text has changed since you trusted it, but nothing of what it does")
        return 0
    screen.say("changed since you trusted it:", style="warning")
    for change in changes:
        screen.note(str(change))
    return len(changes)


def _describe(
    profile: Profile, binding: Binding, listing: assignments.Listing | None, verdict: Verdict
) -> str:
    whose, unheld = _account(profile.role, listing)
    session = profile.role.session
    words = {
        f"{profile.name}: {_role(profile, listing)} in account {whose}, session {session}": True,
        **dict.fromkeys(unheld, True),
        **dict.fromkeys(_on_top(profile.role, listing), True),
        f"region {region(profile.region)}": profile.region,
        f"output {profile.output}": profile.output,
        binding_changes.HANDED.get(profile.export or "", ""): profile.export,
        "the default": profile.name == binding.default and len(binding.profiles) > 1,
        "protected": verdict.answer == "ask",
        f"but {verdict.reason}": verdict.answer == "refused",
    }
    return ", ".join(word for word, holds in words.items() if holds)


def _on_top(role: Role, listing: assignments.Listing | None) -> list[str]:
    """Return what there is to say of a role of IAM: on top of another, or in place of one."""
    second = role.assumes
    if role.entitled:
        return [f"by the account access manager, {role.entitled.arn}", *_as(role.entitled)]
    if second is None:
        return []
    account = listing.account(second.arn.account) if listing else None
    whose = f" in account {account.id} ({account.name})" if account else ""
    return [f"then assumes {second.arn}{whose}", *_as(second)]


def _as(role: IamRole) -> list[str]:
    """Return what there is to say of the session of `role`."""
    named = [f"as {role.session_name}"] if role.session_name else []
    return named + ([f"for {role.duration} s"] if role.duration else [])


def region(name: str | None) -> str:
    """Return the region `name`, with what is odd about it."""
    odd = regions.doubt(name)
    return f"{name} ({odd})" if odd else f"{name}"


def _role(profile: Profile, listing: assignments.Listing | None) -> str:
    """Return the role of `profile`; where it lists several, the one that is held, and the list."""
    listed, held = "|".join(profile.role.roles), policy.as_held(profile, listing).role_name
    return held if held == listed else f"{held} (of {listed})"


def _meant(role: Role, listing: assignments.Listing | None) -> Role:
    """Return `role` with its account as the person's own list has it, and what they hold of it."""
    found = assignments.find(role, listing) if listing else None
    return replace(
        role, account=_account(role, listing)[0], roles=(found[1],) if found else role.roles
    )


def _account(role: Role, listing: assignments.Listing | None) -> tuple[str, list[str]]:
    """Return the account of `role` as the person's own list has it, and why they lack the role."""
    account = listing.account(role.account) if listing else None
    if listing is None or account is None:
        return role.account, ["not in any list of yours yet"]
    whose = f"{account.id} ({account.name})" if account.name else account.id
    if role.entitled:
        lacks = listing.is_entitled(role) is False
        return whose, ["you are not entitled to it"] if lacks else []
    if not listing.knows_roles(account):
        return whose, ["not looked up yet whether you hold it"]
    held = listing.first_held(account, role.roles)
    return whose, [] if held else [_LACKING]
