"""Which binding files may act: exactly the bytes that their owner trusted, at that very path.

Granting acts on the bytes that were shown; the file is never read again on the way.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ssoenv import assignments, binding_file, files, managed_profiles, paths, protection, rendering
from ssoenv.errors import InvalidConfiguration, NotTrusted
from ssoenv.json_files import load_object
from ssoenv.managed_profiles import ManagedProfile
from ssoenv.models import Role
from ssoenv.settings import matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ssoenv.assignments import Listing
    from ssoenv.models import Binding, Profile
    from ssoenv.settings import Settings

_POWER = (r"root|owner|admin", r"power|full|write|deploy|develop", r"read|view|audit|billing")
"""Words in role names, from the most powerful: a guess, used only to point a change out."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what was trusted and what would be; `alarming` ones are called out."""

    text: str
    alarming: bool = False

    def __str__(self) -> str:
        """For people."""
        return f"{self.text}  <- look twice" if self.alarming else self.text


def trusted(env: Mapping[str, str], directory: str) -> bytes | None:
    """Return the bytes trusted for `directory`; None where nothing is."""
    return files.read_bytes(paths.trust_folder(env, directory) + "/@toml")


def grant(
    env: Mapping[str, str],
    binding: Binding,
    directories: Iterable[str],
    program: tuple[str, ...],
    settings: Settings,
) -> None:
    """Trust the bytes of `binding` for each of `directories`, and make its managed profiles.

    Raises NotTrusted where the user's settings rule a role out, InvalidConfiguration or OSError.
    """
    refusals = denied(settings, binding)
    if refusals:
        raise NotTrusted(refusals[0], hint="see `never` in ~/.config/ssoenv/config.toml")
    effective = _effective(binding, settings, assignments.load(env, binding.session))
    managed_profiles.publish(
        env, [managed_profile(profile, program) for profile in effective.profiles.values()]
    )
    for directory in directories:
        _publish(env, directory, effective, saved_choice(env, directory), settings)


def grant_anew(env: Mapping[str, str], program: tuple[str, ...], settings: Settings) -> None:
    """Render everything that is trusted as the user's `settings` have it now.

    What they rule out by now is no longer trusted. Raises InvalidConfiguration or OSError.
    """
    listings: dict[str, Listing | None] = {}
    found: list[tuple[str, Binding]] = []
    for directory, content in list(_all_trusted(env)):
        try:
            binding = binding_file.parse(content, f"{directory.rstrip('/')}/{paths.BINDING_FILE}")
        except InvalidConfiguration:
            continue
        if denied(settings, binding):
            revoke(env, directory)
            continue
        if binding.session not in listings:
            listings[binding.session] = assignments.load(env, binding.session)
        found.append((directory, _effective(binding, settings, listings[binding.session])))
    managed_profiles.publish(
        env,
        [
            managed_profile(profile, program)
            for _, binding in found
            for profile in binding.profiles.values()
        ],
    )
    for directory, binding in found:
        _publish(env, directory, binding, saved_choice(env, directory), settings)


def use_loose(
    env: Mapping[str, str], profile: Profile, program: tuple[str, ...], settings: Settings
) -> str:
    """Make the role of `profile` one that shells can use where no project is; return its key.

    Raises NotTrusted where the user's settings rule it out, InvalidConfiguration or OSError.
    """
    role = profile.role
    for name in role.roles:
        if any(matches(pattern, role.account, name) for pattern in settings.never):
            raise NotTrusted(
                f"your settings never allow {role.account}:{name}",
                hint="see `never` in ~/.config/ssoenv/config.toml",
            )
    listing = assignments.load(env, role.session)
    account = listing.account(role.account) if listing else None
    names = [profile.name, *((account.id, account.name) if account else ())]
    guarded = replace(profile, protect=protection.by_pattern(settings, role, names))
    managed_profiles.publish(env, [managed_profile(guarded, program)])
    rendering.publish_loose(env, guarded, export=settings.export, protect_for=settings.protect_for)
    return role.key


def loose_role(env: Mapping[str, str], key: str) -> Role | None:
    """Return the role under `key` that shells use where no project is; None if there is none."""
    found = load_object(f"{paths.loose_folder(env, key)}/@role")
    try:
        return Role(found["session"], found["account"], tuple(found["roles"]))
    except (KeyError, TypeError):
        return None


def revoke(env: Mapping[str, str], directory: str) -> bool:
    """Take away the trust for `directory`; False where there was none."""
    content = trusted(env, directory)
    retracted = rendering.retract_binding(env, directory)
    if content is None:
        return retracted
    gone = set(_managed_names(content, directory))
    for other, kept in _all_trusted(env):
        if not gone:
            break
        gone -= set(_managed_names(kept, other))
    managed_profiles.retract(env, gone)
    return True


def managed_profile(profile: Profile, program: tuple[str, ...]) -> ManagedProfile:
    """Return the profile through which programs that no hook sees get the role of `profile`."""
    role = profile.role
    words = [*program, "credential-process"]
    if profile.protect:
        words += ["--protect"]
    words += ["--session", role.session, "--account", role.account]
    for name in role.roles:
        words += ["--role", name]
    return ManagedProfile(profile.managed_profile, tuple(words))


def directories(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return every directory that something is trusted for."""
    return tuple(directory for directory, _ in _all_trusted(env))


def saved_choice(env: Mapping[str, str], directory: str) -> str | None:
    """Return the profile that the user chose for `directory` with ``use --save``."""
    content = files.read_bytes(paths.trust_folder(env, directory) + "/@choice")
    return content.decode("utf-8", "replace").strip() or None if content else None


def save_choice(
    env: Mapping[str, str],
    binding: Binding,
    directory: str,
    name: str | None,
    settings: Settings,
) -> None:
    """Make `name`, or with None the file's own, the default profile of `directory` for the user."""
    path = paths.trust_folder(env, directory) + "/@choice"
    if name is None:
        files.remove(path)
    else:
        files.write_private(path, name.encode())
    effective = _effective(binding, settings, assignments.load(env, binding.session))
    _publish(env, directory, effective, name, settings)


def changes(old: Binding, new: Binding) -> tuple[Change, ...]:
    """Return what `new` does differently from `old`, for people."""
    return tuple(_changes(old, new))


def denied(settings: Settings, binding: Binding) -> tuple[str, ...]:
    """Return why the user's settings rule this binding out; empty when they do not."""
    return tuple(
        f"profile {profile.name}: your settings never allow {profile.role.account}:{role}"
        for profile in binding.profiles.values()
        for role in profile.role.roles
        if any(matches(pattern, profile.role.account, role) for pattern in settings.never)
    )


def _effective(binding: Binding, settings: Settings, listing: Listing | None) -> Binding:
    """Return `binding` with the protection that the user's settings add to it."""
    written = {profile.role.account for profile in binding.profiles.values()}
    accounts = {name: listing.account(name) for name in written} if listing else {}
    names = {name: (one.id, one.name) for name, one in accounts.items() if one}
    return protection.apply(settings, binding, names)


def _publish(
    env: Mapping[str, str],
    directory: str,
    binding: Binding,
    choice: str | None,
    settings: Settings,
) -> None:
    default = choice if choice and choice in binding.profiles else binding.default
    rendering.publish_binding(
        env,
        directory,
        binding,
        default=default,
        export=settings.export,
        protect_for=settings.protect_for,
    )


def _changes(old: Binding, new: Binding) -> Iterator[Change]:
    if old.session != new.session:
        yield Change(f"session {old.session} -> {new.session}", alarming=True)
    if old.sso != new.sso:
        yield Change("the [sso] address", alarming=True)
    if old.default != new.default:
        yield Change(f"default {old.default} -> {new.default}")
    for name in sorted(old.profiles.keys() | new.profiles.keys()):
        yield from _profile_changes(name, old.profiles.get(name), new.profiles.get(name))
    if old.paths != new.paths:
        yield Change("which subdirectories choose which profile")


def _profile_changes(name: str, old: Profile | None, new: Profile | None) -> Iterator[Change]:
    if new is None:
        yield Change(f"{name}: gone")
        return
    if old is None:
        yield Change(f"{name}: new, {new.role}", alarming=_power(new.role) == 0)
        return
    if old.role.account != new.role.account:
        accounts = f"{old.role.account} -> {new.role.account}"
        yield Change(f"{name}: account {accounts}", alarming=True)
    if old.role.roles != new.role.roles:
        roles = f"{'|'.join(old.role.roles)} -> {'|'.join(new.role.roles)}"
        yield Change(f"{name}: role {roles}", alarming=_power(new.role) < _power(old.role))
    if old.protect and not new.protect:
        yield Change(f"{name}: no longer protected", alarming=True)
    for what in ("region", "output", "export"):
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield Change(f"{name}: {what} {before or 'unset'} -> {after or 'unset'}")


def _power(role: Role) -> int:
    """Return how powerful the strongest of the alternatives sounds: 0 is the most."""
    ranks = [
        next(
            (rank for rank, words in enumerate(_POWER) if re.search(words, name, re.IGNORECASE)), 1
        )
        for name in role.roles
    ]
    return min(ranks, default=1)


def _managed_names(content: bytes, directory: str) -> Sequence[str]:
    try:
        binding = binding_file.parse(content, f"{directory}/{paths.BINDING_FILE}")
    except InvalidConfiguration:
        return []
    return [
        name
        for profile in binding.profiles.values()
        for name in (
            replace(profile, protect=False).managed_profile,
            replace(profile, protect=True).managed_profile,
        )
    ]


def _all_trusted(env: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    top = f"{paths.state(env)}/trust"
    for folder, _, names in os.walk(top):
        if "@toml" in names:
            directory = folder[len(top) :] or "/"
            content = trusted(env, directory)
            if content is not None:
                yield directory, content
