"""Steps as CSV (RFC 4180), for spreadsheets and other report tools."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterable, AsyncIterator

from vxmlplat.store.steps import StepRecord

COLUMNS = (
    "call",
    "call_started",
    "n",
    "time",
    "session",
    "flow",
    "version",
    "from",
    "port",
    "to",
    "reason",
    "fields",
)

# A spreadsheet would run these as a formula; a telephone number may begin with + and stays as it is.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9.]*$)")


async def csv_lines(steps: AsyncIterable[StepRecord]) -> AsyncIterator[str]:
    """The header, then one line a step; what a spreadsheet would take for a formula gets a leading quote."""
    yield _line(COLUMNS)
    async for step in steps:
        fields = json.dumps(step.fields, ensure_ascii=False) if step.fields else ""
        yield _line(
            (
                step.call,
                step.call_started.isoformat(),
                step.n,
                step.time.isoformat(),
                step.session,
                step.flow,
                step.version,
                step.from_node,
                step.port,
                step.to_node,
                step.reason,
                fields,
            )
        )


def _line(values: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(value) for value in values])
    return out.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
