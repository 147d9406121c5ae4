"""Telephony tests share the platform of ``tests/conftest.py``;

its parts are named here for their convenience.
"""

from call_control import long_lived, nothing_left, put_number, sample, shared
from centre import settings, sip_port, staff

__all__ = ["long_lived", "nothing_left", "put_number", "sample", "settings", "shared", "sip_port", "staff"]
