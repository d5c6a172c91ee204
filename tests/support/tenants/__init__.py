"""Tenants for tests, very different from each other, and the desk that each of them makes."""

from __future__ import annotations

from pathlib import Path

from runtime.core.business import Business, Desk
from runtime.settings import CONFIGS
from runtime.tenants import options_of, read_tenant

HERE = Path(__file__).resolve().parent
FILES = {
    "demo": CONFIGS / "demo" / "studio.yaml",
    "physio": HERE / "physio_graz.yaml",
    "bikes": HERE / "bikes_london.yaml",
    "dentist": HERE / "dentist_hamburg.yaml",
    "garage": HERE / "garage_vienna.yaml",
    "osteopath": HERE / "osteopath_london.yaml",
    "groomer": HERE / "groomer_bern.yaml",
}


def business(name: str) -> Business:
    """The snapshot of one of them."""
    return read_tenant(FILES[name].read_text(encoding="utf-8"), str(FILES[name]), {}).business


def desk_of(own: Business) -> Desk:
    """A desk without flows."""
    return Desk(own, options_of(own), {})


def inline(text: str) -> Business:
    """A business of a few lines; tenant, name, timezone and country are filled in."""
    head = "tenant: test\nname: Test\ntimezone: Europe/Berlin\ncountry: DE\n"
    return read_tenant(head + text, "inline.yaml", {}).business
