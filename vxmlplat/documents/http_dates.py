"""Dates as HTTP writes them (RFC 9110 §5.6.7)."""

from __future__ import annotations


def parse_http_date(text: str) -> float | None:
    """Seconds since the epoch, or None for what is no date."""
    from email.utils import (
        parsedate_to_datetime,
    )  # costs a command's start; most answers carry no date we read

    try:
        return parsedate_to_datetime(text.strip()).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
