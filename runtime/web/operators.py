"""The operator API: claim, reply, note and release by a person with the operator token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from runtime.comparing import is_same
from runtime.core.messages import Attachment
from runtime.errors import BadRequest, NotAllowed
from runtime.ports import OperatorAct, OperatorResult
from runtime.web.failures import problem
from runtime.web.parts import EDGE, Edge

Body = TypeVar("Body", bound=BaseModel)
Argument = Annotated[str, Field(max_length=200)]
"""Short: what was booked stays in the session."""
_NEEDS_TEXT = ("reply", "note")


class ActBody(BaseModel):
    """Body of all four verbs. `how`: resume, drop, close for release; takeover, reassign for claim."""

    model_config = ConfigDict(extra="forbid")

    operator: str = Field(min_length=1, max_length=100)
    text: str = Field(default="", max_length=4000)
    how: Literal["resume", "drop", "close", "takeover", "reassign"] = "resume"
    message_id: str = Field(default="", max_length=64)
    arguments: dict[Argument, Argument] = Field(default_factory=dict, max_length=10)
    """For book: service, start, staff, name, phone; for cancel: appointment."""
    files: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, max_length=10)
    """For reply: ids that `POST .../files` gave."""


async def operate(request: web.Request) -> web.Response:
    """`POST /v1/conversations/{id}/claim|reply|note|release`."""
    check_token(request)
    verb = request.match_info["verb"]
    body = read_body(ActBody, await request.read())
    if verb in _NEEDS_TEXT and not body.text.strip() and not (verb == "reply" and body.files):
        raise BadRequest(f"A {verb} needs a text.")
    edge, tenant, conversation = request.app[EDGE], request.query.get("tenant", ""), request.match_info["conversation"]
    files = await files_of(edge, tenant, conversation, body.files) if verb == "reply" else ()
    act = OperatorAct(verb, body.operator, body.text.strip(), body.how, body.message_id, body.arguments, files)
    result = await edge.gate.operate(tenant, conversation, act)
    return _done(result) if result.done else _not_done(verb, result)


async def files_of(edge: Edge, tenant: str, conversation: str, ids: Sequence[str]) -> tuple[Attachment, ...]:
    """What goes along with a reply. Raises BadRequest for a file that is none of this conversation's."""
    if not ids:
        return ()
    if edge.media is None or edge.inbox is None:
        raise BadRequest("This process keeps no files.")
    return await edge.media.attachments(await edge.inbox.tenant_of(conversation, tenant), conversation, ids)


class HappenedBody(BaseModel):
    """What happened, by the name that the flow's `wait_for` gives it; the same `message_id` again changes nothing."""

    model_config = ConfigDict(extra="forbid")

    what: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    values: dict[str, StrictBool | StrictInt | StrictStr] = Field(default_factory=dict, max_length=20)
    message_id: str = Field(default="", max_length=64)


async def happened(request: web.Request) -> web.Response:
    """`POST /v1/conversations/{id}/happened`: something outside that a flow waits for, such as a payment."""
    check_token(request)
    body = read_body(HappenedBody, await request.read())
    tenant, conversation = request.query.get("tenant", ""), request.match_info["conversation"]
    phase = await request.app[EDGE].gate.happen(tenant, conversation, body.what, body.values, body.message_id)
    return web.json_response({"done": True, "phase": phase})


async def handoffs(request: web.Request) -> web.Response:
    """`GET /v1/handoffs`: the open ones, newest first."""
    check_token(request)
    found = await request.app[EDGE].gate.handoffs(request.query.get("tenant", ""))
    return web.json_response({"handoffs": [dict(one) for one in found]}, dumps=dumps)


def dumps(value: Any) -> str:
    """JSON; times of the records become text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def check_token(request: web.Request) -> None:
    """Refuse whoever does not show the operator token."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = request.app[EDGE].operator_token
    if scheme.lower() != "bearer" or not is_same(given.strip(), token):
        raise NotAllowed("The operator token is missing or wrong. Send it as 'Authorization: Bearer <token>'.")


def read_body(shape: type[Body], raw: bytes) -> Body:
    """The body in its shape; raises BadRequest with what is wrong."""
    try:
        return shape.model_validate_json(raw)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg']}" for e in error.errors())
        raise BadRequest(f"The body is not as expected: {wrong}.") from error


def _done(result: OperatorResult) -> web.Response:
    return web.json_response({"done": True, "phase": result.phase, "owner": result.owner or None})


def _not_done(verb: str, result: OperatorResult) -> web.Response:
    """409: somebody else has it, or nobody has and the verb needs somebody who does."""
    if result.why and result.why not in ("not_yours", "busy"):
        error, what_next = f"It was not done: {result.why}.", "Look at the appointments and try something else."
    elif result.owner:
        error, what_next = f"{result.owner} has this conversation.", "Ask them to release it, or leave a note."
    else:
        error, what_next = f"The conversation is in phase {result.phase}: {verb} is not possible.", "Claim it first."
    return problem(409, error, what_next, owner=result.owner, phase=result.phase)
