"""The prompt segment as text, from the variables that the hook exports. For prompts not the hook's.

Fields of a format: ``{label}``, ``{state}`` (armed, live, expired; other, where the shell that has
the role is in another project), ``{left}`` (time left, as ``12 min``, empty unless live) and
``{region}``.
"""

from __future__ import annotations

from ssoenv.base import clock, paths
from ssoenv.shells import rendered

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
    if _is_elsewhere(env):
        state, mark = "other", f"{mark} not of this directory"
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


def _is_elsewhere(env: Mapping[str, str]) -> bool:
    """Whether we are in another project than the shell was that exported the role, or in none."""
    project, directory = env.get("SSOENV_DIR", ""), env.get("PWD", "")
    if not paths.is_normal(project) or not paths.is_normal(directory):
        return False
    found = rendered.find_binding_file(directory.rstrip("/"))
    return not rendered.is_same(found.rpartition("/")[0] or "/" if found else "", project)


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
