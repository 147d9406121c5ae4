"""Telephony tests share the platform of ``tests/conftest.py``;

its parts are named here for their convenience.
"""

from centre import settings, sip_port, staff

__all__ = ["settings", "sip_port", "staff"]
