"""The prompt segment as text, from the variables that the hook exports. For prompts not the hook's.

Fields of a format: ``{label}``, ``{state}`` (armed, live, expired), ``{left}`` (time left, as
``12 min``, empty unless live) and ``{region}``.
"""

from __future__ import annotations

from ssoenv.base import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = "{label}{mark}"
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@:/+-")
SOON = 600
"""Seconds before the end from which the default format tells the time left."""


def render(env: Mapping[str, str], template: str) -> str:
    """`template` with its fields filled in; empty where no role is bound."""
    label = _plain(env.get("SSOENV_LABEL", ""))
    if not label:
        return ""
    left = _seconds_left(env)
    state = "armed" if left is None else "live" if left > 0 else "expired"
    mark = ""
    if left is None:
        mark = "?"
    elif left < SOON:
        mark = f" {clock.render_duration(left)}" if left > 0 else " expired"
    fields = {
        "label": label,
        "state": state,
        "mark": mark,
        "left": clock.render_duration(left) if left else "",
        "region": _plain(env.get("AWS_REGION", "")),
    }
    for name, value in fields.items():
        template = template.replace("{" + name + "}", value)
    return template


def _plain(value: str) -> str:
    """`value`, which anybody may have set, of what neither a terminal nor a prompt acts on."""
    return "".join(char if char in _SAFE else "_" for char in value)


def _seconds_left(env: Mapping[str, str]) -> int | None:
    if not env.get("AWS_ACCESS_KEY_ID"):
        return None
    try:
        return clock.parse_timestamp(env.get("AWS_CREDENTIAL_EXPIRATION", "")) - clock.now()
    except ValueError:
        return None
