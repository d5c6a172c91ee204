"""The addresses of people's pages."""

from __future__ import annotations

from aiohttp import web

from runtime.web import people_acts, people_events, people_pages
from runtime.web.people_errors import nothing_here, whole

_TALK = "{tenant}/{conversation}"


def people_routes(base: str) -> list[web.RouteDef]:
    """All of them, below `/desk`."""
    desk = f"{base}/desk"
    return [
        web.get(desk, whole(people_pages.inbox)),
        web.get(f"{desk}/sign-in", whole(people_pages.sign_in_page)),
        web.post(f"{desk}/sign-in", whole(people_pages.sign_in)),
        web.post(f"{desk}/sign-out", whole(people_pages.sign_out)),
        web.get(f"{desk}/whoami", people_pages.whoami),
        web.get(f"{desk}/events", people_events.events),
        web.get(f"{desk}/c/{_TALK}", whole(people_pages.inbox)),
        web.get(f"{desk}/c/{_TALK}/turns/{{place}}", whole(people_pages.turn_page)),
        web.post(f"{desk}/c/{_TALK}/{{verb:claim|reply|note|release}}", people_acts.act),
        web.post(f"{desk}/c/{_TALK}/files", people_acts.upload),
        web.get(f"{desk}/c/{_TALK}/files/{{file}}", people_acts.show_file),
        web.get(f"{desk}/parts/list", people_pages.list_part),
        web.get(f"{desk}/parts/c/{_TALK}", people_pages.talk_part),
        web.get(f"{desk}/parts/c/{_TALK}/turns/{{place}}", people_pages.trace_part),
        web.get(f"{desk}/{{rest:.*}}", nothing_here),
    ]
