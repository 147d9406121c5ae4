"""What crosses the border between the host and scripts: JSON values, undefined, and references that stay
inside.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias, final


@final
class Undefined:
    """ECMAScript's undefined, told apart from null (None). There is one: :data:`UNDEFINED`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "undefined"

    def __bool__(self) -> bool:
        return False


UNDEFINED: Final = Undefined()

Value: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | Undefined | None
"""A value as the host sees it: JSON and undefined. A function or symbol is UNDEFINED, an object is what
``JSON.stringify`` makes of it, NaN and the infinities are floats."""


@final
class Reference:
    """A value that stays inside its engine: objects shared without a copy, functions, DOM nodes.

    Made by :meth:`ScopeChain.reference`, put elsewhere by :meth:`Scope.set`; of no use in another engine.
    """

    __slots__ = ("handle",)

    def __init__(self, handle: Any) -> None:
        self.handle = handle
