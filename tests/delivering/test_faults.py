"""Each part once, in order, nothing lost, whatever the provider does (laws 2, 3, 6).

One case cannot be told apart from outside: the provider took a message and its answer was lost. Then it is sent again:
one duplicate of that message is preferred to its loss, and never more than one for each answer that was lost.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest

from runtime.errors import ProviderUnavailable
from tests.channels.outbound_contract import buttons
from tests.delivering.post import KEY, Line, Workers, outbox_length, parts, sentences, until

TEXTS = [f"Nachricht {number}" for number in range(6)]
UNTAKEN: dict[str, dict[str, Any]] = {
    "429": {"status": 429}, "500": {"status": 500}, "hang": {"hang": True}, "drop": {"drop": True},
}  # fmt: skip
OF_META: dict[str, dict[str, Any]] = {
    "131056": {"code": 131056}, "130429": {"code": 130429}, "131000": {"code": 131000}, "613": {"code": 613},
}  # fmt: skip


@pytest.mark.parametrize("fault", UNTAKEN)
async def test_a_message_that_was_not_taken_is_sent_once_more(
    workers: Workers, line: Line, waits: list[ProviderUnavailable], fault: str
) -> None:
    worker = await workers(line)
    line.stub.plan = [{}, UNTAKEN[fault], UNTAKEN[fault]]
    await worker.say(*parts(TEXTS[:3]))
    await worker.emptied()
    assert line.got == TEXTS[:3] and len(waits) == 2


@pytest.mark.parametrize("code", [131056, 130429, 131000, 131057, 4, 190])
async def test_numbers_of_whatsapp_that_pass(
    workers: Workers, whatsapp: Line, waits: list[ProviderUnavailable], code: int
) -> None:
    worker = await workers(whatsapp)
    whatsapp.stub.plan = [{"code": code}, {"code": code}]
    await worker.say(*parts(TEXTS))
    await worker.emptied()
    assert whatsapp.got == TEXTS and [error.code for error in waits] == [str(code)] * 2


@pytest.mark.parametrize("how", ["drop", "hang"])
async def test_a_lost_answer_costs_one_duplicate_and_no_more(
    workers: Workers, line: Line, waits: list[ProviderUnavailable], how: str
) -> None:
    worker = await workers(line)
    line.stub.plan = [{}, {how: True, "after": True}]
    await worker.say(*parts(TEXTS[:4]))
    await worker.emptied()
    assert line.got == [TEXTS[0], TEXTS[1], TEXTS[1], TEXTS[2], TEXTS[3]]


async def test_a_closed_window_holds_nobody_up(
    workers: Workers, whatsapp: Line, waits: list[ProviderUnavailable]
) -> None:
    worker = await workers(whatsapp)
    whatsapp.stub.plan = [{}, {"code": 131047}]
    await worker.say(*parts(TEXTS[:4]))
    await worker.emptied()
    assert whatsapp.got == [TEXTS[0], TEXTS[2], TEXTS[3]] and not waits
    assert not await worker.sessions.parked("salon"), "it is kept until the customer writes again, not refused (M14)"


@pytest.mark.parametrize("fault", UNTAKEN)
async def test_a_failure_in_the_middle_of_a_long_part_repeats_nothing(
    workers: Workers, line: Line, waits: list[ProviderUnavailable], fault: str
) -> None:
    worker = await workers(line)
    text = f"{sentences(500)} Passt das?"
    line.stub.plan = [{}, UNTAKEN[fault], {}, UNTAKEN[fault]]
    await worker.say(*parts([text, "Danach"], buttons=buttons("Ja"), question="q7"))
    await worker.emptied()
    assert len(line.got) > 3 and line.got[-1] == "Danach"
    assert " ".join(line.got[:-1]) == text, "every piece once, in order"
    assert all(one.endswith((".", "?")) for one in line.got[:-1])
    assert {question for question, *_ in await worker.sessions.asked(KEY)} == {"q7"}


async def test_a_worker_that_dies_in_the_middle_of_a_long_part_repeats_one_message_at_most(
    workers: Workers, line: Line, waits: list[ProviderUnavailable]
) -> None:
    doomed = await workers(line)
    text = sentences(500)
    line.stub.plan = [{}, {"hang": True, "after": True}]
    await doomed.say(*parts([text]))
    await until(lambda: len(line.stub.requests) > 1)  # the second piece is on its way
    await workers.kill(doomed)
    successor = await workers(line)
    await successor.emptied()
    once = [one for one, _ in groupby(line.got)]
    assert " ".join(once) == text and len(line.got) - len(once) <= 1


async def test_a_person_who_takes_over_silences_the_rest_of_a_long_part(
    workers: Workers, whatsapp: Line, waits: list[ProviderUnavailable]
) -> None:
    worker = await workers(whatsapp)
    whatsapp.stub.plan = [{}, {"hang": True}]
    await worker.say(*parts([sentences(500)]))
    await until(lambda: len(whatsapp.stub.requests) > 1)
    (by_person,) = parts(["Hier ist Mara."], author="operator", generation=1)
    await worker.say(replace(by_person, id="o1"), generation=1)
    await worker.emptied()
    assert len(whatsapp.got) == 2 and whatsapp.got[-1] == "Hier ist Mara."


async def test_law_6_a_person_who_takes_over_while_a_part_waits_for_its_pace_silences_it(
    workers: Workers, whatsapp: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*of_it: object) -> bool:
        waiting.set()
        await go_on.wait()
        return True

    monkeypatch.setattr("runtime.delivery.keep_pace", slow)
    worker = await workers(whatsapp)
    await worker.say(*parts(["Der Bot spricht noch."]))
    await waiting.wait()
    (by_person,) = parts(["Hier ist Mara."], author="operator", generation=1)
    await worker.say(replace(by_person, id="o1"), generation=1)
    go_on.set()
    await worker.emptied()
    assert whatsapp.got == ["Hier ist Mara."]


@pytest.mark.parametrize("seed", range(4))
async def test_any_faults_in_any_order(
    workers: Workers, line: Line, waits: list[ProviderUnavailable], seed: int
) -> None:
    rng = random.Random(seed)
    faults: list[dict[str, Any]] = [{}, {}, *(UNTAKEN[name] for name in ("429", "500", "drop"))]
    faults += OF_META.values() if line.connector == "whatsapp_cloud" else ()
    if line.connector == "messenger":
        faults += [OF_META["613"], {"code": 1200}]
    plan = [rng.choice(faults) for _ in range(30)]
    lost = rng.sample(range(30), 2)
    for place in lost:
        plan[place] = {"drop": True, "after": True}
    line.stub.plan = [dict(entry) for entry in plan if entry.get("code") != 613 or line.connector == "messenger"]
    texts = [sentences(rng.choice((1, 1, 1, 250)), f"Teil {number}, Satz") for number in range(8)]
    worker = await workers(line)
    await worker.say(*parts(texts[:5]))
    await worker.say(*parts(texts[5:], turn=2))
    await worker.emptied()
    once = [one for one, _ in groupby(line.got)]
    assert " ".join(once) == " ".join(texts), "in order, nothing lost"
    assert len(line.got) - len(once) <= len(lost), "one duplicate for each lost answer at most"
    assert line.stub.objections == []


async def test_too_much_to_one_customer_waits_its_turn(
    workers: Workers, whatsapp: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """45 at once, then one each 6 seconds: the rest stays in the outbox, unsent and in order."""
    met: list[float] = []

    def noted(error: ProviderUnavailable, failures: int) -> float:
        met.append(error.retry_after_s or 0.0)
        return 60.0

    monkeypatch.setattr("runtime.delivery.wait_after", noted)
    worker = await workers(whatsapp)
    texts = [f"Zeile {number}" for number in range(48)]
    await worker.say(*parts(texts))
    await until(lambda: met)
    assert whatsapp.got == texts[:45] and 1 < met[0] <= 6
    assert await outbox_length(worker.sessions) == 3
