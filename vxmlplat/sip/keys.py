"""Keys in INFO requests: application/dtmf-relay (a line for the key, one for its length) and
application/dtmf."""

from __future__ import annotations

import re

from vxmlplat.sip.events import InfoKeys

_SIGNAL = re.compile(rb"^[ \t]*Signal[ \t]*=[ \t]*([0-9A-Da-d*#]|1[0-5])[ \t\r]*$", re.I | re.M)
_DURATION = re.compile(rb"^[ \t]*Duration[ \t]*=[ \t]*([0-9]{1,5})[ \t\r]*$", re.I | re.M)
_NAMED = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}


def read_keys(kind: str, body: bytes) -> InfoKeys | None:
    """Keys of an INFO body, None when it is broken."""
    if kind == "application/dtmf":
        text = body.decode("ascii", "replace").strip()
        text = _NAMED.get(text, text)
        return InfoKeys(text.upper()) if re.fullmatch(r"[0-9A-Da-d*#]{1,64}", text) else None
    signal = _SIGNAL.search(body)
    if signal is None:
        return None
    digit = signal[1].decode()
    duration = _DURATION.search(body)
    return InfoKeys(_NAMED.get(digit, digit).upper(), int(duration[1]) if duration else 250)
