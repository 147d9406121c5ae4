"""Keys that are listened to while something else goes on: a bridge, a wait in a queue."""

from __future__ import annotations

from collections.abc import Sequence

from vxmlplat.grammar.dtmf import ActiveGrammar, DtmfMatching
from vxmlplat.vxml import platform as vxml


class HotKeys:
    """Matches keys against the DTMF grammars of a request as hotwords:

    what matches nothing is passed over.
    """

    def __init__(self, grammars: Sequence[vxml.ActiveGrammar]) -> None:
        self._grammars = [g for g in grammars if g.mode == "dtmf"]
        self._matching = self._fresh()

    def _fresh(self) -> DtmfMatching:
        return DtmfMatching(ActiveGrammar(g.grammar) for g in self._grammars)

    def key(self, key: str) -> vxml.Heard | None:
        """Take a key; the reading of the grammar that it completes, or None."""
        if not self._grammars:
            return None
        if not self._matching.feed(key).can_extend and not self._matching.matches():
            # The key may be the first of another try.
            self._matching = self._fresh()
            self._matching.feed(key)
        for index, match in self._matching.matches():
            keys = self._matching.keys
            self._matching = self._fresh()
            return vxml.Heard(keys, match.interpret(), 1.0, "dtmf", self._grammars[index].handle)
        if not self._matching.state.can_extend:
            self._matching = self._fresh()
        return None
