"""Facts are folded once a snapshot, and a new snapshot is read anew."""

from __future__ import annotations

import dataclasses

from knowledge.facts import best_fact
from knowledge.known_facts import MOST_BUSINESSES, known_facts
from tests.support.tenants import inline

PARKING = inline('facts: [{q: "Haben Sie Parkplätze?", a: "Im Hof sind drei."}]')


def test_a_snapshot_is_folded_once() -> None:
    assert known_facts(PARKING) is known_facts(PARKING)
    assert known_facts(PARKING)[0].fact is PARKING.facts[0]


def test_a_published_change_is_seen_at_once() -> None:
    assert best_fact(PARKING, "Gibt es Parkplätze?")[0] is PARKING.facts[0]
    fact = dataclasses.replace(PARKING.facts[0], answers={"": "Leider keine."})
    newer = dataclasses.replace(PARKING, facts=(fact,))
    assert best_fact(newer, "Gibt es Parkplätze?")[0] is fact
    assert best_fact(PARKING, "Gibt es Parkplätze?")[0] is PARKING.facts[0]


def test_only_so_many_snapshots_are_kept() -> None:
    kept = known_facts(PARKING)
    for _ in range(MOST_BUSINESSES):
        known_facts(dataclasses.replace(PARKING))
    assert known_facts(PARKING) is not kept
