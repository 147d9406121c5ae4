"""The platform put together: every room, started in order and stopped in the reverse order.

``vxmlplat serve`` runs one; telephone and browser tests run theirs on free ports.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from vxmlplat.acd import Acd
from vxmlplat.acd.directory import StoredDirectory
from vxmlplat.analytics.questions import Questions
from vxmlplat.analytics.recorder import Recorder
from vxmlplat.calls.admission import Admission
from vxmlplat.calls.numbers import NumberPlan
from vxmlplat.calls.settings import CallsConfig, TrunkLine
from vxmlplat.calls.switchboard import Switchboard
from vxmlplat.calls.telephone import World
from vxmlplat.calls.telephones import Telephones
from vxmlplat.clock import Clock, SystemClock
from vxmlplat.config import Settings
from vxmlplat.documents import Fetcher
from vxmlplat.documents.fetcher import RouteHandler, RouteRequest, RouteResponse
from vxmlplat.errors import ConfigurationError, VxmlplatError
from vxmlplat.media.clips import FileClip
from vxmlplat.media.plane import MediaPlane
from vxmlplat.server.app import create_app, first_administrator, platform_routes
from vxmlplat.server.callbacks import document as callback_document
from vxmlplat.server.callbacks.setup import dialler
from vxmlplat.server.events import AgentsChanged, FlowChanged, NumbersChanged, QueuesChanged
from vxmlplat.server.live_faces import AcdFace, CallsFace
from vxmlplat.server.media_health import media_gauges, media_health
from vxmlplat.server.messages.gateways import gateways
from vxmlplat.server.messages.sender import Sender
from vxmlplat.server.recording_archive import RecordingArchive
from vxmlplat.server.resources import ccxml
from vxmlplat.server.seed import described, seed_samples
from vxmlplat.server.services import Health, ServerSettings, Services
from vxmlplat.server.sip_setup import WEBSOCKET, probes, registrations, sip_config, sip_websocket
from vxmlplat.server.voice_call import VoiceCalls
from vxmlplat.sip.agent import UserAgent
from vxmlplat.sip.digest import Secret
from vxmlplat.sip.probe import Probe
from vxmlplat.sip.registrar import Registrar
from vxmlplat.sip.registration import Registration
from vxmlplat.speech.engine import Utterance
from vxmlplat.speech.renderer import Renderer
from vxmlplat.speech.settings import SpeechConfig
from vxmlplat.speech.voice import Voice
from vxmlplat.speech.warming import texts_of
from vxmlplat.store.errors import StoreError
from vxmlplat.store.finishing import to_its_end
from vxmlplat.store.store import Store

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
#: how long calls in progress may go on after the platform was asked to stop, in seconds
DRAIN = 30.0


class Assembly:
    """One platform in one process (and its media process). ``async with Assembly(settings) as platform``."""

    def __init__(
        self, settings: Settings, *, clock: Clock | None = None, samples: Path | None = None
    ) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.password: str | None = None
        self._samples = samples
        self._stack = AsyncExitStack()
        self._tasks: set[asyncio.Task[None]] = set()
        self._secrets: dict[str, Secret] = {}

    async def __aenter__(self) -> Assembly:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        settings, stack = self.settings, self._stack
        folder = settings.store.folder.absolute()
        for part in ("", "recordings", "cache/speech"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        stack.push_async_callback(self._end_tasks)

        self.socket = _bound(settings.web.host, settings.web.port)
        stack.callback(self.socket.close)
        host = settings.web.host if settings.web.host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104
        self.base_uri = f"http://{host}:{self.socket.getsockname()[1]}"

        self.store = await Store.open(settings.store.url or f"sqlite:///{folder / 'vxmlplat.db'}")
        stack.push_async_callback(self.store.close)
        self.recorder = Recorder(self.store.database, self.clock)
        await self.recorder.start()
        stack.push_async_callback(self.recorder.stop)

        self.voice = Voice(
            SpeechConfig(
                folder / "cache/speech", (folder / "prompts", ROOT / "prompts"), settings.speech.engines
            )
        )
        stack.callback(self.voice.stop)
        voice_ready = asyncio.create_task(self.voice.start())

        self.plane = MediaPlane(settings.media.plane(), self.clock)
        await self.plane.start()
        stack.push_async_callback(self.plane.stop)

        self.fetcher = Fetcher(self.clock)
        stack.push_async_callback(self.fetcher.close)
        self._start_calls(folder)

        self.archive = RecordingArchive(
            folder / "recordings", self.store.recordings, settings.store.recordings
        )
        stack.push_async_callback(self.archive.stop)
        self.services = self._services(folder)
        own = ccxml.routes(self.services) | callback_document.routes(self.store.callbacks)
        for prefix, handler in {**platform_routes(self.services), **own}.items():
            self.fetcher.mount(self.base_uri + prefix, _to_the_end(handler))
        self.password = await first_administrator(self.services)
        if self._samples is not None:
            await seed_samples(self.services, self._samples)
            await self._start_sample_services(self._samples)
        await self._reload()
        self._follow_changes()
        self.sender = Sender(self.store.outbox, gateways(settings.messages), self.clock)
        self.services.health["messages"] = self.sender.health
        await self.sender.start()
        stack.push_async_callback(self.sender.stop)
        await self.acd.start()
        stack.push_async_callback(self.acd.stop)

        await voice_ready
        for health in self.voice.health():
            if health.problem:
                log.info("speech engine %s: %s", health.name, health.problem)
        await self._serve_web()
        self.user_agent.on_invite = self.switchboard.on_invite
        await self.user_agent.start()
        stack.push_async_callback(self.user_agent.stop)
        self.registrations = registrations(settings.sip, self.user_agent)
        for name, registration in self.registrations.items():
            registration.start()
            stack.push_async_callback(registration.stop)
            self.services.health[f"registration at {name}"] = partial(_registration_health, registration)
        for name, probe in probes(settings.sip, self.user_agent).items():
            probe.start()
            stack.push_async_callback(probe.stop)
            self.services.health[f"trunk {name}"] = partial(_trunk_health, probe)
        stack.push_async_callback(self.switchboard.stop)
        placed = self.switchboard.placed
        self.dialler = dialler(settings, self.store, placed, self.acd, self.clock, self.base_uri)
        self.services.health["callbacks"] = self.dialler.health
        await self.dialler.start()
        stack.push_async_callback(self.dialler.stop)
        for flow in await self.store.flows.all():
            self._spawn(self._warm(flow.id, flow.current))

    async def _start_sample_services(self, samples: Path) -> None:
        """The web services that samples bring along; they end with the platform."""
        for folder, sample in described(samples).items():
            if sample.service:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, str(folder / sample.service), stdout=asyncio.subprocess.DEVNULL
                )
                self._stack.push_async_callback(_ended, process)

    # ------------------------------------------------------------------ the rooms that carry calls

    def _start_calls(self, folder: Path) -> None:
        settings = self.settings
        sip = sip_config(settings.sip)
        domain = settings.sip.domain or settings.sip.host
        self.registrar = Registrar(domain, self._secrets.get, self.clock, algorithms=settings.sip.digest)
        self.user_agent = UserAgent(sip, self.clock, registrar=self.registrar)
        self.config = CallsConfig(
            ports=settings.calls.ports,
            media_address=settings.media.address,
            recordings=folder / "recordings",
            base_uri=self.base_uri,
            codecs=settings.media.codecs,
            srtp=settings.media.srtp,
            user_to_user_bytes=settings.calls.user_to_user_bytes,
            outbound_from=f"sip:vxmlplat@{domain}",
            trunk=settings.sip.outbound_trunk,
            trunks=tuple(TrunkLine(t.name, t.host or "", t.caller_id) for t in settings.sip.trunks),
        )
        self.telephones = Telephones(self.user_agent, self.plane, self.config, self.registrar.contacts)
        self.acd = Acd(self.telephones, StoredDirectory(self.store, self.clock), self.clock)
        self.numbers = NumberPlan(self.store, self.base_uri)
        self.admission = Admission(settings.calls.ports)
        world = World(
            self.clock,
            self.fetcher,
            self.voice,
            Renderer(self.voice),
            self.telephones,
            self.acd,
            self.config,
            FileClip(ROOT / "prompts" / "music" / "hold.wav"),
            self._keep_data,
        )
        self.switchboard = Switchboard(world, self.plane, self.admission, self.numbers, self.recorder)
        self.voice_calls = VoiceCalls(world, self.plane)

    async def _keep_data(self, call: str, data: Mapping[str, Any]) -> None:
        await to_its_end(self._merge_data(call, data))

    async def _merge_data(self, call: str, data: Mapping[str, Any]) -> None:
        try:
            await self.recorder.flush()  # the call's own record comes first
            await self.store.calls.merge_data(call, dict(data))
        except StoreError as error:
            log.error("call %s: its data could not be kept: %s", call, error)

    # ------------------------------------------------------------------ the web

    def _services(self, folder: Path) -> Services:
        web_settings = self.settings.web
        hosts = set(self.settings.flows.allowed_hosts)
        for sample in described(self._samples).values() if self._samples is not None else ():
            hosts.update(sample.web_hosts)
        designer = (
            web_settings.designer if web_settings.designer.is_absolute() else ROOT / web_settings.designer
        )
        return Services(
            self.store,
            self.recorder,
            Questions(self.store.database),
            self.clock,
            settings=ServerSettings(
                designer=designer if designer.is_dir() else None,
                recordings=folder / "recordings",
                sip_realm=self.registrar.domain,
                allowed_hosts=frozenset(hosts),
                databases=self.settings.flows.databases,
            ),
            acd=AcdFace(self.acd),
            calls=CallsFace(self.admission, self.switchboard, self.plane),
            call_control=self.switchboard,
            speak=self._speak,
            voice=self.voice_calls,
            archive=self.archive,
            health={"media": self._media_health, "speech": self._speech_health},
            gauges=media_gauges(self.plane),
        )

    async def _speak(self, text: str, language: str) -> bytes:
        path = await self.voice.speak(Utterance(text, language))
        return await asyncio.to_thread(path.read_bytes)

    async def _media_health(self) -> Health:
        return media_health(self.plane)

    async def _speech_health(self) -> Health:
        problems = [f"{h.name}: {h.problem}" for h in self.voice.health() if h.problem]
        working = [h for h in self.voice.health() if not h.problem]
        state = "failed" if not working else "degraded" if problems else "ok"
        return Health(state, "; ".join(problems))

    async def _serve_web(self) -> None:
        app = create_app(self.services)
        if self.settings.sip.websocket:
            app.router.add_get(WEBSOCKET, sip_websocket(self.user_agent))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, self.socket).start()

    # ------------------------------------------------------------------ what changes while it runs

    async def _reload(self) -> None:
        await self.numbers.reload()
        self._secrets.clear()
        for row in await self.store.agents.all():
            hashes = {"MD5": row.agent.ha1, "SHA-256": row.agent.ha1_sha256}
            if any(hashes.values()):
                self._secrets[row.agent.id] = Secret(ha1={name: ha1 for name, ha1 in hashes.items() if ha1})

    def _follow_changes(self) -> None:
        """Whoever changes something is answered when the next call gets it."""
        bus = self.services.events
        bus.subscribe(NumbersChanged, lambda _: self.numbers.reload())
        bus.subscribe(FlowChanged, self._flow_changed)
        bus.subscribe(QueuesChanged, lambda _: self.acd.reload())
        bus.subscribe(AgentsChanged, lambda _: self._agents_changed())

    async def _flow_changed(self, event: FlowChanged) -> None:
        await self.numbers.reload()
        self._spawn(self._warm(event.flow, event.version))

    async def _agents_changed(self) -> None:
        await self._reload()
        await self.acd.reload()

    async def _warm(self, flow: str, version: int | None) -> None:
        """Synthesise what a published flow says, so that the first caller hears it at once."""
        if version is None:
            return
        graph = (await self.store.flows.version(flow, version)).graph
        for utterance in texts_of(graph):
            try:
                await self.voice.speak(utterance)
            except VxmlplatError as error:
                log.warning("flow %s: %s", flow, error)
                return

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a change could not be taken up: %s", error, exc_info=error)

    async def _end_tasks(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Take no new calls and let those in progress end, for a while."""
        self.admission.draining = self.user_agent.draining = True
        try:
            async with asyncio.timeout(DRAIN):
                await self.switchboard.idle()
        except TimeoutError:
            log.warning("%d calls are cut off by the stop", self.admission.in_use)


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()


def _to_the_end(handler: RouteHandler) -> RouteHandler:
    """A request that the platform answers itself is answered to its end, as over HTTP, though its caller has
    hung up.
    """

    async def answered(request: RouteRequest) -> RouteResponse:
        return await handler(request)

    async def handle(request: RouteRequest) -> RouteResponse:
        return await to_its_end(answered(request))

    return handle


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        raise ConfigurationError(f"web.host {host}, web.port {port}: {error.strerror}") from error


async def _trunk_health(probe: Probe) -> Health:
    return Health("degraded" if probe.problem else "ok", probe.problem)


async def _registration_health(registration: Registration) -> Health:
    good = registration.state == "registered"
    return Health("ok" if good else "degraded", "" if good else registration.problem or registration.state)
