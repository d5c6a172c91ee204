"""A business's own colour made readable: what is written on it, and what it becomes where it is text itself. Pure.

Black or white is always readable on a colour (one of them has 4.58 at least); the colour as text on our own surfaces
often is not, and is then darkened or lightened until it is (WCAG 2.2: 4.5).
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

LEAST = 4.5
LIGHT_SURFACE, DARK_SURFACE = "#ffffff", "#171b1e"
_BLACK, _WHITE = "#000000", "#ffffff"
_STEPS = 40

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shades:
    """One colour on one kind of surface, by the names in chat.css."""

    accent: str
    on_accent: str
    soft: str
    ground: str
    on_ground: str


def shades(colour: str, surface: str) -> Shades:
    """What our page makes of this colour on that surface."""
    accent = as_text(colour, surface)
    return Shades(accent, written_on(accent), mixed(accent, surface, 0.1), colour, written_on(colour))


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def written_on(colour: str) -> str:
    """Black or white, whichever reads better on it."""
    return max((_WHITE, _BLACK), key=lambda ink: contrast(ink, colour))


def as_text(colour: str, surface: str) -> str:
    """The colour where it can be read on the surface and on its own soft shade of it; else the nearest that can."""
    ink = written_on(surface)
    if _is_readable(colour, surface):
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in _rgb(colour)))
    end = 1.0 if ink == _WHITE else 0.0
    steps = (lightness + (end - lightness) * step / _STEPS for step in range(1, _STEPS))
    shaded = (_hex(colorsys.hls_to_rgb(hue, one, saturation)) for one in steps)
    return next((one for one in shaded if _is_readable(one, surface)), ink)


def _hex(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def _is_readable(colour: str, surface: str) -> bool:
    return min(contrast(colour, surface), contrast(colour, mixed(colour, surface, 0.1))) >= LEAST


def mixed(colour: str, other: str, share: float) -> str:
    """`share` of the first colour, the rest of the other."""
    pairs = zip(_rgb(colour), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def style_sheet(colour: str) -> str:
    """The rules that go after chat.css."""
    light, dark = _rules(shades(colour, LIGHT_SURFACE)), _rules(shades(colour, DARK_SURFACE))
    by_system = f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}"
    return f":root {{ {light} }}\n{by_system}\n:root[data-theme=dark] {{ {dark} }}\n"


def _rules(named: Shades) -> str:
    return (
        f"--accent: {named.accent}; --on-accent: {named.on_accent}; --accent-soft: {named.soft};"
        f" --ground: {named.ground}; --on-ground: {named.on_ground};"
    )
