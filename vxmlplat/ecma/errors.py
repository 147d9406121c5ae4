"""What can go wrong in a script."""

from __future__ import annotations

from vxmlplat.errors import VxmlplatError


class EcmaError(VxmlplatError):
    """Root of this room's errors."""


class ScriptError(EcmaError):
    """The script threw, or is no ECMAScript: the interpreters make ``error.semantic`` of it.

    ``name`` is the error's name in ECMAScript (``ReferenceError``, ``SyntaxError``, ``TypeError``,
    ``DOMException``, …; ``Thrown`` for a value that is no Error), ``message`` what it says.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


class ScriptLimitExceeded(EcmaError):
    """A script used up its time, memory or stack. The script cannot catch it; the engine that ran it is dead.

    ``limit`` is ``time`` or ``memory``, or what else a session's meter watches. Every later use of a dead
    engine raises the same error again; the interpreters end the session, other sessions do not notice.
    """

    def __init__(self, limit: str) -> None:
        super().__init__(f"the script used up its {limit}; its session cannot go on")
        self.limit = limit
