"""Business hours worked out: the service ``business-hours``, shared by the server and the simulator."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

Opening = Literal["open", "closed", "holiday"]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT = timedelta(days=1)


def opening(schedule: Mapping[str, Any], moment: datetime) -> Opening:
    """Whether it is open at a moment (aware), by a schedule as docs/services.md describes it.

    A day with hours of its own is open in just these, be it a holiday or not. On a holiday it is closed all
    day, except that hours of the day before run to their end. Raises ValueError for an unknown time zone,
    KeyError or ValueError for a schedule of another shape.
    """
    try:
        zone = zoneinfo.ZoneInfo(schedule["timezone"])
    except (zoneinfo.ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"no time zone {schedule['timezone']!r}") from error
    local = moment.astimezone(zone).replace(tzinfo=None)
    today = local.date()
    for day in (today, today - timedelta(days=1)):
        if any(start <= local < end for start, end in _spans(schedule, day)):
            return "open"
    extra = {row["date"] for row in schedule.get("extra_days", ())}
    return "holiday" if today.isoformat() not in extra and _is_holiday(schedule, today) else "closed"


def _spans(schedule: Mapping[str, Any], day: date) -> Iterable[tuple[datetime, datetime]]:
    """The open spans that begin on a day."""
    own = [row for row in schedule.get("extra_days", ()) if row["date"] == day.isoformat()]
    if not own:
        if _is_holiday(schedule, day):
            return
        own = [row for row in schedule["week"] if _WEEKDAYS[day.weekday()] in row["days"]]
    midnight = datetime.combine(day, time())
    for row in own:
        start, end = _since_midnight(row["from"]), _since_midnight(row["to"])
        yield midnight + start, midnight + (end if end > start else end + _MIDNIGHT)


def _is_holiday(schedule: Mapping[str, Any], day: date) -> bool:
    return any(
        row["from"] <= day.isoformat() <= (row.get("to") or row["from"])
        for row in schedule.get("holidays", ())
    )


def _since_midnight(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
