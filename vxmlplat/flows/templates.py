"""Texts with values of the call in them: ``Your ticket {ticket} is ready.``"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vxmlplat.flows.ecmascript import object_literal, string_literal
from vxmlplat.flows.texts import Text, in_language

_PLACE = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)\}")


def names_in(text: str) -> list[str]:
    """The variables that a template names."""
    return _PLACE.findall(text)


def template_expression(text: str) -> str:
    """A template as an ECMAScript expression of its text."""
    pieces = _PLACE.split(text)
    parts = [
        f"String(application.{piece})" if index % 2 else string_literal(piece)
        for index, piece in enumerate(pieces)
        if index % 2 or piece
    ]
    return " + ".join(parts) or "''"


def template_in_language(text: Text, languages: Sequence[str]) -> str:
    """The expression of a template in the call's language; of another where the author has written none."""
    written = {tag: in_language(text, tag) or "" for tag in languages}
    fallback = next((value for value in written.values() if value.strip()), "")
    if len(languages) == 1:
        return template_expression(fallback)
    table = {tag: template_expression(value if value.strip() else fallback) for tag, value in written.items()}
    return f"{object_literal(table)}[application.lang]"
