"""A grammar as it was written: the immutable tree that both parsers make and everything else reads (SRGS
1.0).

Names are those of the specification. Positions are line and column from 1, of the source text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"


class Mode(StrEnum):
    """What the grammar listens to (SRGS 1.0 §4.6)."""

    VOICE = "voice"
    DTMF = "dtmf"


class SpecialRule(StrEnum):
    """The rules that every grammar has (§2.2.3)."""

    NULL = "NULL"
    VOID = "VOID"
    GARBAGE = "GARBAGE"


class MediaType(StrEnum):
    """The two forms of a grammar and their media types (§2.2.2, appendix G)."""

    XML = "application/srgs+xml"
    ABNF = "application/srgs"


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands in the source; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Token:
    """One token of the grammar (§2.1): one word, or several words that were quoted together."""

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Tag:
    """Semantic content (§2.6), unchanged."""

    content: str


@dataclass(frozen=True, slots=True)
class Special:
    """A reference to NULL, VOID or GARBAGE."""

    rule: SpecialRule


@dataclass(frozen=True, slots=True)
class RuleReference:
    """A reference to a rule (§2.2).

    ``uri`` is None for a rule of the same grammar, else the absolute URI without fragment; ``rule`` is None
    for the root of that grammar. ``written`` is the URI as it stands in the source.
    """

    rule: str | None
    uri: str | None = None
    written: str = ""
    media_type: str | None = None
    language: str | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """Expansions one after the other (§2.3); empty matches nothing said."""

    parts: tuple[Expansion, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One alternative and its weight; None where none was written (§2.4.1)."""

    expansion: Expansion
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One of several expansions (§2.4)."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """An expansion from ``minimum`` to ``maximum`` times, None for no upper bound (§2.5)."""

    expansion: Expansion
    minimum: int
    maximum: int | None
    probability: float | None = None


Expansion: TypeAlias = Token | Tag | Special | RuleReference | Sequence | Alternatives | Repeat


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule definition (§3)."""

    name: str
    expansion: Expansion
    public: bool = False
    examples: tuple[str, ...] = ()
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A pronunciation lexicon to be used with the grammar (§4.10); the URI is absolute."""

    uri: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Meta:
    """A ``meta`` declaration (§4.11): a name or, when ``http`` is true, the name of an HTTP header field."""

    name: str
    content: str
    http: bool = False


@dataclass(frozen=True, slots=True)
class GrammarDocument:
    """One grammar document, parsed and checked by itself, its references to others not yet resolved.

    ``uri`` is where it came from, ``base`` what its references are relative to. ``rules`` keeps the order
    of the source. ``tags`` are the tags of the header (SISR 1.0 §4.1).
    """

    uri: str
    base: str
    media_type: MediaType
    mode: Mode
    language: str | None
    root: str | None
    tag_format: str | None
    rules: dict[str, Rule]
    tags: tuple[str, ...] = ()
    lexicons: tuple[Lexicon, ...] = ()
    metas: tuple[Meta, ...] = ()
    references: tuple[RuleReference, ...] = ()

    @property
    def external_references(self) -> tuple[RuleReference, ...]:
        """The references to other grammars, in the order of the source."""
        return tuple(reference for reference in self.references if reference.uri is not None)
