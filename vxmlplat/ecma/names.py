"""What may name a variable of a document, of VoiceXML and CCXML alike (ECMA-262 §7.5, §7.6)."""

from __future__ import annotations

import re

_NAME = re.compile(r"(?:[^\W\d]|\$)[\w$]*")
_RESERVED = frozenset(
    "break case catch class const continue debugger default delete do else enum export extends"
    " false finally for function if import in instanceof new null return super switch this throw"
    " true try typeof var void while with".split()
)


def is_variable_name(text: str) -> bool:
    """Whether the text may name a variable: an ECMAScript identifier that is not reserved."""
    return _NAME.fullmatch(text) is not None and text not in _RESERVED
