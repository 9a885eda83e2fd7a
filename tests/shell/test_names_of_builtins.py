"""A user may have functions with the names of builtins: the hooks call the builtins all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.shell.conftest import DEV, OPS

if TYPE_CHECKING:
    from tests.shell.conftest import Shell

NAMES = {
    "bash": "read test unset export mapfile type shopt",
    "zsh": "unset set source sysread zmodload functions setopt unfunction read",
    "fish": "path math contains source random functions set_color count type",
}


@pytest.mark.parametrize("status", [0, 1])
def test_functions_of_the_user_change_nothing(signed_in: Shell, status: int) -> None:
    keys = list(signed_in.sandbox.state.keys.values())
    signed_in.run("cd ~/ops; cd ~/web; true")
    for name in NAMES[signed_in.name].split():
        junk = f"builtin printf '%s junk junk\\n' $PATH; return {status}"
        signed_in.run(
            f"{name}() {{ {junk}; }}",
            zsh=f"function {name} {{ {junk} }}",
            fish=f"function {name}; builtin printf '%s junk\\n' $PATH; return {status}; end",
        )
    seen = [signed_in.run(line) for line in ("true", "cd ~/ops", "aws who", "true")]
    assert signed_in.role(seen[2].output) == OPS
    seen += [signed_in.run(line) for line in ("cd ~/web", "command true", "aws who")]
    assert signed_in.role(seen[-1].output) == DEV

    with (signed_in.home.path / "web/.ssoenv.toml").open("a") as file:
        file.write("# another\n")
    changed = signed_in.run("aws who")
    assert changed.status == 4
    assert "<" not in changed.output

    seen += [signed_in.run("cd ~"), signed_in.run("aws who")]
    assert signed_in.role(seen[-1].output) == "nobody"
    shown = "\n".join(f"{one.output}{one.prompt}" for one in seen)
    assert not [one for one in keys if one.secret in shown or one.token in shown]
