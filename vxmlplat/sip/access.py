"""Who may call: trunks by address, registered telephones, this machine; others prove themselves or are
refused."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from vxmlplat.clock import Clock
from vxmlplat.sip.digest import DigestServer, Secret
from vxmlplat.sip.errors import ConfigurationProblem
from vxmlplat.sip.message import Request
from vxmlplat.sip.settings import Trunk, UserAgentConfig
from vxmlplat.sip.transport import Flow
from vxmlplat.sip.uri import user_part

if TYPE_CHECKING:
    from vxmlplat.sip.registrar import Registrar


@dataclass(frozen=True, slots=True)
class Admission:
    """The verdict on a request from outside a dialog.

    ``trusted`` peers may assert identities (RFC 3325). ``challenge`` holds WWW-Authenticate values to answer
    401 with.
    """

    outcome: Literal["admit", "challenge", "forbid"]
    trunk: Trunk | None = None
    user: str | None = None
    trusted: bool = False
    challenge: tuple[str, ...] = ()


AccessPolicy = Callable[[Request, Flow], Admission]
"""Decides about every INVITE, OPTIONS excepted; replace it for rules of your own."""


class DefaultPolicy:
    """Trunks by address (with digest when the trunk asks for it), registered telephones, loopback; else
    digest or 403."""

    def __init__(
        self, config: UserAgentConfig, clock: Clock, realm: str, registrar: Registrar | None
    ) -> None:
        self._config = config
        self._registrar = registrar
        self._networks: list[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, Trunk]] = []
        self._challengers: dict[str, DigestServer] = {}
        for trunk in config.trunks:
            for text in trunk.addresses:
                try:
                    self._networks.append((ipaddress.ip_network(text, strict=False), trunk))
                except ValueError as error:
                    raise ConfigurationProblem(
                        f"trunk {trunk.name}: {text!r} is no network: {error}"
                    ) from error
            if trunk.challenge is not None:
                known = trunk.challenge
                self._challengers[trunk.name] = DigestServer(
                    known.realm or realm,
                    lambda user, known=known: Secret(known.password) if user == known.username else None,  # type: ignore[misc]
                    clock,
                    algorithms=config.digest_algorithms,
                )
        # The narrowest network wins.
        self._networks.sort(key=lambda pair: -pair[0].prefixlen)

    def __call__(self, request: Request, flow: Flow) -> Admission:
        """Judge one request."""
        address = _address(flow.remote[0])
        for network, trunk in self._networks:
            if address in network:
                return self._trunk(trunk, request)
        if self._registrar is not None:
            user = self._registrar.user_of(flow)
            if user is not None:
                return Admission("admit", user=user)
        if self._config.open_to_all or (self._config.trust_loopback and address.is_loopback):
            return Admission("admit", trusted=True)
        if self._registrar is not None:
            verdict = self._registrar.digest.check(
                request.all("Authorization"), request.method, request.uri, request.body
            )
            if verdict.outcome == "ok":
                return Admission("admit", user=verdict.user)
            stale = verdict.outcome == "stale"
            challenges = self._registrar.challenges(request, flow, user_part(request.from_), stale=stale)
            return Admission("challenge", challenge=tuple(challenges))
        return Admission("forbid")

    def _trunk(self, trunk: Trunk, request: Request) -> Admission:
        digest = self._challengers.get(trunk.name)
        if digest is None:
            return Admission("admit", trunk, trusted=True)
        verdict = digest.check(request.all("Authorization"), request.method, request.uri, request.body)
        if verdict.outcome == "ok":
            return Admission("admit", trunk, user=verdict.user, trusted=True)
        return Admission(
            "challenge", trunk, challenge=tuple(digest.challenges(stale=verdict.outcome == "stale"))
        )


@lru_cache(maxsize=4096)
def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """A peer's address, IPv4 in IPv6 taken out."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
