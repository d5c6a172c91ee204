"""The one tree of errors, split by whose fault it is.

    FrontdeskError
    |- BadRequest             the sender's: malformed, too large          HTTP 400
    |  |- TooLarge            more than is taken                          HTTP 413
    |  `- TooSlow             slower than is waited for                   HTTP 408
    |- NotAllowed             the sender's: unsigned, wrong token         HTTP 403
    |- NotFound               the sender's: no such tenant or thing       HTTP 404
    |- Conflict               the sender's: somebody else was first       HTTP 409
    |- ConfigurationError     the tenant's or the operator's: their file  exit code 2
    |- ProviderRefused        theirs, for good: do not send again
    |- ProviderUnavailable    theirs, for now: again after `retry_after_s`
    |- ModelUnavailable       a model's, by `kind`: the rules carry on     never leaves the desk
    |- StorageUnavailable     Redis or SQL cannot take it now             HTTP 503
    `- BugError               ours

Two stand where they arise, because only that place can mean them: `LeaseLost` (sessions) and `NewerShape` (codec).

The class decides HTTP status, retry and what an operator reads. Texts say what happened, for which tenant and
connector, and what to do next; never a token, a full phone number or a message body.
"""

from __future__ import annotations

from typing import Literal

ProviderFault = Literal[
    "", "window_closed", "undeliverable", "blocked", "rate", "pair_limit", "spam", "token", "locked", "bad_request",
    "temporary",
]  # fmt: skip
"""What a provider's code means, in one word for all of them.

window_closed: the customer wrote too long ago; undeliverable: this customer cannot be reached at all; blocked: does not
want to hear from us; rate, pair_limit: too much, to all or to this one; spam: too many complaints; token: the secret is
wrong or over; locked: the account is; bad_request: we sent something wrong; temporary: theirs, and passes.
"""


class FrontdeskError(Exception):
    """Everything that Frontdesk raises on purpose."""

    status = 500


class BadRequest(FrontdeskError):
    """The sender sent something that cannot be read."""

    status = 400


class TooLarge(BadRequest):
    """The sender sent more than is taken."""

    status = 413


class TooSlow(BadRequest):
    """The sender sent slower than is waited for."""

    status = 408


class NotAllowed(FrontdeskError):
    """The sender did not prove who it is."""

    status = 403


class NotFound(FrontdeskError):
    """There is no such tenant, connection or conversation."""

    status = 404


class Conflict(FrontdeskError):
    """Somebody else was first."""

    status = 409


class ConfigurationError(FrontdeskError):
    """A file or setting is wrong; the text names the file, the line and what to write instead."""


class ProviderRefused(FrontdeskError):
    """A provider said no for good. `code` is its own error code; `gone` means the customer cannot be reached."""

    def __init__(self, text: str, *, code: str = "", gone: bool = False, kind: ProviderFault = "") -> None:
        super().__init__(text)
        self.code = code
        self.gone = gone
        self.kind = kind


class ProviderUnavailable(FrontdeskError):
    """A provider cannot do it now. `sent` is False when the request surely never reached it."""

    status = 503

    def __init__(
        self,
        text: str,
        *,
        retry_after_s: float | None = None,
        sent: bool = True,
        code: str = "",
        kind: ProviderFault = "temporary",
    ) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s
        self.sent = sent
        self.code = code
        self.kind = kind


ModelTrouble = Literal["rate", "timeout", "server", "refused", "invalid", "open", "busy", "budget"]
"""Why a model gave nothing: too many requests, too slow, broken, a no for good, no usable answer, or ours: left alone
after failures, too many calls in flight, the day's budget spent."""


class ModelUnavailable(FrontdeskError):
    """A model gave no answer that can be used; whoever asked goes on without."""

    status = 503

    def __init__(self, text: str, kind: ModelTrouble) -> None:
        super().__init__(text)
        self.kind: ModelTrouble = kind


class StorageUnavailable(FrontdeskError):
    """Redis or SQL cannot take it now: the edge answers 503 and the provider sends again."""

    status = 503


class BugError(FrontdeskError):
    """Our own mistake; the message is for developers."""
