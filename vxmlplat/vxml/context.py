"""An execution context: the documents, scopes and properties that a dialog runs in (VoiceXML 2.0 §1.5).

A session has one, and one more for each subdialog that is running.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vxmlplat.documents.charsets import decode_text
from vxmlplat.ecma import UNDEFINED, LazyChain, LazyReference, LazyScope, ScriptError, is_variable_name
from vxmlplat.vxml import model, values
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import Event, semantic
from vxmlplat.vxml.fetching import fetch_resource, request_for
from vxmlplat.vxml.loading import LoadedDocument
from vxmlplat.vxml.outcomes import Enter, Exit, Return
from vxmlplat.vxml.properties import Properties

if TYPE_CHECKING:
    from vxmlplat.vxml.session import Session

DEFAULT_LANGUAGE = "en-US"
NO_PROPERTIES: Mapping[str, str] = {}


class Context:
    """The documents that are loaded, the scopes over them, and the dialog that runs."""

    def __init__(self, session: Session, depth: int = 0) -> None:
        self.session = session
        self.depth = depth
        self.engine = session.engine
        self.leaf: LoadedDocument | None = None
        self.root: LoadedDocument | None = None
        self.application = self.engine.scope("application", "document")
        self.chain: LazyChain = self.engine.chain(session.scope, self.application)
        self.dialog_scope: LazyScope | None = None
        self.dialog: model.Dialog | None = None
        self.item: model.FormItem | None = None

    # ------------------------------------------------------------------------------------------ where we are

    @property
    def loaded(self) -> bool:
        """Whether a document has been entered."""
        return self.leaf is not None

    @property
    def document(self) -> model.Document:
        """The document that is executed."""
        assert self.leaf is not None
        return self.leaf.document

    @property
    def base(self) -> str:
        """The address that relative references of what is executed start from."""
        return self.leaf.document.base if self.leaf else ""

    @property
    def lang(self) -> str:
        """The language of the document."""
        return (self.leaf.document.lang if self.leaf else None) or DEFAULT_LANGUAGE

    @property
    def properties(self) -> Properties:
        """The properties in force at the item, dialog and document that are executed."""
        return self.session.library.properties(
            self.item.properties if self.item else NO_PROPERTIES,
            self.dialog.properties if self.dialog else NO_PROPERTIES,
            self.leaf.document.properties if self.leaf else NO_PROPERTIES,
            self.root.document.properties if self.root else NO_PROPERTIES,
            self.session.start.properties,
        )

    def documents(self) -> Iterator[LoadedDocument]:
        """The leaf, then its application root."""
        if self.leaf is not None:
            yield self.leaf
        if self.root is not None:
            yield self.root

    # ------------------------------------------------------------------------------------------ running

    async def run(self, enter: Enter, params: Mapping[str, LazyReference] | None = None) -> Exit | Return:
        """Go from dialog to dialog until the context ends. ``params`` go to the first form."""
        from vxmlplat.vxml.form import FormRun  # the form knows its context and the other way round

        while True:
            self.session.spend_round()
            if enter.document is not None:
                failed = await self._enter_document(enter.document)
                if isinstance(failed, Enter):
                    enter = failed
                    continue
                if failed is not None:
                    return failed
            document = self.document
            dialog = document.by_id[enter.dialog] if enter.dialog else next(iter(document.dialogs), None)
            if dialog is None:
                return Exit("end")
            self.session.step(document.uri, dialog.id, enter.reason)
            self._open_dialog(dialog)
            observer = self.session.observer
            try:
                if observer is not None:
                    await observer.entered(self)
                outcome = await FormRun(self, dialog, enter.heard, params).run()
                if observer is not None:
                    observer.leaving(self)
            finally:
                self._close_dialog()
            params = None
            if isinstance(outcome, Enter):
                enter = outcome
            elif isinstance(outcome, (Exit, Return)):
                return outcome
            else:
                return Exit("end")

    def _open_dialog(self, dialog: model.Dialog) -> None:
        self.dialog = dialog
        self.dialog_scope = self.engine.scope("dialog")
        self.chain.enter(self.dialog_scope)

    def _close_dialog(self) -> None:
        self.chain.leave()
        self.dialog = self.item = self.dialog_scope = None

    # ------------------------------------------------------------------------------------------ documents

    async def _enter_document(self, loaded: LoadedDocument) -> Exit | Return | Enter | None:
        """Leave the old document and set up the new one; its handlers take what goes wrong in that.

        The application scope lives on while the root stays the same (§1.5.2), also from a leaf to its own
        root.
        """
        current = self.root or self.leaf
        root = loaded.root
        keep = current is not None and current.uri == (root or loaded).uri
        if root is None:
            keep = keep and self.root is not None and not loaded.renew
        elif keep and current is not None:
            root = current
        if not keep:
            self.application = self.engine.scope("application", "document")
            self.application.set("lastresult$", UNDEFINED)
        if not keep or root is None:
            self.leaf, self.root = root or loaded, None
            self.chain = self.engine.chain(self.session.scope, self.application)
            outcome = None if keep else await self._set_up(self.document)
            if outcome is not None or root is None:
                return outcome
        self.leaf, self.root = loaded, root
        scope = self.engine.scope("document")
        self.chain = self.engine.chain(self.session.scope, self.application, scope)
        return await self._set_up(loaded.document)

    async def _set_up(self, document: model.Document) -> Exit | Return | Enter | None:
        from vxmlplat.vxml.form import DocumentRun  # as above

        for node in document.setup:
            try:
                await self.set_up(node)
            except Thrown as error:
                return await DocumentRun(self).failed(error.event)
        return None

    async def set_up(self, node: model.Var | model.Script | model.Data) -> None:
        """Execute one variable, script or data of a document, a dialog or executable content.

        Raises :class:`Thrown`.
        """
        try:
            if isinstance(node, model.Var):
                self.declare(node)
            elif isinstance(node, model.Script):
                await self.run_script(node)
            else:
                await self.fetch_data(node)
        except ScriptError as error:
            raise Thrown(self.script_event(error, node.line)) from error

    # ------------------------------------------------------------------------------------------ variables

    def declare(self, node: model.Var) -> None:
        """``<var>`` (§5.3.1): in the innermost scope; without ``expr`` one that is there keeps its value."""
        if not is_variable_name(node.name):
            raise Thrown(self.semantic(f"{node.name!r} is no name that a variable may have", node.line))
        if node.expr is not None or not self.chain.innermost.has(node.name):
            self.chain.declare(node.name, node.expr)

    async def run_script(self, node: model.Script) -> None:
        """``<script>`` (§5.3.12)."""
        source = node.text
        if source is None:
            uri = node.src if node.src is not None else self.chain.string(node.srcexpr or "''")
            request = request_for(self, values.resolve(self.base, uri), node.fetch, "script")
            resource = await fetch_resource(self, request)
            source = decode_text(resource.body, resource.charset or node.charset)
        self.chain.run_script(source)

    async def fetch_data(self, node: model.Data) -> None:
        """``<data>`` (VoiceXML 2.1 §5)."""
        from vxmlplat.vxml.data import fetch_data  # a family of its own, needed by few documents

        await fetch_data(self, node)

    @contextmanager
    def anonymous(self) -> Iterator[LazyScope]:
        """A scope of its own for a block, handler or filled action (§5.1.2)."""
        scope = self.chain.enter(self.engine.scope())
        try:
            yield scope
        finally:
            self.chain.leave()

    def semantic(self, message: str, line: int) -> Event:
        """An ``error.semantic`` that says where."""
        return semantic(f"{self.document.uri}:{line}: {message}")

    def script_event(self, error: ScriptError, line: int) -> Event:
        """What a script did wrong, as an event."""
        return self.semantic(str(error), line)

    def resolve(self, reference: str) -> str:
        """The absolute URI of a reference in the document that is executed."""
        return values.resolve(self.base, reference)
