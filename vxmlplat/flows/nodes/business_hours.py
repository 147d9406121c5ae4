"""Business hours: open, closed, or a holiday."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from vxmlplat.flows.fields import Part, ShortText, titled
from vxmlplat.flows.node_check import NodeCheck
from vxmlplat.flows.node_type import NodeFields, node_type
from vxmlplat.flows.node_writer import NodeWriter
from vxmlplat.flows.ports import port
from vxmlplat.flows.problems import Problem
from vxmlplat.flows.schema import DAY, OPTIONAL_DAY, TIME_OF_DAY

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TimeOfDay = Annotated[str, Field(pattern=TIME_OF_DAY)]
Day = Annotated[str, Field(pattern=DAY)]

_WEEKDAYS: dict[str, tuple[str, str]] = {
    "mon": ("Monday", "周一"),
    "tue": ("Tuesday", "周二"),
    "wed": ("Wednesday", "周三"),
    "thu": ("Thursday", "周四"),
    "fri": ("Friday", "周五"),
    "sat": ("Saturday", "周六"),
    "sun": ("Sunday", "周日"),
}


class OpenHours(Part):
    """Hours on some days of the week; an end before the start lies on the next day."""

    days: Annotated[list[Weekday], Field(min_length=1, max_length=7)] = titled(
        "Days", "星期", options=_WEEKDAYS
    )
    start: TimeOfDay = titled("From", "从", "09:00", alias="from")
    end: TimeOfDay = titled("To", "到", "17:30", alias="to")


class Holiday(Part):
    """Days on which it is closed whatever the week says."""

    start: Day = titled("First day", "首日", alias="from")
    end: Annotated[str, Field(pattern=OPTIONAL_DAY)] = titled("Last day", "末日", "", alias="to")
    title: ShortText = titled("Name", "名称", "")


class ExtraDay(Part):
    """One day with hours of its own: a working Saturday (调休), a short day before a feast."""

    date: Day = titled("Day", "日期")
    start: TimeOfDay = titled("From", "从", "09:00", alias="from")
    end: TimeOfDay = titled("To", "到", "17:30", alias="to")


@node_type(
    "business_hours",
    title=("Business hours", "工作时间"),
    summary=("Asks whether it is open now.", "判断当前是否在工作时间。"),
    category="logic",
    icon="hours",
    ports=(
        port("open", "yes", "Open", "工作时间"),
        port("closed", "no", "Closed", "非工作时间"),
        port("holiday", "other", "Holiday", "节假日", required=False),
    ),
)
class BusinessHours(NodeFields):
    """The schedule goes with the request: a published version never changes. The clock is the platform's."""

    timezone: ShortText = titled("Time zone", "时区", "Asia/Shanghai", widget="timezone")
    week: Annotated[list[OpenHours], Field(max_length=50)] = titled("Hours of the week", "每周时间")
    holidays: Annotated[list[Holiday], Field(max_length=200)] = titled(
        "Holidays",
        "节假日",
        [],
        help_=(
            "Days that leave by “Holiday”, or by “Closed” where that leads nowhere.",
            "这些日期从“节假日”离开；该端口未连接时从“非工作时间”离开。",
        ),
    )
    extra_days: Annotated[list[ExtraDay], Field(max_length=200)] = titled(
        "Special days",
        "特殊日（含调休）",
        [],
        help_=(
            "Open on this day at these hours, whatever the week and the holidays say.",
            "无论每周时间和节假日如何，当天按此时间工作。",
        ),
    )

    def check(self, at: NodeCheck) -> Iterator[Problem]:
        """Time zone and dates exist."""
        if not _zone_exists(self.timezone):
            yield at.problem(
                "error",
                "hours.timezone",
                (f"There is no time zone {self.timezone!r}.", f"没有时区 {self.timezone!r}。"),
                ("Write a name such as Asia/Shanghai.", "请填写如 Asia/Shanghai 的名称。"),
                field="timezone",
            )
        for index, holiday in enumerate(self.holidays):
            yield from self._days(at, f"holidays.{index}", holiday.start, holiday.end or holiday.start)
        for index, extra in enumerate(self.extra_days):
            yield from self._days(at, f"extra_days.{index}", extra.date, extra.date)

    @staticmethod
    def _days(at: NodeCheck, field: str, first: str, last: str) -> Iterator[Problem]:
        try:
            in_order = date.fromisoformat(first) <= date.fromisoformat(last)
        except ValueError:
            in_order = False
        if not in_order:
            yield at.problem(
                "error",
                "hours.day",
                ("The days do not exist or are in the wrong order.", "日期不存在或顺序有误。"),
                ("Write days as 2026-10-01, the first one first.", "请按 2026-10-01 的格式填写，首日在前。"),
                field=field,
            )

    def compile(self, out: NodeWriter) -> None:
        """``<data>`` on ``business-hours``; a holiday is closed where nothing is connected for it."""
        schedule = self.model_dump(mode="json", by_alias=True)
        with out.form(), out.element("block"):
            out.ask("business-hours", {name: out.value(value) for name, value in schedule.items()})
            ports = ["open", "holiday", "closed"] if out.connected("holiday") else ["open", "closed"]
            out.leave_by("vx_answer.port", ports, otherwise="closed")


def _zone_exists(name: str) -> bool:
    if not re.fullmatch(r"[A-Za-z0-9_+/-]+", name):
        return False
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
