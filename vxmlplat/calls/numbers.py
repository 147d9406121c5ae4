"""What answers a dialled number (DNIS):

a flow, a VoiceXML document, or a CCXML document of the operator's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from vxmlplat.flows import FIRST_DOCUMENT
from vxmlplat.store.numbers import spellings
from vxmlplat.store.store import Store


@dataclass(frozen=True, slots=True)
class Answer:
    """What answers: ``dialog`` is the address of a VoiceXML document, ``ccxml`` of the document that runs the
    call.

    An empty ``ccxml`` is the platform's own document; an empty ``dialog`` leaves it to the CCXML document.
    """

    number: str
    dialog: str = ""
    ccxml: str = ""


class NumberPlan:
    """The table of numbers in memory. :meth:`reload` after a change; the next call gets what is new."""

    def __init__(self, store: Store, base_uri: str) -> None:
        self._store = store
        self._base = base_uri
        self._answers: dict[str, Answer] = {}

    async def reload(self) -> None:
        """Read the table with the version of each flow that is current now, or on test for test numbers."""
        current: dict[str, int | None] = {}
        testing: dict[str, int | None] = {}
        for flow in await self._store.flows.all():
            current[flow.id] = flow.current
            testing[flow.id] = flow.current if flow.testing is None else flow.testing
        answers = {}
        for row in await self._store.numbers.all():
            dialog = row.document or ""
            if row.flow is not None:
                version = (testing if row.test else current).get(row.flow)
                if version is None:
                    continue  # nothing is published yet: the number is not in service
                dialog = f"{self._base}/published/{row.flow}/{version}/{FIRST_DOCUMENT}"
            answers[row.number] = Answer(row.number, dialog, row.ccxml or "")
        self._answers = answers

    def lookup(self, number: str) -> Answer | None:
        """The answer for a dialled number: as it stands, without its plus, or whatever answers all others."""
        for form in spellings(number):
            if form in self._answers:
                return self._answers[form]
        return None

    def numbers(self) -> list[str]:
        """The numbers in service."""
        return sorted(self._answers)
