"""A line's account of its two streams, put together when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vxmlplat.media.events import ChannelStatistics

if TYPE_CHECKING:
    from vxmlplat.media.line import Line


def statistics(line: Line) -> ChannelStatistics:
    """Everything counted so far."""
    reception, jitter, report = line.reception, line.jitter, line.remote_report
    rate = line.codec.clock_rate
    sent = line.sequence - line.started
    frame_bytes = line.codec.frame_bytes or len(line.codec.silence)
    return ChannelStatistics(
        sent=sent,
        received=reception.received,
        sent_bytes=max(0, sent * frame_bytes + line.other_bytes),
        received_bytes=reception.received * 160 + line.odd_received,
        lost=max(0, reception.missing),
        late=line.late + (jitter.late if jitter is not None else 0),
        duplicates=reception.duplicates,
        reordered=reception.reordered,
        concealed=line.concealed + (jitter.concealed if jitter is not None else 0),
        jitter=reception.jitter / rate,
        round_trip=line.round_trip,
        remote_lost=report[0] if report is not None else None,
        remote_jitter=report[1] / rate if report is not None else None,
        strangers=line.strangers,
        rejected=line.rejected,
        send_errors=line.send_errors,
    )
