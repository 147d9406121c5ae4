"""Variable scopes: objects that nest, each visible by its own name (VoiceXML 2.0 §5.1.2)."""

from __future__ import annotations

from vxmlplat.documents import Element
from vxmlplat.ecma.values import Reference, Value


class Scope:
    """One object that holds variables. It may stand in several chains of its engine, one after the other
    or at once.
    """

    name: str

    def set(self, name: str, value: Value | Reference, *, read_only: bool = False) -> None:
        """Put a value of the host (or a reference of the same engine) in a variable, declared or not.

        ``read_only`` variables refuse assignment by scripts with a TypeError (``session.*``); the host may
        go on setting them.
        """
        raise NotImplementedError

    def set_document(self, name: str, root: Element | None, *, read_only: bool = False) -> None:
        """Put a read-only DOM of an XML document in a variable (VoiceXML 2.1 §5.1.4); null for None."""
        raise NotImplementedError

    def get(self, name: str) -> Value:
        """A variable of this very scope; UNDEFINED when there is none."""
        raise NotImplementedError

    def has(self, name: str) -> bool:
        """Whether the variable is declared in this very scope, even if it is undefined."""
        raise NotImplementedError

    def delete(self, name: str) -> None:
        """Undeclare a variable."""
        raise NotImplementedError

    def names(self) -> list[str]:
        """The variables declared here, in order of their declaration."""
        raise NotImplementedError

    def clear(self) -> None:
        """Undeclare all variables, read-only ones too."""
        raise NotImplementedError


class ScopeChain:
    """Scopes from outermost to innermost, in which expressions are evaluated.

    All methods raise :class:`ScriptError` for what the script does wrong and :class:`ScriptLimitExceeded`
    when it used up a limit. Sources are compiled once a depth of the chain and kept.
    """

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Outermost first."""
        raise NotImplementedError

    @property
    def innermost(self) -> Scope:
        """Where :meth:`declare` and :meth:`run_script` put variables."""
        raise NotImplementedError

    def enter(self, scope: Scope) -> Scope:
        """Add an innermost scope; returns it."""
        raise NotImplementedError

    def leave(self) -> Scope:
        """Take the innermost scope off; it lives on as long as somebody holds it."""
        raise NotImplementedError

    def replace(self, index: int, scope: Scope) -> None:
        """Put another scope in the place of one (an application root has changed)."""
        raise NotImplementedError

    def evaluate(self, expression: str) -> Value:
        """The value of an expression."""
        raise NotImplementedError

    def condition(self, expression: str) -> bool:
        """The value of an expression as ECMAScript's ToBoolean sees it."""
        raise NotImplementedError

    def string(self, expression: str) -> str:
        """The value of an expression as ECMAScript's String() writes it."""
        raise NotImplementedError

    def type_of(self, expression: str) -> str:
        """``typeof (expression)``; ``undefined`` for a variable that is not declared."""
        raise NotImplementedError

    def reference(self, expression: str) -> Reference:
        """The value of an expression, kept inside."""
        raise NotImplementedError

    def declare(self, name: str, expression: str | None = None, scope: Scope | None = None) -> None:
        """``<var>``: declare a variable in the innermost or the given scope, undefined without expression.

        Declaring again sets it anew.
        """
        raise NotImplementedError

    def assign(self, target: str, expression: str) -> None:
        """``<assign>``: set a declared variable, or a property (``document.x``, ``user.name``, ``list[2]``).

        ReferenceError when the variable is not declared, TypeError when it is read-only.
        """
        raise NotImplementedError

    def assign_value(self, target: str, value: Value | Reference) -> None:
        """As :meth:`assign`, with a value of the host."""
        raise NotImplementedError

    def declared(self, name: str) -> bool:
        """Whether a variable of that name is declared in any scope of the chain."""
        raise NotImplementedError

    def run_script(self, source: str) -> None:
        """``<script>``: run a program; its top-level variables and functions become the innermost scope's."""
        raise NotImplementedError
