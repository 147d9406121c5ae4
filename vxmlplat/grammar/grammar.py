"""A grammar that is ready to be used: linked with all it refers to, compiled, immutable, safe to share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from vxmlplat.grammar.errors import GrammarReferenceError
from vxmlplat.grammar.finite import finite_phrases
from vxmlplat.grammar.limits import DEFAULT_LIMITS, Limits
from vxmlplat.grammar.matcher import Recognition
from vxmlplat.grammar.model import GrammarDocument, JsonValue, Mode
from vxmlplat.grammar.network import RuleEntry
from vxmlplat.grammar.network_builder import build_network
from vxmlplat.grammar.parse_tree import RuleMatch, build_tree, matched_text, structure
from vxmlplat.grammar.semantics import interpret
from vxmlplat.grammar.srgs_export import to_srgs_xml
from vxmlplat.grammar.words import normal_words

Interpreter: TypeAlias = Callable[["Match"], JsonValue]
"""How a grammar whose value is not computed by tags (a builtin, a phrase) reads a match."""

_BLANKS = re.compile(r"\s+")


class Grammar:
    """One grammar, compiled. Made by :mod:`~vxmlplat.grammar.loading`, ``builtin_grammar``,
    ``phrase_grammar``.

    Callers cache it by URI and validator; it holds no state of a call.
    """

    def __init__(
        self,
        document: GrammarDocument,
        others: Mapping[str, GrammarDocument] | None = None,
        *,
        limits: Limits = DEFAULT_LIMITS,
        interpreter: Interpreter | None = None,
    ) -> None:
        """Compile a document; ``others`` by the URIs that refer to them, as ``loading.link`` checked them."""
        self.document = document
        self.limits = limits
        self.interpreter = interpreter
        self.documents: Mapping[str, GrammarDocument] = {**(others or {}), document.uri: document}
        self.network = build_network(self.documents, limits)

    @property
    def uri(self) -> str:
        """Where the grammar came from."""
        return self.document.uri

    @property
    def mode(self) -> Mode:
        """Whether it is spoken or keyed."""
        return self.document.mode

    @property
    def language(self) -> str | None:
        """The declared language; None for most DTMF grammars."""
        return self.document.language

    @property
    def root(self) -> str | None:
        """The name of the root rule, if one is declared."""
        return self.document.root

    def active_rules(self, rules: Iterable[str] = ()) -> tuple[RuleEntry, ...]:
        """The rules that an input is matched against: those named, else the root, else none.

        Raises ``GrammarReferenceError`` for a rule that the grammar does not have.
        """
        names = tuple(rules) or ((self.root,) if self.root else ())
        for name in names:
            if name not in self.document.rules:
                raise GrammarReferenceError(f"rule {name!r} is not defined", uri=self.uri)
        return tuple(self.network.entries[self.uri, name] for name in names)

    def match(self, text: str | Sequence[str], rules: Iterable[str] = ()) -> Match | None:
        """The best match of the whole input, or None.

        ``text`` is words separated by blanks, or keys (blanks between them do not count); a sequence is
        taken word by word. ``rules`` are active together in place of the root. Raises
        ``GrammarReferenceError`` for a rule that is not there and ``GrammarLimitError`` for an input that
        costs too much.
        """
        said = text if isinstance(text, str) else " ".join(text)
        recognition = Recognition(self.network, self.active_rules(rules), self.limits)
        words = self.words(said)
        for word in words:
            if not recognition.feed(word):
                return None
        return self.matched(recognition, words)

    def words(self, text: str) -> tuple[str, ...]:
        """The input as the matcher takes it: keys, or words in normal form."""
        if self.mode is Mode.DTMF:
            return tuple(_BLANKS.sub("", text).upper())
        return normal_words(text)

    def matched(self, recognition: Recognition, words: Sequence[str]) -> Match | None:
        """The match of all words fed, or None where they are no sentence."""
        completed = recognition.completed()
        if completed is None:
            return None
        entry, item = completed
        return Match(self, entry.name, tuple(words), build_tree(entry, item))

    def phrases(self, limit: int | None = None, rules: Iterable[str] = ()) -> list[str]:
        """Every phrase of a finite grammar, for engines that score phrases; in order, each once.

        Raises ``GrammarLimitError`` when there are more than ``limit``, or endlessly many.
        """
        return finite_phrases(
            self.document, self.documents, self.active_rules(rules), limit or self.limits.phrases
        )

    def to_srgs(self) -> str:
        """The grammar as one SRGS XML document, for engines reached over MRCP.

        External references stay as absolute URIs. Of a builtin the tags mean something to the platform
        alone: what the engine heard is matched again here.
        """
        return to_srgs_xml(self.document)


@dataclass(frozen=True, slots=True)
class Match:
    """An input that a grammar matched as a whole.

    ``rule`` is the active rule it matched, ``words`` the input in normal form (keys one by one), ``tree``
    the parse. What was said or keyed does not show in the ``repr``, and so in no log.
    """

    grammar: Grammar = field(repr=False)
    rule: str
    words: tuple[str, ...] = field(repr=False)
    tree: RuleMatch = field(repr=False)

    @property
    def text(self) -> str:
        """The input matched, in the spelling of the grammar: words with single blanks, keys without."""
        return matched_text(self.tree)

    def structure(self) -> str:
        """The logical parse structure of SRGS 1.0 appendix H, as text."""
        return structure(self.tree)

    def interpret(self, score: float = 1.0) -> JsonValue:
        """The semantic interpretation (SISR 1.0, or the builtin's own value). Raises ``SemanticsError``.

        ``score`` is the recogniser's confidence, 0 to 1, which scripts read as ``meta.current().score``.
        """
        if self.grammar.interpreter is not None:
            return self.grammar.interpreter(self)
        return interpret(self.tree, score, self.grammar.limits)
