"""What is done to a network once it is built: dead ends cut away, large forks filed by their first words."""

from __future__ import annotations

from collections.abc import Mapping

from vxmlplat.grammar.network import Edge, Network, RuleEntry, State


def calls_itself(calls: Mapping[RuleEntry, set[RuleEntry]]) -> bool:
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


def cut_dead_ends(network: Network) -> None:
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


def guard_large_forks(network: Network) -> None:
    """File the ways of large forks under the words that each can begin with."""
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
