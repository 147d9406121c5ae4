"""Ports of loopback for the telephones of the tests."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port that was free a moment ago, for UDP and TCP: a telephone listens to both."""
    for _ in range(50):
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", 0))
            try:
                tcp.bind(udp.getsockname())  # fails where a connection that is over still has the number
            except OSError:
                continue
            return int(udp.getsockname()[1])
    raise AssertionError("no port is free")
