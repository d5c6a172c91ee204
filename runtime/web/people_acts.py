"""What people do in a conversation from their page: take over, answer, note, give back. The machine may refuse, and the
page is told by whom and why, in its language.
"""

from __future__ import annotations

from typing import Annotated, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from runtime.errors import BadRequest, NotFound, StorageUnavailable
from runtime.ports import OperatorAct, OperatorResult
from runtime.web.files import opened_file, taken_for_reply
from runtime.web.operators import files_of, read_body
from runtime.web.parts import EDGE
from runtime.web.people_door import check_origin, needs_person, people_of
from runtime.web.people_words import Words, language_of, words_for


class ActBody(BaseModel):
    """`how`: resume, drop, close for release; takeover, reassign for claim. The same `message_id` is done once."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(default="", max_length=4000)
    how: Literal["resume", "drop", "close", "takeover", "reassign"] = "resume"
    message_id: str = Field(default="", max_length=64)
    files: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, max_length=10)
    """For reply: ids that the upload gave."""


async def act(request: web.Request) -> web.Response:
    """`POST /desk/c/{tenant}/{conversation}/claim|reply|note|release`, as JSON from a page of ours."""
    person = needs_person(request)
    check_origin(request)
    if request.content_type != "application/json":
        raise BadRequest("Send JSON.")
    verb, where = request.match_info["verb"], request.match_info
    body = read_body(ActBody, await request.read())
    words = words_for(language_of(request), "UTC")
    if verb in ("reply", "note") and not body.text.strip() and not (verb == "reply" and body.files):
        raise BadRequest(words("needs_text"))
    files = await files_of(request.app[EDGE], where["tenant"], where["conversation"], body.files)
    doing = OperatorAct(verb, person.name, body.text.strip(), body.how, body.message_id, files=files)
    try:
        result = await request.app[EDGE].gate.operate(where["tenant"], where["conversation"], doing)
    except NotFound:
        return _refused(404, words("gone"))
    except StorageUnavailable:
        return _refused(503, words("unavailable"))
    if result.done:
        return web.json_response({"done": True, "phase": result.phase, "owner": result.owner})
    return _refused(409, _why(verb, result, words), result.owner)


async def upload(request: web.Request) -> web.Response:
    """`POST /desk/c/{tenant}/{conversation}/files?name=...`: the body is a file that a reply may name."""
    person, where = needs_person(request), request.match_info
    check_origin(request)
    await people_of(request).open(where["tenant"], where["conversation"])
    return await taken_for_reply(request, where["tenant"], where["conversation"], person.name)


async def show_file(request: web.Request) -> web.StreamResponse:
    """`GET /desk/c/{tenant}/{conversation}/files/{file}`: what the customer or the team sent."""
    needs_person(request)
    where = request.match_info
    return await opened_file(request, where["tenant"], where["conversation"], where["file"])


def _refused(status: int, error: str, owner: str = "") -> web.Response:
    return web.json_response({"done": False, "error": error, "owner": owner}, status=status)


def _why(verb: str, result: OperatorResult, words: Words) -> str:
    """What the machine said, and what to do next."""
    if result.owner:
        return words("refused_owner", name=result.owner)
    return words("refused_reply" if verb == "reply" else "refused_other")
