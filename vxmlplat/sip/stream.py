"""TCP and TLS (RFC 3261 §18.3): connections, and the cutting of messages out of a stream."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Callable
from typing import cast

from vxmlplat.sip import trace
from vxmlplat.sip.errors import ConfigurationProblem, MessageError, TransportError
from vxmlplat.sip.settings import Limits, Listen, TlsFiles, TransportName
from vxmlplat.sip.transport import Flow, ReceiveCallback

_log = logging.getLogger(__name__)
_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,7})[ \t]*(?=\r\n)", re.I)
MAX_HEAD = 32_768
SEND_BUFFER = 1024 * 1024
"""Bytes that may wait for a peer that does not read; beyond, the connection is given up."""


class Framer:
    """Cuts a byte stream into messages by Content-Length; CRLF between messages is keep-alive (RFC 5626
    §3.5.1)."""

    def __init__(self, max_message: int) -> None:
        self._buffer = bytearray()
        self._max = max_message
        self.pings = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are complete now. Raises MessageError when the stream cannot be cut any
        further."""
        self._buffer += data
        messages: list[bytes] = []
        while True:
            blank = 0
            while self._buffer.startswith((b"\r\n", b"\n"), blank):
                blank += 2 if self._buffer[blank] == 13 else 1
            if blank:
                if self._buffer[:blank].count(b"\n") >= 2:
                    self.pings += 1
                del self._buffer[:blank]
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > MAX_HEAD:
                    raise MessageError("Header Section Too Large", 513)
                return messages
            found = _LENGTH.search(self._buffer, 0, end + 2)
            if found is None:
                raise MessageError("Missing Or Malformed Content-Length")
            total = end + 4 + int(found[1])
            if total > self._max:
                raise MessageError("Message Too Large", 513)
            if len(self._buffer) < total:
                return messages
            messages.append(bytes(self._buffer[:total]))
            del self._buffer[:total]


class StreamFlow(asyncio.Protocol, Flow):
    """One TCP or TLS connection, made by either side."""

    reliable = True

    def __init__(
        self,
        transport: TransportName,
        limits: Limits,
        on_receive: ReceiveCallback,
        on_open: Callable[[StreamFlow], bool],
        on_close: Callable[[StreamFlow], None],
        local: Callable[[str], tuple[str, int]],
    ) -> None:
        self.transport = transport
        self.remote = ("", 0)
        self.used = asyncio.get_running_loop().time()
        self._framer = Framer(limits.message_bytes)
        self._on_receive = on_receive
        self._on_open = on_open
        self._on_close = on_close
        self._local = local
        self._connection: asyncio.Transport | None = None
        self.closed = asyncio.Event()

    @property
    def local(self) -> tuple[str, int]:
        """Our listening address as this peer should know it."""
        return self._local(self.remote[0])

    @property
    def alive(self) -> bool:
        """Whether the connection stands."""
        return self._connection is not None and not self._connection.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._connection = cast("asyncio.Transport", transport)
        address = self._connection.get_extra_info("peername") or ("", 0)
        self.remote = (address[0], address[1])
        if not self._on_open(self):
            self._connection.abort()

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self.used = asyncio.get_running_loop().time()
        try:
            messages = self._framer.feed(data)
        except MessageError as error:
            _log.info("connection from %s port %s closed: %s", *self.remote, error.reason)
            self.close()
            return
        if self._framer.pings and self._connection is not None:
            self._connection.write(b"\r\n" * min(self._framer.pings, 4))
            self._framer.pings = 0
        for message in messages:
            self._on_receive(message, self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self.closed.set()
        self._on_close(self)

    def send(self, data: bytes) -> None:
        """Queue one message. Raises TransportError when the connection is gone or the peer does not read."""
        connection = self._connection
        if connection is None or connection.is_closing():
            raise TransportError("the connection is closed")
        if connection.get_write_buffer_size() > SEND_BUFFER:
            connection.abort()
            raise TransportError("the peer does not read what it is sent")
        self.used = asyncio.get_running_loop().time()
        trace.sent(data, self)
        connection.write(data)

    def close(self) -> None:
        """Close; what is queued is still sent."""
        if self._connection is not None:
            self._connection.close()

    def abort(self) -> None:
        """Close at once."""
        if self._connection is not None:
            self._connection.abort()


def server_context(listen: Listen) -> ssl.SSLContext:
    """TLS as a server. Raises ConfigurationProblem without a certificate."""
    files = listen.tls
    if files is None or files.certificate is None:
        raise ConfigurationProblem(
            f"TLS on {listen.host} port {listen.port} needs a certificate (listen.tls.certificate)"
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, files)
    if files.ca is not None:
        context.load_verify_locations(files.ca)
        context.verify_mode = ssl.CERT_REQUIRED if files.verify_peer else ssl.CERT_OPTIONAL
    return context


def client_context(files: TlsFiles | None) -> ssl.SSLContext:
    """TLS as a client: the server's certificate and name are checked unless that is switched off."""
    context = ssl.create_default_context(cafile=files.ca if files else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if files is not None:
        if files.certificate is not None:
            _load(context, files)
        if not files.verify_peer:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
    return context


def _load(context: ssl.SSLContext, files: TlsFiles) -> None:
    assert files.certificate is not None, "callers check"
    try:
        context.load_cert_chain(files.certificate, files.key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationProblem(f"TLS certificate {files.certificate}: {error}") from error
