"""Websites as owners write them, and as browsers name them."""

from __future__ import annotations

import pytest

from runtime.core.origins import is_allowed, is_origin, read_origin


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://Www.Salon.example/", "https://www.salon.example"),
        ("salon.example", "https://salon.example"),
        ("https://salon.example:443", "https://salon.example"),
        ("http://salon.example:8443", "http://salon.example:8443"),
        ("https://müller.example", "https://xn--mller-kva.example"),
        ("https://*.salon.example", "https://*.salon.example"),
        ("http://localhost:*", "http://localhost:*"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("*", "*"),
    ],
)
def test_what_owners_write(written: str, read: str) -> None:
    assert read_origin(written) == read


@pytest.mark.parametrize(
    "written", ["", "https://", "https://salon.example/chat", "javascript:x", "https://*", "a b", "x;y"]
)
def test_what_is_no_website(written: str) -> None:
    with pytest.raises(ValueError, match="no website"):
        read_origin(written)


def test_who_is_meant() -> None:
    origins = ("https://www.salon.example", "https://*.studio.example", "http://localhost:*")
    for good in (
        "https://www.salon.example",
        "https://a.b.studio.example",
        "http://localhost:9000",
        "http://localhost",
    ):
        assert is_allowed(good, origins), good
    for bad in (
        "https://salon.example", "http://www.salon.example", "https://www.salon.example:8443", "https://studio.example",
        "https://www.salon.example.evil.example", "https://evilstudio.example", "http://localhost.evil.example:1",
        "https://x.studio.example.evil", "null", "", "https://*.studio.example", "file://",
    ):  # fmt: skip
        assert not is_allowed(bad, origins), bad


def test_everywhere_is_still_no_place_without_a_name() -> None:
    assert is_allowed("https://any.example", ("*",))
    assert not is_allowed("null", ("*",))
    assert not is_allowed("https://any.example", ())
    assert not is_origin("https://any.example/")
