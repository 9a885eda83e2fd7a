"""Variables as text, for whoever asked ``ssoenv export`` for them."""

from __future__ import annotations

from ssoenv.base import dialects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_HIDDEN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN")
"""What would win over the keys, or stand beside them."""


def render(form: str, variables: Mapping[str, str]) -> str | None:
    """Return `variables` in the `form` asked for; None for one that takes more than this.

    Forms: env, fish, json, dotenv, powershell; each quotes for its own reader. What is for a shell
    takes away first what would win over the keys there.
    """
    if form in ("env", "fish"):
        shell = "fish" if form == "fish" else "bash"
        clear = [dialects.export(shell, name, None) for name in _HIDDEN]
        # A shell with the hook lets keys stand that were given on purpose.
        given = {**variables, "SSOENV_GIVEN": variables["AWS_ACCESS_KEY_ID"]}
        return "\n".join([*clear, *(dialects.export(shell, *pair) for pair in given.items()), ""])
    if form == "json":
        return _json(variables)
    if form == "dotenv":
        return "".join(
            f"{name}={dialects.quote_dotenv(value)}\n" for name, value in variables.items()
        )
    if form == "powershell":
        # Null takes a variable away, in every version (about_Environment_Variables).
        clear = [f"$Env:{name}=$null" for name in _HIDDEN]
        sets = [f"$Env:{name}={dialects.quote_powershell(v)}" for name, v in variables.items()]
        return "\n".join([*clear, *sets, ""])
    return None


def _json(variables: Mapping[str, str]) -> str:
    """Return an object, two spaces deep. The library is loaded for what needs an escape only."""
    if all(value.isascii() and value.isprintable() for value in variables.values()) and not any(
        char in value for value in variables.values() for char in '"\\'
    ):
        lines = [f'  "{name}": "{value}"' for name, value in variables.items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"
    import json

    return json.dumps(dict(variables), indent=2) + "\n"
