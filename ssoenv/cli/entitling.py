"""``ssoenv admin entitlements``, ``entitle`` and ``disentitle``: the account access manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.base.errors import UsageError
from ssoenv.base.values import dataclass
from ssoenv.cli import changing, screen, tables
from ssoenv.cli.administering import Options, open_center
from ssoenv.cli.changing import Manner, Yes
from ssoenv.cli.options import spread

if TYPE_CHECKING:
    from ssoenv.admin.calls import Change
    from ssoenv.admin.center import Center
    from ssoenv.admin.values import Principal
    from ssoenv.base.arns import RoleArn

Several = list[str] | None


@dataclass(frozen=True, slots=True)
class Whose:
    """Which entitlements: those of any of these roles, users and groups."""

    role_arn: Annotated[
        Several, typer.Option("--role-arn", metavar="ARN", help="This role of IAM.")
    ] = None
    user: Annotated[Several, typer.Option("--user", "-u", help="This user: a name or an id.")] = (
        None
    )
    group: Annotated[
        Several, typer.Option("--group", "-g", help="This group: a name or an id.")
    ] = None

    def meant(
        self, center: Center, *, there: bool = False
    ) -> tuple[list[RoleArn], list[Principal]]:
        """Return the roles, and the users and groups, which have to be `there`, or may be gone.

        Raises UsageError for what is none.
        """
        from ssoenv.admin.entitlements import role_meant
        from ssoenv.admin.values import GROUP, USER

        known = center.principal_known if there else center.principal_meant
        roles = [role_meant(center, one) for one in dict.fromkeys(self.role_arn or ())]
        people = [known(USER, one) for one in self.user or ()]
        people += [known(GROUP, one) for one in self.group or ()]
        return roles, list(dict.fromkeys(people))


@spread(whose=Whose, options=Options)
def entitlements(
    whose: Whose,
    options: Options,
    account: Annotated[
        Several, typer.Option("--account", "-a", help="Roles in this account: a name or an id.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """List who is entitled to which role of IAM, by the account access manager."""
    from ssoenv.admin import entitlements as entitled

    center = open_center(options)
    entitled.required(center)
    roles, people = whose.meant(center)
    accounts = [center.account_meant(one) for one in account or ()]
    found = entitled.find(center, people, roles, accounts)
    rows = [
        entitled.described(*one) for one in zip(found, entitled.named(center, found), strict=True)
    ]
    _write(rows, as_json=as_json)


@spread(whose=Whose, options=Options, manner=Manner)
def entitle(whose: Whose, options: Options, manner: Manner) -> None:
    """Entitle users and groups to roles of IAM; what is so already stays."""
    center = open_center(options)
    changing.change(center, _planned(center, "entitle", whose), manner)


@spread(whose=Whose, options=Options, manner=Manner)
def disentitle(
    context: typer.Context, whose: Whose, options: Options, manner: Manner, yes: Yes = False
) -> None:
    """Take entitlements to roles of IAM away, once you agree."""
    center, ask = open_center(options), changing.unasked(context, yes)
    changing.change(center, _planned(center, "disentitle", whose), manner, ask=ask)


def _planned(center: Center, kind: str, whose: Whose) -> list[Change]:
    from ssoenv.admin import entitlements as entitled

    roles, people = whose.meant(center, there=kind == "entitle")
    if not roles or not people:
        raise UsageError(
            f"{kind} whom, to what? it takes --role-arn, and --user or --group",
            fix=f"ssoenv help admin {kind}",
        )
    return entitled.plan(center, kind, roles, people)


def _write(rows: list[dict[str, str]], *, as_json: bool) -> None:
    if as_json:
        tables.write_json(rows)
        return
    shown = ("account_name", "account_id", "role_arn", "principal_type")
    tables.write(
        sorted(
            (*(row[one] for one in shown), row["principal_name"] or row["principal_id"])
            for row in rows
        ),
        *("account", "account id", "role", "kind", "who"),
    )
    if not rows:
        screen.say("nobody is entitled to that")
