"""Web services that fail, or answer what the author says: for one simulated call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from urllib.parse import urljoin, urlsplit

from vxmlplat.documents import FetchError, FetchRequest, Resource
from vxmlplat.simulator.conversation_test import MockAnswer
from vxmlplat.simulator.debugger import DebugError
from vxmlplat.simulator.mocked_services import SERVICES, MockedServices

Kind = Literal["error", "timeout", "status", "answer"]
MOST_FAULTS = 100
DEFAULT_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Fault:
    """How a service behaves. What is empty of ``node``, ``service`` and ``address`` holds for all.

    ``service`` is a name of docs/services.md; ``address`` the beginning of a web address. ``status`` goes
    with the kind ``status``, ``value`` and ``port`` with ``answer`` (no port: the one that follows).
    """

    kind: Kind
    node: str = ""
    service: str = ""
    address: str = ""
    status: int = 503
    value: Any = None
    port: str = ""

    def concerns(self, node: str, service: str, address: str) -> bool:
        """Whether a request from a node to a service (or, without one, to an address) is meant."""
        return (
            self.node in ("", node)
            and self.service in ("", service)
            and address.startswith(self.address)
            and bool(service or address)
        )

    def answer(self) -> MockAnswer:
        """As a mocked service has it."""
        if self.kind == "status":
            return MockAnswer(None, status=self.status)
        if self.kind == "answer":
            return MockAnswer(self.value, port=self.port)
        return MockAnswer(status=0)


def read_faults(written: Any) -> tuple[Fault, ...]:
    """Faults as the page sends them. Raises :class:`DebugError`."""
    if not isinstance(written, Sequence) or isinstance(written, str) or len(written) > MOST_FAULTS:
        raise DebugError("message.invalid", f"faults must be a list of at most {MOST_FAULTS}")
    return tuple(_fault(one) for one in written)


def _fault(one: Any) -> Fault:
    if not isinstance(one, Mapping) or one.get("kind") not in get_args(Kind):
        raise DebugError("message.invalid", f"a fault is an object with kind: {', '.join(get_args(Kind))}")
    texts = {name: one.get(name) or "" for name in ("node", "service", "address", "port")}
    status = one.get("status", 503)
    if not all(isinstance(text, str) for text in texts.values()):
        raise DebugError("message.invalid", "node, service, address and port of a fault are texts")
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        raise DebugError("message.invalid", "the status of a fault is a number from 100 to 599")
    return Fault(one["kind"], status=status, value=one.get("value"), **texts)


class FaultyServices:
    """Stands before the services of a call: those that are to fail never reach them."""

    def __init__(self, base: str, wall: Callable[[], datetime]) -> None:
        self.base = base
        self._wall = wall
        self.faults: tuple[Fault, ...] = ()

    async def answer(
        self, request: FetchRequest, node: str, wait: Callable[[float], None]
    ) -> Resource | None:
        """What is answered in place of the service, None where none of the faults is meant.

        ``wait`` lets the call's time pass. Raises ``FetchError`` for a service that fails.
        """
        address = urljoin(request.referrer or "", request.uri)
        service = ""
        if address.startswith(self.base + SERVICES):
            service = urlsplit(address).path.removeprefix(SERVICES)
            address = _asked_address(request)
        elif address.startswith(self.base + "/"):
            return None  # a document or a recording of the platform itself
        fault = next((one for one in self.faults if one.concerns(node, service, address)), None)
        if fault is None:
            return None
        if fault.kind == "timeout":
            seconds = request.timeout or DEFAULT_TIMEOUT
            wait(seconds)
            if service != "web-request":  # that one answers even then, by its port
                raise FetchError(request.uri, "timeout", f"no answer within {seconds:g} s, as was asked for")
        mocked = MockedServices({service or address: (fault.answer(),)}, self._wall)
        return await (mocked.service(service, request) if service else mocked.page(address))


def _asked_address(request: FetchRequest) -> str:
    """The web address that a request to the service ``web-request`` is about."""
    text = next((value for name, value in request.fields if name == "vx_request"), "{}")
    try:
        asked = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        asked = None
    return str(asked.get("url", "")) if isinstance(asked, dict) else ""
