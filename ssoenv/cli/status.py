"""``ssoenv status``: which role is active here, what chose it, how long it lasts, what to do."""

from __future__ import annotations

import json
import os
import sys
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here
from ssoenv.base import clock, dialects
from ssoenv.base.dialects import printable
from ssoenv.base.errors import UsageError
from ssoenv.base.values import replace
from ssoenv.cli import screen
from ssoenv.report import validity
from ssoenv.report.as_json import as_json
from ssoenv.report.describe import describe
from ssoenv.shells import detect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.report.values import (
        CredentialsReport,
        ProbeReport,
        Report,
        RoleReport,
        SessionReport,
        ShellReport,
    )

_STYLES = {"live": "good", "blocked": "error", "other": "error"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(
    directory: Annotated[
        str | None, typer.Argument(metavar="[DIR]", help="Another directory than this one.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Print nothing: exit 0 if AWS can be used here, 3 if it takes a sign-in, 6 if the "
            "role may not be had, else as another command would. Outside of projects the session "
            "counts.",
        ),
    ] = False,
    probe: Annotated[
        bool,
        typer.Option(
            "--probe", help="Ask the service, too, for 10 seconds at most; it signs nobody in."
        ),
    ] = False,
) -> None:
    """Say which role is active here, why, until when, and what to run next."""
    start = _directory(directory, os.environ)
    if check and json_:
        raise UsageError("either --check or --json, not both").without("--json")
    if check:
        raise typer.Exit(validity.exit_code(start, os.environ, ask=probe))
    report = describe(start, os.environ)
    if probe:
        probed = validity.ask(start, os.environ)
        mend = (probed.next,) if probed.result != "valid" and probed.next else report.next
        report = replace(report, probe=probed, next=mend)
    if json_:
        sys.stdout.write(json.dumps(as_json(report), indent=2) + "\n")
    else:
        _show(report, detect.shell(os.environ))


def _directory(named: str | None, env: Mapping[str, str]) -> str:
    """Return the directory that is `named`, else where we are. Raises UsageError for none."""
    start = os.path.normpath(os.path.join(here.working_directory(env), named or ""))
    if not os.path.isdir(start):
        raise UsageError(f"{start} is no directory", fix="ssoenv status")
    return start


def _show(report: Report, shell: str) -> None:
    """Show it to a user of `shell`."""
    screen.out(_headline(report))
    for name, value in _rows(report, shell):
        if value:
            screen.out(f"  {name:<12} {value}", hang=15)


def _headline(report: Report) -> str:
    head = report.role.profile.label if report.role else "no role here"
    if report.own:
        head = f"your own {' and '.join(report.own)}, not {head}"
    if report.other:
        head = f"keys of {report.other}, where the directory gives {head}"
    state = screen.paint(report.state, _STYLES.get(report.state, "strong"), sys.stdout)
    return screen.Painted(f"{printable(head)}  {state}")


def _rows(report: Report, shell: str) -> Iterator[tuple[str, str | None]]:
    """Yield each line for people as its name and its words; without words it is left out."""
    if report.role:
        yield from _role_rows(report.role, report.shell, report.now)
    if report.session:
        yield from _session_rows(report.session, report.now)
    yield "chosen by", report.chosen_by
    yield "file", report.binding_file
    yield "trusted", "yes" if report.binding_file and report.trusted else None
    yield from zip_longest(("problem",), report.told, fillvalue="")
    yield "service", _probe(report.probe, report.role) if report.probe else None
    yield "this shell", _shell(report.shell)
    yield from (("note", dialects.as_typed(shell, note)) for note in report.notes)
    mends = [dialects.as_typed(shell, mend) for mend in report.next]
    yield from zip_longest(["next"], mends, fillvalue="")


def _role_rows(role: RoleReport, shell: ShellReport, now: int) -> Iterator[tuple[str, str | None]]:
    wanted = role.profile.role
    account = f"{wanted.account} ({role.account_name})" if role.account_name else wanted.account
    yield "role", f"{role.profile.role_name} in account {account}"
    yield "ARN", str(wanted.entitled.arn) if wanted.entitled else None
    yield "assumes", str(wanted.assumes.arn) if wanted.assumes else None
    yield "protected", _protected(role, now)
    yield "policy", role.not_judged and f"asks AWS first: {role.not_judged}"
    yield "region", _region(role.profile.region, shell.region)
    if role.credentials:
        yield "credentials", _credentials(role.credentials, now)


def _region(given: str | None, had: str | None) -> str | None:
    """Return the region that the directory gives, and the one that programs started here take."""
    if had is None and given is None:
        return "none of its own; yours counts, and without one most AWS commands fail"
    if had is None or had == given:
        return given
    return f"{given or 'none of its own'}, but this process has AWS_REGION={had}"


def _probe(probe: ProbeReport, role: RoleReport | None) -> str:
    if probe.result == "valid":
        held = ", and the role is yours" if role else ""
        unknown = f"; {probe.message}" if probe.message else ""
        return f"asked just now: it takes your sign-in{held}{unknown}"
    return f"asked just now: {probe.message}; {probe.next}"


def _session_rows(session: SessionReport, now: int) -> Iterator[tuple[str, str | None]]:
    """Yield the session, and where each of its values stands."""
    yield "session", _session(session, now)
    yield "start URL", f"{session.start_url} ({session.start_url_from})"
    yield "SSO region", f"{session.region} ({session.region_from})"


def _protected(role: RoleReport, now: int) -> str | None:
    if role.allowed_until:
        left = clock.render_duration(role.allowed_until - now)
        return f"your yes holds in this terminal for another {left}"
    return "asks before its first use in a shell" if role.protected else None


def _session(session: SessionReport, now: int) -> str:
    named = f"{session.name} ({session.chosen_by})"
    end = session.token_expires_at
    if end is None:
        return f"{named}, not signed in: an AWS command will ask you to"
    left = clock.render_duration(max(0, end - now))
    renewed = ", then renewed by itself" if session.refreshable else ""
    return f"{named}, signed in, {left} left{renewed}"


def _credentials(credentials: CredentialsReport, now: int) -> str:
    left = clock.render_duration(credentials.expires_at - now)
    until = clock.render_local(credentials.expires_at)
    return f"…{credentials.access_key_id[-4:]}, {left} left, until {until}"


def _shell(shell: ShellReport) -> str:
    given = "by ssoenv export or exec" if shell.given else "not from ssoenv"
    owner = shell.label or given
    if shell.access_key_id:
        return f"has keys …{shell.access_key_id[-4:]} ({owner})"
    if shell.aws_profile:
        return f"has AWS_PROFILE={shell.aws_profile} ({owner})"
    if shell.endpoint:
        return f"has credentials served at {shell.endpoint}"
    return "has no AWS role"
