"""Values of ECMAScript as fields of a form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def form_fields(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and texts: strings as they are, numbers and booleans as JSON has them, objects as JSON."""
    return [(name, _text(value)) for name, value in values.items()]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False)
