"""An ECMAScript engine of one session, with limits."""

from __future__ import annotations

from dataclasses import dataclass

from vxmlplat.ecma.scopes import Scope, ScopeChain


@dataclass(frozen=True, slots=True)
class Limits:
    """What a script may use: CPU seconds an evaluation, bytes of memory and of stack an engine."""

    seconds: float = 0.25
    memory: int = 16 << 20
    stack: int = 256 << 10


class Engine:
    """One global object, its scopes, and limits: one a session, never shared between sessions.

    Making one costs about 0.3 ms and 200 KB. It belongs to the thread that made it.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        raise NotImplementedError

    def scope(self, name: str = "") -> Scope:
        """A new, empty scope object, visible inside itself by its name if it has one (``dialog.x``)."""
        raise NotImplementedError

    def chain(self, *scopes: Scope) -> ScopeChain:
        """A chain of these scopes, outermost first."""
        raise NotImplementedError

    @property
    def dead(self) -> str | None:
        """The limit that ended the engine, or None while it lives."""
        raise NotImplementedError

    def memory_used(self) -> int:
        """Bytes that the engine holds now."""
        raise NotImplementedError


def check_expression(source: str) -> str | None:
    """Why the text is no ECMAScript expression, or None when it is one. Runs nothing."""
    raise NotImplementedError


def check_script(source: str) -> str | None:
    """Why the text is no ECMAScript program, or None when it is one. Runs nothing."""
    raise NotImplementedError
