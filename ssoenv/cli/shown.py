"""What a binding would do, and what other tools wrote into our profiles, as a person is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import managed_profiles
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.binding import changes as binding_changes
from ssoenv.binding import file as binding_file
from ssoenv.cli import screen
from ssoenv.identity_center import assignments, kept_listings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Binding, Profile, Role
    from ssoenv.policy import Verdict
    from ssoenv.settings import Settings


def tell_foreign_keys(env: Mapping[str, str]) -> None:
    """Say which keys of other tools stand in our profiles, before those are written anew."""
    for key in managed_profiles.foreign(env):
        screen.say(f"{key}; it is kept there as a comment", style="warning")


def show(
    binding: Binding, before: bytes | None, env: Mapping[str, str], preferences: Settings
) -> None:
    """Tell on stderr what `binding` would do, and what is new since the bytes `before`."""
    screen.say(f"{binding.path} asks for:", style="strong")
    listing = kept_listings.load(env, binding.session)
    for profile in binding.profiles.values():
        verdict = policy.verdict(preferences, policy.profile_target(profile, listing))
        screen.note(_describe(profile, binding, listing, verdict))
    for path, name in binding.paths:
        screen.note(f"{path}/ -> {name}")
    if before is not None and before != binding.content:
        _show_changes(before, binding, listing)


def _show_changes(before: bytes, binding: Binding, listing: assignments.Listing | None) -> None:
    """Tell what `binding` asks for that the bytes `before` did not; nothing if those are broken."""
    try:
        old = binding_file.parse(before, binding.path)
    except InvalidConfiguration:
        return
    changes = binding_changes.between(old, binding, lambda role: _account(role, listing)[0])
    if not changes:
        screen.say("its text has changed since you trusted it, but nothing of what it does")
        return
    screen.say("changed since you trusted it:", style="warning")
    for change in changes:
        screen.note(str(change))


def _describe(
    profile: Profile, binding: Binding, listing: assignments.Listing | None, verdict: Verdict
) -> str:
    role = profile.role
    whose, unheld = _account(role, listing)
    first = f"{profile.name}: {'|'.join(role.roles)} in account {whose}, session {role.session}"
    words = [first, *unheld]
    if profile.region:
        words.append(f"region {profile.region}")
    if profile.output:
        words.append(f"output {profile.output}")
    if profile.name == binding.default and len(binding.profiles) > 1:
        words.append("the default")
    if verdict.answer == "ask":
        words.append("protected")
    if verdict.answer == "refused":
        words.append(f"but {verdict.reason}")
    return ", ".join(words)


def _account(role: Role, listing: assignments.Listing | None) -> tuple[str, list[str]]:
    """Return the account of `role` as the person's own list has it, and why they lack the role."""
    account = listing.account(role.account) if listing else None
    if listing is None or account is None:
        return role.account, ["not in any list of yours yet"]
    held = listing.first_held(account, role.roles)
    return f"{account.id} ({account.name})", [] if held else ["not assigned to you"]
