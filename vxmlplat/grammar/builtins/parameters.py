"""The parameters of a ``builtin:`` URI: ``builtin:dtmf/digits?minlength=3;maxlength=5``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import unquote

from vxmlplat.grammar.document_checks import key_of
from vxmlplat.grammar.errors import GrammarSyntaxError

KNOWN: Mapping[str, frozenset[str]] = {
    "boolean": frozenset({"y", "n"}),
    "digits": frozenset({"length", "minlength", "maxlength"}),
}
"""What the types take (VoiceXML 2.0 appendix P); the others take none."""

LONGEST = 1_000
"""The greatest length that may be asked for."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one URI, checked against what its type takes."""

    uri: str
    values: Mapping[str, str]
    language: str

    def refuse(self, message: str) -> NoReturn:
        """Say what is wrong with the parameters (``error.badfetch``)."""
        raise GrammarSyntaxError(message, uri=self.uri)

    def key(self, name: str, default: str) -> str:
        """The key that a parameter names."""
        written = self.values.get(name, default)
        key = key_of(written)
        if key is None:
            self.refuse(f"{name}={written!r} is no key")
        return key

    def count(self, name: str, least: int = 1) -> int | None:
        """A length of at least ``least``; None where the parameter is not given."""
        written = self.values.get(name)
        if written is None:
            return None
        if not written.isascii() or not written.isdigit() or not least <= int(written[:9]) <= LONGEST:
            self.refuse(f"{name}={written!r}: expected a number from {least} to {LONGEST}")
        return int(written)

    def repeat(self) -> str:
        """The ABNF repeat that the lengths ask for; refuses lengths that contradict each other."""
        length, least, most = self.count("length"), self.count("minlength", 0), self.count("maxlength")
        if least is not None and most is not None and least > most:
            self.refuse(f"minlength={least} is more than maxlength={most}")
        if length is None:
            return f"<{least or 1}-{most or ''}>"
        if (least is not None and least > length) or (most is not None and most < length):
            self.refuse(f"length={length} contradicts minlength or maxlength")
        return f"<{length}>"


def parse_parameters(uri: str, type_name: str, query: str, language: str) -> Parameters:
    """Read ``name=value`` pairs between ``;`` (or ``&``). Raises ``GrammarSyntaxError`` for any the type
    lacks.
    """
    values: dict[str, str] = {}
    parameters = Parameters(uri, values, language)
    for pair in query.replace("&", ";").split(";"):
        if not pair.strip():
            continue
        name, equals, value = pair.partition("=")
        name = unquote(name.strip()).lower()
        if not equals or name not in KNOWN.get(type_name, frozenset()):
            known = ", ".join(sorted(KNOWN.get(type_name, ()))) or "none"
            parameters.refuse(f"{type_name} has no parameter {name!r} (it has {known})")
        if name in values:
            parameters.refuse(f"{name} is given twice")
        values[name] = unquote(value.strip())
    return parameters
