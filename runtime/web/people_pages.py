"""People's pages: signing in, the inbox with one conversation open, one turn. Parts of them are addresses of their own,
drawn by the same templates, so that the page's script fetches exactly what a reload would show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args
from urllib.parse import urlencode

from aiohttp import web

from runtime.core.business import Business, Desk
from runtime.errors import BadRequest, NotFound, StorageUnavailable
from runtime.people import Opened
from runtime.records.people import View, Wish
from runtime.records.talks import Place
from runtime.web import people_door as door
from runtime.web.pages import PEOPLE_POLICY, render
from runtime.web.parts import EDGE
from runtime.web.people_card import card_of, hands_of, name_of
from runtime.web.people_rows import groups_of, initials, tab_counts
from runtime.web.people_thread import id_of, moment, thread_of
from runtime.web.people_trace import path_words, trace_of
from runtime.web.people_words import (
    LANGUAGE_COOKIE,
    TEXTS,
    THEME_COOKIE,
    Words,
    language_of,
    theme_of,
    words_for,
)
from runtime.web.static_files import CONSOLE_FILES

VIEWS: tuple[str, ...] = get_args(View)
_PLACE = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})-(\d{1,9})-(\d{1,9})")
_YEAR_S = 365 * 24 * 3600
Answer = web.Response


async def inbox(request: web.Request) -> Answer:
    """`GET /desk`, `GET /desk/c/{tenant}/{conversation}`: the list, and the conversation that is open."""
    person, people = door.page_person(request), door.people_of(request)
    news = await people.news.last()
    wish = wish_of(request, person.name)
    values = {**await _list(request, wish), **_around(request, person.name), "news": news, "talk": None}
    if "conversation" in request.match_info:
        values["talk"] = await _talk(request, person.name)
    return _html(request, "desk.html", **values)


async def list_part(request: web.Request) -> Answer:
    """`GET /desk/parts/list`: the list alone."""
    person = door.needs_person(request)
    values = await _list(request, wish_of(request, person.name))
    return _html(request, "desk_list.html", **values, **_around(request, person.name))


async def talk_part(request: web.Request) -> Answer:
    """`GET /desk/parts/c/{tenant}/{conversation}`: one conversation; with `before` only the turns before a place."""
    person = door.needs_person(request)
    talk = await _talk(request, person.name)
    template = "desk_thread.html" if "before" in request.query else "desk_talk.html"
    return _html(request, template, talk=talk, **_around(request, person.name))


async def trace_part(request: web.Request) -> Answer:
    """`GET /desk/parts/c/{tenant}/{conversation}/turns/{place}`: what lies behind a turn, in four rows."""
    person = door.needs_person(request)
    return _html(request, "desk_trace.html", **await _turn(request), **_around(request, person.name))


async def turn_page(request: web.Request) -> Answer:
    """`GET /desk/c/{tenant}/{conversation}/turns/{place}`: one turn in full."""
    person, people = door.page_person(request), door.people_of(request)
    values = {**await _turn(request), **_around(request, person.name), "news": await people.news.last()}
    values["counts"] = await people.counts(person.name, "")
    return _html(request, "desk_turn.html", **values)


def wish_of(request: web.Request, operator: str) -> Wish:
    """What the list shall show."""
    query = request.query
    view = query.get("view", "all")
    if view not in VIEWS:
        raise BadRequest(f"The list has the views {', '.join(VIEWS)}.")
    at, _, last = query.get("before", "").partition("~")
    try:
        before = (datetime.fromisoformat(at), last) if at else None
    except ValueError:
        raise BadRequest("`before` is the time of the last row, as the list gave it.") from None
    if before is not None and before[0].tzinfo is None:
        raise BadRequest("`before` needs a time zone.")
    known: View = next(one for one in get_args(View) if one == view)
    return Wish(operator, known, query.get("tenant", "")[:64], query.get("q", "")[:80], before)


async def _list(request: web.Request, wish: Wish) -> dict[str, Any]:
    people = door.people_of(request)
    page = await people.page(wish)
    desks = {row.tenant: await people.desks.desk(row.tenant) for row in (*page.people, *page.others)}

    def business_of(tenant: str) -> Business | None:
        desk: Desk | None = desks.get(tenant)
        return desk.business if desk else None

    counts = await people.counts(wish.operator, wish.tenant)
    last = page.others[-1] if page.more and page.others else None
    return {
        "groups": groups_of(page, wish.operator, language_of(request), business_of),
        "tabs": tab_counts(counts),
        "counts": counts,
        "wish": wish,
        "more": f"{last.last_at.isoformat()}~{last.id}" if last else "",
        "open_id": request.query.get("open", "") or request.match_info.get("conversation", ""),
        "where": _address,
        "several": await _tenants(request),
    }


async def _tenants(request: web.Request) -> Mapping[str, str]:
    """The businesses by name, where there are several."""
    people = door.people_of(request)
    names = await people.tenants()
    if len(names) < 2:
        return {}
    desks = [(name, await people.desks.desk(name)) for name in names]
    return {name: desk.business.name for name, desk in desks if desk is not None}


def _address(wish: Wish, **changes: str) -> str:
    """The list's query with something else in it."""
    now = {"view": wish.view, "tenant": wish.tenant, "q": wish.words, **changes}
    told = {name: value for name, value in now.items() if value and (name, value) != ("view", "all")}
    return f"?{urlencode(told)}" if told else ""


async def _talk(request: web.Request, operator: str) -> dict[str, Any]:
    """One conversation as the templates want it."""
    people, where = door.people_of(request), request.match_info
    before, since = place_of(request.query.get("before", "")), place_of(request.query.get("since", ""))
    opened = await people.open(where["tenant"], where["conversation"], before=before, since=since)
    words = _words(request, opened.desk.business)
    flows = await people.flows(opened.turns, opened.live)
    hands = hands_of(opened, operator, words, people.clock.now())
    if hands.phase in ("queued", "owned") and opened.row is not None and "before" not in request.query:
        await _read(request, opened, operator)
    name = name_of(opened, words)
    return {
        "tenant": opened.tenant, "id": opened.id, "name": name, "opened": opened, "hands": hands, "w": words,
        "lines": thread_of(opened.turns, words, name, _bot(opened.desk, words)), "earlier": opened.earlier,
        "first": id_of(opened.turns[0].place) if opened.turns else "",
        "channel": words.named("channel", opened.channel), "path": f"c/{opened.tenant}/{opened.id}",
        "card": card_of(opened, flows, words, people.clock.now()),
    }  # fmt: skip


async def _read(request: web.Request, opened: Opened, operator: str) -> None:
    """Whoever has the page before their eyes has read it; a page in the background says `quiet`."""
    if "quiet" not in request.query:
        try:
            await door.people_of(request).looked(opened.tenant, opened.id, operator)
        except StorageUnavailable:
            return


async def _turn(request: web.Request) -> dict[str, Any]:
    """One turn as the templates want it."""
    people, where = door.people_of(request), request.match_info
    place = place_of(where["place"])
    if place is None:
        raise NotFound("There is no such turn.")
    desk = await people.desk(where["tenant"])
    turn, earlier, later = await people.turn(where["tenant"], where["conversation"], place)
    words = _words(request, desk.business)
    trace = trace_of(turn, await people.flows([turn]), words)
    contact = turn.entry.get("contact") or {}
    name = str(contact.get("name", "")) or words("guest", channel=words.named("channel", str(turn.entry["channel"])))
    base = f"c/{where['tenant']}/{where['conversation']}"
    return {
        "w": words, "turn": turn, "trace": trace, "path": path_words(trace.ways), "name": name, "talk_base": base,
        "key": where["place"], "earlier": id_of(earlier) if earlier else "", "later": id_of(later) if later else "",
        "items": [one for one in thread_of([turn], words, name, _bot(desk, words)) if hasattr(one, "author")],
        "at": moment(turn.entry), "entry": turn.entry, "channel": words.named("channel", str(turn.entry["channel"])),
    }  # fmt: skip


def _bot(desk: Desk, words: Words) -> str:
    name = desk.business.policies.assistant_name
    return f"{name} ({words('bot')})" if name else words("bot")


def _words(request: web.Request, business: Business) -> Words:
    return words_for(language_of(request), business.timezone, business.currency)


def place_of(text: str) -> Place | None:
    """A turn's place as it stands in addresses."""
    found = _PLACE.fullmatch(text)
    return Place(found[1], int(found[2]), int(found[3])) if found else None


def _around(request: web.Request, operator: str) -> dict[str, Any]:
    """What every page needs."""
    language = language_of(request)
    return {
        "t": words_for(language, "UTC"), "language": language, "theme": theme_of(request), "files": CONSOLE_FILES,
        "base": request.app[EDGE].base, "me": operator, "my_initials": initials(operator),
        "script_words": {key: text for key, text in TEXTS[language].items() if key.startswith("js.")},
    }  # fmt: skip


def html_page(request: web.Request, template: str, *, http_status: int = 200, **values: Any) -> Answer:
    """A page that needs nothing but its words: neither records nor a person."""
    return _html(request, template, http_status=http_status, **{**_around(request, ""), **values})


def _html(request: web.Request, template: str, *, http_status: int = 200, **values: Any) -> Answer:
    """A page or a part of one; a language or theme that was asked for is remembered."""
    answer = web.Response(
        text=render(template, **values), status=http_status, content_type="text/html",
        headers={
            "Content-Security-Policy": PEOPLE_POLICY, "Vary": "Accept-Language, Cookie",
            "Referrer-Policy": "same-origin",
        },
    )  # fmt: skip
    place = f"{request.app[EDGE].base}/desk"
    if request.query.get("lang", "") in TEXTS:
        answer.set_cookie(LANGUAGE_COOKIE, language_of(request), path=place, samesite="Lax", max_age=_YEAR_S)
    if request.query.get("theme", "") in ("light", "dark"):
        answer.set_cookie(THEME_COOKIE, theme_of(request), path=place, samesite="Lax", max_age=_YEAR_S)
    return answer


async def sign_in_page(request: web.Request) -> Answer:
    """`GET /desk/sign-in`."""
    back = door.way_back(request, request.query.get("next", ""))
    if door.person_of(request) is not None:
        raise web.HTTPSeeOther(back)
    return _sign_in(request, back)


async def sign_in(request: web.Request) -> Answer:
    """`POST /desk/sign-in`: a plain form, so that it works without script."""
    door.check_origin(request)
    form = {name: str(value) for name, value in (await request.post()).items()}
    back, stay = door.way_back(request, form.get("next", "")), bool(form.get("stay"))
    attempt = await door.try_token(request, form.get("token", ""), form.get("name", ""), stay=stay)
    if attempt.person is None:
        status = 429 if attempt.wrong == "locked" else 400 if attempt.wrong == "no_name" else 403
        return _sign_in(request, back, attempt, form.get("name", ""), status)
    answer = web.Response(status=303, headers={"Location": back})
    door.let_in(request, answer, attempt.person, stay=stay)
    return answer


def _sign_in(
    request: web.Request, back: str, attempt: door.Attempt | None = None, name: str = "", status: int = 200
) -> Answer:
    attempt = attempt or door.Attempt()
    values = {"back": back, "attempt": attempt, "name": door.clean_name(name), "minutes": door.locked_minutes()}
    return _html(request, "desk_sign_in.html", http_status=status, **values, **_around(request, ""))


async def sign_out(request: web.Request) -> Answer:
    """`POST /desk/sign-out`."""
    door.check_origin(request)
    answer = web.Response(status=303, headers={"Location": f"{request.app[EDGE].base}/desk/sign-in"})
    door.let_out(request, answer)
    return answer


async def whoami(request: web.Request) -> Answer:
    """`GET /desk/whoami`: for a page that was reached from another site, to which no browser sends the cookie."""
    person = door.person_of(request)
    return web.json_response({"name": person.name if person else ""})
