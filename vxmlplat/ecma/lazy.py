"""The scopes of one session, on an engine only from the first source on that needs one.

Until then the variables are the host's (:mod:`vxmlplat.ecma.plain`): an engine holds 170 KB and takes longer
to make than most sessions spend in it. With the first source that is not plain, everything moves into an
engine, what was one object staying one, and the session goes on there. What a document sees is the same.

The faces are those of :class:`~vxmlplat.ecma.Engine`, :class:`~vxmlplat.ecma.Scope` and
:class:`~vxmlplat.ecma.ScopeChain`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakSet

from vxmlplat.ecma.declarations import declarations, require_expression
from vxmlplat.ecma.engine import Engine, EnginePool
from vxmlplat.ecma.errors import ScriptError
from vxmlplat.ecma.lazy_scopes import VALUE, LazyReference, LazyScope, LiveObject
from vxmlplat.ecma.plain import (
    AnnotatedArray,
    Beyond,
    PlainScript,
    plain_expression,
    plain_script,
    plain_target,
)
from vxmlplat.ecma.plain.border import exported, imported
from vxmlplat.ecma.plain.making import MAKING
from vxmlplat.ecma.plain.members import GLOBALS, DomNode, Scoped, primitive_text
from vxmlplat.ecma.plain.operators import truth
from vxmlplat.ecma.scopes import ScopeChain
from vxmlplat.ecma.transplant import Transplant
from vxmlplat.ecma.values import UNDEFINED, Value

ROOM = 1 << 20
"""So many characters may a session's variables be given; then an engine takes over, which limits memory."""
COPIED = "(function(a){return Array.isArray(a)?a.slice():null})"
PLACE = 64
"""What a place in an array or object counts of that: so many fit into an engine's memory on their way in."""
SHORT = 200
"""Texts up to here do not count: names of states, identifiers, addresses."""


class LazyEngine:
    """The scopes of one session. It belongs to the thread that made it; :meth:`close` it with the session.

    ``meter`` is told how many seconds of CPU each run of the engine took, and may raise
    :class:`~vxmlplat.ecma.ScriptLimitExceeded`.
    """

    def __init__(
        self,
        pool: EnginePool,
        meter: Callable[[float], object] | None = None,
        *,
        engine: Engine | None = None,
    ) -> None:
        """``engine``: one that the session is on from the beginning; it stays the caller's own."""
        self._pool = pool
        self._meter = meter
        self._engine = engine
        self._own = engine is None
        self._scopes: WeakSet[LazyScope] = WeakSet()
        self._room = ROOM
        self._closed = False

    @property
    def engine(self) -> Engine | None:
        """The engine, if the session needed one by now."""
        return self._engine

    def scope(self, name: str = "", *aliases: str, read_only: bool = False) -> LazyScope:
        """A new, empty scope; ``read_only``: scripts can write nothing in it, only the host can."""
        scope = LazyScope(self, (name, *aliases) if name else (), read_only)
        if self._engine is None:
            self._scopes.add(scope)
        else:
            scope.move(self._engine)
        return scope

    def chain(self, *scopes: LazyScope) -> LazyChain:
        """A chain of these scopes, outermost first."""
        return LazyChain(self, scopes)

    def live(self, members: Mapping[str, Any] | None = None) -> LiveObject:
        """An object of the host's for scripts to see."""
        live = LiveObject(self)
        live.update(members or {})
        return live

    def moved(self) -> Engine:
        """The engine; everything moves into it if it has not yet."""
        if self._engine is None:
            self._engine = engine = self._pool.take()
            engine.meter = self._meter
            scopes = list(self._scopes)
            self._scopes.clear()
            transplant = Transplant(engine)
            for scope in scopes:
                scope.move(engine, transplant)
            for scope in scopes:
                scope.moved(engine)
            transplant.run()
        return self._engine

    def keep(self, value: Any, source: str, made: int = 0) -> Any:
        """A value that a variable is to hold; :class:`Beyond` when an engine should hold it.

        ``source`` has made it, and with it so much (:class:`~.plain.making.Making`).
        """
        if type(value) is str:
            if len(value) > SHORT:
                self._room -= len(value)
        elif isinstance(value, (Scoped, DomNode)):
            raise Beyond
        elif isinstance(value, (list, dict)):
            self._room -= max(16 * len(source), PLACE * made)
        if self._room < 0:
            raise Beyond
        return value

    def close(self) -> None:
        """The session is over: nothing is evaluated any more, the engine is for others."""
        if self._engine is not None and self._own and not self._closed:
            self._closed = True
            self._pool.give_back(self._engine)


class LazyChain:
    """Scopes from outermost to innermost, in which expressions are evaluated.

    All methods raise :class:`ScriptError` for what the script does wrong and
    :class:`~vxmlplat.ecma.ScriptLimitExceeded` when it used up a limit.
    """

    __slots__ = ("_lazy", "_place", "_scopes")

    def __init__(self, lazy: LazyEngine, scopes: tuple[LazyScope, ...]) -> None:
        self._lazy = lazy
        self._scopes = list(scopes)
        self._place: ScopeChain | None = None

    @property
    def scopes(self) -> tuple[LazyScope, ...]:
        """Outermost first."""
        return tuple(self._scopes)

    @property
    def innermost(self) -> LazyScope:
        """Where :meth:`declare` and :meth:`run_script` put variables."""
        return self._scopes[-1]

    def enter(self, scope: LazyScope) -> LazyScope:
        """Add an innermost scope; returns it."""
        self._scopes.append(scope)
        if self._place is not None:
            self._place.enter(scope.place)
        return scope

    def leave(self) -> LazyScope:
        """Take the innermost scope off; it lives on as long as somebody holds it."""
        if self._place is not None:
            self._place.leave()
        return self._scopes.pop()

    def replace(self, index: int, scope: LazyScope) -> None:
        """Put another scope in the place of one."""
        self._scopes[index] = scope
        if self._place is not None:
            self._place.replace(index, scope.place)

    def evaluate(self, expression: str) -> Value:
        """The value of an expression."""
        if self._lazy.engine is None:
            try:
                return exported(self._read(expression))
            except Beyond:
                pass
        return self._moved().evaluate(expression)

    def condition(self, expression: str) -> bool:
        """The value of an expression as ECMAScript's ToBoolean sees it."""
        if self._lazy.engine is None:
            try:
                return truth(self._read(expression))
            except Beyond:
                pass
        return self._moved().condition(expression)

    def string(self, expression: str) -> str:
        """The value of an expression as ECMAScript's String() writes it."""
        if self._lazy.engine is None:
            try:
                return primitive_text(self._read(expression))
            except Beyond:
                pass
        return self._moved().string(expression)

    def type_of(self, expression: str) -> str:
        """``typeof (expression)``; ``undefined`` for a variable that is not declared."""
        if self._lazy.engine is None:
            try:
                return str(self._read(f"typeof (\n{expression}\n)"))
            except Beyond:
                pass
        return self._moved().type_of(expression)

    def reference(self, expression: str) -> LazyReference:
        """The value of an expression, kept inside."""
        if self._lazy.engine is not None:
            return LazyReference(self._lazy, self._moved().reference(expression))
        scope = self._lazy.scope()
        self.declare(VALUE, expression, scope)
        return LazyReference(self._lazy, scope)

    def declare(self, name: str, expression: str | None = None, scope: LazyScope | None = None) -> None:
        """``<var>``: declare a variable in the innermost or the given scope, undefined without an expression.

        Declaring again sets it anew.
        """
        scope = scope or self._scopes[-1]
        if self._lazy.engine is None:
            try:
                value = UNDEFINED if expression is None else self._kept(expression)
                scope.hold(name, value)
            except Beyond:
                pass
            else:
                return
        self._moved().declare(name, expression, scope.place)

    def assign(self, target: str, expression: str) -> None:
        """``<assign>``: set a declared variable, or a property.

        ReferenceError when the variable is not declared, TypeError when it is read-only.
        """
        if self._lazy.engine is None:
            try:
                self._set(target, self._kept(expression))
            except Beyond:
                pass
            else:
                return
        self._moved().assign(target, expression)

    def assign_value(self, target: str, value: Value | LazyReference) -> None:
        """As :meth:`assign`, with a value of the host, or a reference of the same engine."""
        if self._lazy.engine is None:
            inside = value.kept if isinstance(value, LazyReference) else imported(value)
            try:
                self._set(target, self._lazy.keep(inside, ""))
            except Beyond:
                pass
            else:
                return
        chain = self._moved()
        chain.assign_value(target, value.moved() if isinstance(value, LazyReference) else value)

    def declare_copy(self, name: str, expression: str, scope: LazyScope) -> int | None:
        """Declare a variable that holds a copy of an array, without members of its own; the number of items.

        None for what is no array; the variable is null then.
        """
        if self._lazy.engine is None:
            try:
                value = self._read(expression)
                items = value.items if type(value) is AnnotatedArray else value
                copy = list(items) if type(items) is list else None
                scope.hold(name, self._lazy.keep(copy, expression))
            except Beyond:
                pass
            else:
                return None if copy is None else len(copy)
        chain = self._moved()
        chain.declare(name, f"{COPIED}({expression}\n)", scope.place)
        length = chain.evaluate(f"{name} && {name}.length")
        return length if isinstance(length, int) else None

    def declared(self, name: str) -> bool:
        """Whether a variable of that name is declared in any scope of the chain."""
        return any(scope.has(name) for scope in reversed(self._scopes))

    def run_script(self, source: str, *, strays: bool = True) -> None:
        """``<script>``: run a program; its top-level variables and functions become the innermost scope's.

        Without ``strays`` it is a ReferenceError to set a variable that is not declared.
        """
        if self._lazy.engine is None:
            script = plain_script(source)
            if script is not None and self._ran(script, source, strays):
                return
            declarations(source)
        self._moved().run_script(source, strays=strays)

    def _ran(self, script: PlainScript, source: str, strays: bool) -> bool:
        scope = self._scopes[-1]
        if not scope.may_declare((*script.declared, *(name for name, _ in script.functions))):
            return False
        state = scope.kept()
        try:
            for name in script.declared:
                scope.members.setdefault(name, UNDEFINED)
            if script.functions:
                scope.declare_functions(script, tuple(self._scopes[:-1]), strays=strays)
            for name, read in script.set:
                before = MAKING.made
                value = read(self._scopes)
                scope.members[name] = self._lazy.keep(value, source, MAKING.made - before)
        except Beyond:
            scope.restore(state)
            return False
        return True

    def _read(self, expression: str) -> Any:
        reader = plain_expression(expression)
        if reader is None:
            require_expression(expression)
            raise Beyond
        return reader(self._scopes)

    def _kept(self, expression: str) -> Any:
        before = MAKING.made
        value = self._read(expression)
        return self._lazy.keep(value, expression, MAKING.made - before)

    def _set(self, target: str, value: Any) -> None:
        names = plain_target(target)
        if names is None:
            raise Beyond
        name, inner = names
        for scope in reversed(self._scopes):
            if name in scope.members:
                if inner:
                    raise Beyond
                return scope.replace(name, value)
            if name in scope.names_of_itself:
                if not inner or inner in scope.names_of_itself:
                    raise Beyond
                if inner not in scope.members:
                    raise ScriptError("ReferenceError", f"{target.strip()} is not declared")
                return scope.replace(inner, value)
        if name in GLOBALS:
            raise Beyond
        raise ScriptError("ReferenceError", f"{name} is not defined")

    def _moved(self) -> ScopeChain:
        if self._place is None:
            engine = self._lazy.moved()
            self._place = engine.chain(*(scope.place for scope in self._scopes))
        return self._place
