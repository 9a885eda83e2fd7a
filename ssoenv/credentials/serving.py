"""Credentials served to one command, for as long as it runs: it outlives every key that it uses."""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from typing import TYPE_CHECKING

from ssoenv import settings
from ssoenv.aws_files import default_profile
from ssoenv.base import beside, clock, files, paths
from ssoenv.base.values import replace
from ssoenv.credentials import fetching
from ssoenv.credentials.admission import admit, judge
from ssoenv.credentials.fetching import fetch
from ssoenv.credentials.protection import Yes
from ssoenv.identity_center import kept_listings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssoenv.base.models import Credentials, Role
    from ssoenv.credentials.admission import Admission
    from ssoenv.credentials.endpoint import Endpoint
    from ssoenv.credentials.terms import Terms

PAUSE = 60.0
"""Seconds at least between two renewals that nobody waits for."""
_NOBODY = "a command that runs already asks nobody"
_COPY = re.compile(r"(\d+)\.config")
"""How the copy of a config is named that a command reads: by the number of its process."""


def serve(role: Role, terms: Terms, endpoint: Endpoint, env: Mapping[str, str]) -> dict[str, str]:
    """Serve `role` at `endpoint` until this process ends, whatever it becomes meanwhile.

    Whoever has to sign in or to say yes is asked here and now, and never again: what an answer
    needs later that no file has is an error for who asks the endpoint. Returns what a program
    needs in its environment, which is to be `env` otherwise. Raises what obtaining credentials
    raises.
    """
    admission = admit(role, terms)
    fetch(admission)
    given = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": endpoint.token,
    }
    copy = _config_copy(terms.env)
    mine = dict(_unmasked(copy, env))
    supply = Supply(_unasked(admission))
    beside.run(
        lambda: endpoint.answer_by(supply.take),
        keep=(endpoint.fileno(),),
        cleaned=lambda: files.remove(copy),
    )
    endpoint.close()
    return given | mine


class Supply:
    """Credentials of a role that was admitted, renewed before anybody has to wait for that.

    An SDK waits for a second or two: less than the service may take, or a process that has not
    talked to it yet. So they are renewed when SDKs begin to ask for others; but once only, unless
    somebody has asked since: what uses no AWS does not touch the network.
    """

    def __init__(self, admission: Admission) -> None:
        """Keep what to obtain."""
        self._admission = admission
        self._asked = threading.Event()
        self._began = threading.Lock()

    def take(self) -> Credentials:
        """Return credentials, and have later ones fetched in time."""
        if self._began.acquire(blocking=False):
            threading.Thread(target=self._keep_ahead, daemon=True).start()
        found = obtain(self._admission)
        self._asked.set()
        return found

    def _keep_ahead(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            with contextlib.suppress(Exception):  # who asks next is told
                end = obtain(self._admission).expiration
                time.sleep(max(PAUSE, end - clock.now() - fetching.MIN_LIFETIME + 1))
                obtain(self._admission)


def obtain(admission: Admission) -> Credentials:
    """Return credentials as `credential-process` does, of a role that was admitted before.

    The yes to a protected role was for the command that still runs. The settings and the sign-in
    are those of now.
    """
    terms = replace(admission.terms, settings=settings.load(admission.terms.env))
    listing = kept_listings.of(terms.env, admission.session)
    judge(admission.role, terms, admission.session, listing)
    return fetch(replace(admission, terms=terms))


def _unasked(admission: Admission) -> Admission:
    """Return `admission` as one for which no page opens and nobody is asked anything.

    What a person has said is in it: no later request keeps that for another.
    """
    consent = replace(admission.terms.consent, refusal=_NOBODY, nobody=_NOBODY)
    return replace(admission, terms=replace(admission.terms, consent=consent), yes=Yes())


def _unmasked(copy: str, env: Mapping[str, str]) -> Mapping[str, str]:
    """Return what keeps the user's own ``[default]`` from being asked before the endpoint.

    Where that has credentials, the program reads a copy of the config without them, at `copy`.
    """
    found = {}
    config = default_profile.config_without(env)
    if config is not None:
        files.write_private(copy, config.encode())
        found["AWS_CONFIG_FILE"] = copy
    if default_profile.has_keys(env):
        found["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    return found


def _config_copy(env: Mapping[str, str]) -> str:
    """Return where the copy for this process is to be; those of processes that were killed go."""
    folder = f"{paths.state(env)}/served"
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            of = _COPY.fullmatch(name)
            if of and not beside.is_there(int(of[1])):
                files.remove(f"{folder}/{name}")
    return f"{folder}/{os.getpid()}.config"
