"""The way into people's pages: signing in with the operator token and a name, the session's cookie, and out again.

The cookie says who acts and until when, signed with a key that the token is part of: another token ends all sessions.
It is HttpOnly and SameSite=Strict; whatever changes something must also come from a page of ours (`check_origin`).
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import hmac
import ipaddress
import json
import secrets
import time
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from aiohttp import web

from runtime.comparing import is_same
from runtime.errors import NotAllowed, StorageUnavailable
from runtime.people import LOCKED_MS, People
from runtime.web.parts import EDGE, Edge

COOKIE = "frontdesk-people"
SHIFT_S = 12 * 3600
STAY_S = 30 * 24 * 3600
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, and until when (epoch seconds)."""

    name: str
    until: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of signing in: a person, or what is wrong, as a key of the texts."""

    person: Person | None = None
    wrong: str = ""
    left: int = 0
    """Tries that are left."""


def people_of(request: web.Request) -> People:
    """What the pages read."""
    people = request.app[EDGE].people
    if people is None:
        raise StorageUnavailable("This edge runs without records.")
    return people


def person_of(request: web.Request) -> Person | None:
    """Who the cookie says it is; None for nobody, somebody else's signature, or a session that is over."""
    body, _, signature = request.cookies.get(COOKIE, "").partition(".")
    edge = request.app[EDGE]
    if not edge.operator_token or not is_same(signature, _signature(edge, body)):
        return None
    try:
        facts = json.loads(base64.urlsafe_b64decode(body))
        person = Person(str(facts["name"]), int(facts["until"]))
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
    return person if person.until > time.time() else None


def needs_person(request: web.Request) -> Person:
    """As `person_of`; raises NotAllowed for nobody."""
    person = person_of(request)
    if person is None:
        raise NotAllowed("Sign in first: the session is over.")
    return person


def page_person(request: web.Request) -> Person:
    """As `needs_person`, for whole pages: nobody is sent to the sign-in, and back here afterwards."""
    person = person_of(request)
    if person is None:
        here = quote(request.path_qs, safe="/?=&")
        raise web.HTTPSeeOther(f"{request.app[EDGE].base}/desk/sign-in?next={quote(here, safe='/')}")
    return person


def check_origin(request: web.Request) -> None:
    """Only pages of ours may change something in somebody's name. A browser always says where a POST comes from."""
    origin = urlsplit(request.headers.get("Origin", "")).netloc.lower()
    ours = {request.host.lower(), urlsplit(request.app[EDGE].settings.public_url).netloc.lower()}
    if origin not in ours - {""}:
        raise NotAllowed("This request comes from a page of another site.")


async def try_token(request: web.Request, token: str, name: str, *, stay: bool) -> Attempt:
    """Sign somebody in. After five wrong tokens in ten minutes a place has to wait, whichever process it asks."""
    edge, people = request.app[EDGE], people_of(request)
    name = clean_name(name)
    whose = _place_of(request)
    left = await people.tries_left(whose)  # counted before it is compared, so that many at once are not more guesses
    if left < 0:
        return Attempt(wrong="locked")
    if not is_same(token.strip(), edge.operator_token):
        return Attempt(wrong="wrong_token" if left else "locked", left=left)
    await people.right_token(whose)
    if not name:
        return Attempt(wrong="no_name")
    return Attempt(Person(name, int(time.time()) + (STAY_S if stay else SHIFT_S)))


def clean_name(name: str) -> str:
    """One line, no marks that are not seen, not too long."""
    seen = "".join(
        " " if unicodedata.category(sign)[0] in "CZ" else sign for sign in unicodedata.normalize("NFC", name)
    )
    return " ".join(seen.split())[:LONGEST_NAME].strip()


def let_in(request: web.Request, response: web.StreamResponse, person: Person, *, stay: bool) -> None:
    """Give the cookie."""
    facts = {**dataclasses.asdict(person), "id": secrets.token_hex(8)}
    body = base64.urlsafe_b64encode(json.dumps(facts, ensure_ascii=False).encode()).decode()
    edge = request.app[EDGE]
    response.set_cookie(
        COOKIE, f"{body}.{_signature(edge, body)}", path=f"{edge.base}/desk", httponly=True, samesite="Strict",
        secure=is_https(request), max_age=STAY_S if stay else None,
    )  # fmt: skip


def let_out(request: web.Request, response: web.StreamResponse) -> None:
    """Take the cookie back."""
    response.del_cookie(COOKIE, path=f"{request.app[EDGE].base}/desk", httponly=True, samesite="Strict")


def is_https(request: web.Request) -> bool:
    """Whether the browser reached us by https, maybe through a proxy."""
    told = request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip().lower()
    public = urlsplit(request.app[EDGE].settings.public_url)
    return request.secure or told == "https" or (public.scheme == "https" and public.netloc == request.host)


def way_back(request: web.Request, wanted: str) -> str:
    """Where to go after signing in: a page of ours, whatever a link may say."""
    start = f"{request.app[EDGE].base}/desk"
    odd = "\\" in wanted or "//" in wanted or any(ord(sign) < 33 for sign in wanted)
    inside = wanted == start or wanted.startswith((f"{start}/", f"{start}?"))
    return wanted if inside and not odd and not wanted.startswith(f"{start}/sign-") else start


def locked_minutes() -> int:
    """How long a place has to wait after too many wrong tokens."""
    return LOCKED_MS // 60_000


def _signature(edge: Edge, body: str) -> str:
    key = hmac.digest(edge.secret, b"people:" + edge.operator_token.encode(), "sha256")
    return hmac.new(key, body.encode(errors="replace"), hashlib.sha256).hexdigest()


def _place_of(request: web.Request) -> str:
    """Where somebody comes from, not to be read back; behind a proxy of this machine or net, as the proxy says."""
    remote = request.remote or ""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return hashlib.blake2s(f"{told if told and _is_near(remote) else remote}".encode(), digest_size=10).hexdigest()


def _is_near(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False
