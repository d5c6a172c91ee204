"""Who somebody is on WhatsApp: a phone number, a business-scoped user id, both, or first the one and then the other."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.core.messages import Inbound
from runtime.identities import Identities
from runtime.ports import Connection
from runtime.sessions.store import Sessions
from runtime.settings import Settings
from tests.support.meta_desk import MetaCustomer, MetaDesk, meta_desk

NUMBER, OTHER_NUMBER, USER, OTHER_USER = "491755501234", "491755509999", "DE.48211234", "DE.99887766"
CONNECTION = Connection("salon", "whatsapp_cloud", "whatsapp_cloud")
_ids = itertools.count(1)


@pytest.fixture
async def sessions(tmp_path: Path) -> AsyncIterator[Sessions]:
    opened = await Sessions.open(Settings(data=tmp_path), works=False)
    yield opened
    await opened.close()


def came(*ids: str, kind: str = "text", conversation: str = "") -> Inbound:
    """Something from whoever has these ids, the one that the channel prefers first."""
    return Inbound(
        kind=kind,  # type: ignore[arg-type]  # all of them are kinds
        event_id=f"e{next(_ids)}", conversation_id=conversation or ids[0], sender_id=ids[0], answer=True,
        aliases=ids[1:], group=bool(conversation),
    )  # fmt: skip


async def who(sessions: Sessions, *ids: str) -> tuple[str, str]:
    """As a process that remembers nothing sees it."""
    key, contact = await Identities(sessions).of(CONNECTION, came(*ids))
    return key.conversation, contact


async def test_a_number_first_then_the_user_id_is_the_same_person(sessions: Sessions) -> None:
    by_number = await who(sessions, NUMBER)
    assert await who(sessions, USER, NUMBER) == by_number
    assert await who(sessions, USER) == by_number, "the number may stay away"
    assert await who(sessions, NUMBER) == by_number


async def test_a_user_id_first_then_the_number_is_the_same_person(sessions: Sessions) -> None:
    by_user = await who(sessions, USER)
    assert await who(sessions, USER, NUMBER) == by_user
    assert await who(sessions, NUMBER) == by_user


async def test_a_number_that_went_to_somebody_else_leads_to_a_new_conversation(sessions: Sessions) -> None:
    first = await who(sessions, USER, NUMBER)
    second = await who(sessions, OTHER_USER, NUMBER)
    assert second != first
    assert await who(sessions, USER) == first and await who(sessions, OTHER_USER) == second
    assert await who(sessions, NUMBER) == second


async def test_two_people_and_two_tenants_stay_apart(sessions: Sessions) -> None:
    ours = await who(sessions, USER, NUMBER)
    assert await who(sessions, OTHER_USER, OTHER_NUMBER) != ours
    praxis = Connection("praxis", "whatsapp_cloud", "whatsapp_cloud")
    key, contact = await Identities(sessions).of(praxis, came(USER, NUMBER))
    assert (key.conversation, contact) != ours and key.tenant == "praxis"


async def test_a_changed_number_takes_the_person_along_and_leaves_the_old_number_behind(sessions: Sessions) -> None:
    before = await who(sessions, NUMBER)
    await Identities(sessions).of(CONNECTION, came(NUMBER, OTHER_NUMBER, OTHER_USER, kind="system"))
    assert await who(sessions, OTHER_USER, OTHER_NUMBER) == before
    assert await who(sessions, OTHER_NUMBER) == before
    assert await who(sessions, NUMBER) != before, "whoever gets the old number is somebody else"


async def test_in_a_group_the_talk_is_the_groups_and_the_person_their_own(sessions: Sessions) -> None:
    _, person = await who(sessions, USER, NUMBER)
    key, contact = await Identities(sessions).of(CONNECTION, came(USER, NUMBER, conversation="group-1"))
    assert contact == person and key.conversation != (await who(sessions, USER))[0]


async def test_no_id_stands_in_redis_in_full(sessions: Sessions) -> None:
    await who(sessions, USER, NUMBER)
    stored = []
    for partition in range(16):
        _, keys = await sessions._routes.work.call(partition, "SCAN", 0, "MATCH", "*:same:*", "COUNT", 1000)
        stored += [key + (await sessions._routes.work.call(partition, "GET", key)) for key in keys]
    assert stored and not [one for one in stored if NUMBER.encode() in one or USER.encode() in one]


# ---- through the real desk


class Scoped(MetaCustomer):
    """A customer with a user id, who may hide their number."""

    async def speaks(self, text: str, *, number: str = "", user: str = "") -> None:
        """Write as these ids."""
        contact = {"profile": {"name": "Paula"}, **({"wa_id": number} if number else {})}
        contact |= {"user_id": user} if user else {}
        message = {"id": f"wamid.scoped{next(_ids)}", "timestamp": "1763626000", "type": "text", "text": {"body": text}}
        message |= {"from": number} if number else {"from_user_id": user}
        await self.desk.whatsapp(contacts=[contact], messages=[message])
        await self.desk.real.quiet()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[MetaDesk]:
    async with meta_desk(tmp_path) as found:
        yield found


async def test_a_customer_without_a_number_is_served_and_stays_the_one_they_were(desk: MetaDesk) -> None:
    paula = Scoped(desk, NUMBER)
    await paula.speaks("Hallo", number=NUMBER)
    begun = await desk.state(paula)
    await paula.speaks("Ich hätte gern einen Termin", number=NUMBER, user=USER)
    await paula.speaks("Damenhaarschnitt", user=USER)
    state = await desk.state(paula)
    assert (state.session, state.contact) == (begun.session, begun.contact) and state.turn == begun.turn + 2
    assert state.top is not None and "service" in state.top.slots
    assert len(desk.graph.accepted) == 3 and not desk.graph.objections


async def test_somebody_who_never_had_a_number_is_reached_by_their_id(desk: MetaDesk) -> None:
    ken = Scoped(desk, USER)
    await ken.speaks("Hallo", user=USER)
    assert [body["recipient"] for body in desk.graph.accepted] == [USER]
    assert (await desk.state(ken)).turn == 1


async def test_after_a_changed_number_answers_go_to_the_new_one(desk: MetaDesk) -> None:
    paula = Scoped(desk, NUMBER)
    await paula.speaks("Hallo", number=NUMBER)
    system = {"body": "changed", "wa_id": OTHER_NUMBER, "type": "user_changed_number"}
    told = {"from": NUMBER, "id": "wamid.moved", "timestamp": "1763626000", "type": "system", "system": system}
    await desk.whatsapp(messages=[told])
    await desk.real.quiet()
    state = await desk.state(paula)
    assert state.chat == OTHER_NUMBER and state.extra["phone"] == OTHER_NUMBER
    await paula.speaks("Ich bin's", number=OTHER_NUMBER)
    assert desk.graph.accepted[-1]["to"] == OTHER_NUMBER
    assert (await desk.state(paula)).session == state.session
