"""Character sets of documents: what is declared, what is there, and how it becomes text."""

from __future__ import annotations

import codecs
import re

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
XML_DECLARATION = re.compile(
    rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["'][^>]*\?>""",
)
GB18030_FAMILY = frozenset({"gb2312", "gbk", "gb18030", "cp936", "ms936"})
"""All are read as GB18030, which holds the others whole: documents often declare the smaller set."""

NO_CHARSETS = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"}
)
"""Python calls these text encodings, but no document is written in them, and some raise whatever is asked."""


def codec_name(charset: str) -> str | None:
    """Python's name of a declared character set, or None for one that is not known or is no text."""
    try:
        info = codecs.lookup(charset)
    except (LookupError, ValueError):
        return None
    if not info._is_text_encoding or info.name in NO_CHARSETS:
        return None
    return "gb18030" if info.name in GB18030_FAMILY else info.name


def declared_charset(data: bytes) -> str | None:
    """The character set that an XML document names for itself, if that can be read without it."""
    if data.startswith((b"<\x00?\x00", b"\x00<\x00?")):
        return "utf-16-le" if data[0] else "utf-16-be"
    found = XML_DECLARATION.match(data[:400])
    return found[1].decode("ascii") if found else None


def byte_order_mark(data: bytes) -> tuple[str, int] | None:
    """The encoding that a byte order mark names, and the mark's length."""
    for mark, name in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return name, len(mark)
    return None


def decode_text(data: bytes, charset: str | None = None) -> str:
    """Text by byte order mark, else by ``charset``, else UTF-8; what cannot be read becomes U+FFFD."""
    mark = byte_order_mark(data)
    if mark:
        return data[mark[1] :].decode(mark[0], "replace")
    return data.decode((charset and codec_name(charset)) or "utf-8", "replace")
