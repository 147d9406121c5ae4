"""An ECMAScript engine of one session, with limits."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import quickjs

from vxmlplat.documents import Element
from vxmlplat.ecma.dom import as_json
from vxmlplat.ecma.errors import ScriptError, ScriptLimitExceeded
from vxmlplat.ecma.harmless import harmless
from vxmlplat.ecma.scopes import Scope, ScopeChain
from vxmlplat.ecma.values import UNDEFINED, Reference, Undefined, Value

_HERE = Path(__file__).parent
PRELUDE = (_HERE / "prelude.js").read_text("utf-8")
GUARDED = re.compile(
    r"[\[\\]|Array|Object|Reflect|JSON|eval|Function|constructor|prototype|length|ndexOf|includes|split|replace"
    r"|Atomics|SharedArrayBuffer|WeakRef|FinalizationRegistry|performance|queueMicrotask|globalThis|this",
)
"""What a source must hold to reach the natives that guards.js guards. Most sources do not: their session then
carries no guards, which would make up a tenth of its memory."""
LONE_SURROGATE = re.compile(r"((?<!\\)(?:\\\\)*)\\ud[89a-f][0-9a-f]{2}")
"""JSON.stringify writes half of a surrogate pair as an escape, and nothing else in this form."""
_encode = json.JSONEncoder(allow_nan=False).encode
PROGRAMS = ("program", "closed")
COMPILED_AT_MOST = 4000
EXACT_INTEGER = 1 << 53


@dataclass(frozen=True, slots=True)
class Limits:
    """What a script may use: CPU seconds an evaluation, bytes of memory and of stack an engine."""

    seconds: float = 0.25
    memory: int = 16 << 20
    stack: int = 256 << 10


class Handled(Protocol):
    """A scope, which functions of the platform's own are handed."""

    @property
    def handle(self) -> Any:
        """Its object in the engine."""
        ...


class Engine:
    """One global object, its scopes, and limits: one a session, never shared between sessions.

    Making one costs about 0.5 ms and 200 KB. It belongs to the thread that made it.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._context = context = quickjs.Context()
        self._dead: str | None = None
        self._entry = context.eval(PRELUDE)
        self._entries: dict[str, Any] = {}
        self._compiled: dict[tuple[str, int, str], Any] = {}
        self._makers: dict[str, Any] = {}
        self._guarded = False
        self._pristine = True
        self._natives: dict[str, Any] = {}
        self.meter: Callable[[float], object] | None = None
        """Told how many seconds of CPU each run took; may raise :class:`ScriptLimitExceeded`."""
        context.set_memory_limit(limits.memory)
        context.set_max_stack_size(limits.stack)
        context.set_time_limit(limits.seconds)

    def scope(self, name: str = "", *aliases: str) -> Scope:
        """A new, empty scope object, visible inside itself by its names if it has any (``dialog.x``)."""
        names = (name, *aliases) if name else ()
        return Scope(self, names, self.call("scope", _as_json(names)))

    def chain(self, *scopes: Scope) -> ScopeChain:
        """A chain of these scopes, outermost first."""
        return ScopeChain(self, scopes)

    @property
    def dead(self) -> str | None:
        """The limit that ended the engine, or None while it lives."""
        return self._dead

    def memory_used(self) -> int:
        """Bytes that the engine holds now."""
        return int(self._context.memory()["malloc_size"])

    def load(self, source: str) -> Callable[..., Value]:
        """A function of the platform's own, for rooms that keep objects of their own inside an engine.

        ``source`` is an expression for a function that makes it; what is made anew with each call holds the
        session's state. The function takes at most four arguments, primitives or scopes.
        """
        maker = self._makers.get(source)
        if maker is None:
            maker = self._makers[source] = self.run(self._context.eval, source)
        function = self.call("guard", self.run(maker))

        def call(*arguments: str | float | bool | Handled | None) -> Value:
            handed = [getattr(item, "handle", item) for item in arguments]
            return self.value(self.run(function, *handed))

        return call

    def taint(self) -> None:
        """Note that a script may have changed more than its session's scopes."""
        self._pristine = False

    @property
    def pristine(self) -> bool:
        """Whether no script can have left anything behind but in scopes, which go with their session."""
        return self._pristine and self._dead is None

    def native(self, script: str, *name: str) -> Any:
        """What one of the room's own scripts makes, or what that gives by a name. It is made once."""
        found = self._natives.get(script)
        if found is None:
            found = self._natives[script] = self.run(self._context.eval, _source_of(script))
        if not name:
            return found
        return self._natives.get(script + name[0]) or self._natives.setdefault(
            script + name[0], self.run(found, name[0])
        )

    # What scopes use. A raw value is what prelude.js made of a value: a primitive, or a text that begins
    # with U+0001.

    def call(self, entry: str, *arguments: Any) -> Any:
        """Call an entry point of the prelude; the raw value."""
        function = self._entries.get(entry)
        if function is None:
            function = self._entries[entry] = self._entry(entry)
        return self.run(function, *arguments)

    def run(self, function: Any, *arguments: Any) -> Any:
        """Call a compiled function inside the limits; the raw value."""
        if self._dead:
            raise ScriptLimitExceeded(self._dead)
        meter = self.meter
        began = time.thread_time() if meter is not None else 0.0
        try:
            return function(*arguments)
        except quickjs.StackOverflow:
            raise ScriptError("RangeError", "the stack is used up") from None
        except quickjs.JSException as error:
            # What reaches us here could not be caught inside: time is up, or there was no memory left to
            # say so.
            self._dead = "time" if "interrupted" in str(error) else "memory"
            raise ScriptLimitExceeded(self._dead) from None
        finally:
            if meter is not None:
                meter(time.thread_time() - began)

    def compiled(self, kind: str, depth: int, source: str, *more: str) -> Any:
        """The function that a source was compiled to, compiled now if it was not yet."""
        key = (kind, depth, source)
        function = self._compiled.get(key)
        if function is None:
            if not self._guarded and GUARDED.search(source):
                self._guarded = True
                self.run(self._context.eval, _source_of("guards.js"))
            if kind in PROGRAMS or not harmless(source):
                self._pristine = False
            if kind == "target" or kind in PROGRAMS:
                function = self.call(kind, depth, source, *more)
            else:
                function = self.call("compile", depth, kind, source)
            if isinstance(function, str):
                self.value(function)  # raises: the source passed the check but not the compiler
            if len(self._compiled) >= COMPILED_AT_MOST:
                self._compiled.clear()
            self._compiled[key] = function
        return function

    def value(self, raw: Any) -> Value:
        """A raw value as the host sees it. Raises :class:`ScriptError` for one that stands for an error."""
        if not isinstance(raw, str) or not raw.startswith("\x01"):
            return raw  # type: ignore[no-any-return]  # prelude.js lets only primitives through
        if raw == "\x01u":
            return UNDEFINED
        try:
            content = json.loads(LONE_SURROGATE.sub(r"\1\\ufffd", raw[2:]) if "\\ud" in raw else raw[2:])
        except RecursionError:
            raise ScriptError("RangeError", "the value is nested too deep") from None
        if raw[1] == "j":
            return content  # type: ignore[no-any-return]  # JSON
        name, message = content
        if (name == "InternalError" and "memory" in message) or (
            message == "null" and self.memory_used() > self._limits.memory * 0.8
        ):
            self._dead = "memory"
            raise ScriptLimitExceeded("memory")
        raise ScriptError(name, message)

    def boxed(self, value: Value | Reference) -> Any:
        """A value of the host on its way in."""
        if isinstance(value, Reference):
            return value.handle
        if isinstance(value, Undefined):
            return self.call("box", "")
        if isinstance(value, float) and not math.isfinite(value):
            source = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
            return self.run(self.compiled("reference", 0, source))
        try:
            return self.call("box", _encode(value))
        except (TypeError, ValueError) as error:
            raise ScriptError("TypeError", f"this value cannot be handed to a script: {error}") from None

    def boxed_document(self, root: Element) -> Any:
        """A read-only DOM of an XML document on its way in."""
        self._pristine = False
        box = self.run(self.native("dom.js"), as_json(root))
        self.value(box if isinstance(box, str) else None)
        return box


class EnginePool:
    """Engines of sessions that have ended, for sessions to come.

    Making an engine costs more than a short session does with it. One is taken back only when every source
    that it compiled is harmless by its text (:mod:`vxmlplat.ecma.harmless`): documents with scripts always
    get a fresh engine and leave it behind, documents of plain conditions run on warm ones, compiled
    expressions included.
    """

    def __init__(self, limits: Limits = Limits(), spare: int = 64) -> None:
        self._limits = limits
        self._spare = spare
        self._engines: list[Engine] = []

    def take(self) -> Engine:
        """An engine as good as new."""
        return self._engines.pop() if self._engines else Engine(self._limits)

    def give_back(self, engine: Engine) -> None:
        """Hand in an engine whose session is over. Nothing of the session may use it any more."""
        engine.meter = None
        if engine.pristine and len(self._engines) < self._spare:
            self._engines.append(engine)


@lru_cache(maxsize=256)
def _as_json(names: tuple[str, ...]) -> str:
    return json.dumps(names)


_sources: dict[str, str] = {}


def _source_of(name: str) -> str:
    if name not in _sources:
        _sources[name] = (_HERE / name).read_text("utf-8")
    return _sources[name]
