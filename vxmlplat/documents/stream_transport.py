"""HTTP/1.1 over asyncio streams, one connection a request: for commands, which start often and fetch little.

Importing aiohttp costs a command ten times the CPU of all its other imports; a server, which keeps
connections and meets compression and proxies, uses :mod:`vxmlplat.documents.aiohttp_transport`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

from vxmlplat.documents.transport import RawResponse, TransportError, gather_headers

HEAD_LIMIT = 64 << 10
BODYLESS = frozenset({204, 304})


class StreamTransport:
    """A small HTTP client: http and https, Content-Length, chunked, or until the connection closes."""

    async def send(
        self, method: str, uri: str, headers: Mapping[str, str], body: bytes | None, max_bytes: int
    ) -> RawResponse:
        """Send one request over a connection of its own."""
        try:
            parts = urlsplit(uri)
            tls = parts.scheme == "https"
            host, port = parts.hostname or "", parts.port or (443 if tls else 80)
        except ValueError as error:
            raise TransportError("protocol", str(error)) from None
        try:
            reader, writer = await asyncio.open_connection(host, port, ssl=tls or None, limit=HEAD_LIMIT)
        except (OSError, UnicodeError) as error:
            raise TransportError("connect", f"cannot connect to {host} port {port}: {error}") from None
        try:
            writer.write(_request(method, parts.netloc.rpartition("@")[2], uri, headers, body))
            if body:
                writer.write(body)
            status, received, cookies = await _head(reader)
            content = b""
            if method != "HEAD" and status not in BODYLESS:
                content = await _body(reader, received, max_bytes)
            return RawResponse(status, received, content, cookies)
        except asyncio.IncompleteReadError:
            raise TransportError("protocol", "the answer ended before its end") from None
        except asyncio.LimitOverrunError:
            raise TransportError("size", "a line or the head of the answer is too long") from None
        except OSError as error:
            raise TransportError("connect", str(error)) from None
        except ValueError as error:
            raise TransportError("protocol", f"the answer is no HTTP: {error}") from None
        finally:
            writer.close()

    async def close(self) -> None:
        """Nothing is kept open."""


def _request(method: str, host: str, uri: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    parts = urlsplit(uri)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", "Accept-Encoding: identity"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header would break the line")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], tuple[str, ...]]:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head[:-4].split("\r\n")
        version, status, *_ = first.split(" ", 2)
        if not version.startswith("HTTP/1.") or len(status) != 3:
            raise ValueError(first[:80])
        if status.startswith("1") and status != "101":
            continue
        pairs = []
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise ValueError(line[:80])
            pairs.append((name, value.strip()))
        headers, cookies = gather_headers(pairs)
        return int(status), headers, cookies


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str], max_bytes: int) -> bytes:
    too_large = TransportError("size", f"the answer is larger than {max_bytes} bytes")
    parts: list[bytes] = []
    size = 0
    if "transfer-encoding" in headers:
        if headers["transfer-encoding"].lower() != "chunked":
            raise ValueError(f"transfer coding {headers['transfer-encoding'][:40]!r}")
        while length := int((await reader.readuntil(b"\r\n")).split(b";")[0].strip(), 16):
            size += length
            if length < 0 or size > max_bytes:
                raise too_large
            parts.append(await reader.readexactly(length))
            if await reader.readexactly(2) != b"\r\n":
                raise ValueError("a chunk does not end where it should")
        return b"".join(parts)
    if "content-length" in headers:
        lengths = {part.strip() for part in headers["content-length"].split(",")}
        if len(lengths) != 1 or not next(iter(lengths)).isdigit():
            raise ValueError("Content-Length")
        length = int(lengths.pop())
        if length > max_bytes:
            raise too_large
        return await reader.readexactly(length)
    while part := await reader.read(65536):
        size += len(part)
        if size > max_bytes:
            raise too_large
        parts.append(part)
    return b"".join(parts)
