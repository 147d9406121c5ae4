"""The telephone as a world for VoiceXML: ``vxml.platform.Platform`` over one line."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from vxmlplat.acd import Acd, Ticket
from vxmlplat.calls.line import Line
from vxmlplat.calls.listening import collect
from vxmlplat.calls.player import Player, media_clips
from vxmlplat.calls.recogniser import Recogniser
from vxmlplat.calls.recording import record
from vxmlplat.calls.settings import CallsConfig
from vxmlplat.calls.telephones import Telephones
from vxmlplat.calls.trail import Trail
from vxmlplat.calls.transfers import transfer
from vxmlplat.clock import Clock
from vxmlplat.documents import CookieJar, DocumentError, Fetcher, FetchRequest, Resource
from vxmlplat.media.clips import Clip, FileClip
from vxmlplat.media.errors import MediaError
from vxmlplat.media.events import MediaEvent
from vxmlplat.speech.errors import SpeechError
from vxmlplat.speech.renderer import Renderer
from vxmlplat.speech.voice import Voice
from vxmlplat.vxml.platform import (
    CollectRequest,
    CollectResult,
    FetchAudio,
    Heard,
    Played,
    Prompt,
    RecordRequest,
    RecordResult,
    Step,
    Text,
    TransferRequest,
    TransferResult,
)

log = logging.getLogger(__name__)

#: names the call to the platform's own services (docs/services.md)
CALL_HEADER = "X-Vxmlplat-Call"
#: a designed document reports an error that no node handles under this label
ERROR_LABEL = "vxmlplat.error"


@dataclass(slots=True)
class Call:
    """What is known of one call: its id, who calls whom, and which agent talks to the caller now."""

    id: str
    ani: str
    dnis: str
    aai: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """What every telephone of the platform shares.

    ``keep_data(call, data)`` stores the call's data; ``hold_music`` is played to who waits.
    Without a ``recogniser`` nobody listens for speech: a cough must not interrupt what nothing could
    understand.
    """

    clock: Clock
    fetcher: Fetcher
    voice: Voice
    renderer: Renderer
    telephones: Telephones
    acd: Acd
    config: CallsConfig
    hold_music: FileClip
    keep_data: Callable[[str, Mapping[str, Any]], Awaitable[None]]
    recogniser: Recogniser | None = None


class Telephone:
    """One VoiceXML session's world. The line may outlive it: the next dialog gets a telephone of its own."""

    def __init__(self, line: Line, call: Call, world: World, trail: Trail) -> None:
        self.line = line
        self.call = call
        self.world = world
        self.clock = world.clock
        self.player = Player(line, world.renderer)
        self.typed: deque[str] = deque(maxlen=world.config.max_type_ahead)
        self.recording = False
        """Whether the caller leaves a message: his hang-up is the end of it, and comes with its result."""
        self._trail = trail
        self._cookies = CookieJar(world.clock)
        self._on_media: Callable[[MediaEvent], None] | None = None
        line.on_key = self.type_ahead
        line.on_media = self._media_event

    def type_ahead(self, key: str) -> None:
        """A key that nobody listens to yet is kept for whoever listens next."""
        self.typed.append(key)

    def _media_event(self, event: MediaEvent) -> None:
        self.player.media_event(event)
        if self._on_media is not None:
            self._on_media(event)

    def watch_media(self, handler: Callable[[MediaEvent], None] | None) -> None:
        """Who else hears the channel's events; None for nobody."""
        self._on_media = handler

    def release(self) -> None:
        """The session is over; the line's keys and events go to nobody until the next dialog takes it."""
        if self.line.on_key == self.type_ahead:
            self.line.on_key = None
        if self.line.on_media == self._media_event:
            self.line.on_media = None

    def silence(self) -> None:
        """Stop whatever is heard."""
        try:
            self.line.channel.music()
            self.line.channel.stop_all()
        except MediaError:  # the channel is closed: it is silent
            return

    # ------------------------------------------------------------------ fetching

    async def fetch(self, request: FetchRequest, audio: FetchAudio | None = None) -> Resource:
        """Fetch with the session's cookies; ``audio`` is heard when it takes long (VoiceXML 2.0 §6.1.1)."""
        if urljoin(request.referrer or "", request.uri).startswith(self.world.config.base_uri + "/"):
            # Our own services know the call by this; nobody else is told.
            request = replace(request, headers={**request.headers, CALL_HEADER: self.call.id})
        if audio is None:
            return await self.world.fetcher.fetch(request, self._cookies)
        fetching = asyncio.ensure_future(self.world.fetcher.fetch(request, self._cookies))
        try:
            await asyncio.wait({fetching}, timeout=audio.delay)
            if not fetching.done():
                await self._while_fetching(fetching, audio)
            return await fetching
        finally:
            fetching.cancel()

    async def _while_fetching(self, fetching: asyncio.Future[Resource], audio: FetchAudio) -> None:
        try:
            file = await self.world.voice.decode(audio.resource.body, audio.resource.content_type)
        except SpeechError as error:
            log.warning("call %s: fetchaudio cannot be played: %s", self.call.id, error)
            return
        try:
            self.line.channel.music((FileClip(file),))
        except MediaError:  # the caller has left; the document may still be wanted
            return
        began = self.clock.now()
        either: set[asyncio.Future[Any]] = {fetching, self.line.ended}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not self.line.ended.done():
            await self.clock.sleep(audio.minimum - (self.clock.now() - began))
        self.silence()

    # ------------------------------------------------------------------ hearing and speaking

    async def play(self, prompts: Sequence[Prompt]) -> Played:
        """Play to the end; keys are kept as type-ahead."""
        for stretch in await self.player.prepare(prompts):
            if self.line.ended.done():
                break
            await self.or_ended(self.player.play(stretch, stop_on_key=False))
        return Played(self.player.mark, hangup=self.line.ended.done())

    async def or_ended(self, work: Awaitable[Any]) -> bool:
        """Wait for the work or for the end of the call, whichever comes first;

        True when the work was done.
        """
        task = asyncio.ensure_future(work)
        try:
            either: set[asyncio.Future[Any]] = {task, self.line.ended}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
                return True
            return False
        finally:
            task.cancel()

    async def collect(self, request: CollectRequest) -> CollectResult:
        """Play and listen."""
        return await collect(self, request)

    async def record(self, request: RecordRequest) -> RecordResult:
        """Play and record."""
        self.recording = True
        try:
            return await record(self, request)
        finally:
            self.recording = False

    async def transfer(self, request: TransferRequest) -> TransferResult:
        """Play and transfer."""
        if (await self.play(request.prompts)).hangup:
            return TransferResult("hangup")
        self.flush_input()
        return await transfer(self, request)

    async def disconnect(self, namelist: Mapping[str, Any]) -> None:
        """Hang up on the caller."""
        await self.line.hangup()

    def flush_input(self) -> None:
        """Throw away keys typed ahead."""
        self.typed.clear()

    # ------------------------------------------------------------------ waiting for an agent

    async def queue_comfort(self, ticket: Ticket, language: str) -> None:
        """Music while the caller waits, and the queue's announcement from time to time;

        runs until cancelled.
        """
        queue = ticket.queue
        music = await self._library(language, queue.music) or self.world.hold_music
        try:
            self.line.channel.music((music,), gain_db=-6.0)
            if not queue.announcement:
                return
            announcement = await self._announcement(language, queue.announcement)
            while announcement:
                self.line.channel.play(announcement)
                await self.clock.sleep(max(5.0, queue.announce_every))
        except MediaError:  # the caller has left
            return

    async def _announcement(self, language: str, announcement: str) -> Sequence[Clip]:
        """The name of a prompt in the library, or the text itself."""
        recorded = await self._library(language, announcement)
        if recorded is not None:
            return [recorded]
        prompt = Prompt((Text(announcement, language),), language)
        try:
            return media_clips(await self.world.renderer.clips(prompt))
        except SpeechError as error:
            log.warning("call %s: the queue's announcement cannot be spoken: %s", self.call.id, error)
            return []

    async def _library(self, language: str, name: str) -> FileClip | None:
        if not re.fullmatch(r"[\w.-]{1,64}", name):
            return None
        request = FetchRequest(f"{self.world.config.base_uri}/prompts/{language}/{name}")
        try:
            found = await self.world.fetcher.fetch(request)
            return FileClip(await self.world.voice.decode(found.body, found.content_type))
        except (DocumentError, SpeechError):
            return None

    # ------------------------------------------------------------------ notes

    def log(self, label: str, text: str) -> None:
        """A ``<log>`` of the document;

        what callers keyed in may stand in it, so only its size is written down.
        """
        log.info("call %s: <log %s> of %d characters", self.call.id, label or "without label", len(text))

    def breadcrumb(self, step: Step) -> None:
        """A step for analytics."""
        self._trail.step(step)

    def thrown(self, name: str, message: str) -> None:
        """An event of the document; errors are the operator's business."""
        level = logging.WARNING if name.startswith("error.") else logging.DEBUG
        log.log(level, "call %s: %s %s", self.call.id, name, message)

    def accepted(self, heard: Heard) -> None:
        """An input filled the form."""
        log.debug("call %s: %s input of %d characters", self.call.id, heard.mode, len(heard.utterance))
