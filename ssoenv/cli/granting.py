"""``ssoenv admin assign`` and ``unassign``: shown first, waited for, told one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer  # noqa: TC002 - Typer looks the hints up

from ssoenv.base.errors import UsageError
from ssoenv.cli import changing
from ssoenv.cli.administering import Options, Which, open_center
from ssoenv.cli.changing import Manner, Timeout, Yes
from ssoenv.cli.options import spread

if TYPE_CHECKING:
    from ssoenv.admin.center import Center
    from ssoenv.admin.making import Change


@spread(which=Which, options=Options, manner=Manner)
def assign(which: Which, options: Options, manner: Manner, timeout: Timeout = 600) -> None:
    """Assign permission sets in accounts to users and groups; what is assigned stays."""
    center = open_center(options)
    changing.change(center, _planned(center, "assign", which), manner, timeout=timeout)


@spread(which=Which, options=Options, manner=Manner)
def unassign(
    context: typer.Context,
    which: Which,
    options: Options,
    manner: Manner,
    yes: Yes = False,
    timeout: Timeout = 600,
) -> None:
    """Take assignments back from users and groups, once you agree."""
    center, ask = open_center(options), changing.unasked(context, yes)
    found = _planned(center, "unassign", which)
    changing.change(center, found, manner, timeout=timeout, ask=ask)


def _planned(center: Center, kind: str, which: Which) -> list[Change]:
    from ssoenv.admin import changes

    wanted = which.named().meant(center)
    if wanted.principals is None or wanted.sets is None or wanted.accounts is None:
        raise UsageError(
            f"{kind} what, where, to whom? it takes --permission-set, --account or --ou, and "
            "--user or --group",
            fix=f"ssoenv help admin {kind}",
        )
    return changes.plan(center, kind, wanted)
