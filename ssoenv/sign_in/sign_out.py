"""Sign out: end the session at the service, and remove everything that came from it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import credential_cache, storage, token_cache
from ssoenv.base import beside, clock, dialects, files, paths
from ssoenv.base.errors import InvalidConfiguration, SsoenvError
from ssoenv.base.models import Role, Session
from ssoenv.base.values import dataclass, field, replace
from ssoenv.identity_center import kept_listings, oidc
from ssoenv.identity_center.refusals import GrantRejected, TokenRejected
from ssoenv.shells import answers, rendered, rendering
from ssoenv.sign_in import epoch, turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ssoenv.base.models import Token

Result = TypeVar("Result")
_OURS = re.compile(r"[0-9a-f]{40}\.json\.[0-9a-f]+\.tmp")
"""What a writer of ours is writing in the folders that other tools use, too."""


def sign_out(session: Session, env: Mapping[str, str]) -> bool:
    """End `session`, and those of legacy profiles of its start URL; False if none was signed in.

    What is on this machine goes first and in any case. Raises ServiceUnavailable if the service
    could not be told, SsoenvError if not all could be removed, and InvalidConfiguration if the AWS
    config cannot be read.
    """
    members, names = _members(session, env)
    closed = storage.why_closed(env)
    take = _Taking()
    with contextlib.ExitStack() as holding:
        take(holding.enter_context, turn.settled(env, session))
        take(holding.enter_context, epoch.ending(env, members.values()))
        ours = take(_files_of, members.values(), env) or {}
        found = take(_tokens_in, ours) or {}
        for path in ours:
            take(files.remove, path)
        for one in members.values():
            take(token_cache.drop_elsewhere, env, one)
        take(_forget_credentials, session, members.values(), names, env)
        for name in names:
            take(kept_listings.forget, env, name)
        take(answers.forget_all, env)
        take(_remove_leftovers, env)
        take(_settle, env)
        take(holding.close)
    tokens = {token.access_token: token for token in found.values() if token}
    failure = _tell_all(tokens.values(), env) or (closed if None in found.values() else None)
    _require_whole(session.label, session.start_url, failure, take.refused)
    return bool(tokens)


@dataclass(slots=True)
class _Taking:
    """Takes away all that it can; `refused` is what the file system has refused."""

    refused: list[OSError] = field(default_factory=list)

    def __call__(self, step: Callable[..., Result], *arguments: object) -> Result | None:
        """Return what `step` gives for its `arguments`; None where it is refused."""
        try:
            return step(*arguments)
        except OSError as failure:
            self.refused.append(failure)
            return None


def _files_of(members: Iterable[Session], env: Mapping[str, str]) -> dict[str, Session]:
    """Return the files that may hold a token of one of these, and of which."""
    return {path: one for one in members for path in token_cache.our_files(env, one)}


def _tokens_in(ours: Mapping[str, Session]) -> dict[str, Token | None]:
    """Return the tokens in those of the files that are there; None for one that does not open."""
    return {path: _token_in(path, one) for path, one in ours.items() if os.path.lexists(path)}


def _token_in(path: str, session: Session) -> Token | None:
    """Return the token in the file at `path`; None, too, where what is sealed does not open."""
    try:
        return token_cache.token_in(path, session)
    except SsoenvError:
        return None


def replace_token(session: Session, token: Token, env: Mapping[str, str]) -> Token:
    """Keep the `token` of a new sign-in to `session`, and nothing of earlier ones. Raises OSError.

    Who signs in now may be somebody else, and shells take up what is fetched from now on. With an
    AWS config that cannot be read what is of any session goes. Returns the token in its epoch.
    """
    try:
        members, names = _members(session, env)
    except InvalidConfiguration:
        members, names = {}, set()

    def keep() -> None:
        if members:
            _forget_credentials(session, members.values(), names, env)
        else:
            credential_cache.remove_all(env)
            rendering.retract_everything(env)
        answers.forget_all(env)
        kept_listings.doubt(env, session)
        _settle(env)
        token_cache.save_token(env, session, token)
        files.settle(os.path.dirname(token_cache.token_file(env, session)))
        for one in (session, *members.values()):
            token_cache.drop_elsewhere(env, one)

    return replace(token, epoch=epoch.begin(env, session, members.values() or None, keep))


def forget(session: Session, env: Mapping[str, str]) -> None:
    """Remove what is kept by the name of `session`, but its tokens. Raises OSError.

    Whoever calls it ends its epoch meanwhile, so that nothing under way is kept. What tells that
    there is something to remove goes last: who was killed meanwhile is followed by somebody else.
    """
    answers.forget_all(env)
    _forget_credentials(session, (session,), (session.label,), env)
    kept_listings.forget(env, session.label)
    _settle(env)


def forget_everything(env: Mapping[str, str]) -> None:
    """Remove what is kept by any name, as `forget` does of one. Raises OSError."""
    answers.forget_all(env)
    credential_cache.remove_all(env)
    rendering.retract_everything(env)
    kept_listings.forget_all(env)
    _settle(env)


def _settle(env: Mapping[str, str]) -> None:
    """Have nothing of what was removed come back after a loss of power. Raises OSError."""
    caches = (paths.credential_cache(env, agent=agent) for agent in (False, True))
    kept = (paths.token_cache(env), *caches, *storage.sealed_folders(env))
    files.settle(*kept, *paths.roles_folders(env), paths.state(env))


def _members(session: Session, env: Mapping[str, str]) -> tuple[dict[str, Session], set[str]]:
    """Return `session` with those of legacy profiles of its start URL, and what all are called."""
    legacy = [use for use in aws_config.uses(env, session) if use.session.name is None]
    members = {one.cache_name: one for one in (session, *(use.session for use in legacy))}
    return members, {*members, session.label, *(use.profile for use in legacy)}


def sign_out_everywhere(env: Mapping[str, str]) -> None:
    """End every session that has a token here, and remove all cached Identity Center credentials.

    Tokens that other tools keep for themselves in the same folder stay. All else goes from this
    machine before any service is told. Raises the last error that a service made, after all of
    them have been told.
    """
    closed = storage.why_closed(env)
    take = _Taking()
    with contextlib.ExitStack() as holding:
        take(holding.enter_context, epoch.ending(env, None))
        plain = take(lambda: [*token_cache.token_files(env)]) or []
        sealed = [] if closed else take(lambda: [*token_cache.sealed_tokens(env)]) or []
        for path, _ in plain:
            take(files.remove, path)
        take(credential_cache.remove_all, env)
        key_stays = take(storage.remove_sealed, env)
        take(_drop_elsewhere, env)
        take(answers.forget_all, env)
        take(rendering.retract_everything, env)
        take(kept_listings.forget_all, env)
        take(_remove_leftovers, env)
        take(_settle, env)
        take(holding.close)
    found = [*(token for _, token in plain), *sealed]
    failure = _tell_all([token for token in found if token.region], env) or closed
    _require_whole("every session", "its start URL", failure, take.refused)
    if key_stays:
        raise type(key_stays)(
            f"signed out of every session; but the key to what was sealed stays: "
            f"{key_stays.message}",
            fix="ssoenv logout --all",
        )


def _drop_elsewhere(env: Mapping[str, str]) -> None:
    """Remove the copies of tokens that the AWS CLI has by the name of a session."""
    with contextlib.suppress(InvalidConfiguration):
        for session in aws_config.instances(env):
            token_cache.drop_elsewhere(env, session)


def _require_whole(
    what: str, where: str, untold: SsoenvError | None, stays: Sequence[OSError]
) -> None:
    """Raise what is to be said of a sign-out that was not whole."""
    if untold and not stays:
        raise _not_told(what, where, untold)
    if stays:
        told = f", and a service was not told: {untold.message}" if untold else ""
        left = {os.fsdecode(one.filename or ""): one.strerror or str(one) for one in stays[:5]}
        raise SsoenvError(
            f"signed out of {what}; but not all of it could be removed from this machine{told}: "
            + "; ".join(f"{path}: {why}" for path, why in left.items()),
            fix=f"ls -ld {dialects.line(left)}",
        ) from stays[0]


def secrets_left(env: Mapping[str, str]) -> list[str]:
    """Return the folders that hold what ``sign_out_everywhere`` removes."""
    found = {
        paths.token_cache(env): any(token_cache.token_files(env)),
        paths.credential_cache(env): any(credential_cache.role_files(env)),
        paths.sealed_folder(env): storage.is_sealing_left(env),
    }
    return [folder for folder, any_left in found.items() if any_left]


def _tell_all(tokens: Iterable[Token], env: Mapping[str, str]) -> SsoenvError | None:
    """Have the services end the sessions of `tokens`; return the last error that one made."""
    failure = None
    for token in tokens:
        try:
            _tell(Session(None, token.start_url, token.region, None, ""), token, env)
        except SsoenvError as error:
            failure = error
    return failure


def _tell(session: Session, token: Token, env: Mapping[str, str]) -> None:
    """Have the service end the session of `token`.

    It ends a session for a token that is good; so one that has run out is renewed for that.
    """
    from ssoenv.identity_center.client import IdentityCenter

    center = IdentityCenter(session, env)
    try:
        if token.expires_at <= clock.now() and token.refreshable(clock.now()):
            token = oidc.refresh(center, token)
        center.logout(token)
    except (GrantRejected, TokenRejected):
        return


def _not_told(what: str, where: str, failure: SsoenvError) -> SsoenvError:
    """Return `failure` as one that says what was done all the same, and what was not."""
    return type(failure)(
        f"signed out of {what} on this machine: tokens and credentials are removed; but a service "
        f"was not told, and its session goes on there: {failure.message}",
        advice=f"sign out in the browser too, at {where}",
    )


def _forget_credentials(
    session: Session, members: Iterable[Session], names: Iterable[str], env: Mapping[str, str]
) -> None:
    """Remove the cached and rendered credentials of every role that we can tell to be of these.

    What we wrote says so itself. The AWS CLI keeps its own where their name cannot be read back:
    so the roles that were rendered or listed under one of `names` are tried, and those that a
    profile of the AWS config names.
    """
    roles = {(use.account, use.role) for use in aws_config.uses(env, session)}
    for name in names:
        roles.update(_rendered_roles(env, name))
        listing = kept_listings.load(env, name)
        if listing:
            roles.update((one.account.id, one.role) for one in listing.assignments)
    files.every(
        [
            (credential_cache.remove_ours, env, tuple(names)),
            *((credential_cache.remove, env, one, *role) for one in members for role in roles),
            *((rendering.retract_session, env, name) for name in names),
        ]
    )


def _rendered_roles(env: Mapping[str, str], session: str) -> Iterator[tuple[str, str]]:
    """Yield (account id, role name) of whatever is rendered for `session`.

    The name of a folder may have alternatives, of which one is meant: so all are tried.
    """
    walks = [os.walk(f"{top}/{paths.escape(session)}") for top in paths.roles_folders(env)]
    for folder, _, names in chain.from_iterable(walks):
        for name in {"@process", "@asked"}.intersection(names):
            _, key, _, document = rendered.read_process(f"{folder}/{name}")
            try:
                role, account_id = Role.of_key(key), json.loads(document)["AccountId"]
            except (KeyError, TypeError, ValueError, RecursionError):
                continue
            for held in role.roles:
                yield role.account if role.assumes else account_id, held


def _remove_leftovers(env: Mapping[str, str]) -> None:
    """Remove what writers of ours that were killed left behind: it may hold a token or keys."""
    shared = (paths.token_cache(env), paths.credential_cache(env))
    found = [
        f"{top}/{name}" for top in shared for name in files.names_in(top) if _OURS.fullmatch(name)
    ]
    found += files.walk_files(paths.state(env), lambda name: name.endswith(".tmp"))
    for path in found:
        writer = files.written_by(os.path.basename(path))
        if writer and _is_abandoned(path, writer):
            files.remove(path)


def _is_abandoned(path: str, pid: int) -> bool:
    """Whether nobody goes on with it, as far as can be told: what holds a secret does not stay."""
    try:
        age = time.time() - os.lstat(path).st_mtime
    except OSError:
        return False
    return age > files.ABANDONED or not beside.is_there(pid)
