"""What a person says of a session, on the command line or when asked: checked, and proposed."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ssoenv.aws_files import config as aws_config
from ssoenv.base.errors import SsoenvError, UsageError
from ssoenv.base.values import dataclass
from ssoenv.binding import file as binding_file
from ssoenv.identity_center import regions, start_urls
from ssoenv.shells import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WHICH, EXAMPLE = (
    "which Identity Center? its start URL looks like",
    "https://acme.awsapps.com/start",
)
"""What a person is told before they are asked for a start URL."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says of a session; None where it says nothing.

    `typed` is the whole of it: a command that is proposed has what the person typed already.
    """

    start_url: str | None = None
    region: str | None = None
    name: str | None = None
    typed: str = "ssoenv setup"

    def again(self, *more: str) -> str:
        """Return the command as it was typed, with those of the words `more` that it lacks.

        Beside ``--print`` nobody is asked, so it lacks no ``--yes``.
        """
        words = self.typed.replace(" -y", " --yes").replace(" --print", " --print --yes").split()
        return " ".join([self.typed, *(word for word in more if word not in words)])

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return any(value is not None for value in (self.start_url, self.region, self.name))


def given(
    start_url: str | None,
    region: str | None,
    name: str | None,
    env: Mapping[str, str],
    *,
    typed: str,
    alone: bool,
) -> Given:
    """Return what the command line says, checked, before anything is changed by it.

    What it leaves out of a session that is there is as it is there. Raises UsageError that says
    what is wrong; or, where nobody can be asked (`alone`), what is missing.
    """
    start_url = None if start_url is None else check_start_url(start_url)
    region = None if region is None else check_region(region)
    if name is not None:
        old = aws_config.sessions(env).get(check_name(name))
        start_url = start_url or (old.start_url if old else None)
        region = region or (old.region if old else None)
    found = Given(start_url, region, name, typed)
    wanted = {"--start-url URL": start_url, "--region REGION": region}
    missing = [option for option, value in wanted.items() if value is None]
    if found and missing and alone:
        names = " and ".join(option.split()[0] for option in missing)
        raise UsageError(f"a session needs {names}, too", fix=found.again(*missing, "--yes"))
    return found


def check_start_url(answer: str) -> str:
    """Return the start URL that a person means. Raises UsageError for what cannot be one.

    The ``https://`` may be missing, and the ``#/`` that a browser shows at its end is dropped; so
    may the ``/start`` that every address at awsapps.com has.
    """
    url = answer.strip().partition("#")[0].rstrip("/")
    url = url if "://" in url else f"https://{url}"
    is_address = bool(binding_file.START_URL.fullmatch(url))
    host = (urlsplit(url).hostname or "") if is_address else ""
    console = f".{host}".endswith((".console.aws.amazon.com", ".signin.aws.amazon.com"))
    if "." not in host or console:
        like = f"it looks like {EXAMPLE}"
        if url.lower().startswith("http://"):
            like = f"it is served by https: did you mean https://{url[7:]}?"
        if re.fullmatch(r"[a-z0-9][a-z0-9-]*", answer.strip().lower()):
            like = f"did you mean https://{answer.strip().lower()}.awsapps.com/start?"
        raise UsageError(f"{answer!r} is not the start URL of an Identity Center", advice=like)
    return start_urls.completed(url)


def check_region(answer: str) -> str:
    """Return the name of the AWS region that `answer` is. Raises UsageError for what is none."""
    region = answer.strip().lower()
    if region in regions.known():
        return region
    likely = regions.likely(region)
    advice = f"did you mean {' or '.join(likely)}?" if likely else "such as eu-west-1"
    raise UsageError(f"{answer!r} is not an AWS region that ssoenv knows", advice=advice)


def check_name(answer: str) -> str:
    """Return the name of a session that `answer` is. Raises UsageError for what is none."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", answer):
        raise UsageError(
            f"{answer!r} is no name for a session", advice="letters and digits, such as acme"
        )
    return answer


def check_profile(answer: str) -> str:
    """Return the name of a profile that `answer` is. Raises UsageError for what is none."""
    if not binding_file.PROFILE_NAME.fullmatch(answer):
        raise UsageError(
            f"{answer!r} is no name for a profile", advice="letters, digits, dot, - and _"
        )
    return answer


def check_output(answer: str) -> str:
    """Return how the AWS CLI is to print. Raises UsageError for what it does not know."""
    if answer not in binding_file.OUTPUTS:
        known = ", ".join(binding_file.OUTPUTS)
        raise UsageError(f"{answer!r} is not how the AWS CLI prints: one of {known}")
    return answer


def propose_name(start_url: str, env: Mapping[str, str]) -> str:
    """Return what to call the session of `start_url`: as the project here does, or its company."""
    path = rendered.find_binding_file(env.get("PWD", "") or os.getcwd())
    try:
        if path:
            return binding_file.parse(binding_file.read(path), path).session
    except SsoenvError:
        pass
    company, _, rest = (urlsplit(start_url).hostname or "").partition(".")
    own_name = rest == "awsapps.com" and not re.fullmatch(r"d-[0-9a-f]{10}", company)
    return company if own_name else "sso"


def or_nothing(check: Callable[[str], str]) -> Callable[[str], str]:
    """Return a check that takes an empty answer, too."""
    return lambda answer: check(answer) if answer else ""


def if_given(check: Callable[[str], str]) -> Callable[[str | None], str | None]:
    """Return a check of what an option says: it takes an option that was not given, too."""
    return lambda value: None if value is None else check(value)
