"""Meta's Graph API: the one client of WhatsApp and Messenger, and what their error codes mean.

Errors are acted on by number, never by their words: titles change, and several lists in circulation print wrong ones.
Nothing of an answer's text goes into an error of ours, since it may quote a phone number; `fbtrace_id` does, because
Meta's support asks for it. The token goes out in a header and is spoken of nowhere.
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
https://developers.facebook.com/docs/messenger-platform/error-codes
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.payload import Fields, as_fields
from runtime.core.messages import Attachment
from runtime.errors import FrontdeskError, ProviderFault, ProviderRefused, ProviderUnavailable
from runtime.ports import Answered, Connection, Outbound

API_URL = "https://graph.facebook.com"
VERSION = "v23.0"
_LATER_S = 60.0
_MINUTES_MOST = 60

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means for us. `retry`: it may pass, after `wait_s` or our own back-off."""

    kind: ProviderFault
    hint: str
    retry: bool = False
    wait_s: float | None = None
    gone: bool = False
    """The customer does not want to hear from us, or is not there: nothing more is sent unasked."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a token speaks for: the id, the name that customers see, and the number or page as people write it."""

    id: str
    name: str
    address: str = ""


_TOKEN = "Make a new access token and put it into this connection's secrets."
_RIGHTS = "Give the app's system user the right to send messages, and make the token anew."
_OURS = "This is a mistake of Frontdesk or of a template; look at the part with `frontdesk parked`."
_PASSES = "It passes by itself."
_SLOW = "Meta slows this account down; it goes on by itself."

_SHARED: Mapping[int | tuple[int, int], Meaning] = {
    0: Meaning("token", _TOKEN, retry=True, wait_s=_LATER_S),
    1: Meaning("temporary", _PASSES, retry=True),
    2: Meaning("temporary", _PASSES, retry=True),
    3: Meaning("token", _RIGHTS),
    4: Meaning("rate", _SLOW, retry=True, wait_s=_LATER_S),
    10: Meaning("token", _RIGHTS),
    33: Meaning("locked", "This number or page is gone from Meta's account. Connect the right one."),
    100: Meaning("bad_request", _OURS),
    190: Meaning("token", _TOKEN, retry=True, wait_s=_LATER_S),
    200: Meaning("token", _RIGHTS),
    368: Meaning("locked", "Meta blocks this account for breaking a policy. Look into Meta's Account Quality."),
}

WHATSAPP: Mapping[int | tuple[int, int], Meaning] = {
    **_SHARED,
    80007: Meaning("rate", _SLOW, retry=True, wait_s=_LATER_S),
    130429: Meaning("rate", "More messages a second than this number may send; it goes on by itself.", retry=True),
    130472: Meaning("undeliverable", "WhatsApp keeps business messages from this customer for a test of its own."),
    131000: Meaning("temporary", _PASSES, retry=True),
    131005: Meaning("token", _RIGHTS),
    131008: Meaning("bad_request", _OURS),
    131009: Meaning("bad_request", _OURS),
    131016: Meaning("temporary", _PASSES, retry=True),
    131021: Meaning("bad_request", "A number cannot write to itself."),
    131026: Meaning("undeliverable", "This customer cannot get WhatsApp messages just now. Reach them another way.",
                    gone=True),
    131030: Meaning("bad_request", "A test number only writes to numbers on its list. Add this one to it."),
    131031: Meaning("locked", "Meta has locked this account. Look into the WhatsApp Manager."),
    131042: Meaning("locked", "Meta cannot charge this account. Look into its payment settings."),
    131045: Meaning("locked", "This number is not registered. Register it in the WhatsApp Manager."),
    131047: Meaning("window_closed", "The customer wrote more than 24 hours ago: only a template may be sent."),
    131048: Meaning("spam", "Too many customers blocked or reported this number; Meta lets fewer messages through.",
                    retry=True, wait_s=900.0),
    131049: Meaning("undeliverable", "WhatsApp keeps this message back, so that customers do not get too many."),
    131050: Meaning("blocked", "This customer wants no marketing messages."),
    131051: Meaning("bad_request", "WhatsApp does not know this kind of message."),
    131052: Meaning("bad_request", "WhatsApp could not take the file. Send it in another format."),
    131053: Meaning("bad_request", "WhatsApp could not take the file. Send it in another format."),
    131056: Meaning("pair_limit", "Too many messages to one customer; it goes on by itself.", retry=True),
    131057: Meaning("temporary", "The account is being upgraded; it goes on in a minute.", retry=True, wait_s=_LATER_S),
    132000: Meaning("bad_request", "The template has another number of places than values were given."),
    132001: Meaning("bad_request", "There is no such template in this language. Look into the WhatsApp Manager."),
    132007: Meaning("bad_request", "The template's content breaks a policy of WhatsApp."),
    132012: Meaning("bad_request", "A value does not fit its place in the template."),
    132015: Meaning("bad_request", "The template is paused because customers disliked it."),
    132016: Meaning("bad_request", "The template was switched off because customers disliked it."),
    133010: Meaning("locked", "This number is not registered. Register it in the WhatsApp Manager."),
}  # fmt: skip

MESSENGER: Mapping[int | tuple[int, int], Meaning] = {
    **_SHARED,
    (10, 2018278): Meaning("window_closed", "The customer wrote more than 24 hours ago. A person may still answer "
                           "for seven days."),
    (100, 2018001): Meaning("undeliverable", "There is no such person for this page.", gone=True),
    551: Meaning("blocked", "This person is not available, or has blocked the page.", gone=True),
    613: Meaning("rate", _SLOW, retry=True),
    1200: Meaning("temporary", _PASSES, retry=True),
    80006: Meaning("rate", _SLOW, retry=True, wait_s=_LATER_S),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Graph:
    """One of Meta's channels as its client sees it: its name in errors, where its token stands, its codes."""

    name: str
    token: str
    meanings: Mapping[int | tuple[int, int], Meaning]

    async def post(
        self, path: str, body: Mapping[str, Any], connection: Connection, http: Outbound, timeout_s: float = 10.0
    ) -> Fields:
        """One call with a JSON body; raises ProviderRefused or ProviderUnavailable."""
        url, headers = self._address(path, connection), self._headers(connection)
        return self._read(await http.post_json(url, body, headers=headers, timeout_s=timeout_s), connection)

    async def get(self, path: str, connection: Connection, http: Outbound, timeout_s: float = 5.0) -> Fields:
        """One question."""
        url, headers = self._address(path, connection), self._headers(connection)
        return self._read(await http.get_json(url, headers=headers, timeout_s=timeout_s), connection)

    async def upload(
        self, path: str, fields: Mapping[str, str], file: Attachment, field: str, connection: Connection, http: Outbound
    ) -> Fields:
        """One of our files as form-data."""
        url, headers = self._address(path, connection), self._headers(connection)
        return self._read(await http.post_form(url, fields, file, field=field, headers=headers), connection)

    async def best_effort(self, path: str, body: Mapping[str, Any], connection: Connection, http: Outbound) -> None:
        """A call on whose outcome nothing depends."""
        try:
            await self.post(path, body, connection, http, timeout_s=3.0)
        except (ProviderRefused, ProviderUnavailable) as error:
            log.debug("%s of tenant %s: %s", connection.id, connection.tenant, error)

    def _address(self, path: str, connection: Connection) -> str:
        base = connection.secrets.get("api_url") or API_URL
        return f"{base.rstrip('/')}/{VERSION}/{path}"

    def _headers(self, connection: Connection) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {connection.secrets.get(self.token, '')}"}

    def _read(self, answered: Answered, connection: Connection) -> Fields:
        status, body, headers = answered
        answer = as_fields(dict(body))
        if status == 200 and answer and "error" not in answer:
            return answer
        raise self.failure(status, answer.child("error"), headers, connection)

    def failure(self, status: int, error: Fields, headers: Mapping[str, str], connection: Connection) -> FrontdeskError:
        """Their code to our error. An answer without any code is judged by its status: a proxy may stand between us."""
        code, subcode = error.number("code"), error.number("error_subcode")
        meaning = self.meaning(code, subcode) if error else _by_status(status)
        told = f"{code}/{subcode}" if subcode else str(code if error else status)
        trace = error.text("fbtrace_id")[:40]
        text = (
            f"{self.name} refused a request of {connection.id}, tenant {connection.tenant}, with code {told}"
            f"{f' (trace {trace})' if trace else ''}. {meaning.hint}"
        )
        if meaning.retry:
            wait_s = _stated_wait(headers) or meaning.wait_s
            return ProviderUnavailable(text, retry_after_s=wait_s, code=told, kind=meaning.kind)
        return ProviderRefused(text, code=told, kind=meaning.kind, gone=meaning.gone)

    def meaning(self, code: int, subcode: int = 0) -> Meaning:
        """By code and subcode, else by code, else by range; an unknown code is a no for good."""
        found = self.meanings.get((code, subcode)) or self.meanings.get(code)
        if found is None and 200 < code < 300:
            found = self.meanings[200]
        return found or Meaning("bad_request", _OURS)


def fault_of(meanings: Mapping[int | tuple[int, int], Meaning], code: int) -> str:
    """What a status's code means, in our word; `gone` where nothing reaches this customer any more."""
    meaning = meanings.get(code)
    return "" if meaning is None else "gone" if meaning.gone else meaning.kind


def _by_status(status: int) -> Meaning:
    if status == 429:
        return Meaning("rate", _SLOW, retry=True)
    if status in (401, 403):
        return Meaning("token", _TOKEN, retry=True, wait_s=_LATER_S)
    if status >= 500 or status < 400 or status == 408:
        return Meaning("temporary", _PASSES, retry=True)
    return Meaning("bad_request", _OURS)


def _stated_wait(headers: Mapping[str, str]) -> float | None:
    """How long Meta asks us to wait: a header in seconds, or the account's usage with minutes in it."""
    lower = {name.lower(): value for name, value in headers.items()}
    if (seconds := lower.get("retry-after", "")).isdecimal():
        return float(min(int(seconds), _MINUTES_MOST * 60)) or None
    try:
        usage = json.loads(lower.get("x-business-use-case-usage", "{}"))
        minutes = [as_fields(one).number("estimated_time_to_regain_access") for rows in usage.values() for one in rows]
    except (ValueError, AttributeError, TypeError):
        return None
    return 60.0 * min(max(minutes, default=0), _MINUTES_MOST) or None
