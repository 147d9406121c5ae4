"""From grammar documents to a network (:mod:`~vxmlplat.grammar.network`).

Repeats that would be copied often become rules without a name. States from which the end of their rule cannot
be reached are cut away, so that whatever the matcher still holds after some input can be completed: this is
what tells ``partial`` from ``no``.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log

from vxmlplat.grammar.document_checks import key_of
from vxmlplat.grammar.empty_rules import documents_once, matches_nothing_said, rules_that_match_nothing_said
from vxmlplat.grammar.errors import GrammarLimitError
from vxmlplat.grammar.limits import Limits
from vxmlplat.grammar.model import (
    Alternatives,
    Choice,
    Expansion,
    GrammarDocument,
    Mode,
    Repeat,
    RuleReference,
    Sequence,
    Special,
    SpecialRule,
    Tag,
    Token,
)
from vxmlplat.grammar.network import Edge, Network, RuleEntry, State
from vxmlplat.grammar.network_pruning import calls_itself, cut_dead_ends, guard_large_forks
from vxmlplat.grammar.words import normal_words

COPIES = 64
"""A repeat is written out while its copies hold no more parts than this; beyond it becomes a rule of its
own.
"""

NO_WEIGHT_COST = 50.0
"""What an alternative of weight 0 costs: taken only where nothing else matches."""


def build_network(documents: Mapping[str, GrammarDocument], limits: Limits) -> Network:
    """Compile documents, by the URIs that refer to them; every reference leads to a rule among them.

    Raises ``GrammarLimitError``.
    """
    return _Builder(documents, limits).build()


class _Builder:
    def __init__(self, documents: Mapping[str, GrammarDocument], limits: Limits) -> None:
        self.documents = documents
        self.limits = limits
        self.network = Network()
        self.document = next(iter(documents.values()))
        self.empty = rules_that_match_nothing_said(documents)
        self.current: RuleEntry | None = None
        self.calls: dict[RuleEntry, set[RuleEntry]] = {}
        self.void = False

    def build(self) -> Network:
        entries = self.network.entries
        documents = documents_once(self.documents)
        for document in documents:
            for name in document.rules:
                entries[document.uri, name] = self.entry(document, name)
        for document in documents:
            self.document = document
            for name, rule in document.rules.items():
                self.current = entry = entries[document.uri, name]
                self.calls[entry] = set()
                self.skip(self.expand(rule.expansion, entry.start), entry.end)
        if self.void or calls_itself(self.calls):
            cut_dead_ends(self.network)
        guard_large_forks(self.network)
        return self.network

    def state(self) -> State:
        if len(self.network.states) >= self.limits.states:
            raise GrammarLimitError(
                f"the grammar needs more than {self.limits.states} states: repeats are too large",
                uri=self.document.uri,
            )
        state = State()
        self.network.states.append(state)
        return state

    def entry(self, document: GrammarDocument, name: str) -> RuleEntry:
        entry = RuleEntry(document, name, self.state(), self.state())
        entry.end.end = entry
        return entry

    def skip(self, source: State, target: State, cost: float = 0.0) -> None:
        source.edges.append(Edge(target, cost=cost))

    def expand(self, expansion: Expansion, start: State) -> State:
        """Add the ways of the expansion to ``start`` and return where they meet again.

        ``start`` may already have other ways; nothing built here ever leads back into it.
        """
        match expansion:
            case Token():
                return self.token(expansion, start)
            case Sequence(parts):
                for part in parts:
                    start = self.expand(part, start)
                return start
            case Alternatives(choices):
                return self.alternatives(choices, start)
            case RuleReference():
                end = self.state()
                callee = self.callee(expansion)
                start.edges.append(Edge(end, callee=callee, reference=expansion))
                return end
            case Tag():
                end = self.state()
                start.edges.append(Edge(end, tag=expansion))
                return end
            case Repeat():
                return self.repeat(expansion, start)
            case Special(SpecialRule.GARBAGE):
                garbage, end = self.state(), self.state()
                garbage.garbage = True
                self.network.weighted = True
                self.skip(start, garbage)
                self.skip(garbage, end)
                return end
            case Special(SpecialRule.VOID):
                self.void = True
                return self.state()
            case _:
                return start

    def callee(self, reference: RuleReference) -> RuleEntry:
        target = self.document if reference.uri is None else self.documents[reference.uri]
        callee = self.network.entries[target.uri, reference.rule or target.root or ""]
        if self.current is not None:
            self.calls[self.current].add(callee)
        return callee

    def token(self, token: Token, start: State) -> State:
        if self.document.mode is Mode.DTMF:
            words = tuple(key_of(word) or word for word in token.text.split())
        else:
            words = normal_words(token.text)
        first: Token | None = token
        for word in words:
            end = self.state()
            if start.words is None:
                start.words = {}
            start.words.setdefault(word, []).append((end, first))
            start, first = end, None
        return start

    def alternatives(self, choices: tuple[Choice, ...], start: State) -> State:
        end = self.state()
        weights = [1.0 if choice.weight is None else choice.weight for choice in choices]
        most = max(weights)
        for choice, weight in zip(choices, weights, strict=True):
            cost = 0.0 if weight == most else log(most / weight) if weight > 0 else NO_WEIGHT_COST
            self.network.weighted |= cost > 0
            self.skip(self.expand(choice.expansion, start), end, cost)
        return end

    # -- repeats

    def repeat(self, repeat: Repeat, start: State) -> State:
        inner, minimum, maximum = repeat.expansion, repeat.minimum, repeat.maximum
        if maximum == 0:
            return start
        empty = self.can_be_empty(inner)
        if minimum > self.limits.words and not empty:
            raise GrammarLimitError(
                f"a repeat of at least {minimum} times: no input has more than {self.limits.words} words",
                uri=self.document.uri,
            )
        if maximum is not None and maximum > self.limits.words:
            maximum = None  # no input is long enough to tell
        if empty:
            # Nothing said any number of times counts once (SRGS 1.0 §2.5): one round may be empty, no other.
            minimum = min(minimum, 1)
        end = self.state()
        if minimum == 0 and maximum == 1:
            self.skip(self.expand(inner, start), end)
            self.skip(start, end)
            return end
        rounds = max(minimum, 1) if maximum is None else maximum
        if empty or rounds * _size(inner, COPIES) > COPIES:
            self.rounds_by_rule(inner, start, end, minimum, maximum, empty)
        else:
            self.rounds_by_copy(inner, start, end, minimum, maximum)
        return end

    def rounds_by_copy(
        self, inner: Expansion, start: State, end: State, minimum: int, maximum: int | None
    ) -> None:
        for _ in range(minimum):
            start = self.expand(inner, start)
        if maximum is None:
            loop = self.state()
            self.skip(start, loop)
            self.skip(self.expand(inner, loop), loop)
            self.skip(loop, end)
            return
        for _ in range(maximum - minimum):
            after = self.expand(inner, start)
            self.skip(start, end)
            start = after
        self.skip(start, end)

    def rounds_by_rule(
        self, inner: Expansion, start: State, end: State, minimum: int, maximum: int | None, empty: bool
    ) -> None:
        body = self.entry(self.document, "")
        self.skip(self.expand(inner, body.start), body.end)

        def round_from(source: State, target: State, nonempty: bool) -> None:
            source.edges.append(Edge(target, callee=body, nonempty=nonempty))

        done = 0
        while done < max(minimum, 1 if empty else 0):
            after = self.state()
            round_from(start, after, empty and done > 0)
            if done >= minimum:
                self.skip(start, end)
            start = after
            done += 1
        if maximum is None:
            loop = self.state()
            self.skip(start, loop)
            round_from(loop, loop, empty)
            self.skip(loop, end)
            return
        for _ in range(maximum - done):
            after = self.state()
            round_from(start, after, empty)
            self.skip(start, end)
            start = after
        self.skip(start, end)

    def can_be_empty(self, expansion: Expansion) -> bool:
        return matches_nothing_said(expansion, self.document, self.documents, self.empty)


def _size(expansion: Expansion, enough: int) -> int:
    """How many parts an expansion has, counted no further than ``enough``; repeats count their rounds."""
    match expansion:
        case Sequence(parts):
            inner = parts
        case Alternatives(choices):
            inner = tuple(choice.expansion for choice in choices[: enough + 1])
        case Repeat(part, minimum, maximum):
            return max(1, _size(part, enough) * (maximum or max(1, minimum)))
        case _:
            return 1
    total = 1
    for part in inner:
        total += _size(part, enough)
        if total > enough:
            break
    return total
