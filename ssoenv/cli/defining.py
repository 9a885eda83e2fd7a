"""``ssoenv admin define`` and ``provision``: what permission sets give, and making them roles."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ssoenv.base.errors import UsageError
from ssoenv.base.values import dataclass
from ssoenv.cli import changing
from ssoenv.cli.administering import Options, open_center
from ssoenv.cli.changing import Manner, Timeout, Yes
from ssoenv.cli.options import spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssoenv.admin.definition import Definition

Several = list[str] | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a permission set is to be, by options; what is not named stays as it is."""

    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help="What it is for.")
    ] = None
    duration: Annotated[
        str | None,
        typer.Option("--duration", metavar="TIME", help="How long its sessions last: 1h to 12h."),
    ] = None
    relay_state: Annotated[
        str | None,
        typer.Option("--relay-state", metavar="URL", help="Where the console opens."),
    ] = None
    policy: Annotated[
        Several,
        typer.Option("--policy", metavar="ARN|NAME", help="With this policy that AWS manages."),
    ] = None
    own_policy: Annotated[
        Several,
        typer.Option(
            "--own-policy", metavar="[PATH/]NAME", help="With this policy of each account's own."
        ),
    ] = None
    inline: Annotated[
        str | None,
        typer.Option(
            "--inline",
            metavar="FILE",
            help="With the inline policy in this file, JSON; -: from stdin; empty: none.",
        ),
    ] = None
    boundary: Annotated[
        str | None,
        typer.Option(
            "--boundary",
            metavar="ARN|[PATH/]NAME",
            help="With this permissions boundary: a policy of AWS, or of each account's own.",
        ),
    ] = None
    tag: Annotated[Several, typer.Option("--tag", metavar="KEY=VALUE", help="With this tag.")] = (
        None
    )
    without_policy: Annotated[
        Several,
        typer.Option("--without-policy", metavar="ARN|NAME", help="Without this policy of AWS's."),
    ] = None
    without_own_policy: Annotated[
        Several,
        typer.Option(
            "--without-own-policy", metavar="[PATH/]NAME", help="Without this one of each account."
        ),
    ] = None
    no_inline: Annotated[bool, typer.Option("--no-inline", help="Without an inline policy.")] = (
        False
    )
    no_boundary: Annotated[
        bool, typer.Option("--no-boundary", help="Without a permissions boundary.")
    ] = False
    without_tag: Annotated[
        Several, typer.Option("--without-tag", metavar="KEY", help="Without this tag.")
    ] = None

    def definition(self) -> Definition:
        """Return it with what is in files read. Raises UsageError for what goes not together."""
        from ssoenv.admin.definition import Definition

        return Definition(
            self.description,
            self.duration,
            self.relay_state,
            tuple(self.policy or ()),
            tuple(self.own_policy or ()),
            _policy(self._instead("inline")),
            self._instead("boundary"),
            _pairs(self.tag or ()),
            tuple(self.without_policy or ()),
            tuple(self.without_own_policy or ()),
            tuple(self.without_tag or ()),
        )

    def _instead(self, name: str) -> str | None:
        """Return what is said of `name`, empty where it is to go."""
        value: str | None = getattr(self, name)
        if getattr(self, f"no_{name}"):
            if value:
                raise UsageError(f"--{name} or --no-{name}, not both")
            return ""
        return value


@spread(said=Said, options=Options, manner=Manner)
def define(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the permission set.")],
    said: Said,
    options: Options,
    manner: Manner,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="FILE", help="All of it by this TOML file, and no more."),
    ] = None,
    provision: Annotated[
        bool, typer.Option("--provision/--no-provision", help="Bring its roles up to date, too.")
    ] = True,
    yes: Yes = False,
    timeout: Timeout = 600,
) -> None:
    """Make a permission set, or change the one there is, to what is named; the rest stays."""
    from ssoenv.admin import defining, steps

    wanted = _defined(said, file)
    center = open_center(options)
    found = defining.plan(center, name, wanted, provision=provision)
    ask = changing.unasked(context, yes) if steps.removes(found) else ""
    changing.change(center, found, manner, timeout=timeout, ask=ask)


@spread(options=Options, manner=Manner)
def provision(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, its id or its ARN.")],
    options: Options,
    manner: Manner,
    account: Annotated[
        Several,
        typer.Option("--account", "-a", help="In this account, out of date or not."),
    ] = None,
    timeout: Timeout = 600,
) -> None:
    """Bring the roles of a permission set up to date, where they are not."""
    from ssoenv.admin import provisioning

    center = open_center(options)
    accounts = [center.account_meant(one) for one in dict.fromkeys(account or ())]
    found = provisioning.plan(center, center.set_meant(name), accounts)
    changing.change(center, found, manner, timeout=timeout)


def _defined(said: Said, file: str | None) -> Definition:
    from ssoenv.admin import definition

    if file is None:
        return said.definition()
    if any(value not in (None, False) for value in asdict(said).values()):
        raise UsageError(
            "--file goes alone: it says all that the permission set is to be",
            fix="ssoenv help admin define",
        )
    return definition.read(file)


def _policy(path: str | None) -> str | None:
    """Return the policy in a file; None and empty stay what they are."""
    from ssoenv.admin.definition import policy_in

    return policy_in(path) if path else path


def _pairs(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return tags. Raises UsageError for what is none, and for a key that has two values."""
    found = tuple(_pair(one) for one in texts)
    if len({key for key, _ in found}) < len({*found}):
        raise UsageError("--tag: a key has one value", fix="ssoenv help admin define")
    return found


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise UsageError(f"--tag {text!r}: say KEY=VALUE", fix="ssoenv help admin define")
    return key, value
