"""``caller-list``: whether a number is on a list (blacklist, VIP callers)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from vxmlplat.server.platform_services.registry import Answer, Asked, Question, platform_service

_USER = re.compile(r"^(?:sips?|tel):([^@;?]+)", re.IGNORECASE)


class ListQuestion(Question):
    """The list, and the number; without one the caller's own."""

    list: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    number: str = Field(default="", max_length=200)


@platform_service("caller-list", ListQuestion)
async def caller_list(asked: Asked, question: ListQuestion) -> Answer:
    """Ports ``listed`` and ``unlisted``; the value holds the ``entry``, or null."""
    number = number_of(question.number or question.call.caller)
    entry = await asked.world.services.store.caller_lists.find(question.list, number)
    if entry is None:
        return Answer("unlisted", {"entry": None})
    return Answer("listed", {"entry": {"number": entry.number, "note": entry.note}})


def number_of(address: str) -> str:
    """The number or user of a SIP or telephone address; anything else as it is."""
    found = _USER.match(address)
    return re.sub(r"[-. ()]", "", found[1] if found else address)[:64]
