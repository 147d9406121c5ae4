"""Keys that are listened to while something else goes on: a bridge, a wait in a queue, a recording."""

from __future__ import annotations

from collections.abc import Sequence

from vxmlplat.grammar.dtmf import DtmfState
from vxmlplat.vxml.collector import KeyMatching
from vxmlplat.vxml.platform import ActiveGrammar, Heard


class HotKeys:
    """Matches keys against the DTMF grammars of a request as hotwords:

    what matches nothing is passed over.
    """

    def __init__(self, grammars: Sequence[ActiveGrammar]) -> None:
        self._keys = KeyMatching(grammars)

    def key(self, key: str) -> Heard | None:
        """Take a key; the reading of the grammar that it completes, or None."""
        if not self._keys.listens:
            return None
        state = self._keys.feed(key)
        if state is DtmfState.NO:
            self._keys.reset()
            state = self._keys.feed(key)  # it may be the first of another try
        heard = self._keys.heard() if state.is_match else None
        if heard is not None or state is DtmfState.NO:
            self._keys.reset()
        return heard
