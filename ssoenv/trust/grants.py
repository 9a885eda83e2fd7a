"""Which binding files may act: exactly the bytes that their owner trusted, at that very path.

Granting acts on the bytes that were shown; the file is never read again on the way. Trust is for
bytes, and the policy is another matter: a profile that the user's settings rule out is rendered
with the reason, and the rest of its file works.
"""

from __future__ import annotations

import contextlib
import os
from functools import cache, partial
from typing import TYPE_CHECKING

from ssoenv import policy
from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import edits, session_sections
from ssoenv.base import files, paths
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.base.models import Session
from ssoenv.base.values import replace
from ssoenv.binding import file as binding_file
from ssoenv.identity_center import account_access, kept_listings, start_urls
from ssoenv.settings import load as load_settings
from ssoenv.shells import answers, binding_rendering, rendering
from ssoenv.trust import adhoc, serving, store
from ssoenv.trust.store import remembered, trusted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ssoenv.base.models import Binding, Profile
    from ssoenv.identity_center.assignments import Listing
    from ssoenv.settings import Settings

__all__ = ["remembered", "trusted"]

SCOPES = ("sso:account:access",)
"""What a session that a file brings is registered for: to list roles, and to get credentials."""


def grant(
    env: Mapping[str, str],
    binding: Binding,
    directories: Iterable[str],
    settings: Settings,
    session: Session | None = None,
) -> None:
    """Trust the bytes of `binding` for each of `directories`; see to the managed profile.

    `session` is one that the user confirmed, to be written to the AWS config. If anything fails,
    everything is as it was. Raises InvalidConfiguration or OSError.
    """
    folders = tuple(directories)
    for directory in folders:
        files.make_private_directory(paths.trust_folder(env, directory))
    with served(env, session):
        _grant(env, binding, folders, settings)


@contextlib.contextmanager
def served(env: Mapping[str, str], session: Session | None = None) -> Iterator[None]:
    """See that AWS programs can ask for credentials, and that the AWS config has `session`.

    If what is done inside fails, the config is as it was. Raises InvalidConfiguration or OSError.
    """
    with store.changing(env), store.config_restored_on_failure(env) as config_is_written:
        if session:
            edits.apply(env, session_sections.added(session))
        serving.serve(env)
        config_is_written()
        yield


def grant_here(binding: Binding, env: Mapping[str, str], session: Session | None = None) -> None:
    """Trust the bytes of `binding` by every route to its directory; the rest as `grant` has it."""
    places = routes(os.path.dirname(binding.path))
    grant(env, binding, places, load_settings(env), session)


def new_session(binding: Binding, env: Mapping[str, str]) -> Session | None:
    """Return the [sso-session] that a fresh clone brings to a person who has none of that name.

    Raises InvalidConfiguration where neither the AWS config nor the file has it.
    """
    hint = binding.sso
    if hint is None or binding.session in aws_config.sessions(env):
        aws_config.find_session(env, binding.session)
        require_same_instance(binding, env)
        return None
    more = (account_access.READ, account_access.ASSUME) if hint.tenant else ()
    return Session(binding.session, hint.start_url, hint.region, (*SCOPES, *more), binding.path)


def require_same_instance(binding: Binding, env: Mapping[str, str]) -> None:
    """Raise InvalidConfiguration where the person's session is not the one that the file means.

    A name is soon the same, such as ``sso``; an account of the same name is then another's.
    """
    mine = aws_config.sessions(env).get(binding.session) if binding.sso else None
    if mine and binding.sso and start_urls.surely_differ(mine.start_url, binding.sso.start_url):
        raise InvalidConfiguration(
            f"{binding.path} means {binding.sso.start_url}, but your session {binding.session} is "
            f"{mine.start_url}, another Identity Center",
            advice=f"give your own another name, at {mine.source}: trust then offers the file's",
        )


def render(env: Mapping[str, str], directory: str, binding: Binding, settings: Settings) -> None:
    """Render `binding`, which is trusted for `directory`, by what is known now. Raises OSError.

    What is rendered so already stays; what a killed process left half done is mended.
    """
    listing = kept_listings.load(env, binding.session)
    _publish(env, directory, *_judged(env, directory, binding, settings, listing), settings)


def adopt_remembered(env: Mapping[str, str], directory: str, settings: Settings) -> bool:
    """Render the binding file of `directory` as it is now, if its bytes are remembered.

    Returns whether they are. Raises what reading a binding file raises, and OSError.
    """
    path = f"{directory.rstrip('/')}/{paths.BINDING_FILE}"
    content = binding_file.read(path)
    with store.changing(env):
        if not remembered(env, directory, content):
            return False
        adopt(env, binding_file.parse(content, path), directory, settings)
    return True


def adopt(env: Mapping[str, str], binding: Binding, directory: str, settings: Settings) -> None:
    """Render `binding`, whose bytes are remembered for `directory`. Raises OSError.

    Whoever looks whether they are holds off others meanwhile, by `store.changing`. The AWS config
    stays as it is: nobody was asked, and its profile may have been taken out.
    """
    if trusted(env, directory) == binding.content:
        render(env, directory, binding, settings)
    else:
        _grant(env, binding, (directory,), settings)


def grant_anew(env: Mapping[str, str], settings: Settings) -> None:
    """Render everything that is trusted by the user's `settings` and lists as they are now.

    Credentials rendered for the shells that these do not allow unasked, or cannot judge, go.
    Raises InvalidConfiguration or OSError.
    """
    with store.changing(env):
        _grant_anew(env, settings)


def _grant_anew(env: Mapping[str, str], settings: Settings) -> None:
    listing_of = cache(partial(kept_listings.load, env))
    _take_back_roles(env, settings, listing_of)
    rendering.forget_named(env)
    found: list[tuple[str, Binding, dict[str, str]]] = []
    for directory, binding in list(store.bindings(env)):
        if binding is None:
            binding_rendering.retract(env, directory)
            continue
        listing = listing_of(binding.session)
        found.append((directory, *_judged(env, directory, binding, settings, listing)))
    taken: list[tuple[adhoc.Taken, Profile, str]] = []
    for one in adhoc.everything(env):
        listing = listing_of(one.role.session)
        judged = policy.effective(settings, adhoc.profile(one, listing, env), listing)
        taken.append((one, *judged))
    if found or taken:
        serving.renew(env)
    for directory, binding, refusals in found:
        _publish(env, directory, binding, refusals, settings)
    for one, profile, refusal in taken:
        adhoc.publish(env, one, profile, settings, refusal)


def revoke(env: Mapping[str, str], project: str) -> bool:
    """Take away the trust for `project`, now and before, by every route; False for none."""
    answers.forget_all(env)  # a yes to a protected role was for what was trusted
    real = os.path.realpath(project)
    known = False
    with store.changing(env):
        places = [one for one in directories(env) if os.path.realpath(one) == real]
        for directory in {project, *places}:
            known |= store.forget(env, directory)
            known |= binding_rendering.retract(env, directory)
            files.settle(paths.trust_folder(env, directory))
    return known


def routes(project: str) -> tuple[str, ...]:
    """Return the ways to call a directory: as the shell came, and as the kernel sees it."""
    return tuple(dict.fromkeys((project, os.path.realpath(project))))


def directories(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return every directory that something is trusted for, or was."""
    return store.directories(env)


def saved_choice(env: Mapping[str, str], directory: str) -> str | None:
    """Return the profile that the user chose for `directory` with ``use --save``."""
    content = files.read_bytes(paths.choice_file(env, directory))
    return content.decode("utf-8", "replace").strip() or None if content else None


def save_choice(
    env: Mapping[str, str], binding: Binding, directory: str, name: str | None, settings: Settings
) -> None:
    """Make `name`, or with None the file's own, the default profile of `directory` for the user."""
    path = paths.choice_file(env, directory)
    with store.changing(env):
        if name is None:
            files.remove(path)
        else:
            files.write_private(path, name.encode())
        if trusted(env, directory) == binding.content:
            render(env, directory, binding, settings)


def take(
    env: Mapping[str, str],
    binding: Binding,
    project: str,
    wanted: adhoc.Taken,
    settings: Settings,
) -> str:
    """Make a role one of those of `project`, by every route to it; return its name there.

    Raises AccessDenied where the user's settings rule it out, or OSError.
    """
    with store.changing(env):
        for directory in routes(project):
            if trusted(env, directory) == binding.content:
                adhoc.use_in(env, directory, wanted, settings)
                render(env, directory, binding, settings)
    return wanted.key


def _grant(
    env: Mapping[str, str], binding: Binding, directories: Iterable[str], settings: Settings
) -> None:
    """Trust the bytes of `binding` for each of `directories`; if that fails, none is changed."""
    listing = kept_listings.load(env, binding.session)
    with contextlib.ExitStack() as restored:
        for directory in directories:
            restored.enter_context(store.restored_on_failure(env, directory))
            _publish(env, directory, *_judged(env, directory, binding, settings, listing), settings)
            store.remember(env, directory, [binding.content])


def _judged(
    env: Mapping[str, str],
    directory: str,
    binding: Binding,
    settings: Settings,
    listing: Listing | None,
) -> tuple[Binding, dict[str, str]]:
    """Return `binding` with what shells took there, as they should see it, and what is refused."""
    judged, refusals = policy.apply(settings, binding, listing)
    more, refused = adhoc.judged_in(env, directory, settings)
    return replace(judged, profiles={**judged.profiles, **more}), refusals | refused


def _publish(
    env: Mapping[str, str],
    directory: str,
    binding: Binding,
    refusals: Mapping[str, str],
    settings: Settings,
) -> None:
    choice = saved_choice(env, directory)
    binding_rendering.publish(
        env,
        directory,
        binding,
        settings,
        default=choice if choice in binding.profiles and choice else binding.default,
        agent=policy.profile_for_agents(settings, binding),
        refusals=refusals,
    )
    if any(one.protect for one in binding.profiles.values()):
        rendering.forget_named(env)


def _take_back_roles(
    env: Mapping[str, str], settings: Settings, listing_of: Callable[[str], Listing | None]
) -> None:
    """Remove the credentials rendered for roles that may not be used without a question."""
    with rendering.lock(env):
        for top in paths.roles_folders(env):
            for role in adhoc.kept_roles(top):
                wanted = policy.target(role, listing_of(role.session))
                folder = f"{top}/{role.key}"
                # One on top of another is in the folder of the first, and may be gone with it.
                if policy.verdict(settings, wanted).answer != "allowed" and os.path.isdir(folder):
                    files.remove_folder(folder)
                    files.settle(folder)
