"""``ssoenv`` alone, at a terminal: the role here, its state, and what to run next."""

from __future__ import annotations

import os
from itertools import zip_longest

from ssoenv import here, surroundings
from ssoenv.base import clock
from ssoenv.cli import screen
from ssoenv.report.describe import describe


def show() -> int:
    """Print a few lines; return the exit code."""
    env = os.environ
    directory = here.working_directory(env)
    report = describe(directory, env)
    state: str = report.state
    if report.role and report.role.credentials and state == "live":
        left = clock.render_duration(report.role.credentials.expires_at - report.now)
        state = f"{state}, {left} left"
    if not env.get(surroundings.HOOK_MARK):
        state = f"{state}; this shell has no hook"
    label = report.role.profile.label if report.role else "no role here"
    screen.out(f"keys of {report.other}, not {label}" if report.other else label)
    screen.out(f"  state        {state}")
    for name, step in zip_longest(["next"], report.next, fillvalue=""):
        screen.out(f"  {name:<12} {step}")
    return 0
