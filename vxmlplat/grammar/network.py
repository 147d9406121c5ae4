"""A grammar as a recursive transition network: what the matcher walks.

Every rule has a start and an end state. A state is left by a word, without input (and then perhaps past a
tag), by any word (GARBAGE), or through another rule. Repeats that would be copied often are rules without a
name. States from which the end of their rule cannot be reached are cut away, so that whatever the matcher
still holds after some input can be completed: this is what tells ``partial`` from ``no``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

from vxmlplat.grammar.document_checks import key_of
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
from vxmlplat.grammar.words import normal_words

COPIES = 64
"""A repeat is written out while its copies hold no more parts than this; beyond it becomes a rule of its
own.
"""

NO_WEIGHT_COST = 50.0
"""What an alternative of weight 0 costs: taken only where nothing else matches."""


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


def build_network(documents: Mapping[str, GrammarDocument], limits: Limits) -> Network:
    """Compile documents, by the URIs that refer to them; every reference leads to a rule among them.

    Raises ``GrammarLimitError``.
    """
    return _Builder(documents, limits).build()


def _each_once(documents: Mapping[str, GrammarDocument]) -> list[GrammarDocument]:
    """The documents, each once though several URIs may lead to it."""
    return list({document.uri: document for document in documents.values()}.values())


class _Builder:
    def __init__(self, documents: Mapping[str, GrammarDocument], limits: Limits) -> None:
        self.documents = documents
        self.limits = limits
        self.network = Network()
        self.document = next(iter(documents.values()))
        self.empty = _rules_that_match_nothing_said(documents)
        self.current: RuleEntry | None = None
        self.calls: dict[RuleEntry, set[RuleEntry]] = {}
        self.void = False

    def build(self) -> Network:
        entries = self.network.entries
        documents = _each_once(self.documents)
        for document in documents:
            for name in document.rules:
                entries[document.uri, name] = self.entry(document, name)
        for document in documents:
            self.document = document
            for name, rule in document.rules.items():
                self.current = entry = entries[document.uri, name]
                self.calls[entry] = set()
                self.skip(self.expand(rule.expansion, entry.start), entry.end)
        if self.void or _calls_itself(self.calls):
            _cut_dead_ends(self.network)
        _guard_large_forks(self.network)
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
        return _matches_nothing_said(expansion, self.document, self.documents, self.empty)


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


def _matches_nothing_said(
    expansion: Expansion,
    document: GrammarDocument,
    documents: Mapping[str, GrammarDocument],
    known: set[tuple[str, str]],
) -> bool:
    match expansion:
        case Token() | Special(SpecialRule.VOID):
            return False
        case Sequence(parts):
            return all(_matches_nothing_said(part, document, documents, known) for part in parts)
        case Alternatives(choices):
            return any(
                _matches_nothing_said(choice.expansion, document, documents, known) for choice in choices
            )
        case Repeat(part, minimum):
            return minimum == 0 or _matches_nothing_said(part, document, documents, known)
        case RuleReference(rule, uri):
            target = document if uri is None else documents[uri]
            return (target.uri, rule or target.root or "") in known
        case _:
            return True


def _rules_that_match_nothing_said(documents: Mapping[str, GrammarDocument]) -> set[tuple[str, str]]:
    """The rules (URI, name) that can match an empty input: a least fixed point, in time linear in the
    grammar.

    Each part counts what it still needs to be empty; one that needs nothing more is reported to the part
    around it.
    """
    known: set[tuple[str, str]] = set()
    waiting: dict[tuple[str, str], list[_Need]] = {}
    for document in _each_once(documents):
        for rule in document.rules.values():
            agenda: list[tuple[Expansion, _Need]] = [
                (rule.expansion, _Need(1, None, (document.uri, rule.name)))
            ]
            while agenda:
                expansion, around = agenda.pop()
                match expansion:
                    case Token() | Special(SpecialRule.VOID):
                        pass
                    case Sequence(parts) if parts:
                        need = _Need(len(parts), around, None)
                        agenda += [(part, need) for part in parts]
                    case Alternatives(choices):
                        need = _Need(1, around, None)
                        agenda += [(choice.expansion, need) for choice in choices]
                    case Repeat(part, minimum) if minimum > 0:
                        agenda.append((part, around))
                    case RuleReference(name, other):
                        target = document if other is None else documents[other]
                        key = (target.uri, name or target.root or "")
                        if key in known:
                            around.report(known, waiting)
                        else:
                            waiting.setdefault(key, []).append(around)
                    case _:
                        around.report(known, waiting)
    return known


@dataclass(slots=True, eq=False)
class _Need:
    """A part of a rule (``key`` for a whole rule) that can be empty when ``count`` of its parts are."""

    count: int
    around: _Need | None
    key: tuple[str, str] | None

    def report(self, known: set[tuple[str, str]], waiting: dict[tuple[str, str], list[_Need]]) -> None:
        """One more part can be empty."""
        agenda = [self]
        while agenda:
            need = agenda.pop()
            need.count -= 1
            if need.count != 0:
                continue
            if need.around is not None:
                agenda.append(need.around)
            if need.key is not None:
                known.add(need.key)
                agenda += waiting.pop(need.key, ())


def _calls_itself(calls: Mapping[RuleEntry, set[RuleEntry]]) -> bool:
    """Whether any rule refers to itself, directly or through others."""
    callers = dict.fromkeys(calls, 0)
    for callees in calls.values():
        for callee in callees:
            callers[callee] += 1
    agenda = [entry for entry, count in callers.items() if count == 0]
    seen = 0
    while agenda:
        seen += 1
        for callee in calls[agenda.pop()]:
            callers[callee] -= 1
            if callers[callee] == 0:
                agenda.append(callee)
    return seen < len(calls)


def _cut_dead_ends(network: Network) -> None:
    """Remove every way that cannot be completed: into VOID, into endless recursion. (Nothing else is a dead
    end.)
    """
    before: dict[State, list[tuple[State, State | None]]] = {}
    for state in network.states:
        for edge in state.edges:
            through = edge.callee.start if edge.callee else None
            before.setdefault(edge.target, []).append((state, through))
        if state.words:
            for arcs in state.words.values():
                for target, _ in arcs:
                    before.setdefault(target, []).append((state, None))
    live = {state for state in network.states if state.end is not None}
    agenda = list(live)
    waiting: dict[State, list[State]] = {}
    while agenda:
        state = agenda.pop()
        sources = [(source, None) for source in waiting.pop(state, ())] + before.get(state, [])
        for source, through in sources:
            if source in live:
                continue
            if through is not None and through not in live:
                waiting.setdefault(through, []).append(source)
                continue
            live.add(source)
            agenda.append(source)
    if len(live) == len(network.states):
        return
    for state in network.states:
        state.edges = [
            edge
            for edge in state.edges
            if edge.target in live and (edge.callee is None or edge.callee.start in live)
        ]
        if state.words:
            state.words = {
                word: kept
                for word, arcs in state.words.items()
                if (kept := [arc for arc in arcs if arc[0] in live])
            } or None
    network.states = [state for state in network.states if state in live]


# A fork with very many ways is not walked way by way: each is filed under the words that it can begin with.
_LARGE_FORK = 32
_FIRST_WORDS = 64


def _guard_large_forks(network: Network) -> None:
    known: dict[State, frozenset[str] | None] = {}
    for state in network.states:
        if len(state.edges) < _LARGE_FORK:
            continue
        always: list[Edge] = []
        guarded: dict[str, list[Edge]] = {}
        for edge in state.edges:
            first = _first_words(edge.callee.start if edge.callee else edge.target, known)
            if first is None:
                always.append(edge)
            else:
                for word in first:
                    guarded.setdefault(word, []).append(edge)
        state.edges = always
        state.guarded = guarded or None


def _first_words(state: State, known: dict[State, frozenset[str] | None]) -> frozenset[str] | None:
    """The words that can come next; None where they are many, or where a rule can end with no word."""
    if state in known:
        return known[state]
    found: set[str] = set()
    seen = {state}
    agenda = [state]
    while agenda:
        here = agenda.pop()
        if here.end is not None or here.garbage or here.guarded is not None:
            known[state] = None
            return None
        found.update(here.words or ())
        for edge in here.edges:
            follow = edge.callee.start if edge.callee else edge.target
            if follow not in seen:
                seen.add(follow)
                agenda.append(follow)
        if len(found) > _FIRST_WORDS or len(seen) > _FIRST_WORDS:
            known[state] = None
            return None
    known[state] = frozenset(found)
    return known[state]
