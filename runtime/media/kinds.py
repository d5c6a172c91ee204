"""What a file is by its first bytes, which kinds are shown in a page, and names that may stand in a header.

What somebody declares is only a hint: it chooses between kinds that look alike, such as the documents in a zip. Nothing
is unpacked, run or read any further than its head.
"""

from __future__ import annotations

import re
import unicodedata
from fnmatch import fnmatchcase

HEAD = 4096
"""Bytes that are looked at."""
UNKNOWN = "application/octet-stream"
PROGRAM = "application/x-executable"
_LONGEST_NAME = 120

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"{\\rtf", "text/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"\xfe\xed\xfa", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"\xce\xfa\xed\xfe", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"\0asm", PROGRAM),
    (b"dex\n", PROGRAM),
    (b"#!", PROGRAM),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS: tuple[tuple[bytes, str], ...] = (
    (b"heic", "image/heic"), (b"heix", "image/heic"), (b"mif1", "image/heif"), (b"msf1", "image/heif"),
    (b"avif", "image/avif"), (b"avis", "image/avif"), (b"M4A ", "audio/mp4"), (b"M4B ", "audio/mp4"),
    (b"qt  ", "video/quicktime"), (b"3gp", "video/3gpp"), (b"3g2", "video/3gpp2"),
)  # fmt: skip
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|script|style|iframe|object|embed|form|meta|link|img|a|table|title|!--|\?xml|svg)\b",
    re.IGNORECASE,
)
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_ALIKE: dict[str, tuple[str, ...]] = {
    "application/zip": (
        "application/vnd.openxmlformats-officedocument.*", "application/vnd.oasis.opendocument.*",
    ),
    "application/msword": ("application/vnd.ms-excel", "application/vnd.ms-powerpoint"),
    "video/webm": ("audio/webm", "video/x-matroska"),
    "video/mp4": ("audio/mp4", "audio/aac", "video/3gpp", "video/quicktime"),
    "audio/ogg": ("video/ogg", "audio/opus"),
    "text/plain": ("text/csv", "text/calendar", "text/vcard", "text/x-vcard", "text/markdown"),
}  # fmt: skip
"""What cannot be told apart by the head: there the sender's word decides."""
_SHOWN = frozenset({
    "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "audio/ogg", "audio/mpeg", "audio/mp4",
    "audio/wav", "audio/webm", "audio/aac", "audio/amr", "audio/opus", "audio/flac", "video/mp4", "video/webm",
    "video/3gpp", "video/quicktime", "video/ogg",
})  # fmt: skip
_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/heic": "heic",
    "application/pdf": "pdf", "audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/amr": "amr",
    "video/mp4": "mp4", "video/3gpp": "3gp", "video/webm": "webm", "text/plain": "txt", "application/zip": "zip",
}  # fmt: skip


def sniffed(head: bytes, declared: str = "") -> str:
    """The kind of a file by its first bytes; `declared` only chooses where several look alike."""
    said = declared.partition(";")[0].strip().lower()
    found = _by_bytes(head)
    if found == UNKNOWN and said.startswith("text/") and not _CONTROLS.search(head):
        found = _marked(head)  # Older programs write texts with one byte a letter.
    return said if any(fnmatchcase(said, one) for one in _ALIKE.get(found, ())) else found


def _by_bytes(head: bytes) -> str:
    text = _is_text(head)
    for magic, mime in _MAGIC:
        if head.startswith(magic) and not (text and magic == b"MZ"):
            return mime
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return next((mime for brand, mime in _BRANDS if head[8:12].startswith(brand)), "video/mp4")
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "audio/aac" if head[1] & 0x06 == 0 else "audio/mpeg"
    return _marked(head) if text else UNKNOWN


def _is_text(head: bytes) -> bool:
    """UTF-8 without control signs; the last sign may be cut in two."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or len(head) < HEAD:
            return False
        text = head[: error.start].decode("utf-8")
    return bool(text) and all(sign.isprintable() or sign in "\t\n\r\f\ufeff" or ord(sign) > 159 for sign in text)


def _marked(head: bytes) -> str:
    """A text: plain, or markup that a browser would run, which is never shown as a page."""
    if not _MARKUP.search(head):
        return "text/plain"
    return "image/svg+xml" if b"<svg" in head.lower() else "text/html"


def is_allowed(mime: str, allowed: str) -> bool:
    """Whether a kind is one of those that the setting names; programs never are."""
    return mime not in (PROGRAM, UNKNOWN) and any(fnmatchcase(mime, one) for one in allowed.split())


def is_shown(mime: str) -> bool:
    """Whether a page may show it in its place; everything else is only ever downloaded."""
    return mime in _SHOWN


def type_of(mime: str, said: str = "") -> str:
    """Our word for it: image, video, audio or document. A voice note or sticker keeps its sender's word."""
    family = mime.partition("/")[0]
    found = family if family in ("image", "video", "audio") and mime != "image/svg+xml" else "document"
    return said if (said, found) in (("voice", "audio"), ("sticker", "image"), ("sticker", "video")) else found


def clean_name(name: str, mime: str = "") -> str:
    """A name without a path, control signs or tricks with the direction of writing; never empty."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    text = "".join(sign for sign in text if sign.isprintable() and unicodedata.category(sign)[0] != "C")
    text = re.sub(r'[<>:"|?*;%\s]+', " ", text).strip(" .")
    if len(text) > _LONGEST_NAME:
        stem, dot, ending = text.rpartition(".")
        text = f"{stem[: _LONGEST_NAME - 12]}.{ending[:10]}" if dot else text[:_LONGEST_NAME]
    return text or f"file.{_ENDINGS.get(mime, 'bin')}"
