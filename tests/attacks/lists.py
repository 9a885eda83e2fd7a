"""Account lists: what an administrator, or who plays one, can call accounts, roles and e-mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.attacks.model import DEV, NEW, TRUSTED, Attack, account, binding, file, listing
from tests.attacks.values import CODE, CONTROLS

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMULAS = {
    "a formula": "=1+1",
    "a plus": "+1",
    "a minus": "-1",
    "an at": "@SUM(A1)",
    "a tab and a formula": "\t=1",
    "a return and a formula": "\r=1",
    "a blank and a formula": " =1",
    "a wide formula": "\uff1d1",
    "a quote and a comma": 'x",=1+1,"',
    "a new line and a formula": "x\n=1",
    "a semicolon and a formula": "x;=1",
    "a link": '=HYPERLINK("https://evil.example","x")',
}
ODD = {
    "a section": "x]\n[profile default]\ncredential_process = touch CANARY\n[y",
    "a section on one line": "x] [default",
    "the default section": "default",
    "a managed profile": "ssoenv",
    "our end of a block": "# <<< ssoenv <<<",
    "a template": "{account_name}{role}{0}",
    "a name of 50 wide letters": "\uff37" * 50,
    "an emoji of several": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "a stack of marks": "a" + "\u0301" * 40,
    "Arabic": "\u0645\u0631\u062d\u0628\u0627",
    "half a surrogate": "\ud800x",
    "a NUL": "x\0y",
    "nothing": "",
    "a blank": " ",
    "a slash": "a/b",
    "dots": "../../x",
    "an id": "333333333333",
    "a role": "dev/Developer",
    "a markup": "[bold red]x[/bold red][link=https://evil.example]y[/link]",
    "a key": "role:x+y%2f",
    "a very long name": "n" * 5000,
}


def lists() -> Iterator[Attack]:
    """Yield lists with one account more, called so; and roles and e-mails that are."""
    for what, name in (*CODE.items(), *CONTROLS.items(), *FORMULAS.items(), *ODD.items()):
        # A role that a file can name, and beside it one that no IAM would take.
        more = () if what in ODD else (name,)
        world = listing([account(name, email=f"{name}@x")], "Developer", *more)
        by = name if what in CODE else NEW
        yield Attack(
            "list", what, file(binding(of=by)), TRUSTED, f"{NEW}/Developer", world=world
        )  # fmt: skip
    many = [account(f"$(touch CANARY) {n}", f"{500000000000 + n}") for n in range(300)]
    yield Attack("list", "hundreds of them", file(binding()), TRUSTED, DEV, world=listing(many, "Developer"))  # fmt: skip
    same = [account("prod", f"{600000000000 + n}") for n in range(3)]
    named = file(binding(of="prod", role="ReadOnly"))
    yield Attack("list", "the name of another account", named, TRUSTED, world=listing(same, "ReadOnly"))  # fmt: skip
