"""From the operator's settings to the SIP room: listening points, trunks, accounts, the door for browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import WSMsgType, web

from vxmlplat.config import SipSettings, TrunkSettings
from vxmlplat.sip.agent import UserAgent
from vxmlplat.sip.probe import Probe
from vxmlplat.sip.registration import Registration, RegistrationSettings
from vxmlplat.sip.settings import Credentials, Listen, TlsFiles, Trunk, UserAgentConfig
from vxmlplat.sip.transport import bracketed
from vxmlplat.sip.websocket import serve_websocket

#: where browsers' telephones connect (RFC 7118)
WEBSOCKET = "/sip"
_LONGEST_MESSAGE = 65_535


def sip_config(settings: SipSettings) -> UserAgentConfig:
    """The user agent's part of the settings."""
    certificate, key, authorities = (
        str(path) if path is not None else None
        for path in (settings.certificate, settings.private_key, settings.authorities)
    )
    server = TlsFiles(certificate, key, authorities, verify_peer=settings.client_certificates)
    points = [
        Listen(
            transport,
            settings.host,
            settings.tls_port if transport == "tls" else settings.port,
            settings.advertise,
            server if transport == "tls" else None,
        )
        for transport in settings.transports
    ]
    for one in settings.listen:
        tls = server if one.transport == "tls" else None
        points.append(Listen(one.transport, one.host, one.port, one.advertise or settings.advertise, tls))
    return UserAgentConfig(
        listen=tuple(points),
        domain=settings.domain,
        trunks=tuple(_trunk(trunk) for trunk in settings.trunks),
        client_tls=TlsFiles(certificate, key, authorities),
        open_to_all=settings.open_to_all,
        nameservers=settings.nameservers,
        digest_algorithms=settings.digest,
    )


def _trunk(trunk: TrunkSettings) -> Trunk:
    credentials = Credentials(trunk.user, trunk.password) if trunk.user and trunk.password else None
    return Trunk(
        trunk.name,
        trunk.addresses,
        trunk.host,
        trunk.port,
        trunk.transport,
        credentials,
        max_calls=trunk.max_calls,
    )


def registrations(settings: SipSettings, agent: UserAgent) -> dict[str, Registration]:
    """The accounts at providers, by the names of their trunks; not started yet."""
    return {
        trunk.name: Registration(agent, _account(trunk))
        for trunk in settings.trunks
        if trunk.register_account
    }


def probes(settings: SipSettings, agent: UserAgent) -> dict[str, Probe]:
    """Who asks the trunks' servers whether they are alive, by the names of the trunks; not started yet."""
    return {
        trunk.name: Probe(agent, _server(trunk), trunk.probe_seconds)
        for trunk in settings.trunks
        if trunk.probe_seconds
    }


def _server(trunk: TrunkSettings) -> str:
    """The SIP URI of a trunk's servers."""
    assert trunk.host is not None, "the settings were checked"
    port = f":{trunk.port}" if trunk.port else ""
    transport = f";transport={trunk.transport}" if trunk.transport else ""
    return f"sip:{bracketed(trunk.host)}{port}{transport}"


def _account(trunk: TrunkSettings) -> RegistrationSettings:
    assert trunk.host is not None
    assert trunk.user is not None
    assert trunk.password is not None
    host = bracketed(trunk.host)
    account = trunk.caller_id if trunk.caller_id.startswith("sip:") else f"sip:{trunk.user}@{host}"
    return RegistrationSettings(
        _server(trunk),
        account,
        Credentials(trunk.user, trunk.password),
        trunk.register_seconds,
        contact_user=trunk.user,
    )


def sip_websocket(agent: UserAgent) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler of browsers' connections; who may call is the user agent's to decide, as with any peer."""

    async def serve(request: web.Request) -> web.StreamResponse:
        answer = web.WebSocketResponse(protocols=("sip",), heartbeat=30.0, max_msg_size=_LONGEST_MESSAGE)
        await answer.prepare(request)

        async def incoming() -> AsyncIterator[str | bytes]:
            async for message in answer:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    yield message.data

        peer = request.transport.get_extra_info("peername") if request.transport is not None else None
        remote = (str(peer[0]), int(peer[1])) if peer else ("", 0)
        await serve_websocket(agent, remote, incoming(), answer.send_str, secure=request.secure)
        return answer

    return serve
