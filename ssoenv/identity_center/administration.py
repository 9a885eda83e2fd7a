"""The services for administrators: sso-admin, identitystore, organizations, account-access.

They are asked by the AWS credentials of the shell, which need not come from Identity Center.
Operations and shapes: botocore ``data/sso-admin/2020-07-20``, ``data/identitystore/2020-06-15``,
``data/organizations/2016-11-28``, ``data/account-access/2018-05-10``. sso-admin takes 20 calls a
second over all its operations together, the others of each operation (IAM Identity Center User
Guide, "Quotas").
"""

from __future__ import annotations

import json
import os
import threading
import time
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ssoenv.base import background, files, likely
from ssoenv.base.errors import (
    AccessDenied,
    ServiceUnavailable,
    SignInRequired,
    SsoenvError,
    UsageError,
)
from ssoenv.identity_center import aws_clients, endpoints
from ssoenv.identity_center.pace import LONGEST_PAUSE, PLANNED, Pace
from ssoenv.identity_center.refusals import NOT_THE_SERVICE, Throttled, may_pass
from ssoenv.identity_center.together import Together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ssoenv.identity_center.answers import Answer

__all__ = ["PLANNED", "Administration", "Journal", "NotFound", "Rows"]

Rows = list[tuple[str, ...]]
"""What a list of a service has: of each row the fields that were asked for, as text."""
ATTEMPTS = 3
"""How often a call is made that fails."""
PATIENCE = 30.0
"""Seconds without an answer, but for refusals, after which nothing more is asked."""
CREDENTIALS_TIMEOUT = 60
"""Seconds for whatever has the credentials: a profile's process, the metadata of a machine."""
_CONFIG_LIMIT = 16 << 20
_NAMES = {
    "sso-admin": "IAM Identity Center",
    "identitystore": "the identity store",
    "organizations": "AWS Organizations",
    "account-access": "the account access manager",
}
_REJECTIONS = (
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "IncompleteSignature",
)
_OF_PROFILE = (
    "assume-role",
    "assume-role-with-web-identity",
    "sso",
    "shared-credentials-file",
    "login",
    "custom-process",
    "config-file",
)
"""The providers of botocore that read the profile which is named: the others know of none."""
_THROTTLES = ("ThrottlingException", "TooManyRequestsException")
_NO_ROOM = "too many requests processing"
"""What a ThrottlingException says that is not about calls."""
_TOGETHER = "sso-admin"
_NEXT = {"account-access": "nextToken"}
"""What the way to the next page is called, where it is not NextToken."""
OTHERS = "ssoenv exec ACCOUNT/ROLE -- ssoenv admin instances"
"""What to try where it takes other credentials."""
Item = TypeVar("Item")
Result = TypeVar("Result")


class NotFound(SsoenvError):
    """The service knows no such thing."""

    code = "not-found"
    exit_code = 6
    repeated = False
    """Whether a call before it, for the same, was not answered: that one may have been taken."""


class Conflict(ServiceUnavailable):
    """Somebody else is changing the very same just now."""

    repeated = False
    """The same as of NotFound."""


class NoRoom(SsoenvError):
    """As many requests are in progress as the service works on; no call is too many."""

    code, exit_code = ServiceUnavailable.code, ServiceUnavailable.exit_code


class Journal(Protocol):
    """What was answered before, so that a long reading goes on where it stopped."""

    def kept(self, call: str) -> Rows | None:
        """Return what was answered to `call`, if it was."""

    def keep(self, call: str, rows: Rows) -> None:
        """Keep what is answered to `call`."""


class Administration:
    """The four services, asked at their pace. Safe to use from several threads.

    Raises SignInRequired without credentials, AccessDenied, NotFound or ServiceUnavailable.
    """

    def __init__(self, env: Mapping[str, str], *, region: str, profile: str | None = None) -> None:
        """Ask in `region`, or in that of the shell if it is empty, by `profile` or the shell's."""
        self._env = env
        self._given, found = _shell(profile)
        self.region = region or found
        if not self.region:
            raise UsageError(
                "in which region is your Identity Center?",
                fix="ssoenv admin instances --region us-east-1",
            )
        self.journal: Journal | None = None
        self.made = 0
        """How many calls were made."""
        self._clients: dict[str, Any] = {}
        self._paces: dict[str, Pace] = {}
        self._making = threading.Lock()
        self._answered = time.monotonic()

    @property
    def rate(self) -> float:
        """Calls a second that sso-admin takes, as far as that is known; else what is planned."""
        pace = self._paces.get(_TOGETHER)
        return pace.rate if pace and pace.rate else PLANNED

    def asker(self) -> tuple[str, ...]:
        """Return what tells apart who asks, and where: addresses, and the id of the key."""
        where = (endpoints.override(service, self._env) or "" for service in _NAMES)
        return (*where, str(self._given.get_frozen_credentials().access_key))

    @cached_property
    def identity(self) -> str:
        """The ARN of whose credentials they are, as STS says; empty where it does not."""
        try:
            client = self._client("sts")
            return aws_clients.call(client, "STS", "get_caller_identity", {}).optional("Arn")
        except (SsoenvError, aws_clients.Refused):
            return ""

    def ask(self, service: str, operation: str, **request: Any) -> Answer:
        """Return what a service answers; a call that it has no room for is made again.

        Raises ServiceUnavailable where the answer lacks what the service's model has in each: of a
        call that changes something, too, for nobody knows then what came of it.
        """
        client = self._client(service)
        key = service if service == _TOGETHER else f"{service}.{operation}"
        with self._making:
            pace = self._paces.setdefault(key, Pace())
        call = partial(aws_clients.call, client, _NAMES[service], operation, request)
        found = self._until_answered(pace, partial(self._explained, call, service, operation))
        if not found.part("ResponseMetadata").optional("RequestId"):
            raise found.foreign()
        if not all(map(found.has, aws_clients.given(client, operation))):
            raise found.foreign()
        return found

    def require_possible(self, service: str, operation: str, request: Mapping[str, Any]) -> None:
        """Raise UsageError for a request that the model of the service does not have."""
        odd = aws_clients.odd(self._client(service), operation, request)
        if odd:
            words = operation.replace("_", " ")
            raise UsageError(f"{_NAMES[service]} takes no such request to {words}: {odd}")

    def listed(
        self,
        service: str,
        operation: str,
        key: str,
        needed: Sequence[str] = (),
        optional: Sequence[str] = (),
        **request: Any,
    ) -> Rows:
        """Return all pages of a list: of each row some fields; without any, the row is a text.

        A field is the path of a member: ``MemberId.UserId``, or ``Emails[].Value`` of the first
        of a list. No row is without what is `needed`; what is `optional` is empty where it is not
        there.
        """
        fields = (*needed, *optional)
        asked = json.dumps([service, operation, self.region, fields, request], sort_keys=True)
        kept = self.journal.kept(asked) if self.journal else None
        if kept is not None:
            return kept
        rows: Rows = []
        seen: set[str] = set()
        more, key_of_more = "", _NEXT.get(service, "NextToken")
        while True:
            page = self.ask(service, operation, **request, **({key_of_more: more} if more else {}))
            if fields:
                plain = page.table(key, needed) if len(needed) > 1 and not optional else None
                if plain is None:
                    plain = [texts_in(row, needed, optional) for row in page.rows(key)]
                rows += plain
            else:
                rows += [(text,) for text in page.texts(key)]
            more = page.optional(key_of_more)
            if not more:
                break
            if more in seen:
                raise ServiceUnavailable(f"the list of {operation} has no end", fix="ssoenv doctor")
            seen.add(more)
        if self.journal:
            self.journal.keep(asked, rows)
        return rows

    def each(self, items: Iterable[Item], work: Callable[[Item], Result]) -> Iterator[Result]:
        """Yield what `work` returns for each of `items`, in their order, with many under way.

        Ends what is under way, and asks nothing more, where one fails or the caller stops.
        """
        together = Together(list(items), work)
        try:
            yield from together.results()
        finally:
            together.stop()

    def _explained(self, call: Callable[[], Answer], service: str, operation: str) -> Answer:
        """Make a call. Raises what the refusal of the service means."""
        try:
            return call()
        except aws_clients.Refused as refusal:
            error = _meaning(refusal, service, operation)
            # Most services say themselves who may not.
            if isinstance(error, AccessDenied) and "arn:" not in error.message and self.identity:
                message = f"{error.message}, asked by {self.identity}"
                error = AccessDenied(message, fix=error.fix, advice=error.advice)
            raise error from None

    def _client(self, service: str) -> Any:
        with self._making:
            if service not in self._clients:
                self._clients[service] = aws_clients.make(
                    service, self.region, self._env, given=self._given, attempts=1
                )
            return self._clients[service]

    def _until_answered(self, pace: Pace, call: Callable[[], Answer]) -> Answer:
        failed, lost = 0, False
        while True:
            while seconds := pace.wait():
                time.sleep(seconds)
            sent_at = time.monotonic()
            self.made += 1
            try:
                answer = call()
            except Throttled as error:
                pace.refused(sent_at, min(error.retry_after, LONGEST_PAUSE))
                quiet = time.monotonic() - max(self._answered, sent_at - PATIENCE)
                if error.retry_after > LONGEST_PAUSE or quiet > PATIENCE:
                    raise
            except (NotFound, ServiceUnavailable) as error:
                failed, lost = failed + 1, _noted(error, lost=lost)
                if failed == ATTEMPTS or isinstance(error, NotFound):
                    raise
                pace.pause(0.2 * failed)
            else:
                pace.taken()
                self._answered = time.monotonic()
                return answer


def _noted(error: SsoenvError, *, lost: bool) -> bool:
    """Note in a refusal whether a call before it was `lost`; return whether one is by now."""
    if isinstance(error, (NotFound, Conflict)):
        error.repeated = lost
        return lost
    return True


def texts_in(row: Answer, needed: Sequence[str], optional: Sequence[str]) -> tuple[str, ...]:
    """Return texts of `row` by their paths. Raises ServiceUnavailable without what is `needed`."""
    if not all(text_in(row, name) for name in needed):
        raise row.foreign()
    return tuple(text_in(row, name) for name in (*needed, *optional))


def text_in(row: Answer, name: str) -> str:
    """Return the text of a member of `row` by its path; empty where there is none."""
    first, _, rest = name.partition(".")
    if first.endswith("[]"):
        key = first.removesuffix("[]")
        inner = row.rows(key) if row.has(key) else []
        return text_in(inner[0], rest) if inner else ""
    return text_in(row.part(first), rest) if rest else row.optional(first)


def _shell(profile: str | None) -> tuple[Any, str]:
    """Return the credentials that every AWS tool has in this shell, and the region, or "".

    Those of a `profile` that is named come from that alone.
    """
    import botocore.session
    from botocore.exceptions import BotoCoreError, ProfileNotFound

    core = botocore.session.Session(profile=profile)

    def load() -> Any:
        if profile is not None:
            resolver = core.get_component("credential_provider")
            resolver.providers[:] = [one for one in resolver.providers if one.METHOD in _OF_PROFILE]
        found = core.get_credentials()
        if found is not None:
            found.get_frozen_credentials()
        return found

    try:
        region = core.get_config_variable("region") or ""
        found = background.within(CREDENTIALS_TIMEOUT, load)
    except ProfileNotFound as error:
        # For botocore a file that it cannot read is not there.
        for name in ("config_file", "credentials_file"):
            files.read_required(
                os.path.expanduser(core.get_config_variable(name)), limit=_CONFIG_LIMIT
            )
        name = profile or core.get_config_variable("profile") or ""
        text = f"{error}{likely.did_you_mean(name, core.available_profiles)}"
        advice = "see the sections of ~/.aws/config and ~/.aws/credentials"
        raise UsageError(text, advice=advice).about(name, core.available_profiles) from None
    except TimeoutError:
        raise _no_credentials("whatever has the AWS credentials gives no answer") from None
    except (BotoCoreError, ValueError, RuntimeError) as error:
        raise _no_credentials(f"no AWS credentials: {' '.join(str(error).split())}") from None
    if found is None:
        who = "this shell" if profile is None else f"the profile {profile}"
        raise _no_credentials(f"{who} has no AWS credentials")
    return found, region


def _no_credentials(message: str) -> SignInRequired:
    advice = "administrators need AWS credentials: those of the shell, or of --profile NAME"
    return SignInRequired(message, fix=OTHERS, advice=advice)


def _meaning(refusal: aws_clients.Refused, service: str, operation: str) -> SsoenvError:
    code, status, name = refusal.code, refusal.status, _NAMES[service]
    said = refusal.reason or code
    if code in _THROTTLES and _NO_ROOM in said:
        return NoRoom(f"{name} works on as many requests as it may", advice="wait a minute first")
    if status == 429 or code in _THROTTLES:
        error = Throttled(f"{name} takes no more calls ({said})", advice="wait a minute first")
        error.retry_after = refusal.retry_after
        return error
    if may_pass(status) or not code:
        message = f"{name} failed ({f'{status} {code}'.rstrip()})"
        advice = "wait a minute first" if code else NOT_THE_SERVICE
        return ServiceUnavailable(message, fix="ssoenv doctor", advice=advice)
    if code in _REJECTIONS:
        return SignInRequired(f"AWS refuses these credentials ({code}: {said})", fix=OTHERS)
    return _refusal(code, said, name, operation)


def _refusal(code: str, said: str, name: str, operation: str) -> SsoenvError:
    words = operation.replace("_", " ")
    if "AccessDenied" in code:
        return AccessDenied(
            f"these credentials may not {words} ({said})",
            fix=OTHERS,
            advice="only the management account and a delegated administrator may; the latter "
            "neither changes what is in the management account nor lists by principal",
        )
    if code == "ConflictException":
        return Conflict(
            f"{name} refused to {words} just now ({said})",
            advice="somebody else is changing it, or has just done so: the same command goes on",
        )
    if code == "ServiceQuotaExceededException":
        return SsoenvError(
            f"{name} refused to {words}: a quota is reached ({said})",
            advice="take away what is not needed, or have AWS raise it (Service Quotas), and run "
            "the same command again",
        )
    if code.endswith("NotFoundException"):
        return NotFound(f"{name} refused to {words}: {said}")
    return SsoenvError(f"{name} refused to {words} ({code}: {said})")
