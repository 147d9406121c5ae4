"""Whoever looks on while a session runs: the simulator and its debugger.

A session without an observer pays one comparison a dialog for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context


class Observer(Protocol):
    """Set as :attr:`Session.observer` before the session runs.

    The interpreter stands still during both calls: the context's variables may be read and set. ``context``
    is that of the dialog; a subdialog has one of its own, with a greater ``depth``.
    """

    async def entered(self, context: Context) -> None:
        """A form or menu was entered; its breadcrumb has been told, nothing of it has been executed. May take
        as long as it likes: the caller waits."""
        ...

    def leaving(self, context: Context) -> None:
        """The form or menu is over; its variables are still there."""
        ...
