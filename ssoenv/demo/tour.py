"""The tour itself: what is typed, what is said about it, and what must be true afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ssoenv.base.values import dataclass, replace
from ssoenv.demo.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ssoenv.demo.stage import Stage
    from ssoenv.demo.terminal import Answer
    from ssoenv.sandbox.server import Sandbox

WHO = "aws sts get-caller-identity --query Arn --output text"
GRANT = "-u alice -r Billing -a dev --profile administrator"
LEFT = "env | grep -E '^(AWS_(PROFILE|ACCESS|SECRET|SESSION|REGION)|SSOENV_)'"


@dataclass(frozen=True, slots=True)
class Step:
    """One line to type, and the `answer` to the question that it asks, if it asks one.

    `output` and `prompt` are patterns that must be found in what comes back; `pages` is how many
    sign-in pages have opened by then, since the tour of this shell began.
    """

    story: str
    line: str
    output: str = ""
    prompt: str = ""
    status: int = 0
    pages: int | None = None
    answer: str = ""


def arn(account: str, role: str) -> str:
    """Return the pattern of who STS says we are."""
    return rf"arn:aws:sts::{account}:assumed-role/AWSReservedSSO_{role}_[0-9a-f]{{16}}/alice"


STEPS = (
    Step("A fresh clone does nothing until you trust it.", "cd ~/web",
         r"(?s)not trusted.*ssoenv trust"),
    Step("See what it asks for, and trust exactly these bytes.", "ssoenv trust", "trusted",
         r"\(dev/Developer\)", pages=0, answer="y"),
    Step("The first AWS command signs you in, once.", WHO, arn("1" * 12, "Developer"),
         r"\(dev/Developer\)", pages=1),
    Step("Programs that no shell sees get the same role.", "make whoami",
         arn("1" * 12, "Developer")),
    Step("Another project, another role, on the same line.",
         f"ssoenv trust ~/billing && cd ~/billing && {WHO}", arn("3" * 12, "ReadOnly"),
         r"\(prod/ReadOnly\)", pages=1, answer="y"),
    Step("Back to the first one.", f"cd ~/web && {WHO}", arn("1" * 12, "Developer"),
         r"\(dev/Developer\)"),
    Step("Another profile of this project, for this shell.", f"ssoenv use staging && {WHO}",
         arn("2" * 12, "ReadOnly"), r"\(staging/ReadOnly\)"),
    Step("Why is this role active?", "ssoenv status", "staging/ReadOnly +live"),
    Step("Leave, and nothing is left behind.", "cd ..", "", r"^~ [$%#>]"),
    Step("See for yourself.", LEFT, r"\A\Z", status=1),
    Step("Somebody else, an administrator, grants you a role.", f"ssoenv admin assign {GRANT}",
         "assigned .*Billing"),
    Step("Your list, and the picker, have it at once.", "ssoenv roles dev --refresh", "Billing"),
    Step("It works, here and now.", f"ssoenv exec dev/Billing -- {WHO}", arn("1" * 12, "Billing")),
    Step("The administrator takes it back.", f"ssoenv admin unassign {GRANT} --yes",
         "taken back .*Billing"),
    Step("And it is gone.", "ssoenv roles dev --refresh | grep Billing", r"\A\Z", status=1),
    Step("A clone that nobody trusted gets no role, whatever it asks for.",
         "cd ~/clone; ssoenv status", r"(?s)blocked.*not trusted", r"^~/clone [$%#>]"),
    Step("See for yourself.", LEFT, r"\A\Z", status=1, pages=1),
)  # fmt: skip


def run(
    shell: str, stage: Stage, sandbox: Sandbox, show: Callable[[str, Step, Answer], None]
) -> Iterator[str]:
    """Give the tour in `shell`, showing each step; yield what is not as it should be."""
    sandbox.clear_requests()
    terminal = Terminal(shell, stage)
    try:
        for step in STEPS:
            before = terminal.prompt
            answer = _type(step, terminal)
            show(before, step, answer)
            yield from (
                f"{shell}: {step.line}: {fault}" for fault in _faults(step, answer, sandbox)
            )
    finally:
        terminal.close()


def _type(step: Step, terminal: Terminal) -> Answer:
    """Type the line of `step`, and its answer; return all that came of it."""
    terminal.send(step.line)
    if not step.answer:
        return terminal.answer()
    question = terminal.wait_for(r"\[y/N\] ")
    terminal.send(step.answer)
    rest = terminal.answer()
    return replace(rest, output=f"{question}{step.answer}\n{rest.output}")


def _faults(step: Step, answer: Answer, sandbox: Sandbox) -> Iterator[str]:
    if answer.status != step.status:
        yield f"exit status {answer.status}, not {step.status}"
    if not re.search(step.output, answer.output):
        yield f"printed {answer.output!r}, not {step.output!r}"
    if not re.search(step.prompt, answer.prompt):
        yield f"prompt {answer.prompt!r}, not {step.prompt!r}"
    if step.pages is not None:
        calls = sandbox.requests()
        pages = sum(call["operation"] == "Authorize" for call in calls)
        if pages != step.pages:
            yield f"{pages} sign-in pages, not {step.pages}"
