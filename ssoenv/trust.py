"""Which binding files may act: exactly the bytes that their owner trusted, at that very path.

Granting acts on the bytes that were shown; the file is never read again on the way.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from ssoenv import assignments, binding_file, files, managed_profiles, paths, protection, rendering
from ssoenv.errors import InvalidConfiguration, NotTrusted
from ssoenv.managed_profiles import ManagedProfile
from ssoenv.models import Role
from ssoenv.settings import matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ssoenv.assignments import Listing
    from ssoenv.models import Binding, Profile
    from ssoenv.settings import Settings


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


def adopt_remembered(
    env: Mapping[str, str], directory: str, program: tuple[str, ...], settings: Settings
) -> bool:
    """Render the file of `directory` anew if its present bytes are trusted; whether they are."""
    path = f"{directory.rstrip('/')}/{paths.BINDING_FILE}"
    content = binding_file.read(path)
    if content != trusted(env, directory):
        return False
    grant(env, binding_file.parse(content, path), [directory], program, settings)
    return True


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
    try:
        role = Role(*paths.parse_role_key(key))
    except ValueError:
        return None
    return role if os.path.isfile(f"{paths.loose_folder(env, key)}/@sh") else None


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
            directory = paths.trusted_directory(env, folder)
            content = trusted(env, directory)
            if content is not None:
                yield directory, content
