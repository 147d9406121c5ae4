"""The bounds inside which grammars are loaded and matched; beyond them a ``GrammarLimitError`` is raised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one grammar together with everything it refers to, and of one input.

    ``rules``, ``nodes`` (parts of rule expansions) and ``states`` (of the compiled network) bound loading,
    ``documents`` the grammars that one grammar may draw in, ``source`` the characters of one of them,
    ``depth`` how deep expansions nest. ``words`` bounds an input, ``steps`` the work of one match,
    ``script_seconds`` the running of one match's tags, ``phrases`` the list that a finite grammar is
    written out to.
    """

    source: int = 8_000_000
    documents: int = 64
    rules: int = 25_000
    nodes: int = 200_000
    states: int = 300_000
    depth: int = 100
    words: int = 1_000
    steps: int = 500_000
    script_seconds: float = 1.0
    phrases: int = 20_000


DEFAULT_LIMITS = Limits()
