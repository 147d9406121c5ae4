"""A little name server on loopback: answers what a test told it, counts what it was asked."""

from __future__ import annotations

import asyncio

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer(asyncio.DatagramProtocol):
    """Records by name and type, each with seconds to live; a name in ``silent`` is never answered."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], tuple[int, list[str]]] = {}
        self.names: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self.silent: set[str] = set()
        self.broken = False
        self.port = 0

    def add(self, name: str, kind: str, *values: str, ttl: int = 60) -> None:
        self.records[name, kind] = (ttl, list(values))
        self.names.add(name)

    async def __aenter__(self) -> NameServer:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = dns.message.from_wire(data)
        name = question.question[0].name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(question.question[0].rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.AA | dns.flags.RA
        if self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in self.records:
            ttl, values = self.records[name, kind]
            answer.answer.append(dns.rrset.from_text_list(name + ".", ttl, "IN", kind, values))
        else:
            soa = f"ns.{name}. root.{name}. 1 3600 600 86400 20"
            answer.authority.append(dns.rrset.from_text(name + ".", 20, "IN", "SOA", soa))
            if name not in self.names:
                answer.set_rcode(dns.rcode.NXDOMAIN)
        self._transport.sendto(answer.to_wire(), addr)
