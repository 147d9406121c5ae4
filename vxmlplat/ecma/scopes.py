"""Variable scopes: objects that nest, each visible by its own name (VoiceXML 2.0 §5.1.2)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from vxmlplat.documents import Element
from vxmlplat.ecma.declarations import declarations, require_expression, require_target
from vxmlplat.ecma.errors import ScriptError
from vxmlplat.ecma.harmless import only_a_variable
from vxmlplat.ecma.values import Reference, Value

if TYPE_CHECKING:
    from vxmlplat.ecma.engine import Engine

QUALIFIED = re.compile(r"\s*([A-Za-z_$][\w$]*)\s*\.\s*([A-Za-z_$][\w$]*)\s*")

GLOBAL_OBJECT = re.compile(r"\b(?:this|globalThis|Function|eval)\b|\\u")


class Scope:
    """One object that holds variables, made by :meth:`Engine.scope`.

    It may stand in several chains of its engine, one after the other or at once.
    """

    __slots__ = ("_engine", "handle", "names_of_itself")

    def __init__(self, engine: Engine, names: tuple[str, ...], handle: Any) -> None:
        self._engine = engine
        self.names_of_itself = names
        self.handle = handle

    @property
    def name(self) -> str:
        """What the scope is called; empty for an anonymous one."""
        return self.names_of_itself[0] if self.names_of_itself else ""

    def set(self, name: str, value: Value | Reference, *, read_only: bool = False) -> None:
        """Put a value of the host, or a reference of the same engine, in a variable, declared or not.

        ``read_only`` variables refuse assignment by scripts with a TypeError, all the way down
        (``session.*``); the host may go on setting them.
        """
        engine = self._engine
        engine.value(engine.call("put", self.handle, name, engine.boxed(value), read_only))

    def set_document(self, name: str, root: Element | None, *, read_only: bool = False) -> None:
        """Put a read-only DOM of an XML document in a variable (VoiceXML 2.1 §5.1.4); null for None."""
        engine = self._engine
        box = engine.boxed(None) if root is None else engine.boxed_document(root)
        # A DOM refuses writing by itself; freezing it would only cost time.
        engine.value(engine.call("put", self.handle, name, box, False))

    def get(self, name: str) -> Value:
        """A variable of this very scope; UNDEFINED when there is none."""
        return self._engine.value(self._engine.call("get", self.handle, name))

    def has(self, name: str) -> bool:
        """Whether the variable is declared in this very scope, even if it is undefined."""
        return bool(self._engine.call("has", self.handle, name))

    def delete(self, name: str) -> None:
        """Undeclare a variable."""
        self._engine.call("remove", self.handle, name)

    def names(self) -> list[str]:
        """The variables declared here, in order of their declaration."""
        return [str(name) for name in json.loads(self._engine.call("names", self.handle))]

    def clear(self) -> None:
        """Undeclare all variables, read-only ones too."""
        self._engine.call("clear", self.handle)


class ScopeChain:
    """Scopes from outermost to innermost, in which expressions are evaluated.

    All methods raise :class:`ScriptError` for what the script does wrong and :class:`ScriptLimitExceeded`
    when it used up a limit. Sources are compiled once a depth of the chain and kept by the engine.
    """

    __slots__ = ("_engine", "_handles", "_scopes")

    def __init__(self, engine: Engine, scopes: tuple[Scope, ...]) -> None:
        self._engine = engine
        self._scopes = list(scopes)
        self._handles = [scope.handle for scope in scopes]

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Outermost first."""
        return tuple(self._scopes)

    @property
    def innermost(self) -> Scope:
        """Where :meth:`declare` and :meth:`run_script` put variables."""
        return self._scopes[-1]

    def enter(self, scope: Scope) -> Scope:
        """Add an innermost scope; returns it."""
        self._scopes.append(scope)
        self._handles.append(scope.handle)
        return scope

    def leave(self) -> Scope:
        """Take the innermost scope off; it lives on as long as somebody holds it."""
        self._handles.pop()
        return self._scopes.pop()

    def replace(self, index: int, scope: Scope) -> None:
        """Put another scope in the place of one (an application root has changed)."""
        self._scopes[index] = scope
        self._handles[index] = scope.handle

    def evaluate(self, expression: str) -> Value:
        """The value of an expression."""
        return self._engine.value(self._run("value", expression))

    def condition(self, expression: str) -> bool:
        """The value of an expression as ECMAScript's ToBoolean sees it."""
        raw = self._run("condition", expression)
        if raw is True or raw is False:
            return raw
        self._engine.value(raw)
        raise AssertionError("a condition is true, false or an error")

    def string(self, expression: str) -> str:
        """The value of an expression as ECMAScript's String() writes it."""
        return str(self._engine.value(self._run("string", expression)))

    def type_of(self, expression: str) -> str:
        """``typeof (expression)``; ``undefined`` for a variable that is not declared."""
        return str(self._engine.value(self._run("type", expression)))

    def reference(self, expression: str) -> Reference:
        """The value of an expression, kept inside."""
        raw = self._run("reference", expression)
        if isinstance(raw, str):
            self._engine.value(raw)
        return Reference(raw)

    def declare(self, name: str, expression: str | None = None, scope: Scope | None = None) -> None:
        """``<var>``: declare a variable in the innermost or the given scope, undefined without an expression.

        Declaring again sets it anew.
        """
        engine = self._engine
        box = engine.call("box", "") if expression is None else self.reference(expression).handle
        engine.value(engine.call("put", (scope or self._scopes[-1]).handle, name, box, False))

    def assign(self, target: str, expression: str) -> None:
        """``<assign>``: set a declared variable, or a property (``document.x``, ``user.name``, ``list[2]``).

        ReferenceError when the variable is not declared, TypeError when it is read-only.
        """
        self._assign(target, self.reference(expression).handle)

    def assign_value(self, target: str, value: Value | Reference) -> None:
        """As :meth:`assign`, with a value of the host."""
        self._assign(target, self._engine.boxed(value))

    def declared(self, name: str) -> bool:
        """Whether a variable of that name is declared in any scope of the chain."""
        return any(scope.has(name) for scope in reversed(self._scopes))

    def run_script(self, source: str, *, strays: bool = True) -> None:
        """``<script>``: run a program; its top-level variables and functions become the innermost scope's.

        Without ``strays`` it is a ReferenceError to set a variable that is not declared (CCXML 1.0 §8.2). A
        program that speaks of the global object (``this``, ``globalThis``) may give it what it likes, as
        libraries do.
        """
        engine = self._engine
        declared = declarations(source)
        scope = self._scopes[-1].handle
        if declared.variables:
            engine.call("predeclare", scope, json.dumps(declared.variables))
        names = json.dumps([declared.functions, declared.lexicals])
        kind = "program" if strays or GLOBAL_OBJECT.search(source) else "closed"
        program = engine.compiled(kind, len(self._handles), source, names)
        engine.value(engine.run(program, *self._handles, engine.call("giver", scope)))

    def _run(self, kind: str, expression: str) -> Any:
        require_expression(expression)
        engine = self._engine
        handles = self._handles
        return engine.run(engine.compiled(kind, len(handles), expression), *handles)

    def _assign(self, target: str, box: Any) -> None:
        require_target(target)
        engine = self._engine
        if not only_a_variable(target):
            qualified = QUALIFIED.fullmatch(target)
            if not (qualified and self._declared_in_named(qualified[1], qualified[2])):
                engine.taint()  # what is set may belong to everybody
        function = engine.compiled("target", len(self._handles), target)
        try:
            engine.value(engine.run(function, *self._handles, box))
        except ScriptError as error:
            if error.message.startswith("proxy:"):  # an object of the host's: transplant.js
                name = target.rpartition(".")[2].strip()
                raise ScriptError("TypeError", f"'{name}' is read-only") from None
            raise

    def _declared_in_named(self, scope_name: str, variable: str) -> bool:
        """Whether a scope of that name has the variable; ReferenceError when such a scope has it not."""
        for scope in self._scopes:
            if scope_name in scope.names_of_itself:
                if not scope.has(variable):
                    raise ScriptError("ReferenceError", f"{scope_name}.{variable} is not declared")
                return True
        return False
