"""Business hours worked out: weeks, nights, holidays, days with hours of their own, time zones."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.flows.hours import opening

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
ALL_DAYS = [*WEEKDAYS, "sat", "sun"]


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


OFFICE: dict[str, Any] = {
    "timezone": "Asia/Shanghai",
    "week": [
        {"days": WEEKDAYS, "from": "09:00", "to": "12:00"},
        {"days": WEEKDAYS, "from": "13:00", "to": "17:30"},
    ],
    "holidays": [{"from": "2026-10-01", "to": "2026-10-07"}, {"from": "2026-01-01", "to": ""}],
    "extra_days": [{"date": "2026-10-10", "from": "10:00", "to": "15:00"}],
}
NIGHT = {"timezone": "Asia/Shanghai", "week": [{"days": ["fri"], "from": "22:00", "to": "06:00"}]}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-05 08:59:59", "closed"),
        ("2026-01-05 09:00", "open"),
        ("2026-01-05 11:59:59", "open"),
        ("2026-01-05 12:00", "closed"),
        ("2026-01-05 13:00", "open"),
        ("2026-01-05 17:30", "closed"),
        ("2026-01-04 10:00", "closed"),
        ("2026-01-01 10:00", "holiday"),
        ("2026-09-30 10:00", "open"),
        ("2026-10-01 00:00", "holiday"),
        ("2026-10-07 23:59", "holiday"),
        ("2026-10-08 10:00", "open"),
        ("2026-10-10 09:30", "closed"),
        ("2026-10-10 10:00", "open"),
    ],
)
def test_office(moment: str, expected: str) -> None:
    assert opening(OFFICE, at(moment)) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-09 21:59", "closed"),
        ("2026-01-09 22:00", "open"),
        ("2026-01-10 05:59", "open"),
        ("2026-01-10 06:00", "closed"),
        ("2026-01-10 23:00", "closed"),
        ("2026-01-09 01:00", "closed"),
    ],
)
def test_hours_over_midnight(moment: str, expected: str) -> None:
    assert opening(NIGHT, at(moment)) == expected


def test_a_night_runs_into_a_holiday_and_does_not_begin_on_one() -> None:
    schedule = {**NIGHT, "holidays": [{"from": "2026-01-10"}]}
    assert opening(schedule, at("2026-01-10 05:00")) == "open"
    assert opening(schedule, at("2026-01-10 07:00")) == "holiday"
    assert opening({**NIGHT, "holidays": [{"from": "2026-01-09"}]}, at("2026-01-10 05:00")) == "closed"


def test_the_time_zone_of_the_schedule_counts() -> None:
    assert opening(OFFICE, at("2026-01-05 02:00", "UTC")) == "open"
    assert opening(OFFICE, at("2026-01-05 10:00", "UTC")) == "closed"
    with pytest.raises(ValueError, match="Mars"):
        opening({**OFFICE, "timezone": "Mars/Base"}, at("2026-01-05 10:00"))


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(SHANGHAI)))
def test_day_and_night_is_always_open_and_nothing_never(moment: datetime) -> None:
    always = {"timezone": "Asia/Shanghai", "week": [{"days": ALL_DAYS, "from": "00:00", "to": "24:00"}]}
    assert opening(always, moment) == "open"
    assert opening({**always, "week": []}, moment) == "closed"
    same = {**always, "week": [{"days": ALL_DAYS, "from": "08:00", "to": "08:00"}]}
    assert opening(same, moment) == "open"
