"""``ssoenv`` alone, at a terminal: the role here, its state, and what to run next."""

from __future__ import annotations

import os

from ssoenv import here
from ssoenv.base import clock
from ssoenv.cli import screen
from ssoenv.report.describe import describe
from ssoenv.setup import shell as shells
from ssoenv.shells import detect


def show() -> int:
    """Print three lines; return the exit code."""
    env = os.environ
    directory = here.working_directory(env)
    report = describe(directory, env)
    state: str = report.state
    if report.role and report.role.credentials and state == "live":
        left = clock.render_duration(report.role.credentials.expires_at - report.now)
        state = f"{state}, {left} left"
    screen.out(report.role.profile.label if report.role else "no role here")
    screen.out(f"  state        {state}")
    screen.out(f"  next         {shells.next_steps(detect.shell(env), directory, env)[0]}")
    return 0
