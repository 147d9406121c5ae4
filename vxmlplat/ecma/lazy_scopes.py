"""What a session holds without an engine, and goes on holding in one: scopes, references, live objects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from vxmlplat.documents import Element
from vxmlplat.ecma.engine import Engine
from vxmlplat.ecma.errors import ScriptError
from vxmlplat.ecma.plain import AnnotatedArray, Beyond, Members, PlainScript
from vxmlplat.ecma.plain.border import exported, imported
from vxmlplat.ecma.plain.dom import DomDocument, document
from vxmlplat.ecma.plain.members import DeclaredFunction, Scoped
from vxmlplat.ecma.scopes import Scope
from vxmlplat.ecma.transplant import SCRIPT, Transplant
from vxmlplat.ecma.values import UNDEFINED, Reference, Value

if TYPE_CHECKING:
    from vxmlplat.ecma.lazy import LazyEngine

VALUE = "value"
"""The variable in which a reference holds what it refers to."""


class LazyScope(Scoped):
    """One object that holds variables, made by :meth:`LazyEngine.scope`."""

    __slots__ = ("__weakref__", "_fixed", "_functions", "_lazy", "_place", "read_only")

    def __init__(self, lazy: LazyEngine, names: tuple[str, ...], read_only: bool) -> None:
        super().__init__(names)
        self._lazy = lazy
        self._fixed: frozenset[str] = frozenset()
        self._functions: tuple[_Functions, ...] = ()
        self._place: Scope | None = None
        self.read_only = read_only

    @property
    def name(self) -> str:
        """What the scope is called; empty for an anonymous one."""
        return self.names_of_itself[0] if self.names_of_itself else ""

    @property
    def place(self) -> Scope:
        """The scope in the engine that this one has become."""
        assert self._place is not None, "with the first source that needs an engine all scopes move"
        return self._place

    @property
    def handle(self) -> Any:
        """The object in the engine, for functions that :meth:`Engine.load` made."""
        return self.place.handle

    def set(self, name: str, value: Any, *, read_only: bool = False) -> None:
        """Put a value of the host, also one with live objects in it, or a reference of the same engine, in a
        variable, declared or not.
        """
        if isinstance(value, LazyReference):
            fixed = read_only or self.read_only
            if self._place is not None:
                self._place.set(name, value.moved(), read_only=fixed)
            else:
                self._hold(name, value.kept, fixed)
        elif self._place is None:
            self._hold(name, imported(value), read_only or self.read_only)
        else:
            self.fill({name: value}, read_only=read_only)

    def fill(self, values: Mapping[str, Any], *, read_only: bool = False) -> None:
        """Put values of the host in variables, as :meth:`set` does."""
        fixed = read_only or self.read_only
        if self._place is None:
            for name, value in values.items():
                self._hold(name, imported(value), fixed)
            return
        transplant = Transplant(self._lazy.moved())
        for name, value in values.items():
            transplant.variable(self._place, name, imported(value), read_only=fixed)
        transplant.run()

    def set_annotated(self, name: str, items: Sequence[Any], members: Mapping[str, Any]) -> None:
        """Put an array of the host that has members of its own, beside its items, in a variable."""
        array = AnnotatedArray(imported(items), imported(dict(members)))
        self.set(name, array)

    def set_document(self, name: str, root: Element | None, *, read_only: bool = False) -> None:
        """Put a read-only DOM of an XML document in a variable (VoiceXML 2.1 §5.1.4); null for None."""
        if root is None:
            self.set(name, None, read_only=read_only)
            return
        if self._place is None:
            try:
                self.hold(name, document(root))
            except Beyond:
                self._lazy.moved()
            else:
                return
        self.place.set_document(name, root, read_only=read_only)

    def get(self, name: str) -> Value:
        """A variable of this very scope; UNDEFINED when there is none."""
        if self._place is None:
            try:
                return exported(self.members.get(name, UNDEFINED))
            except Beyond:
                self._lazy.moved()
        return self.place.get(name)

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
        self._functions = ()

    def _hold(self, name: str, value: Any, fixed: bool) -> None:
        self.hold(name, value)
        if fixed:
            self._fixed |= {name}

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

    def declare_functions(self, script: PlainScript, outer: tuple[LazyScope, ...], *, strays: bool) -> None:
        """Declare the functions of a script that runs in these scopes and this one, before there is an
        engine.
        """
        for name, body in script.functions:
            self.hold(name, DeclaredFunction(body, outer))
        added = _Functions(script, outer, strays)
        self._functions = (*(each for each in self._functions if each != added), added)

    def kept(self) -> tuple[dict[str, Any], tuple[_Functions, ...]]:
        """What :meth:`restore` brings back, before there is an engine."""
        return dict(self.members), self._functions

    def restore(self, kept: tuple[dict[str, Any], tuple[_Functions, ...]]) -> None:
        """Undo what was declared and set since then."""
        self.members, self._functions = kept

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
            documents = [value for value in self.members.values() if type(value) is DomDocument]
            if self._functions or documents:  # they are to stand among the variables where they stood
                engine.call("predeclare", self._place.handle, json.dumps(list(self.members)))
            for name, value in self.members.items():
                if type(value) is DomDocument:
                    self._place.set_document(name, value.root)
                elif type(value) is not DeclaredFunction:
                    transplant.variable(self._place, name, value, read_only=name in self._fixed)

    def moved(self, engine: Engine) -> None:
        """All scopes are in the engine: now the functions may follow, and after them the values."""
        place = self.place
        for functions in self._functions:
            script = functions.script
            chain = engine.chain(*(scope.place for scope in functions.outer), place)
            chain.run_script(script.source, strays=functions.strays)
            for name, _ in script.functions:
                if name not in self.members:
                    place.delete(name)
        self.members = {}
        self._functions = ()


class _Functions(NamedTuple):
    """Functions that a script has declared: the script, the scopes around, and whether it may stray."""

    script: PlainScript
    outer: tuple[LazyScope, ...]
    strays: bool


class LazyReference:
    """A value that stays inside: made by ``LazyChain.reference``, put elsewhere by :meth:`LazyScope.set`."""

    __slots__ = ("_lazy", "_place", "_scope")

    def __init__(self, lazy: LazyEngine, kept: LazyScope | Reference) -> None:
        """``kept``: a scope that holds nothing but the value, so that this moves with all others; or where
        the value is in the engine already.
        """
        self._lazy = lazy
        self._scope = kept if isinstance(kept, LazyScope) else None
        self._place = kept if isinstance(kept, Reference) else None

    @property
    def kept(self) -> Any:
        """The value, before there is an engine."""
        assert self._scope is not None
        return self._scope.members[VALUE]

    def moved(self) -> Reference:
        """The value in the engine."""
        if self._place is None:
            engine = self._lazy.moved()
            assert self._scope is not None
            self._place = engine.chain(self._scope.place).reference(VALUE)
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
