"""The HTTP edge: one route table. It verifies, reads, hands on and answers; it decides nothing and stores nothing.

/webhook/{channel}/{tenant}   webhooks.py      providers' messages
/chat/{tenant}                chat_page.py     the page; its WebSocket is chat_socket.py
/widget.js, /widget/{tenant}  widget.py        the same chat on other websites; /demo/shop is such a page
.../files                     files.py         files that visitors and people send and see
/v1/...                       operators.py     people who take conversations over
/v1/tickets                   tickets.py       what people owe customers
/v1/tenants/{tenant}/...      standing.py      a desk's status, contacts that are barred
/, /healthz, /readyz          front.py         what is here, and whether it lives
/appointments/{token}.ics     appointments.py  a customer's calendar file; /v1/appointments: staff's marks
/metrics, /v1/parked          watching.py      figures; what nobody could handle
/desk/...                     people_*.py      people's pages: read along, take over, answer
/static/...                   static_files.py  the page's script and style
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from runtime.dead_letters import DeadLetters
from runtime.diary import Diary
from runtime.inbox import Inbox
from runtime.media.store import FileStore
from runtime.people import People
from runtime.ports import Channel, Gate, Outbound
from runtime.receiving import Accounts, FirstConnection, Receiver
from runtime.settings import Settings
from runtime.watching import Watch
from runtime.web import (
    appointments,
    chat_page,
    chat_socket,
    demo_shop,
    failures,
    files,
    front,
    operators,
    people_events,
    standing,
    static_files,
    tickets,
    watching,
    webhooks,
    widget,
)
from runtime.web.parts import EDGE, Edge, WebChat
from runtime.web.people_routes import people_routes

LARGEST_BODY = 4 << 20
"""Meta puts up to 3 MB into one post."""


def make_app(
    gate: Gate,
    settings: Settings,
    channels: Mapping[str, Channel],
    secret: bytes,
    operator_token: str,
    *,
    webchat: WebChat,
    http: Outbound | None = None,
    ready: Callable[[], Awaitable[Mapping[str, str]]] | None = None,
    tenants: Callable[[], Awaitable[Sequence[str]]] | None = None,
    inbox: Inbox | None = None,
    watch: Watch | None = None,
    dead_letters: DeadLetters | None = None,
    diary: Diary | None = None,
    accounts: Accounts | None = None,
    media: FileStore | None = None,
    people: People | None = None,
) -> web.Application:
    """The whole edge. `channels` by their word in the webhook's path; `secret` signs visitors.

    `http` lets a channel acknowledge a pressed button; `ready` says what is wrong, by part, empty when nothing is;
    `tenants` gives the businesses that the start page names; without it, none.
    `inbox` is what operators read in the records.
    `watch` is what monitoring asks, `dead_letters` what was put aside, `diary` knows single appointments, `media`
    keeps files. `accounts` knows every tenant's connections; without it a post is for the first one of its address.
    `people` reads for people's pages; without it there are none.
    """
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[failures.with_headers, failures.errors_as_answers])
    app[EDGE] = Edge(
        gate=gate, settings=settings, channels=channels, secret=secret, operator_token=operator_token,
        webchat=webchat, receiver=Receiver(gate, accounts or FirstConnection(gate)), http=http,
        ready=ready, tenants=tenants, inbox=inbox, base=settings.base_path.rstrip("/"),
        watch=watch, dead_letters=dead_letters, diary=diary, media=media, people=people,
    )  # fmt: skip
    app.add_routes([*_routes(app[EDGE].base), *(people_routes(app[EDGE].base) if people else [])])
    app.on_startup.append(people_events.keep_stopping)
    app.on_shutdown.append(people_events.stop_telling)
    app.on_shutdown.append(chat_socket.close_all)
    app.on_cleanup.append(webhooks.finish)
    return app


def _routes(base: str) -> list[web.RouteDef]:
    return [
        web.get(f"{base}/", front.index),
        *([web.get(base, front.index)] if base else []),
        web.get(f"{base}/healthz", front.health),
        web.get(f"{base}/readyz", front.readiness),
        web.get(f"{base}/metrics", watching.metrics),
        web.get(f"{base}/v1/parked", watching.parked),
        web.get(f"{base}/v1/parked/{{id}}", watching.show_parked),
        web.post(f"{base}/v1/parked/{{id}}/retry", watching.retry_parked),
        web.delete(f"{base}/v1/parked/{{id}}", watching.drop_parked),
        web.post(f"{base}/webhook/{{channel}}/{{tenant}}", webhooks.receive),
        web.get(f"{base}/webhook/{{channel}}/{{tenant}}", webhooks.greet, allow_head=False),
        web.get(f"{base}/chat/{{tenant}}", chat_page.show),
        web.get(f"{base}/chat/{{tenant}}/ws", chat_socket.serve),
        web.get(f"{base}/widget.js", widget.script),
        web.get(f"{base}/widget/{{tenant}}", widget.frame),
        web.get(f"{base}/widget/{{tenant}}/look", widget.look),
        web.get(f"{base}/accent/{{colour:[0-9a-f]{{6}}}}.css", widget.accent),
        web.get(f"{base}{demo_shop.PATH}", demo_shop.show),
        web.post(f"{base}/chat/{{tenant}}/files", files.upload),
        web.get(f"{base}/chat/{{tenant}}/files/{{file}}", files.show),
        web.post(f"{base}/v1/conversations/{{conversation}}/files", files.upload_for_reply),
        web.get(f"{base}/v1/conversations/{{conversation}}/files/{{file}}", files.show_to_people),
        web.delete(f"{base}/v1/conversations/{{conversation}}/files", files.erase),
        web.get(f"{base}/static/{{name}}", static_files.show),
        web.get(f"{base}/appointments/{{token}}.ics", appointments.calendar_file),
        web.post(f"{base}/v1/appointments/{{appointment}}/{{mark:no-show}}", appointments.mark),
        web.get(f"{base}/v1/handoffs", operators.handoffs),
        web.get(f"{base}/v1/conversations/{{conversation}}", tickets.conversation),
        web.post(f"{base}/v1/conversations/{{conversation}}/{{verb:bar|unbar}}", standing.bar),
        web.post(f"{base}/v1/conversations/{{conversation}}/happened", operators.happened),
        web.get(f"{base}/v1/tenants/{{tenant}}/barred", standing.barred),
        web.post(f"{base}/v1/tenants/{{tenant}}/status", standing.status),
        web.get(f"{base}/v1/tickets", tickets.listed),
        web.post(f"{base}/v1/tickets/{{ticket}}/{{verb:assign|answer|close|reopen}}", tickets.change),
        web.post(
            f"{base}/v1/conversations/{{conversation}}/{{verb:claim|reply|note|release|book|cancel}}", operators.operate
        ),
    ]
