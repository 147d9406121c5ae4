"""How much plain sources make, counted for whoever limits what a session keeps."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T", list[Any], dict[str, Any], list[str])


class Making:
    """``made``: places in arrays and objects, and for texts one for every 32 characters, since ever."""

    __slots__ = ("made",)

    def __init__(self) -> None:
        self.made = 0

    def holder(self, new: T) -> T:
        """An array or object that was made; it."""
        self.made += 1 + len(new)
        return new

    def text(self, new: str) -> str:
        """A text that was made; it."""
        self.made += len(new) >> 5
        return new


MAKING = Making()
"""Of all sessions: what one source makes is the difference."""
