"""Look at a directory, and make the report about it. Nothing here prints."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ssoenv import here, policy, sign_in, surroundings
from ssoenv.aws_files import choice, credential_cache, managed_profiles, storage, token_cache
from ssoenv.aws_files import config as aws_config
from ssoenv.base import clock, paths
from ssoenv.base.agents import FOR_A_PERSON
from ssoenv.base.errors import AccessDenied, InvalidConfiguration, SsoenvError
from ssoenv.base.models import is_managed
from ssoenv.base.values import dataclass, replace
from ssoenv.credentials.admission import require_possible
from ssoenv.identity_center import assignments, kept_listings
from ssoenv.report.values import CredentialsReport, Report, RoleReport, SessionReport, ShellReport
from ssoenv.setup import shell as shells
from ssoenv.shells import answers, detect, rendered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.base.models import Profile, Role, Session
    from ssoenv.here import Here
    from ssoenv.report.values import State


@dataclass(frozen=True, slots=True)
class _Judged:
    """A role with its state; if something keeps it from acting, what, and what mends that."""

    state: State
    role: RoleReport
    problem: str | None = None
    next: str | None = None


FIRST_CALL = "aws sts get-caller-identity"
"""What is left to do where nothing is."""


def describe(directory: str, env: Mapping[str, str], shell: str | None = None) -> Report:
    """Return everything there is to say about the absolute `directory`. Raises OSError.

    It is for the user of `shell`, which is the one that runs us if it is not named.
    """
    is_here = rendered.is_same(directory, here.working_directory(env))
    found = _followed(directory, env) if is_here else look(directory, env)
    judged = _judge(found.profile, found, env) if found.profile else None
    own = tuple(surroundings.theirs(env)) if judged and is_here else ()
    other = here.other_role(found, env) if is_here and not own else None
    return Report(
        directory=directory,
        now=clock.now(),
        state="other" if other else _state(found, judged, own),
        binding_file=found.path,
        trusted=found.status in ("trusted", "adhoc"),
        chosen_by=found.chosen_by or None,
        role=judged.role if judged else None,
        problem=_problem(found, judged),
        problems=getattr(found.problem, "problems", ()),
        told=_told(found, judged),
        next=_instead(judged, own)
        if other or own
        else _next(found, judged, shell or detect.shell(env), env),
        own=own,
        other=other,
        shell=_shell(env),
        session=judged.role.session if judged else _usual_session(env),
        notes=(*surroundings.explain(found, env), *_foreign_keys(env)),
    )


def look(directory: str, env: Mapping[str, str]) -> Here:
    """Return what holds in `directory`; where we are, what a program has that runs here."""
    is_here = rendered.is_same(directory, here.working_directory(env))
    return _followed(directory, env) if is_here else here.look(directory, env)


def _state(found: Here, judged: _Judged | None, own: tuple[str, ...]) -> State:
    if own:
        return "yours"
    if judged:
        return judged.state
    return "none" if found.status == "none" else "blocked"


def _instead(judged: _Judged | None, own: tuple[str, ...]) -> tuple[str, ...]:
    """Return what gives way to what the directory gives, in a process with other keys.

    The person's `own` go at their word; a program that was given others goes on with these.
    """
    if own:
        return (f"unset {' '.join(own)}",)
    return ("ssoenv exec -- COMMAND",) if judged else ("ssoenv exec --none -- COMMAND",)


def _problem(found: Here, judged: _Judged | None) -> str | None:
    if found.problem:
        return found.problem.message
    return judged.problem if judged else None


def _told(found: Here, judged: _Judged | None) -> tuple[str, ...]:
    if isinstance(found.problem, InvalidConfiguration):
        return found.problem.lines
    problem = _problem(found, judged)
    return (problem,) if problem else ()


def _next(
    found: Here, judged: _Judged | None, shell: str, env: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what to run, or else to do, from here to a first call of AWS, in its order."""
    hooked = env.get(surroundings.HOOK_MARK) or found.agent
    steps = [] if hooked else [shells.how_to_hook(shell, env)]
    mend = _fix(found.problem) if found.problem else judged.next if judged else None
    if mend or found.problem:
        return (*steps, mend or "ssoenv status")
    if here.SETUP in steps:  # it does the rest, too
        return tuple(steps)
    return (*steps, FIRST_CALL if judged else _to_be_bound(found.directory, env))


def _to_be_bound(directory: str, env: Mapping[str, str]) -> str:
    try:
        aws_config.instances(env)
    except InvalidConfiguration as problem:
        return _fix(problem) or "ssoenv doctor"
    return here.how_to_bind(directory, env)


def _followed(directory: str, env: Mapping[str, str]) -> Here:
    """Return what holds in `directory`, where we are.

    Outside of every project a program may have what its shell has, by the managed profile.
    """
    found = here.look(directory, env)
    if found.status == "none" and is_managed(env.get("AWS_PROFILE", "")):
        with contextlib.suppress(SsoenvError):
            return replace(here.follow(env), chosen_by="the shell that this comes from")
    return found


def _judge(profile: Profile, found: Here, env: Mapping[str, str]) -> _Judged:
    """Return what is known of the role of `profile`, which is `found`, from files alone.

    For the coding agent that looks, if one does.
    """
    role, agent = profile.role, found.agent
    live = rendered.load_role(env, role.key, protected=True, agent=bool(agent))
    state: State = "live" if live else "armed"
    try:
        session = aws_config.find_session(env, role.session)
        require_possible(role, session)
        session = replace(session, chosen_by=found.path or found.chosen_by)
    except InvalidConfiguration as problem:
        unknown = RoleReport(profile, protected=profile.protect)
        return _Judged(state, unknown, problem.message, _fix(problem))
    listing = kept_listings.of(env, session)
    account = listing.account(role.account) if listing else None
    verdict = policy.judge(profile, env, agent)
    known = assignments.resolve(role, listing)
    report = RoleReport(
        profile,
        account_name=account.name if account else None,
        protected=verdict.answer == "ask",
        allowed_until=_allowed_until(role, known, env)
        if known and not agent and verdict.answer == "ask"
        else None,
        not_judged=verdict.reason if verdict.answer == "unknown" else None,
    )
    try:
        storage.require_installed(env)
        report = replace(
            report,
            session=_session(session, env),
            credentials=_credentials(role, session, known, agent, env),
        )
    except SsoenvError as problem:  # of a keyring
        return _Judged(state, report, problem.message, _fix(problem))
    if verdict.answer == "refused":
        chosen = found.chosen_by == here.BY_USE
        mend = FOR_A_PERSON if agent else f"see {paths.settings_file(env)}"
        mend = "ssoenv use --none" if chosen and not agent else mend
        return _Judged("blocked", report, verdict.reason, mend)
    if not report.credentials and report.session and report.session.token_expires_at is None:
        return _Judged(state, report, next=sign_in.how_to_sign_in(session, env))
    if not report.credentials:
        try:
            kept_listings.require_listed(env, role, session)
        except AccessDenied as problem:
            return _Judged(state, report, problem.message, _fix(problem))
    return _Judged(state, report)


def _allowed_until(role: Role, known: tuple[str, str], env: Mapping[str, str]) -> int | None:
    left = answers.seconds_left(answers.file(env, role.held_as(*known).key))
    return clock.now() + left if left else None


def _usual_session(env: Mapping[str, str]) -> SessionReport | None:
    """Return what sign-ins are to where no project says so; None where that is not known."""
    try:
        return _session(choice.default_session(env, None), env)
    except SsoenvError:
        return None


def _session(session: Session, env: Mapping[str, str]) -> SessionReport:
    token, now = token_cache.load_token(env, session), clock.now()
    if token and not (token.expires_at > now or token.refreshable(now)):
        token = None
    return SessionReport(
        session.label,
        session.start_url,
        session.region,
        session.source,
        token_expires_at=token.expires_at if token else None,
        refreshable=bool(token and token.refreshable(now)),
        token_written_at=token_cache.written_at(env, session) if token else None,
        start_url_from=session.start_url_from,
        region_from=session.region_from,
        chosen_by=session.chosen_by,
    )


def _credentials(
    role: Role,
    session: Session,
    known: tuple[str, str] | None,
    agent: str,
    env: Mapping[str, str],
) -> CredentialsReport | None:
    if known is None:
        return None
    cached = credential_cache.load_of(env, session, *known, role, agent=bool(agent))
    if cached is None or cached.expiration <= clock.now():
        return None
    return CredentialsReport(cached.access_key_id, cached.expiration)


def _shell(env: Mapping[str, str]) -> ShellReport:
    return ShellReport(
        label=env.get("SSOENV_LABEL"),
        directory=env.get("SSOENV_DIR"),
        aws_profile=env.get("AWS_PROFILE"),
        access_key_id=env.get("AWS_ACCESS_KEY_ID"),
        expires_at=env.get("AWS_CREDENTIAL_EXPIRATION"),
        region=env.get("AWS_REGION"),
        endpoint=env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        given="" != env.get("AWS_ACCESS_KEY_ID", "") == env.get("SSOENV_GIVEN"),
    )


def _foreign_keys(env: Mapping[str, str]) -> Iterator[str]:
    """Yield what other tools wrote into our managed profiles."""
    try:
        yield from (str(key) for key in managed_profiles.foreign(env))
    except InvalidConfiguration:
        return


def _fix(problem: SsoenvError) -> str | None:
    return problem.fix or problem.advice
