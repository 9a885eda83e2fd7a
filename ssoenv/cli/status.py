"""``ssoenv status``: which role is active here, what chose it, how long it lasts, what to do."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ssoenv import here, policy, settings
from ssoenv.aws_files import config as aws_config
from ssoenv.aws_files import credential_cache, managed_profiles, token_cache
from ssoenv.base import clock, paths
from ssoenv.base.dialects import printable
from ssoenv.base.errors import InvalidConfiguration
from ssoenv.cli import screen
from ssoenv.doctor import surroundings
from ssoenv.identity_center import assignments
from ssoenv.shells import rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Profile, Session


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(
    directory: Annotated[
        str | None, typer.Argument(metavar="[DIR]", help="Another directory than this one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Say which role is active here, why, until when, and what to run next."""
    env = os.environ
    start = here.working_directory(env)
    report = describe(os.path.normpath(os.path.join(start, directory or "")), env)
    if as_json:
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
        return
    for line in render(report):
        screen.out(line, hang=15)


def describe(directory: str, env: Mapping[str, str]) -> dict[str, Any]:
    """Return everything there is to say about `directory`, as plain JSON values."""
    found = here.look(directory, env)
    report: dict[str, Any] = {
        "directory": directory,
        "state": "none" if found.standing == "none" else "blocked",
        "binding_file": found.path,
        "trusted": found.standing in ("trusted", "loose"),
        "shell": _shell(env),
    }
    if found.problem:
        problems = getattr(found.problem, "problems", ())
        report |= {"problem": found.problem.message, "problems": list(problems)}
        report["next"] = found.problem.hint or found.problem.advice
    if found.profile:
        report |= _profile(found.profile, env) | {"chosen_by": found.chosen_by}
    if found.standing == "none":
        report["next"] = "ssoenv bind"
    elif found.profile and directory == env.get("PWD") and (own := surroundings.theirs(env)):
        report |= {"state": "yours", "yours": own}
    report["notes"] = [*surroundings.explain(found, env), *_foreign_keys(env)]
    return report


def render(report: dict[str, Any]) -> list[str]:
    """Return `report` as lines for people."""
    rows = [
        (
            "role",
            report.get("role") and f"{'|'.join(report['role'])} in account {_account(report)}",
        ),
        ("protected", report.get("protected") and "asks before its first use in a shell"),
        ("policy", report.get("not_judged") and f"asks AWS first: {report['not_judged']}"),
        ("region", report.get("region")),
        ("session", report.get("session") and _session_line(report["session"])),
        ("start URL", report.get("session") and report["session"]["start_url"]),
        ("credentials", report.get("credentials") and _credentials_line(report["credentials"])),
        ("chosen by", report.get("chosen_by")),
        ("file", report["binding_file"]),
        ("trusted", report["binding_file"] and ("yes" if report["trusted"] else "no")),
        ("problem", report.get("problem")),
        *[("", problem) for problem in report.get("problems", [])],
        ("this shell", _shell_line(report["shell"])),
        *[("note", note) for note in report["notes"]],
        ("next", report.get("next")),
    ]
    head = report.get("label") or "no role here"
    if report.get("yours"):
        head = f"your own {' and '.join(report['yours'])}, not {head}"
    style = {"live": "good", "blocked": "error"}.get(report["state"], "strong")
    state = screen.paint(report["state"], style, sys.stdout)
    body = [f"  {name:<12} {value}" for name, value in rows if value]
    return [screen.Painted(f"{printable(head)}  {state}"), *body]


def _profile(profile: Profile, env: Mapping[str, str]) -> dict[str, Any]:
    role = profile.role
    live = rendered.load_role(env, role.key, protected=True)
    report: dict[str, Any] = {
        "state": "live" if live else "armed",
        "profile": profile.name,
        "label": profile.label,
        "account": role.account,
        "role": list(role.roles),
        "region": profile.region,
        "managed_profile": profile.managed_profile,
        "protected": profile.protect,
        "next": None,
    }
    try:
        session = aws_config.find_session(env, role.session)
    except InvalidConfiguration as problem:
        return report | {"problem": problem.message, "next": problem.hint or problem.advice}
    report["session"] = _session(session, env)
    listing = assignments.load(env, session.label)
    account = listing.account(role.account) if listing else None
    if account:
        report["account_name"] = account.name
    verdict = policy.verdict(settings.load(env), policy.profile_target(profile, listing))
    report["protected"] = verdict.answer == "ask"
    if verdict.answer == "refused":
        where = f"see {paths.settings_file(env)}"
        return report | {"state": "blocked", "problem": verdict.reason, "next": where}
    if verdict.answer == "unknown":
        report["not_judged"] = verdict.reason
    known = assignments.resolve(role, listing)
    cached = credential_cache.load(env, session, *known) if known else None
    if cached and cached.expiration > clock.now():
        report["credentials"] = {
            "access_key_id": cached.access_key_id,
            "expires_at": clock.render_timestamp(cached.expiration),
            "seconds_left": cached.expiration - clock.now(),
        }
    elif not report["session"]["signed_in"]:
        report["next"] = "any AWS command signs you in, or: ssoenv login"
    return report


def _foreign_keys(env: Mapping[str, str]) -> list[str]:
    """Tell what other tools wrote into our managed profiles."""
    try:
        return [str(key) for key in managed_profiles.foreign(env)]
    except InvalidConfiguration:
        return []


def _session(session: Session, env: Mapping[str, str]) -> dict[str, Any]:
    token, now = token_cache.load_token(env, session), clock.now()
    usable = bool(token and (token.expires_at > now or token.refreshable(now)))
    report: dict[str, Any] = {
        "name": session.label,
        "start_url": session.start_url,
        "region": session.region,
        "source": session.source,
        "signed_in": usable,
    }
    if token and usable:
        report |= {
            "token_expires_at": clock.render_timestamp(token.expires_at),
            "refreshable": token.refreshable(now),
            "seconds_left": max(0, token.expires_at - now),
        }
    return report


def _shell(env: Mapping[str, str]) -> dict[str, Any]:
    """Tell what this very process inherited: the shell's own view, without any secret."""
    return {
        "label": env.get("SSOENV_LABEL"),
        "directory": env.get("SSOENV_DIR"),
        "aws_profile": env.get("AWS_PROFILE"),
        "access_key_id": env.get("AWS_ACCESS_KEY_ID"),
        "expires_at": env.get("AWS_CREDENTIAL_EXPIRATION"),
        "region": env.get("AWS_REGION"),
    }


def _account(report: dict[str, Any]) -> str:
    name = report.get("account_name")
    return f"{report['account']} ({name})" if name else str(report["account"])


def _session_line(session: dict[str, Any]) -> str:
    if not session["signed_in"]:
        return f"{session['name']} ({session['source']}), not signed in"
    left = clock.render_duration(session["seconds_left"])
    renewed = ", then renewed by itself" if session["refreshable"] else ""
    return f"{session['name']} ({session['source']}), signed in for {left}{renewed}"


def _credentials_line(credentials: dict[str, Any]) -> str:
    left = clock.render_duration(credentials["seconds_left"])
    end = clock.render_local(clock.parse_timestamp(credentials["expires_at"]))
    return f"…{credentials['access_key_id'][-4:]}, {left} left, until {end}"


def _shell_line(shell: dict[str, Any]) -> str:
    if shell["access_key_id"]:
        owner = shell["label"] or "not ours"
        return f"has keys …{shell['access_key_id'][-4:]} ({owner})"
    if shell["aws_profile"]:
        return f"has AWS_PROFILE={shell['aws_profile']} ({shell['label'] or 'not ours'})"
    return "has no AWS role"
