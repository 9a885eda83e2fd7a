"""All checks in the order in which a person would go through them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ssoenv.base.errors import SsoenvError
from ssoenv.doctor import environment, project, sessions, shells, storage, stores
from ssoenv.doctor.finding import of_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ssoenv.doctor.finding import Finding


def everything(env: Mapping[str, str], shell: str, *, online: bool) -> Iterator[Finding]:
    """Yield what is found for the user of `shell`; with `online` off nothing is asked of AWS.

    What stands in the way of several checks is told by the first of them.
    """
    # What this very process has comes first.
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("keys", partial(project.keys, env)),
        ("versions", partial(shells.versions, env)),
        ("shell", partial(shells.hook, env, shell)),
        ("completions", partial(shells.completions, env, shell)),
        ("settings", partial(stores.settings, env)),
        ("AWS config", partial(sessions.config, env)),
        ("storage", partial(storage.kept, env)),
        ("sign-in", partial(sessions.tokens, env)),
        *([("network", partial(sessions.clock_and_network, env))] if online else []),
        ("project", partial(project.project, env)),
        ("files", partial(stores.permissions, env)),
        ("caches", partial(stores.caches, env)),
        ("environment", partial(environment.variables, env)),
        ("other tools", partial(environment.other_tools, env)),
    ]
    told: set[tuple[str, str]] = set()
    for area, check in checks:
        for one in _findings(area, check):
            if one.level != "wrong" or (one.what, one.fix) not in told:
                yield one
            told.add((one.what, one.fix))


def _findings(area: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what `check` finds, and what keeps it from looking, as findings of `area`."""
    try:
        yield from check()
    except SsoenvError as failure:
        yield of_failure(area, failure)


def repair(findings: Iterable[Finding]) -> list[Finding]:
    """Repair what can be repaired safely; return what was. Raises OSError."""
    repaired = []
    for one in findings:
        if one.repair and one.level != "ok":
            one.repair()
            repaired.append(one)
    return repaired
