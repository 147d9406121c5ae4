"""The media plane from the outside: starts, watches and restarts the media process, and opens channels in
it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import socket
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, replace

from vxmlplat.clock import Clock
from vxmlplat.media.channel import Conference, EventHandler, MediaChannel
from vxmlplat.media.config import MediaConfig
from vxmlplat.media.errors import MediaError, MediaProcessDied, NoPortAvailable
from vxmlplat.media.events import ChannelLost, PlaneStatistics
from vxmlplat.media.wire import Message, datagrams, messages, unpack_event

log = logging.getLogger(__name__)

_START_SECONDS = 10.0
_STOP_SECONDS = 3.0
_RESTART_PAUSES = (0.0, 0.2, 0.5, 1.0)  # the last one repeats
_STEADY_SECONDS = 60.0
_PATIENCE_SECONDS = 2.0
"""So long a new channel waits for the media process to be replaced: a caller hears no difference."""
_PRIORITY = 10
_NICE = -10


class MediaPlane:
    """One media process and its channels.

    ``on_death(reason)`` is called when the process has died, after ``ChannelLost`` went to each of its
    channels; a new process is started at once. Everything here runs on the event loop that :meth:`start` was
    awaited on.
    """

    def __init__(
        self, config: MediaConfig, clock: Clock, *, on_death: Callable[[str], None] | None = None
    ) -> None:
        self.config = config
        self.on_death = on_death
        self._clock = clock
        self._ids = itertools.count(1)
        self._channels: dict[int, MediaChannel] = {}
        self._waiting: dict[int, asyncio.Future[tuple[object, ...]]] = {}
        self._outgoing: list[Message] = []
        self._unsent: deque[bytes] = deque()
        self._socket: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._ready = asyncio.Event()
        self._supervisor: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._heard = 0.0
        self._statistics = PlaneStatistics()

    async def start(self) -> None:
        """Start the media process; returns when it takes orders, raises MediaError when it cannot start."""
        if self._supervisor is not None:
            raise MediaError("the media plane has been started already")
        self._stop.clear()
        await self._launch()
        self._supervisor = asyncio.create_task(self._supervise(), name="media-plane")

    async def stop(self) -> None:
        """End the media process; channels that are still open get ChannelLost."""
        self._stop.set()
        process = self._process
        if process is not None and process.returncode is None:
            self.post(("shutdown",))
            self._flush()
            try:
                async with asyncio.timeout(_STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                process.kill()
        if self._supervisor is not None:
            await self._supervisor
            self._supervisor = None

    @property
    def running(self) -> bool:
        """Whether channels can be opened now."""
        return self._socket is not None and self._ready.is_set()

    @property
    def statistics(self) -> PlaneStatistics:
        """The last heartbeat's figures."""
        return self._statistics

    async def open_channel(self, local_address: str, on_event: EventHandler) -> MediaChannel:
        """A channel on the next free RTP port of this local address.

        While the media process is being replaced, it waits a little for the new one. NoPortAvailable when the
        range is used up or the address is not this host's; MediaProcessDied when there is no media process.
        """
        await self._await_process()
        channel_id = self.next_id()
        channel = MediaChannel(self, channel_id, local_address, 0, on_event)
        self._channels[channel_id] = channel  # an event may follow on the answer's heels
        try:
            (port,) = await self.ask("open", channel_id, local_address)
        except BaseException:
            self._channels.pop(channel_id, None)
            if self._socket is not None:
                self.post(("abandon", channel_id))
            raise
        if not isinstance(port, int) or port == 0:
            self._channels.pop(channel_id, None)
            raise NoPortAvailable(
                f"no free RTP port in {self.config.first_port}-{self.config.last_port} on {local_address}"
            )
        channel.local_port = port
        return channel

    async def _await_process(self) -> None:
        """Return when there is a process to talk to; MediaProcessDied when none comes in time."""
        if self.running:
            return
        if self._supervisor is not None and not self._stop.is_set():
            waits = [
                asyncio.ensure_future(self._ready.wait()),
                asyncio.ensure_future(self._clock.sleep(_PATIENCE_SECONDS)),
            ]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
        if not self.running:
            raise MediaProcessDied("the media process is not running")

    def create_conference(self) -> Conference:
        """A mixing point; it lives until it is closed."""
        conference = Conference(self, self.next_id())
        self.post(("conference", conference.id))
        return conference

    # The side that channels use.

    def next_id(self) -> int:
        """A number never used before by this plane."""
        return next(self._ids)

    def post(self, message: Message) -> None:
        """Hand a message to the media process with the next batch; MediaProcessDied while it is down."""
        if self._socket is None:
            raise MediaProcessDied("the media process is not running")
        if not self._outgoing:
            asyncio.get_running_loop().call_soon(self._flush)
        self._outgoing.append(message)

    async def ask(self, name: str, *fields: object) -> tuple[object, ...]:
        """Send a request and wait for its answer; MediaProcessDied when the process ends first."""
        request = self.next_id()
        answer: asyncio.Future[tuple[object, ...]] = asyncio.get_running_loop().create_future()
        self.post(("ask", request, name, *fields))
        self._waiting[request] = answer
        try:
            return await answer
        finally:
            self._waiting.pop(request, None)

    def forget(self, channel: MediaChannel) -> None:
        """Drop a channel that is closed."""
        self._channels.pop(channel.id, None)

    # The process.

    async def _launch(self) -> None:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            ours.setblocking(False)
            environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "vxmlplat.media.process",
                str(theirs.fileno()),
                json.dumps(asdict(self.config)),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                env=environment,
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        if self.config.realtime:
            _hurry(self._process.pid)
        self._socket = ours
        self._ready.clear()
        loop.add_reader(ours.fileno(), self._readable)
        ready = asyncio.create_task(self._ready.wait())
        ended = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait({ready, ended}, timeout=_START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
            ended.cancel()
        if not self._ready.is_set():
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()
            self._lose()
            raise MediaError(f"the media process did not start (exit status {self._process.returncode})")

    async def _supervise(self) -> None:
        deaths = 0
        while True:
            started = self._clock.now()
            reason = await self._watch()
            self._lose()
            if self._stop.is_set():
                return
            died = self._clock.now()
            self._statistics = PlaneStatistics(
                restarts=self._statistics.restarts + 1, recovery=self._statistics.recovery
            )
            log.error(
                "the media process died (%s); its calls have lost their audio; starting another", reason
            )
            if self.on_death is not None:
                self.on_death(reason)
            deaths = 0 if self._clock.now() - started > _STEADY_SECONDS else deaths
            while True:
                await self._clock.sleep(_RESTART_PAUSES[min(deaths, len(_RESTART_PAUSES) - 1)])
                deaths += 1
                if self._stop.is_set():
                    return
                try:
                    await self._launch()
                except (MediaError, OSError) as error:
                    log.critical("the media process cannot be started: %s", error)
                else:
                    break
            self._statistics = replace(self._statistics, recovery=self._clock.now() - died)
            log.info("the media process was replaced in %.2f s", self._statistics.recovery)

    async def _watch(self) -> str:
        """Wait for the end of the process, killing it when it no longer answers; why it ended."""
        process = self._process
        assert process is not None
        ended = asyncio.ensure_future(process.wait())
        hung = False
        self._heard = self._clock.now()
        while not ended.done():
            await asyncio.wait({ended}, timeout=self.config.heartbeat)
            if not ended.done() and self._clock.now() - self._heard > self.config.hang_seconds:
                hung = True
                process.kill()
                await ended
        status = ended.result()
        if hung:
            return f"no heartbeat for {self.config.hang_seconds:g} s"
        return f"signal {-status}" if status < 0 else f"exit status {status}"

    def _lose(self) -> None:
        """Everything that the process held is gone."""
        loop = asyncio.get_running_loop()
        if self._socket is not None:
            self._readable()  # the last words
            loop.remove_reader(self._socket.fileno())
            loop.remove_writer(self._socket.fileno())
            self._socket.close()
            self._socket = None
        self._ready.clear()
        self._outgoing.clear()
        self._unsent.clear()
        for answer in list(self._waiting.values()):
            if not answer.done():
                answer.set_exception(MediaProcessDied("the media process died"))
        now = self._clock.now()
        for channel in list(self._channels.values()):
            channel.lost()
            self._tell(channel, ChannelLost(channel.id, now))
        self._channels.clear()

    def _flush(self) -> None:
        if self._socket is None or not self._outgoing:
            return
        batch, self._outgoing = self._outgoing, []
        self._unsent.extend(datagrams(batch))
        self._writable()

    def _writable(self) -> None:
        if self._socket is None:
            return
        loop = asyncio.get_running_loop()
        while self._unsent:
            try:
                self._socket.send(self._unsent[0])
            except BlockingIOError:
                loop.add_writer(self._socket.fileno(), self._writable)
                return
            except OSError:  # the process is gone; its end is noticed by the supervisor
                self._unsent.clear()
                break
            self._unsent.popleft()
        loop.remove_writer(self._socket.fileno())

    def _readable(self) -> None:
        while self._socket is not None:
            try:
                datagram = self._socket.recv(1 << 18)
            except BlockingIOError:
                return
            except OSError:
                datagram = b""
            if not datagram:
                asyncio.get_running_loop().remove_reader(self._socket.fileno())
                return
            for message in messages(datagram):
                self._receive(message)

    def _receive(self, message: Message) -> None:
        event = unpack_event(message)
        if event is not None:
            channel = self._channels.get(event.channel)
            if channel is not None:
                self._tell(channel, event)
            return
        match message:
            case ("answer", request, fields):
                answer = self._waiting.get(request)
                if answer is not None and not answer.done():
                    answer.set_result(fields)
            case ("refused", request, text):
                answer = self._waiting.get(request)
                if answer is not None and not answer.done():
                    answer.set_exception(MediaError(text))
            case ("heartbeat", channels, cpu, late_ms, prompt_bytes, prompts, busy):
                self._heard = self._clock.now()
                self._statistics = replace(
                    self._statistics,
                    channels=channels,
                    cpu=cpu,
                    late_ms=late_ms,
                    prompt_bytes=prompt_bytes,
                    prompts=prompts,
                    busy=busy,
                )
            case ("ready",):
                self._ready.set()
            case ("log", level, text):
                log.log(level, "%s", text)
            case _:
                log.error("unknown message from the media process: %r", message[0])

    def _tell(self, channel: MediaChannel, event: object) -> None:
        try:
            channel.on_event(event)  # type: ignore[arg-type]  # one of MediaEvent, by unpack_event
        except Exception:  # one call's handler must not take the others' events with it
            log.exception("the event handler of media channel %d failed", channel.id)


def _hurry(pid: int) -> None:
    """Real-time priority for the media process, from its first moment, since calls wait for it when it
    replaces one that has died; a better nice value where that is not allowed.

    Its helper threads inherit it, so that none of them is kept waiting while it holds the interpreter's lock.
    """
    try:
        os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(_PRIORITY))
    except OSError:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, _NICE)
