"""What the web interface works with: handed to ``create_app`` by the wiring of the platform, or by a test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from vxmlplat.analytics.questions import Questions
from vxmlplat.analytics.recorder import Recorder
from vxmlplat.calls.placing import PlacedCalls
from vxmlplat.ccxml.sessions import Sessions
from vxmlplat.clock import Clock, SystemClock
from vxmlplat.server.events import EventBus
from vxmlplat.server.recording_archive import RecordingArchive
from vxmlplat.server.voice_call import VoiceCalls
from vxmlplat.store.outbox import OutgoingMessage
from vxmlplat.store.store import Store


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the operator decides about the web server."""

    designer: Path | None = None
    """The built designer (``designer/dist``); None serves the interface alone."""
    recordings: Path = Path("recordings")
    secure_cookies: bool = False
    """Set it where the pages come over HTTPS: then the session's cookie travels over nothing else."""
    session_hours: float = 12.0
    sip_realm: str = "vxmlplat"
    """The realm of SIP digest authentication (RFC 3261 §22.4), part of what is stored for a telephone."""
    body_limit: int = 2 * 1024 * 1024
    flow_limit: int = 16 * 1024 * 1024
    upload_limit: int = 100 * 1024 * 1024
    allow_private_requests: bool = False
    """Let a flow's web request reach private and loopback addresses; for a laboratory only."""
    allowed_hosts: frozenset[str] = frozenset()
    """Hosts (``host`` or ``host:port``) that a web request may reach though they are private or loopback."""
    databases: Mapping[str, str] = field(default_factory=dict)
    """Databases that a query may name, as SQLAlchemy URLs; a document never brings an address itself."""


class Acd(Protocol):
    """What the web interface needs of the ACD; ``vxmlplat.acd`` implements it."""

    def live(self) -> Mapping[str, Any]:
        """``{"queues": [{"queue", …}], "agents": [{"agent", …}]}`` as they are now, as JSON."""
        ...

    async def set_agent_state(self, agent: str, state: str, reason: str) -> None:
        """Bring an agent into a state; raises ``ValueError`` with the reason when that cannot be."""
        ...


class LiveCalls(Protocol):
    """What the web interface needs of the running calls; ``vxmlplat.calls`` implements it."""

    def live(self) -> Mapping[str, Any]:
        """``{"calls": 3, "channels": 120, …}`` as JSON."""
        ...


class CallControl(Protocol):
    """What the web interface needs to place calls and to speak to CCXML sessions; ``vxmlplat.calls``
    implements it.
    """

    sessions: Sessions
    placed: PlacedCalls


@dataclass(frozen=True, slots=True)
class Health:
    """How one part of the platform is: ``ok``, ``degraded`` (works with loss) or ``failed``."""

    state: str
    message: str = ""


HealthCheck = Callable[[], Awaitable[Health]]


class Outbox(Protocol):
    """Takes messages to be sent. The default keeps them in the store until a gateway fetches them."""

    async def send(self, message: OutgoingMessage) -> None:
        """Take a message; return when it is safe."""
        ...


class StoredOutbox:
    """Keeps messages in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def send(self, message: OutgoingMessage) -> None:
        """Store the message as waiting."""
        await self._store.outbox.add(message)


@dataclass
class Services:
    """Everything the handlers reach; ``acd``, ``calls`` and ``call_control`` are None where no telephones
    run."""

    store: Store
    recorder: Recorder
    questions: Questions
    clock: Clock = field(default_factory=SystemClock)
    events: EventBus = field(default_factory=EventBus)
    settings: ServerSettings = field(default_factory=ServerSettings)
    acd: Acd | None = None
    calls: LiveCalls | None = None
    call_control: CallControl | None = None
    outbox: Outbox | None = None
    speak: Callable[[str, str], Awaitable[bytes]] | None = None
    """A text in a language as WAV; raises ``SpeechError``. None where no voice runs."""
    voice: VoiceCalls | None = None
    """Where drafts are tried out by speaking; None where no media plane runs."""
    archive: RecordingArchive | None = None
    """Makes kept recordings smaller; None leaves them as they are."""
    health: dict[str, HealthCheck] = field(default_factory=dict)
    gauges: dict[str, Callable[[], float]] = field(default_factory=dict)
    """More figures for ``/metrics``: a Prometheus name (``vxmlplat_sip_transactions``) and how to read it."""


SERVICES: web.AppKey[Services] = web.AppKey("services", Services)


def services_of(request: web.Request) -> Services:
    """The services of the application that serves a request."""
    return request.app[SERVICES]
