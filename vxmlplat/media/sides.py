"""What happens beside the audio: strangers' packets, finding a far end behind a NAT, RTCP, and silence
for too long.
"""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vxmlplat.media import rtcp, rtp
from vxmlplat.media.errors import PacketError
from vxmlplat.media.network import READABLE, Poller, drain

if TYPE_CHECKING:
    from vxmlplat.media.engine import Engine
    from vxmlplat.media.line import Line

_AT_ONCE = 8
"""Packets read from a side socket in one look; whoever sends more is not looked at for a while."""

_PENALTY_SECONDS = 1.0
_SILENT_SECONDS = 1.0
_REPORT_ROUNDS = 5
_MANY = 256
_SUSPECTS = 8


class Sides:
    """The sockets beside the main ones, looked at every 20 ms, and each line's household, once a second."""

    def __init__(self, engine: Engine, poller: Poller, wall: Callable[[], float]) -> None:
        self._engine = engine
        self._poller = poller
        self._wall = wall
        self._readers: dict[int, tuple[Line, Callable[[Line, bytes, Any], None]]] = {}
        self._silent: dict[int, Line] = {}
        self._punished: list[tuple[float, int]] = []
        self._name = f"vxmlplat-{secrets.randbits(48):012x}"

    def add(self, line: Line) -> None:
        """Look at a line's side sockets."""
        for sock, take in ((line.ports.others, self.take_other), (line.ports.control, self.take_control)):
            self._readers[sock.fileno()] = (line, take)
            self._poller.register(sock.fileno(), READABLE)

    def watch(self, line: Line) -> None:
        """Tell the engine when something comes to a line that is silent. One that is not connected yet hears
        nothing whatever comes.
        """
        if line.connected:
            self._silent[line.ports.media.fileno()] = line
            self._poller.register(line.ports.media.fileno(), READABLE)

    def watch_no_more(self, line: Line) -> None:
        """The line is not silent any longer, or it is served in another way."""
        fd = line.ports.media.fileno()
        if self._silent.pop(fd, None) is not None:
            self._poller.unregister(fd)

    def remove(self, line: Line) -> None:
        """Say goodbye and look no longer."""
        if line.connected and line.control_address is not None:
            self._send_control(
                line, rtcp.Report(line.stream.ssrc).pack() + rtcp.Goodbye((line.stream.ssrc,)).pack()
            )
        for sock in (line.ports.others, line.ports.control):
            fd = sock.fileno()
            del self._readers[fd]
            if any(punished == fd for _, punished in self._punished):
                self._punished = [entry for entry in self._punished if entry[1] != fd]
            else:
                self._poller.unregister(fd)

    def poll(self, now: float) -> None:
        """Read a little of what waits."""
        while self._punished and self._punished[0][0] <= now:
            self._poller.register(self._punished.pop(0)[1], READABLE)
        for fd, _ in self._poller.poll(0, _MANY):
            if fd in self._silent:
                line = self._silent[fd]
                self.watch_no_more(line)
                self._engine.hear_again(line)
                continue
            line, take = self._readers[fd]
            sock = line.ports.others if fd == line.ports.others.fileno() else line.ports.control
            read = drain(sock, functools.partial(take, line), _AT_ONCE)
            if read == _AT_ONCE and fd in self._readers:
                self._poller.unregister(fd)
                self._punished.append((now + _PENALTY_SECONDS, fd))

    def take_other(self, line: Line, data: bytes, source: Any) -> None:
        """A packet from somebody else than the far end we know: the far end as it really is, or a
        stranger.
        """
        line.strangers += 1
        if not line.connected or not self._may_move(line):
            return
        try:
            packet = rtp.parse(data)
        except PacketError:
            return
        if packet.payload_type not in (line.receive_type, line.event_receive_type, line.comfort_type):
            return
        if line.stream.received != line.connect_count and packet.ssrc != line.stream.far_ssrc:
            return  # in mid-stream only the stream itself may come from elsewhere
        suspects = line.suspects
        ssrc, sequence, count = suspects.get(source, (packet.ssrc, packet.sequence, 0))
        count = count + 1 if (ssrc, sequence) == (packet.ssrc, packet.sequence) else 1
        if len(suspects) >= _SUSPECTS and source not in suspects:
            return
        suspects[source] = (packet.ssrc, (packet.sequence + 1) & 0xFFFF, count)
        if count >= self._engine.config.lock_packets and (line.srtp is None or line.srtp.authentic(data)):
            self._move(line, source, count)

    def _may_move(self, line: Line) -> bool:
        """Whether the far end may turn out to be elsewhere: nothing came from where it was said to be,
        or no longer.
        """
        received = line.stream.received
        if received == line.connect_count:
            return True
        return received == line.heard_count and self._engine.now() - line.heard_at >= _SILENT_SECONDS

    def _move(self, line: Line, source: Any, count: int) -> None:
        try:
            line.ports.media.connect(source)
        except OSError:
            return
        line.suspects.clear()
        line.strangers -= count
        line.heard_at = self._engine.now()
        if line.control_address is not None:
            line.control_address = (source[0], source[1] + 1, *source[2:])

    def take_control(self, line: Line, data: bytes, source: Any) -> None:
        """An RTCP packet; ``source`` None when it came on the RTP port."""
        if source is not None and (
            line.control_address is None or source[0] != line.control_address[0] or not line.connected
        ):
            line.strangers += 1
            return
        try:
            if line.srtp is not None:
                data = line.srtp.unprotect_control(data)
            found = rtcp.parse(data)
        except PacketError:
            line.receiver.rejected += 1
            return
        if source is not None:
            line.control_address = source
        for report in found:
            if not isinstance(report, rtcp.Report):
                continue
            if report.sender is not None:
                line.rtcp_heard = (rtcp.middle(report.sender.ntp), self._engine.now())
            for block in report.blocks:
                if block.ssrc == line.stream.ssrc:
                    line.remote_report = (block.lost, block.jitter)
                    delay = rtcp.round_trip(rtcp.middle(rtcp.ntp_time(self._wall())), block)
                    line.round_trip = delay if delay is not None else line.round_trip

    def household(self, line: Line, now: float) -> None:
        """Once a second for each line."""
        line.notice_silence(now)
        line.receiver.measure_next()
        line.stream.watchful = line.stream.watchful or 1
        if line.stream.jitter is not None:
            line.stream.jitter.settle()
        line.chores += 1
        if line.chores % _REPORT_ROUNDS == 0 and line.connected and line.control_address is not None:
            self._report(line, now)

    def _report(self, line: Line, now: float) -> None:
        blocks: tuple[rtcp.ReportBlock, ...] = ()
        reception, stream = line.receiver.reception, line.stream
        if stream.far_ssrc >= 0:
            heard = line.rtcp_heard
            blocks = (
                rtcp.ReportBlock(
                    stream.far_ssrc,
                    reception.fraction_lost(),
                    reception.missing,
                    reception.highest,
                    int(reception.jitter),
                    heard[0] if heard else 0,
                    int((now - heard[1]) * 65536) if heard else 0,
                ),
            )
        sender = None
        if line.sender.on:
            moment = rtcp.ntp_time(self._wall())
            out = line.sender
            sender = rtcp.SenderInfo(moment, stream.stamp & 0xFFFFFFFF, out.sent, out.sent_bytes)
        report = rtcp.Report(line.stream.ssrc, sender, blocks).pack()
        self._send_control(line, report + rtcp.description(line.stream.ssrc, self._name))

    def _send_control(self, line: Line, packet: bytes) -> None:
        if line.srtp is not None:
            packet = line.srtp.protect_control(packet)
        try:
            if line.remote is not None and line.remote.rtcp_mux:
                line.stream.send(packet)
            else:
                line.ports.control.sendto(packet, line.control_address)
        except OSError:
            line.sender.errors += 1
