"""Two user agents on real sockets of this machine: TLS with certificates on both sides, TCP, a peer that
breaks off."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
from contextlib import AsyncExitStack

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from vxmlplat.clock import SystemClock
from vxmlplat.errors import ConfigurationError
from vxmlplat.sip.agent import OutboundCall, UserAgent
from vxmlplat.sip.events import Answered, Ended, Failed
from vxmlplat.sip.names import Rule, Service
from vxmlplat.sip.settings import Limits, Listen, TlsFiles, UserAgentConfig


def certificate(folder, name, issuer=None, domain=None):
    """A certificate for 127.0.0.1 or a domain, signed by ``issuer`` (key, certificate) or by itself; its PEM
    files."""
    says = x509.IPAddress(ipaddress.ip_address("127.0.0.1")) if domain is None else x509.DNSName(domain)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signer, above = (key, subject) if issuer is None else (issuer[0], issuer[1].subject)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([says]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    pem, pem_key = folder / f"{name}.pem", folder / f"{name}.key"
    pem.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    pem_key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return (key, built), str(pem), str(pem_key)


class Pair:
    """Two agents: ``called`` answers everything, ``caller`` places calls."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.stack = stack
        self.legs = []

    async def add(self, *listen: Listen, names=None, **options) -> UserAgent:
        agent = UserAgent(UserAgentConfig(listen=listen, **options), SystemClock(), names=names)

        async def answer(leg):
            self.legs.append(leg)
            await leg.answer("v=0 answer")

        agent.on_invite = answer
        await agent.start()
        self.stack.push_async_callback(agent.stop)
        return agent


@pytest.fixture
async def pair():
    async with AsyncExitStack() as stack:
        yield Pair(stack)
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("sip ")] == []


async def last_of(agent, target):
    leg = agent.invite(OutboundCall(target, sdp="v=0 offer"))
    event = await asyncio.wait_for(leg.next_event(), 10)
    return leg, event


@pytest.fixture
def authority(tmp_path):
    ca, ca_pem, _ = certificate(tmp_path, "ca")
    _, server, server_key = certificate(tmp_path, "server", ca)
    _, client, client_key = certificate(tmp_path, "client", ca)
    return ca_pem, TlsFiles(server, server_key, ca_pem), TlsFiles(client, client_key, ca_pem)


async def test_tls_with_certificates_on_both_sides(pair, authority):
    _, server, client = authority
    called = await pair.add(Listen("tls", port=0, tls=server))
    caller = await pair.add(Listen("tcp", port=0), client_tls=client)
    port = called.addresses[0][2]
    leg, event = await last_of(caller, f"sip:x@127.0.0.1:{port};transport=tls")
    assert isinstance(event, Answered)
    assert leg.remote_sdp == "v=0 answer"
    assert "transport=tls" in next(v for n, v in event.headers if n == "Contact")
    # The called side hangs up over the connection that the caller made: the caller listens on no TLS port.
    await asyncio.wait_for(pair.legs[0].hangup(), 10)
    assert isinstance(await asyncio.wait_for(leg.next_event(), 10), Ended)


async def test_sips_uri_goes_over_tls(pair, authority):
    _, server, client = authority
    called = await pair.add(Listen("tls", port=0, tls=server))
    caller = await pair.add(Listen("tcp", port=0), client_tls=client)
    _, event = await last_of(caller, f"sips:x@127.0.0.1:{called.addresses[0][2]}")
    assert isinstance(event, Answered)


@pytest.mark.parametrize("client", ["nothing", "stranger"])
async def test_tls_refuses_whom_nobody_vouches_for(pair, authority, tmp_path, client):
    ca_pem, server, _ = authority
    called = await pair.add(Listen("tls", port=0, tls=server))
    if client == "stranger":
        _, pem, key = certificate(tmp_path, "stranger")
        files = TlsFiles(pem, key, ca_pem)
    else:
        files = TlsFiles(ca=ca_pem)
    caller = await pair.add(Listen("tcp", port=0), client_tls=files)
    _, event = await last_of(caller, f"sip:x@127.0.0.1:{called.addresses[0][2]};transport=tls")
    assert isinstance(event, Failed)
    assert event.status == 503
    assert pair.legs == []


async def test_tls_client_refuses_a_server_nobody_vouches_for(pair, authority, tmp_path):
    _, server, _ = authority
    _, other_ca, _ = certificate(tmp_path, "other")
    called = await pair.add(Listen("tls", port=0, tls=server))
    caller = await pair.add(Listen("tcp", port=0), client_tls=TlsFiles(ca=other_ca))
    _, event = await last_of(caller, f"sip:x@127.0.0.1:{called.addresses[0][2]};transport=tls")
    assert isinstance(event, Failed)


class Names:
    """Every domain is served by one server of this machine."""

    def __init__(self, port):
        self.port = port

    async def rules(self, domain):
        return [Rule(1, 1, "SIPS+D2T", f"_sips._tcp.{domain}")]

    async def services(self, name):
        return [Service(1, 1, self.port, "sbc.elsewhere.example")] if name.startswith("_sips._tcp") else []

    async def addresses(self, host):
        return ["127.0.0.1"]


async def test_certificate_must_name_the_domain_that_was_asked_for(pair, tmp_path):
    """RFC 5922 §4: the name is the domain's, not that of the server which the DNS gave."""
    ca, ca_pem, _ = certificate(tmp_path, "ca")
    _, pem, key = certificate(tmp_path, "carrier", ca, domain="carrier.example")
    called = await pair.add(Listen("tls", port=0, tls=TlsFiles(pem, key)))
    caller = await pair.add(
        Listen("udp", port=0), client_tls=TlsFiles(ca=ca_pem), names=Names(called.addresses[0][2])
    )
    _, event = await last_of(caller, "sip:x@carrier.example")
    assert isinstance(event, Answered)
    # The connection that stands was checked for the other name.
    _, event = await last_of(caller, "sip:x@rogue.example")
    assert isinstance(event, Failed)
    assert "rogue.example" in event.reason
    assert len(pair.legs) == 1


async def test_secure_call_stays_secure(pair, authority):
    """A sips address: both Contacts are sips, and the called side's requests come back over TLS."""
    _, server, client = authority
    called = await pair.add(Listen("tls", port=0, tls=server), client_tls=server)
    caller = await pair.add(Listen("tls", port=0, tls=client), client_tls=client)
    leg, event = await last_of(caller, f"sips:x@127.0.0.1:{called.addresses[0][2]}")
    assert dict(event.headers)["Contact"] == f"<sips:127.0.0.1:{called.addresses[0][2]}>"
    far = pair.legs[0]
    assert far.invite.get("Contact") == f"<sips:127.0.0.1:{caller.addresses[0][2]}>"
    # The connection breaks: the BYE finds its way by the Contact, over TLS again.
    for flow in list(called.network._connections):
        flow.abort()
    await asyncio.sleep(0.05)
    await asyncio.wait_for(far.hangup(), 10)
    assert isinstance(await asyncio.wait_for(leg.next_event(), 10), Ended)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_both_families_side_by_side(pair, transport):
    called = await pair.add(Listen(transport, "127.0.0.1", 0), Listen(transport, "::1", 0))
    caller = await pair.add(Listen(transport, "127.0.0.1", 0), Listen(transport, "::1", 0))
    for host, (_, _, port) in zip(("127.0.0.1", "[::1]"), called.addresses, strict=True):
        leg, event = await last_of(caller, f"sip:x@{host}:{port};transport={transport}")
        assert isinstance(event, Answered)
        assert f"sip:{host}:{port}" in dict(event.headers)["Contact"]
        far = pair.legs[-1]
        assert f"sip:{host}:" in far.invite.get("Contact")
        assert far.invite.via.host == host
        await asyncio.wait_for(far.hangup(), 10)
        assert isinstance(await asyncio.wait_for(leg.next_event(), 10), Ended)


async def test_tcp_calls_share_a_connection(pair):
    called = await pair.add(Listen("tcp", port=0))
    caller = await pair.add(Listen("tcp", port=0))
    target = f"sip:x@127.0.0.1:{called.addresses[0][2]};transport=tcp"
    both = await asyncio.gather(last_of(caller, target), last_of(caller, target))
    assert [type(event) for _, event in both] == [Answered, Answered]
    assert len(caller.network._connections) == 1
    await asyncio.gather(*(leg.hangup() for leg, _ in both))


async def test_connection_refused_fails_the_call(pair):
    caller = await pair.add(Listen("tcp", port=0))
    _, event = await last_of(caller, "sip:x@127.0.0.1:1;transport=tcp")
    assert isinstance(event, Failed)
    assert event.status == 503


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_port_in_use_is_told_and_nothing_stays_bound(pair, transport):
    first = await pair.add(Listen(transport, port=0))
    port = first.addresses[0][2]
    other = "tcp" if transport == "udp" else "udp"
    agent = UserAgent(
        UserAgentConfig(listen=(Listen(other, port=port), Listen(transport, port=port))), SystemClock()
    )
    with pytest.raises(ConfigurationError) as refused:
        await agent.start()
    assert f"cannot listen on {transport} 127.0.0.1 port {port}: Address already in use" in str(refused.value)
    assert "another SIP server" in str(refused.value)
    await pair.add(Listen(other, port=port))
    await agent.stop()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_address_of_another_machine_is_told(pair, transport):
    with pytest.raises(
        ConfigurationError, match=r"192\.0\.2\.1 port 0: .* \(this machine has no such address\)"
    ):
        await pair.add(Listen(transport, "192.0.2.1", 0))


async def test_garbage_on_a_stream_closes_it_and_costs_nobody_else(pair):
    called = await pair.add(Listen("tcp", port=0), Listen("udp", port=0), limits=Limits(connections=2))
    port = called.addresses[0][2]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\r\n\r\n")
    assert await asyncio.wait_for(reader.readexactly(2), 5) == b"\r\n"
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    caller = await pair.add(Listen("tcp", port=0))
    leg, event = await last_of(caller, f"sip:x@127.0.0.1:{port};transport=tcp")
    assert isinstance(event, Answered)
    await leg.hangup()


async def test_too_many_connections_are_refused(pair):
    called = await pair.add(Listen("tcp", port=0), limits=Limits(connections=1))
    port = called.addresses[0][2]
    _, first = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(0.05)
    second_reader, second = await asyncio.open_connection("127.0.0.1", port)
    try:
        assert await asyncio.wait_for(second_reader.read(), 5) == b""
    except ConnectionResetError:
        pass
    first.close()
    second.close()
    await asyncio.sleep(0.05)


async def test_tls_without_certificate_is_a_configuration_error(pair):
    with pytest.raises(ConfigurationError, match="certificate"):
        await pair.add(Listen("tls", port=0))
