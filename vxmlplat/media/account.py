"""A line's account of its two streams, put together when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vxmlplat.media.events import ChannelStatistics

if TYPE_CHECKING:
    from vxmlplat.media.line import Line


def statistics(line: Line) -> ChannelStatistics:
    """Everything counted so far."""
    sender, receiver, report = line.sender, line.receiver, line.remote_report
    reception = receiver.reception
    rate = line.codec.clock_rate
    return ChannelStatistics(
        sent=sender.sent,
        received=line.stream.received,
        sent_bytes=sender.sent_bytes,
        received_bytes=receiver.received_bytes,
        lost=max(0, reception.missing),
        late=receiver.late,
        duplicates=reception.duplicates,
        reordered=reception.reordered,
        concealed=receiver.concealed,
        jitter=reception.jitter / rate,
        round_trip=line.round_trip,
        remote_lost=report[0] if report is not None else None,
        remote_jitter=report[1] / rate if report is not None else None,
        strangers=line.strangers,
        rejected=receiver.rejected + line.keys.refused,
        send_errors=sender.errors,
    )
