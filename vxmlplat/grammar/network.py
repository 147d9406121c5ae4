"""A grammar as a recursive transition network: what the matcher walks.

Every rule has a start and an end state. A state is left by a word, without input (and then perhaps past a
tag), by any word (GARBAGE), or through another rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from vxmlplat.grammar.model import GrammarDocument, RuleReference, Tag, Token


class State:
    """A place between words. ``words``: where each next word leads, with the token that begins there."""

    __slots__ = ("edges", "end", "garbage", "guarded", "words")

    def __init__(self) -> None:
        self.words: dict[str, list[tuple[State, Token | None]]] | None = None
        self.edges: list[Edge] = []
        self.guarded: dict[str, list[Edge]] | None = None
        self.garbage = False
        self.end: RuleEntry | None = None


@dataclass(slots=True, eq=False)
class Edge:
    """A way without a word of its own: past a tag, or through a rule.

    ``callee`` is the rule gone through; ``reference`` is None for a rule without a name, whose content
    belongs to the rule around it. ``nonempty`` asks that the callee match at least one word.
    """

    target: State
    tag: Tag | None = None
    cost: float = 0.0
    callee: RuleEntry | None = None
    reference: RuleReference | None = None
    nonempty: bool = False


@dataclass(slots=True, eq=False)
class RuleEntry:
    """A rule in the network; ``document`` and ``name`` say which (a rule without a name has the name '')."""

    document: GrammarDocument
    name: str
    start: State
    end: State


class Network:
    """All rules of a grammar and of the grammars that it refers to."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], RuleEntry] = {}
        self.states: list[State] = []
        self.weighted = False
        """Whether matches can differ in cost; if not, the matcher needs no order of costs."""
