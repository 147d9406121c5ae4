"""Names of hosts and services (DNS): asked without holding anybody up, kept as long as the answer may be
kept.

:class:`DnsNames` asks the name servers, after the machine's own table of hosts. Each question is asked once
however many calls wait for the answer; when no server answers, what was known last is used again (RFC 8767),
since an outage of the DNS should not end a telephone service.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import dns.asyncresolver
import dns.exception
import dns.message
import dns.nameserver
import dns.resolver

from vxmlplat.clock import Clock
from vxmlplat.sip.errors import ConfigurationProblem, TransportError

_log = logging.getLogger(__name__)
PATIENCE = 4.0
"""Seconds for one question, all name servers together; a call waits for it."""
SHORTEST, LONGEST = 1.0, 86_400.0
"""Seconds for which an answer is kept, whatever it says."""
NOTHING_KEPT = 60.0
"""Seconds at most for which an answer that there is nothing is kept."""
FAILURE_KEPT = 5.0
"""Seconds for which a question that nobody answered is not asked again."""
MOST_KEPT = 10_000
HOSTS = Path("/etc/hosts")


class Service(NamedTuple):
    """An SRV record (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: str


class Rule(NamedTuple):
    """A NAPTR record that leads to a service (RFC 3403, flag S)."""

    order: int
    preference: int
    service: str
    replacement: str


class Names(Protocol):
    """What the user agent asks of names. An empty answer says that there is nothing; TransportError that
    nobody knows."""

    async def rules(self, domain: str) -> Sequence[Rule]:
        """NAPTR records with the flag S, in the order of the answer."""
        ...

    async def services(self, name: str) -> Sequence[Service]:
        """SRV records, in the order of the answer."""
        ...

    async def addresses(self, host: str) -> Sequence[str]:
        """IP addresses of a host, of both families."""
        ...


class _Kept(NamedTuple):
    until: float
    value: tuple[Any, ...] | None
    """None: nobody answered."""


class DnsNames:
    """Names by the DNS. ``servers`` are addresses with or without a port (``10.0.0.53``, ``[::1]:5353``);
    without any, those of the machine. ``hosts`` is the machine's own table."""

    def __init__(self, clock: Clock, servers: Sequence[str] = (), hosts: Path = HOSTS) -> None:
        self._clock = clock
        self._hosts = hosts
        self._servers = [_server(text) for text in servers]
        self._resolver: dns.asyncresolver.Resolver | None = None
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Task[tuple[Any, ...]]] = {}
        self._table: dict[str, tuple[str, ...]] = {}
        self._table_read = 0

    async def rules(self, domain: str) -> Sequence[Rule]:
        """NAPTR records with the flag S."""
        return await self._ask(domain, "NAPTR", _rule)

    async def services(self, name: str) -> Sequence[Service]:
        """SRV records."""
        return await self._ask(name, "SRV", _service)

    async def addresses(self, host: str) -> Sequence[str]:
        """The machine's table, else A and AAAA records, else whatever else the system knows."""
        own = self._own(host)
        if own:
            return own
        answers = await asyncio.gather(
            self._ask(host, "A", str), self._ask(host, "AAAA", str), return_exceptions=True
        )
        found = [address for answer in answers if not isinstance(answer, BaseException) for address in answer]
        if found:
            return found
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, TransportError):
                raise answer
        return await _system(host)

    def _own(self, host: str) -> tuple[str, ...]:
        try:
            changed = self._hosts.stat().st_mtime_ns
            if changed != self._table_read:
                self._table = _read_hosts(self._hosts.read_text(errors="replace"))
                self._table_read = changed
        except OSError:
            return ()
        return self._table.get(host.rstrip(".").lower(), ())

    async def _ask(self, name: str, kind: str, read: Callable[[Any], Any]) -> tuple[Any, ...]:
        question = (name.rstrip(".").lower(), kind)
        kept = self._kept.get(question)
        if kept is not None and self._clock.now() < kept.until:
            if kept.value is None:
                raise TransportError(f"no name server answers for {name} ({kind})")
            return kept.value
        task = self._asking.get(question)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._query(question, read, kept), name="sip names")
            self._asking[question] = task
            task.add_done_callback(lambda done: self._answered(question, done))
        return await asyncio.shield(task)

    def _answered(self, question: tuple[str, str], task: asyncio.Task[Any]) -> None:
        self._asking.pop(question, None)
        if not task.cancelled():
            task.exception()  # retrieved: whoever asked may have gone

    async def _query(
        self, question: tuple[str, str], read: Callable[[Any], Any], before: _Kept | None
    ) -> tuple[Any, ...]:
        name, kind = question
        try:
            answer = await self._resolve(name, kind)
        except (dns.exception.DNSException, OSError) as error:
            _log.warning("DNS: %s (%s): %s", name, kind, str(error) or type(error).__name__)
            value = before.value if before is not None else None
            self._keep(question, _Kept(self._clock.now() + FAILURE_KEPT, value))
            if value is None:
                raise TransportError(f"no name server answers for {name} ({kind}): {error}") from error
            return value
        ttl, records = answer
        value = tuple(item for item in (read(record) for record in records) if item is not None)
        ttl = min(max(ttl, SHORTEST), LONGEST if value else NOTHING_KEPT)
        self._keep(question, _Kept(self._clock.now() + ttl, value))
        return value

    async def _resolve(self, name: str, kind: str) -> tuple[float, list[Any]]:
        """Seconds to keep the answer, and its records; none when the name, or such a record, does not
        exist."""
        if self._resolver is None:
            self._resolver = dns.asyncresolver.Resolver(configure=not self._servers)
            if self._servers:
                self._resolver.nameservers = self._servers
        try:
            answer = await self._resolver.resolve(
                name, kind, lifetime=PATIENCE, raise_on_no_answer=False, search=kind in {"A", "AAAA"}
            )
        except dns.resolver.NXDOMAIN as nothing:
            responses: dict[Any, dns.message.QueryMessage] = nothing.responses()  # type: ignore[no-untyped-call]  # it is
            return float(min(r.resolve_chaining().minimum_ttl for r in responses.values())), []
        ttl = answer.chaining_result.minimum_ttl
        return float(ttl), list(answer.rrset) if answer.rrset is not None else []

    def _keep(self, question: tuple[str, str], kept: _Kept) -> None:
        self._kept[question] = kept
        self._kept.move_to_end(question)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


def _server(text: str) -> dns.nameserver.Nameserver:
    host, port = text, "53"
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or "53"
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        number = int(port)
        if not 0 < number < 65_536:
            raise ValueError(f"{number} is no port")
        return dns.nameserver.Do53Nameserver(str(ipaddress.ip_address(host)), number)
    except ValueError as error:
        raise ConfigurationProblem(f"{text!r} is no address of a name server") from error


def _rule(record: Any) -> Rule | None:
    if record.flags.lower() != b"s":
        return None
    service = record.service.decode("ascii", "replace").upper()
    return Rule(record.order, record.preference, service, record.replacement.to_text(omit_final_dot=True))


def _service(record: Any) -> Service:
    target = record.target.to_text(omit_final_dot=True)
    return Service(record.priority, record.weight, record.port, "" if target == "." else target.lower())


def _read_hosts(text: str) -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        try:
            ipaddress.ip_address(address)
        except ValueError:
            continue
        for name in names:
            table[name.lower()] = (*table.get(name.lower(), ()), address)
    return table


async def _system(host: str) -> Sequence[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TransportError(f"the name {host} has no address: {error}") from error
    return list(dict.fromkeys(str(info[4][0]) for info in found))
