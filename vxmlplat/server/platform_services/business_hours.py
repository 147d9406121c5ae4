"""``business-hours``: open, closed, or a holiday, by the schedule that the document brings."""

from __future__ import annotations

import zoneinfo
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from vxmlplat.flows.hours import opening
from vxmlplat.server.platform_services.registry import Answer, Asked, Question, platform_service

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
    """Ports ``open``, ``closed``, ``holiday``."""
    schedule = question.model_dump(mode="json", by_alias=True, exclude={"call"})
    return Answer(opening(schedule, asked.world.clock.wall()), {})
