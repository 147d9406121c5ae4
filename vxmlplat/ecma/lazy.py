"""The scopes of one session, on an engine only from the first source on that needs one.

The faces are those of :class:`~vxmlplat.ecma.Engine`, :class:`~vxmlplat.ecma.Scope` and
:class:`~vxmlplat.ecma.ScopeChain`. Until then the variables are the host's (:mod:`vxmlplat.ecma.plain`): an
engine
holds 170 KB and takes longer to make than most sessions spend in it. With the first source that is not plain,
everything moves into an engine, objects that are shared staying shared, and the session goes on there. What a
document
sees is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

from vxmlplat.ecma.declarations import declarations, require_expression
from vxmlplat.ecma.engine import Engine, EnginePool
from vxmlplat.ecma.errors import ScriptError
from vxmlplat.ecma.plain import Beyond, Members, PlainScript, plain_expression, plain_script, plain_target
from vxmlplat.ecma.plain.border import exported, imported
from vxmlplat.ecma.plain.members import GLOBALS, Scoped, primitive_text
from vxmlplat.ecma.plain.operators import truth
from vxmlplat.ecma.scopes import Scope, ScopeChain
from vxmlplat.ecma.transplant import SCRIPT, Transplant
from vxmlplat.ecma.values import UNDEFINED, Value

ROOM = 1 << 20
"""So many characters may a session's variables be given before an engine, with its limit on memory, takes
over.
"""
SHORT = 200
"""Texts up to here do not count: names of states, identifiers, addresses."""


class LazyEngine:
    """The scopes of one session. It belongs to the thread that made it; :meth:`close` it with the session."""

    def __init__(self, pool: EnginePool) -> None:
        self._pool = pool
        self._engine: Engine | None = None
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
            scopes = list(self._scopes)
            self._scopes.clear()
            transplant = Transplant(engine)
            for scope in scopes:
                scope.move(engine, transplant)
            transplant.run()
        return self._engine

    def keep(self, value: Any, source: str) -> Any:
        """A value that a variable is to hold; :class:`Beyond` when an engine should hold it."""
        if type(value) is str:
            if len(value) > SHORT:
                self._room -= len(value)
        elif isinstance(value, Scoped):
            raise Beyond
        elif isinstance(value, (list, dict)):
            self._room -= 16 * len(source)
        if self._room < 0:
            raise Beyond
        return value

    def close(self) -> None:
        """The session is over: nothing is evaluated any more, the engine is for others."""
        if self._engine is not None and not self._closed:
            self._closed = True
            self._pool.give_back(self._engine)


class LazyScope(Scoped):
    """One object that holds variables, made by :meth:`LazyEngine.scope`."""

    __slots__ = ("__weakref__", "_fixed", "_lazy", "_place", "read_only")

    def __init__(self, lazy: LazyEngine, names: tuple[str, ...], read_only: bool) -> None:
        super().__init__(names)
        self._lazy = lazy
        self._fixed: frozenset[str] = frozenset()
        self._place: Scope | None = None
        self.read_only = read_only

    @property
    def name(self) -> str:
        """What the scope is called; empty for an anonymous one."""
        return self.names_of_itself[0] if self.names_of_itself else ""

    @property
    def place(self) -> Scope | None:
        """The scope in the engine that this one has become."""
        return self._place

    def set(self, name: str, value: Any, *, read_only: bool = False) -> None:
        """Put a value of the host, also one with live objects in it, in a variable, declared or not."""
        value = imported(value)
        fixed = read_only or self.read_only
        if self._place is None:
            self.hold(name, value)
            if fixed:
                self._fixed |= {name}
        else:
            transplant = Transplant(self._lazy.moved())
            transplant.variable(self._place, name, value, read_only=fixed)
            transplant.run()

    def get(self, name: str) -> Value:
        """A variable of this very scope; UNDEFINED when there is none."""
        if self._place is None:
            try:
                return exported(self.members.get(name, UNDEFINED))
            except Beyond:
                self._lazy.moved()
        assert self._place is not None
        return self._place.get(name)

    def has(self, name: str) -> bool:
        """Whether the variable is declared in this very scope, even if it is undefined."""
        if self._place is not None:
            return self._place.has(name)
        return name in self.members or name in self.names_of_itself

    def delete(self, name: str) -> None:
        """Undeclare a variable."""
        if self._place is not None:
            self._place.delete(name)
        self.members.pop(name, None)
        self._fixed -= {name}

    def names(self) -> list[str]:
        """The variables declared here, in order of their declaration."""
        return list(self.members) if self._place is None else self._place.names()

    def clear(self) -> None:
        """Undeclare all variables, read-only ones too."""
        if self._place is not None:
            self._place.clear()
        self.members.clear()
        self._fixed = frozenset()

    def hold(self, name: str, value: Any) -> None:
        """Declare a variable before there is an engine."""
        self.members[name] = value
        if self._fixed:
            self._fixed -= {name}

    def replace(self, name: str, value: Any) -> None:
        """Set a declared variable before there is an engine."""
        if name in self._fixed:
            raise ScriptError("TypeError", f"'{name}' is read-only")
        self.members[name] = value

    def may_declare(self, names: tuple[str, ...]) -> bool:
        """Whether a script may declare these here without clashing with what is not its own."""
        return self._fixed.isdisjoint(names) and not any(name in self.names_of_itself for name in names)

    def move(self, engine: Engine, transplant: Transplant | None = None) -> None:
        """Become a scope of the engine."""
        self._place = engine.scope(*self.names_of_itself)
        if self.read_only:
            for name in self.names_of_itself:
                engine.run(engine.native(SCRIPT, "shut"), self._place.handle, name)
        if transplant is not None:
            for name, value in self.members.items():
                transplant.variable(self._place, name, value, read_only=name in self._fixed)
            self.members = {}


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
            self._place.enter(_place(scope))
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
            self._place.replace(index, _place(scope))

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
        self._moved().declare(name, expression, _place(scope))

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

    def assign_value(self, target: str, value: Value) -> None:
        """As :meth:`assign`, with a value of the host."""
        if self._lazy.engine is None:
            try:
                self._set(target, self._lazy.keep(imported(value), ""))
            except Beyond:
                pass
            else:
                return
        self._moved().assign_value(target, value)

    def declared(self, name: str) -> bool:
        """Whether a variable of that name is declared in any scope of the chain."""
        return any(scope.has(name) for scope in reversed(self._scopes))

    def run_script(self, source: str, *, strays: bool = True) -> None:
        """``<script>``: run a program; its top-level variables and functions become the innermost scope's.

        Without ``strays`` it is a ReferenceError to set a variable that is not declared.
        """
        if self._lazy.engine is None:
            script = plain_script(source)
            if script is not None and self._ran(script, source):
                return
            declarations(source)
        self._moved().run_script(source, strays=strays)

    def _ran(self, script: PlainScript, source: str) -> bool:
        scope = self._scopes[-1]
        if not scope.may_declare(script.declared):
            return False
        before = dict(scope.members)
        try:
            for name in script.declared:
                scope.members.setdefault(name, UNDEFINED)
            for name, read in script.set:
                scope.members[name] = self._lazy.keep(read(self._scopes), source)
        except Beyond:
            scope.members = before
            return False
        return True

    def _read(self, expression: str) -> Any:
        reader = plain_expression(expression)
        if reader is None:
            require_expression(expression)
            raise Beyond
        return reader(self._scopes)

    def _kept(self, expression: str) -> Any:
        return self._lazy.keep(self._read(expression), expression)

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
            self._place = engine.chain(*(_place(scope) for scope in self._scopes))
        return self._place


class LiveObject(Members):
    """An object of the host's that scripts read, and see change, and cannot write: a connection, a dialog.

    Made by :meth:`LazyEngine.live`; what it holds is JSON and other live objects of the same session.
    """

    __slots__ = ("_lazy", "box")

    def __init__(self, lazy: LazyEngine) -> None:
        super().__init__()
        self._lazy = lazy
        self.box: Any = None
        """Its place in the engine, once a script there may see it."""

    def update(self, members: Mapping[str, Any]) -> None:
        """Set members."""
        values = imported(dict(members))
        self.members.update(values)
        if self.box is not None:
            transplant = Transplant(self._lazy.moved())
            for name, value in values.items():
                transplant.member(self, name, value)
            transplant.run()

    def remove(self, name: str) -> None:
        """Take a member away, if it has it."""
        if self.members.pop(name, None) is not None and self.box is not None:
            engine = self._lazy.moved()
            engine.run(engine.native(SCRIPT, "remove"), self.box, name)


def _place(scope: LazyScope) -> Scope:
    place = scope.place
    assert place is not None, "with the first chain all scopes of a session move"
    return place
