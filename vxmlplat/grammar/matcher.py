"""Matching: Earley's algorithm on the network, word by word.

It takes any grammar, left-recursive and ambiguous ones too, in time at most cubic in the input and linear
for those that people write. Of several parses the cheapest wins (alternatives by weight, GARBAGE by the
words it swallows), then the one that takes earlier alternatives and repeats more often.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vxmlplat.grammar.errors import GrammarLimitError
from vxmlplat.grammar.limits import DEFAULT_LIMITS, Limits
from vxmlplat.grammar.model import Tag, Token
from vxmlplat.grammar.network import Edge, Network, RuleEntry, State

GARBAGE_COST = 1.0
"""What a word swallowed by GARBAGE costs, so that it swallows no word that something else takes."""


@dataclass(frozen=True, slots=True)
class GarbageWord:
    """A word of the input that GARBAGE swallowed; no part of the logical parse structure."""

    word: str


class Item:
    """A rule matched as far as ``state``, from the word ``origin`` on.

    ``before`` is the item that it was made of and ``via`` what lies between: a token, a tag, a word of
    garbage, a completed rule, or nothing.
    """

    __slots__ = ("before", "cost", "edge", "end", "origin", "state", "via")

    def __init__(
        self,
        state: State,
        origin: int,
        before: Item | None,
        via: Token | Tag | GarbageWord | Item | None,
        edge: Edge | None,
        cost: float,
        end: int,
    ) -> None:
        self.state = state
        self.origin = origin
        self.before = before
        self.via = via
        self.edge = edge
        self.cost = cost
        self.end = end


Callers: TypeAlias = dict[RuleEntry, list[tuple[Item, Edge]]]


class Recognition:
    """One input being matched against the active rules of a network; feed it words one by one."""

    def __init__(
        self, network: Network, active: Sequence[RuleEntry], limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self._limits = limits
        self._weighted = network.weighted
        self._active = tuple(active)
        self._steps = 0
        self._order = 0
        self._position = 0
        self._callers: list[Callers] = []
        self._open([Item(entry.start, 0, None, None, None, 0.0, 0) for entry in self._active])

    def _open(self, items: list[Item]) -> None:
        """Begin a position with the items that reached it."""
        self._done: dict[tuple[State, int], Item] = {}
        self._callers.append({})
        self._empty: dict[RuleEntry, Item] = {}
        self._ready: list[Item] = []
        self._guards: list[Item] = []
        self._close(items)

    def _close(self, items: Iterable[Item]) -> None:
        if self._weighted:
            self._close_by_cost(items)
        else:
            self._close_in_order(items)

    def _close_in_order(self, items: Iterable[Item]) -> None:
        agenda = list(items)
        agenda.reverse()
        while agenda:
            item = agenda.pop()
            key = (item.state, item.origin)
            if key not in self._done:
                self._done[key] = item
                found = self._follow(item, item.state.edges)
                if found:
                    found.reverse()
                    agenda += found

    def _close_by_cost(self, items: Iterable[Item]) -> None:
        agenda: list[tuple[float, int, Item]] = []
        found = list(items)
        while True:
            found.reverse()
            for item in found:
                self._order -= 1
                heapq.heappush(agenda, (item.cost, self._order, item))
            found = []
            while agenda and not found:
                item = heapq.heappop(agenda)[2]
                key = (item.state, item.origin)
                if key not in self._done:
                    self._done[key] = item
                    found = self._follow(item, item.state.edges)
            if not agenda and not found:
                return

    def _follow(self, item: Item, edges: Iterable[Edge]) -> list[Item]:
        """The items that follow from this one without a further word."""
        state, position = item.state, self._position
        found: list[Item] = []
        for edge in edges:
            callee = edge.callee
            if callee is None:
                found.append(
                    Item(edge.target, item.origin, item, edge.tag, edge, item.cost + edge.cost, position)
                )
                continue
            callers = self._callers[position]
            if callee in callers:
                callers[callee].append((item, edge))
            else:
                callers[callee] = [(item, edge)]
                found.append(Item(callee.start, position, None, None, None, 0.0, position))
            # An active rule may have matched nothing here before anybody called it.
            if callee in self._empty and not edge.nonempty:
                found.append(self._after(item, edge, self._empty[callee]))
        if state.words is not None or state.garbage:
            self._ready.append(item)
        if state.guarded is not None:
            self._guards.append(item)
        entry = state.end
        if entry is not None:
            empty = item.origin == position
            if empty:
                self._empty[entry] = item
            for caller, edge in self._callers[item.origin].get(entry, ()):
                if not (empty and edge.nonempty):
                    found.append(self._after(caller, edge, item))
        self._steps += 1 + len(found)
        if self._steps > self._limits.steps:
            raise GrammarLimitError(f"matching the input takes more than {self._limits.steps} steps")
        return found

    def _after(self, caller: Item, edge: Edge, completed: Item) -> Item:
        cost = caller.cost + edge.cost + completed.cost
        return Item(edge.target, caller.origin, caller, completed, edge, cost, self._position)

    def feed(self, word: str) -> bool:
        """Take the next word, in normal form; False when no sentence begins so."""
        if self._position >= self._limits.words:
            raise GrammarLimitError(f"the input is longer than {self._limits.words} words")
        for item in self._guards:
            guarded = item.state.guarded
            if guarded is not None and word in guarded:
                self._close(self._follow_guarded(item, guarded[word]))
        self._position = position = self._position + 1
        reached: list[Item] = []
        for item in self._ready:
            state = item.state
            if state.words is not None and word in state.words:
                for target, token in state.words[word]:
                    reached.append(Item(target, item.origin, item, token, None, item.cost, position))
            if state.garbage:
                cost = item.cost + GARBAGE_COST
                reached.append(Item(state, item.origin, item, GarbageWord(word), None, cost, position))
        self._open(reached)
        return bool(reached)

    def _follow_guarded(self, item: Item, edges: list[Edge]) -> list[Item]:
        state = item.state
        ready, guards, end = len(self._ready), len(self._guards), state.end
        found = self._follow(item, edges)
        # The item itself has been seen to before; only its further ways are new.
        del self._ready[ready:], self._guards[guards:]
        assert end is None
        return found

    @property
    def can_extend(self) -> bool:
        """Whether a sentence begins with the words so far and goes on."""
        return bool(self._ready or self._guards)

    def completed(self) -> tuple[RuleEntry, Item] | None:
        """The active rule that the words so far match as a whole, the cheapest first, and its parse."""
        best: tuple[RuleEntry, Item] | None = None
        for entry in self._active:
            item = self._done.get((entry.end, 0))
            if item is not None and (best is None or item.cost < best[1].cost):
                best = entry, item
        return best
