"""``business-hours``: open, closed, or a holiday, by the schedule that the document brings."""

from __future__ import annotations

import zoneinfo
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from vxmlplat.server.platform_services.registry import Answer, Asked, Question, platform_service

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class OpenHours(_Part):
    """Hours on some days of the week; an end before the start lies on the next day."""

    days: frozenset[Weekday]
    start: TimeOfDay = Field(alias="from")
    end: TimeOfDay = Field(alias="to")


class Holiday(_Part):
    """Days on which it is closed whatever the week says; without ``to`` a single one."""

    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")
    title: str = ""

    @field_validator("end", mode="before")
    @classmethod
    def _none_when_empty(cls, value: object) -> object:
        return value or None


class ExtraDay(_Part):
    """A day with hours of its own (调休); it goes before holidays and the week."""

    date: date
    start: TimeOfDay = Field(alias="from")
    end: TimeOfDay = Field(alias="to")


class HoursQuestion(Question):
    """The schedule of a node."""

    timezone: str = "UTC"
    week: list[OpenHours] = Field(default=[], max_length=50)
    holidays: list[Holiday] = Field(default=[], max_length=400)
    extra_days: list[ExtraDay] = Field(default=[], max_length=400)

    @field_validator("timezone")
    @classmethod
    def _exists(cls, value: str) -> str:
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"there is no time zone {value!r}") from error
        return value


@platform_service("business-hours", HoursQuestion)
async def business_hours(asked: Asked, question: HoursQuestion) -> Answer:
    """Ports ``open``, ``closed``, ``holiday``; the value holds the local time, and the holiday's title."""
    now = asked.world.clock.wall().astimezone(zoneinfo.ZoneInfo(question.timezone))
    value = {"now": now.isoformat(timespec="minutes")}
    # Yesterday's hours may reach past midnight.
    if any(_opens(question, now, day) for day in (now.date(), now.date() - timedelta(days=1))):
        return Answer("open", value)
    holiday = _holiday(question, now.date())
    if holiday is not None:
        return Answer("holiday", {**value, "holiday": holiday.title})
    return Answer("closed", value)


def _opens(question: HoursQuestion, now: datetime, day: date) -> bool:
    """Whether the hours that begin on that day hold now, by the clock on the wall."""
    minute = (now.date() - day).days * 24 * 60 + now.hour * 60 + now.minute
    for start, end in _hours_of(question, day):
        if start <= minute < (end if end > start else end + 24 * 60):
            return True
    return False


def _hours_of(question: HoursQuestion, day: date) -> list[tuple[int, int]]:
    extra = [(_minute(one.start), _minute(one.end)) for one in question.extra_days if one.date == day]
    if extra:
        return extra
    if _holiday(question, day) is not None:
        return []
    weekday = WEEKDAYS[day.weekday()]
    return [(_minute(one.start), _minute(one.end)) for one in question.week if weekday in one.days]


def _holiday(question: HoursQuestion, day: date) -> Holiday | None:
    return next((one for one in question.holidays if one.start <= day <= (one.end or one.start)), None)


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])
