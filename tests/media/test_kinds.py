"""What a file is by its bytes, and names that may stand in a header."""

from __future__ import annotations

import pytest

from runtime.media.kinds import HEAD, PROGRAM, UNKNOWN, clean_name, is_allowed, is_shown, sniffed, type_of

ALLOWED = "image/* audio/* video/* application/pdf text/* application/zip"
HTML = b"<html><script>alert(1)</script>"


@pytest.mark.parametrize(
    ("head", "declared", "mime"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "text/html", "image/png"),
        (b"GIF89a" + HTML, "text/html", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "", "image/webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "", "audio/wav"),
        (b"\0\0\0\x18ftypheic", "", "image/heic"),
        (b"\0\0\0\x18ftypisom", "", "video/mp4"),
        (b"\0\0\0\x18ftypisom", "audio/mp4", "audio/mp4"),
        (b"\0\0\0\x18ftypM4A ", "video/mp4", "audio/mp4"),
        (b"OggS\0\x02", "audio/ogg; codecs=opus", "audio/ogg"),
        (b"ID3\x04", "", "audio/mpeg"),
        (b"\xff\xfb\x90\x44", "", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "", "audio/aac"),
        (b"#!AMR\n", "audio/amr", "audio/amr"),
        (b"%PDF-1.7\n" + HTML, "text/html", "application/pdf"),
        (b"PK\x03\x04\x14\0", "application/zip", "application/zip"),
        (
            b"PK\x03\x04\x14\0",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"PK\x03\x04\x14\0", "text/html", "application/zip"),
        (b"PK\x03\x04\x14\0", "image/svg+xml", "application/zip"),
        (b"Guten Tag, hier die Liste.\n", "", "text/plain"),
        ("Grüße aus Kassel".encode(), "text/csv", "text/csv"),
        ("Grüße aus Kassel".encode("latin-1"), "text/plain", "text/plain"),
        (b"MZ ist kein Programm, sondern ein Wort", "text/plain", "text/plain"),
        (HTML, "image/png", "text/html"),
        (b"\xef\xbb\xbf  <!DOCTYPE html>", "text/plain", "text/html"),
        (b"a,b\n<script>x</script>", "text/csv", "text/html"),
        (b'<?xml version="1.0"?><svg onload="x()">', "image/png", "image/svg+xml"),
        (b"<SVG xmlns='x'>", "image/svg+xml", "image/svg+xml"),
        (b"MZ\x90\0\x03", "image/png", PROGRAM),
        (b"\x7fELF\x02", "", PROGRAM),
        (b"#!/usr/bin/env python\n", "text/plain", PROGRAM),
        (b"\xcf\xfa\xed\xfe\x07", "", PROGRAM),
        (b"\0\x01\x02\x03", "image/png", UNKNOWN),
        (b"\x1f\x8b\x08", "", "application/gzip"),
        (b"", "image/png", UNKNOWN),
    ],
)
def test_the_bytes_decide(head: bytes, declared: str, mime: str) -> None:
    assert sniffed(head, declared) == mime


def test_a_letter_cut_in_two_at_the_end_of_the_head_is_still_a_text() -> None:
    assert sniffed(("x" * (HEAD - 1) + "ü").encode()[:HEAD]) == "text/plain"


def test_what_a_browser_may_run_is_never_shown() -> None:
    for mime in ("text/html", "image/svg+xml", "application/pdf", "text/plain", "application/zip", "text/xml", UNKNOWN):
        assert not is_shown(mime)
    assert is_shown("image/png") and is_shown("audio/ogg")


def test_programs_and_what_nobody_knows_are_never_allowed() -> None:
    assert not is_allowed(PROGRAM, "*") and not is_allowed(UNKNOWN, "* */*")
    assert is_allowed("image/png", ALLOWED) and not is_allowed("application/gzip", ALLOWED)


def test_our_word_for_it() -> None:
    assert [type_of(m) for m in ("image/png", "video/mp4", "audio/ogg", "application/pdf", "image/svg+xml")] == [
        "image", "video", "audio", "document", "document",
    ]  # fmt: skip
    assert type_of("audio/ogg", "voice") == "voice" and type_of("image/webp", "sticker") == "sticker"
    assert type_of("application/pdf", "image") == "document"


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("C:\\Users\\x\\Foto.jpg", "Foto.jpg"),
        ("..", "file.png"),
        (".htaccess", "htaccess"),
        ("", "file.png"),
        ("a\0b\r\nSet-Cookie: x.png", "abSet-Cookie x.png"),
        ('x".png; filename="evil.html', "x .png filename= evil.html"),
        ("Rechnung\u202egpj.exe", "Rechnunggpj.exe"),
        ("  Mein   Büro .png ", "Mein Büro .png"),
        ("ü" * 300 + ".pdf", "ü" * 108 + ".pdf"),
        ("/", "file.png"),
    ],
)
def test_a_name_is_only_a_name(name: str, clean: str) -> None:
    assert clean_name(name, "image/png") == clean
