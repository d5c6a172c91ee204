"""Whom to call in danger, by country: what a business's customers are told unless its own file says otherwise.

These numbers were written down from common knowledge and must be checked by a person: before a desk goes live, its
business calls the helpline once, or names its own in `policies.helpline`. Where we are not sure there is none, and
then only the emergency number is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Numbers(NamedTuple):
    """A country's emergency number, and a helpline for people in despair."""

    emergency: str
    helpline: str = ""


_EUROPE = "112"
_BY_COUNTRY: Mapping[str, Numbers] = {
    "DE": Numbers(_EUROPE, "0800 1110111"),
    "AT": Numbers(_EUROPE, "142"),
    "CH": Numbers(_EUROPE, "143"),
    "LI": Numbers(_EUROPE, "143"),
    "GB": Numbers("999", "116 123"),
    "IE": Numbers(_EUROPE, "116 123"),
    "US": Numbers("911", "988"),
    "CA": Numbers("911", "988"),
    "AU": Numbers("000", "13 11 14"),
    "NZ": Numbers("111", "1737"),
    "NL": Numbers(_EUROPE, "113"),
    "FR": Numbers(_EUROPE, "3114"),
    "ES": Numbers(_EUROPE, "024"),
}


def numbers_of(country: str) -> Numbers:
    """The numbers of a country; 112 where we know no better, which works all over Europe and on most mobiles."""
    return _BY_COUNTRY.get(country.upper(), Numbers(_EUROPE))
