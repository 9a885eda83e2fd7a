"""``ssoenv agents``: coding agents, and what their own settings need for ssoenv."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv import here
from ssoenv.aws_files import managed_profiles
from ssoenv.base.errors import SsoenvError, UsageError
from ssoenv.cli import agreement, parsing, screen
from ssoenv.setup import agent_report, agent_settings, agent_tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ssoenv.setup.agent_report import ForAgents
    from ssoenv.setup.agent_settings import Plan
    from ssoenv.setup.agent_tools import Tool

BARE = "ssoenv exec --none -- env AWS_PROFILE=ssoenv claude"
"""What starts an agent with the profile, and with nothing else of AWS."""
NAMES = "|".join(tool.name for tool in agent_tools.TOOLS)


def register(app: typer.Typer) -> None:
    """Add the commands, under ``agents``."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(agents)
    group.command("setup")(setup)
    app.add_typer(group, name="agents")


def agents(
    context: typer.Context,
    json_: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Say what a coding agent gets that is started here, and why."""
    if context.invoked_subcommand is not None:
        return
    report = agent_report.describe(here.working_directory(os.environ), os.environ)
    if json_:
        sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
        return
    screen.out(f"a coding agent gets {report.gets}")
    for name, value in _rows(report):
        if value:
            screen.out(f"  {name:<12} {value}", hang=15)


def _rows(report: ForAgents) -> Iterator[tuple[str, str]]:
    """Yield each line for people as its name and its words; without words it is left out."""
    yield "here", report.label
    yield "because", report.why
    yield "this process", f"is run by {report.agent}" if report.agent else "is run by no agent"
    if report.keys:
        yield "keys", f"of {report.keys} are in this shell, and without a hook an agent gets them;"
        yield "", "to start one without:"
        yield "", BARE
    for name in report.through_aws:
        yield "its model", f"{name} is set: the agent itself keeps the AWS credentials it has"
    yield "set up", ", ".join(report.set_up) or "none by ssoenv agents setup"
    yield "known by", f"{', '.join(report.variables)}; or as {', '.join(report.commands)}"


def setup(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar=NAMES, help="The agent.")],
    write: Annotated[
        bool, typer.Option("--write", help="Make the change, once you agree.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take out what was written.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    project: Annotated[
        bool, typer.Option("--project", help="The settings of this directory, not yours.")
    ] = False,
) -> None:
    """Show what an agent's settings need, so that its commands get the role of their directory."""
    env, tool = os.environ, agent_tools.find(name)
    if (write and undo) or (yes and not (write or undo)):
        fix = f"ssoenv agents setup {name} --write"
        raise UsageError("--write or --undo, and --yes with one of them", fix=fix)
    if tool.form is None:
        _tell_unknown(tool, write=write)
        return
    directory = here.working_directory(env) if project else None
    plan = (agent_settings.plan_undo if undo else agent_settings.plan)(tool, env, directory)
    if write or undo:
        _make(plan, env, f"{parsing.typed(context)} --yes", yes=yes)
    else:
        _print(plan, f"{parsing.typed(context)} --write")


def _tell_unknown(tool: Tool, *, write: bool) -> None:
    """Say how to start a tool that has no settings for this. Raises SsoenvError for `write`."""
    what = f"{tool.title}: {tool.limits[0]}"
    if write:
        raise SsoenvError(what, fix=tool.by_hand)
    screen.say(what)
    screen.note("start it with the profile, and with nothing else of AWS:")
    screen.hint(tool.by_hand)


def _print(plan: Plan, again: str) -> None:
    """Write the change to stdout, and what it does not reach to stderr."""
    sys.stdout.write("".join(plan.show()))
    if plan.change is None:
        screen.say(f"{plan.path} has all that {plan.tool.title} needs", style="good")
    _tell(plan)
    if plan.change is not None:
        screen.say("to write it:")
        screen.hint(again)


def _tell(plan: Plan) -> None:
    for note in plan.notes:
        screen.note(note)
    for page in plan.tool.pages:
        screen.note(f"documented at {page.url} ({page.read})", style="faint")


def _make(plan: Plan, env: Mapping[str, str], again: str, *, yes: bool) -> None:
    """Show, ask, and change; say what holds then."""
    nothing = f"{plan.path} has all that {plan.tool.title} needs"
    nothing = "there is nothing to take back" if plan.undone else nothing
    if not agreement.agreed(plan.show(), nothing, again, yes=yes):
        return
    backups = agent_settings.make(plan, env)
    if plan.change is None:
        return
    agreement.tell_backups(backups)
    end = "is without ssoenv's settings" if plan.undone else "has what it needs"
    screen.say(f"{plan.tool.title} {end}, from its next start on", style="good")
    if not plan.undone:
        _tell(plan)
        _tell_profile(env)


def _tell_profile(env: Mapping[str, str]) -> None:
    if not managed_profiles.is_there(env):
        screen.say("your AWS config has no [profile ssoenv] yet; to have it:", style="warning")
        screen.hint("ssoenv setup")
