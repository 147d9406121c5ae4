"""The text of an ABNF grammar out of its bytes (SRGS 1.0 §4.1, appendix D)."""

from __future__ import annotations

import re

from vxmlplat.documents.charsets import byte_order_mark, codec_name
from vxmlplat.grammar.errors import GrammarSyntaxError

_DECLARED = re.compile(rb"#ABNF 1\.0 +([A-Za-z][A-Za-z0-9._-]*)[ \t]*;")
_WITHOUT_MARK = ((b"#\x00A\x00", "utf-16-le"), (b"\x00#\x00A", "utf-16-be"))


def decode_abnf(data: bytes, uri: str, charset: str | None = None) -> str:
    """Text by byte order mark, else by ``charset`` (what the transport declared), else by the header's
    encoding.

    Where nothing is declared the text is UTF-8, or ISO-8859-1 when it is no UTF-8. Raises
    ``GrammarSyntaxError`` for an unknown encoding and for bytes that are no text in the declared one.
    """
    mark = byte_order_mark(data)
    if mark is not None:
        return _decode(data[mark[1] :], mark[0], uri)
    if charset and codec_name(charset):
        return _decode(data, charset, uri)
    for start, name in _WITHOUT_MARK:
        if data.startswith(start):
            return _decode(data, name, uri)
    declared = _DECLARED.match(data)
    if declared:
        return _decode(data, declared[1].decode("ascii"), uri)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


def _decode(data: bytes, charset: str, uri: str) -> str:
    name = codec_name(charset)
    if name is None:
        raise GrammarSyntaxError(f"the encoding {charset!r} is not known", uri=uri, line=1, column=1)
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(name, "replace")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        message = f"these bytes are no text in {charset}: {error.reason}"
        raise GrammarSyntaxError(message, uri=uri, line=line, column=column) from None
