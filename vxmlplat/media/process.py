"""The media process: ``python -m vxmlplat.media.process FD CONFIG``, started by
:class:`~vxmlplat.media.plane.MediaPlane`.

``FD`` is its end of the packet socket pair, ``CONFIG`` the settings as JSON. It ends when the other end is
closed, so that it never outlives the server.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import logging
import math
import operator
import os
import resource
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable

from vxmlplat.media import account
from vxmlplat.media.codecs import CODECS, codec
from vxmlplat.media.commands import execute, leave_room
from vxmlplat.media.config import MediaConfig
from vxmlplat.media.engine import Engine
from vxmlplat.media.errors import MediaError
from vxmlplat.media.events import ChannelStatistics, PlayEnd, RecordEnd
from vxmlplat.media.intervals import Interval
from vxmlplat.media.line import Line
from vxmlplat.media.loop import Loop
from vxmlplat.media.network import UdpNetwork
from vxmlplat.media.prompts import PromptStore
from vxmlplat.media.recorder import RecordWriter
from vxmlplat.media.wire import Message, datagrams, messages, pack_event

log = logging.getLogger("vxmlplat.media")

_SWITCH_SECONDS = 0.0005

# The garbage collector is off, so that it never chooses the moment itself. What is new is swept at each
# heartbeat: a second's calls take a millisecond. A sweep of everything takes 20 microseconds a line: it waits
# until there are few of them, but not for ever.
_SWEEP_ALL, _SWEEP_AT_LAST = 600, 7200
"""Heartbeats after which everything is swept while few lines are there, and after which it is in any case."""
_FEW_LINES = 100

_LARGEST_DATAGRAM = 1 << 18

_MOST_WAITING = 20_000
"""Datagrams kept for a server that does not read; beyond, it is taken for dead."""


class Process:
    """The loop's :class:`~vxmlplat.media.loop.Neighbours`: orders in, events out."""

    def __init__(self, sock: socket.socket, config: MediaConfig) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._config = config
        self._woken = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._watched = (sock.fileno(), self._woken)
        self._interval = Interval()
        self._writer = RecordWriter(wake=self._wake, turn=self._interval)
        self._prompts = PromptStore(config.prompt_cache_bytes, wake=self._wake, turn=self._interval)
        self.engine = Engine(
            config, UdpNetwork(config.first_port, config.last_port), self._prompts, self._writer
        )
        self._loop = Loop(self.engine, self, time.monotonic)
        self._datagram = memoryview(bytearray(_LARGEST_DATAGRAM))
        self._orders: deque[Message] = deque()
        self._outgoing: list[Message] = []
        self._unsent: deque[bytes] = deque()
        self._closing: list[tuple[int, Line]] = []
        self._beat = 0.0
        self._beats = 0
        self.ended = False

    def run(self) -> None:
        """Serve until told to end."""
        self._tell("ready")
        self._flush()
        self._loop.run()
        for line in list(self.engine.lines.values()):
            self._end_recordings(line)
        self._interval.begin(math.inf)
        self._writer.close()
        self._prompts.close()

    def wait(self, seconds: float | None) -> bool:
        """Sleep until there are orders, until a helper thread has finished something, or for so long; for
        ever is until the next sign of life.

        ``select`` it is, since it takes microseconds: ``poll`` and ``epoll`` know milliseconds only.
        """
        if self._orders or self._prompts.done or self._writer.done:
            return True
        if seconds is None:
            seconds = max(0.0, self._beat - time.monotonic())
        self._interval.begin(seconds)
        readable, _, _ = select.select(self._watched, (), (), seconds)
        self._interval.end()
        if self._woken in readable:
            os.eventfd_read(self._woken)
        return bool(readable)

    def _wake(self) -> None:
        os.eventfd_write(self._woken, 1)

    def obey(self, seconds: float) -> None:
        """Carry out orders for about so long, and one at least."""
        until = 0.0
        while not self.ended:
            if not self._orders and not self._read_orders():
                break
            until = until or time.monotonic() + seconds
            self._obey(self._orders.popleft())
            if time.monotonic() >= until:
                break

    def settle(self) -> None:
        """Answer who is closed, give the sign of life, send what is to be told."""
        if self._closing:
            self._finish_closing()
        now = self.engine.now()
        if now >= self._beat:
            self._heartbeat(now)
        if self._outgoing or self._unsent or self.engine.events:
            self._flush()
        self._interval.lend(now)

    def _read_orders(self) -> bool:
        """Whether there are any."""
        try:
            size = self._socket.recv_into(self._datagram)
        except BlockingIOError:
            return False
        except OSError:
            size = 0
        if size == 0:
            self.ended = True
            return False
        self._orders.extend(messages(self._datagram[:size]))
        return bool(self._orders)

    def _obey(self, message: Message) -> None:
        try:
            match message:
                case ("ask", request, name, *fields):
                    self._answer(request, name, fields)
                case ("abandon", number):
                    self._abandon(number)
                case ("shutdown",):
                    self.ended = True
                case _:
                    execute(self.engine, message)
        except Exception as error:  # an order that cannot be met must not silence the other calls
            log.exception("the order %s for channel %s failed", message[0], message[1:2])
            if message[0] == "ask":
                self._tell("refused", message[1], f"{type(error).__name__}: {error}")

    def _answer(self, request: int, name: str, fields: list[object]) -> None:
        match name, fields:
            case "open", [int(number), str(address)]:
                self._tell("answer", request, (self._open(number, address),))
            case "statistics", [int(number)]:
                line = self.engine.lines.get(number)
                if line is None:
                    raise MediaError(f"no channel {number}")
                self._tell("answer", request, _fields(line))
            case "close", [int(number)]:
                line = self.engine.lines.get(number)
                if line is None:
                    raise MediaError(f"no channel {number}")
                self._close(request, line)
            case _:
                raise MediaError(f"unknown question {name!r}")

    def _open(self, number: int, address: str) -> int:
        ports = self.engine.network.open(address)
        if ports is None:
            return 0
        self.engine.add(Line(number, ports, self.engine))
        return ports.port

    def _close(self, request: int, line: Line) -> None:
        self.engine.read_out(line)
        line.player.stop(PlayEnd.STOPPED)
        leave_room(self.engine, line)
        self._end_recordings(line)
        self._closing.append((request, line))
        self._finish_closing()

    def _end_recordings(self, line: Line) -> None:
        for recording in line.recordings:
            recording.stop(RecordEnd.HANGUP)

    def _abandon(self, number: int) -> None:
        line = self.engine.lines.get(number)
        if line is not None:
            self._close(0, line)

    def _finish_closing(self) -> None:
        """Answer those whose recordings are on disk."""
        waiting = []
        for request, line in self._closing:
            if line.recordings:
                waiting.append((request, line))
                continue
            answer = _fields(line)
            self.engine.remove(line)
            for tap in line.taps:
                tap.close()
            if request:
                self._gather_events()
                self._tell("answer", request, answer)
        self._closing = waiting

    def _heartbeat(self, now: float) -> None:
        self._beat = now + self._config.heartbeat
        engine = self.engine
        self._tell(
            "heartbeat",
            len(engine.lines),
            time.process_time(),
            round(engine.late * 1000, 3),
            self._prompts.size,
            len(self._prompts),
            round(self._loop.busy(), 3),
        )
        engine.late = 0.0
        self._sweep()

    def _sweep(self) -> None:
        self._beats += 1
        quiet = self._beats >= _SWEEP_ALL and len(self.engine.lines) <= _FEW_LINES
        if quiet or self._beats >= _SWEEP_AT_LAST:
            self._beats = 0
            gc.collect()
        else:
            gc.collect(0)

    def _tell(self, *message: object) -> None:
        self._outgoing.append(message)

    def log(self, level: int, text: str) -> None:
        """A line for the server's log."""
        self._outgoing.append(("log", level, text))

    def _gather_events(self) -> None:
        events = self.engine.events
        if events:
            self._outgoing.extend(map(pack_event, events))
            events.clear()

    def _flush(self) -> None:
        self._gather_events()
        if self._outgoing:
            self._unsent.extend(datagrams(self._outgoing))
            self._outgoing.clear()
        unsent = self._unsent
        while unsent:
            try:
                self._socket.send(unsent[0])
            except BlockingIOError:
                if len(unsent) > _MOST_WAITING:
                    self.ended = True
                return
            except OSError:
                self.ended = True
                return
            unsent.popleft()


class _ToServer(logging.Handler):
    """Carries what the process logs to the server's log."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self._process = process

    def emit(self, record: logging.LogRecord) -> None:
        self._process.log(record.levelno, self.format(record)[:4000])


_figures: Callable[[ChannelStatistics], tuple[object, ...]] = operator.attrgetter(
    *(field.name for field in dataclasses.fields(ChannelStatistics))
)


def _fields(line: Line) -> tuple[object, ...]:
    return _figures(account.statistics(line))


def prepare() -> None:
    """Make the process fit for its time: files, switching, no pauses of the garbage collector."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is the server's to handle
    sys.setswitchinterval(_SWITCH_SECONDS)
    for name in CODECS:  # with the libraries that they bring along, which would hold up calls later
        codec(name)
    gc.collect()
    gc.freeze()
    gc.disable()


def main(descriptor: str, settings: str) -> None:
    """Run the process."""
    config = MediaConfig(**json.loads(settings))
    inherited = int(descriptor)  # as high as the server has files open; select() takes low ones only
    process = Process(socket.socket(fileno=os.dup(inherited)), config)
    os.close(inherited)
    logging.basicConfig(level=logging.INFO, handlers=[_ToServer(process)], format="%(message)s")
    prepare()
    process.run()


if __name__ == "__main__":
    main(*sys.argv[1:3])
