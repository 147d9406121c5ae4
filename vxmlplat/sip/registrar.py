"""The registrar for agents' telephones (RFC 3261 §10.3): several contacts each, expiry, digest, flows (RFC
5626)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from vxmlplat.clock import Clock
from vxmlplat.sip.digest import DigestServer, Secrets, parse_digest
from vxmlplat.sip.errors import MessageError
from vxmlplat.sip.grammar import natural
from vxmlplat.sip.message import Request
from vxmlplat.sip.settings import Algorithm
from vxmlplat.sip.transport import Flow
from vxmlplat.sip.uri import NameAddr, parse_name_addr, parse_uri, user_part

PUZZLED = 86_400.0
"""Seconds for which is remembered who did not understand a challenge."""
_MOST_PUZZLED = 10_000


@dataclass(frozen=True, slots=True)
class Binding:
    """One telephone of a user: where it wants requests, and the flow it registered over."""

    uri: str
    flow: Flow
    expires_at: float
    call_id: str
    cseq: int
    q: float = 1.0
    user_agent: str = ""
    instance: str = ""
    """Which telephone it is and which of its flows (RFC 5626 §4), when it says so."""
    path: tuple[str, ...] = ()
    """The proxies on the way to it, as Route values (RFC 3327)."""


class _Asked(NamedTuple):
    """What a REGISTER wants of one contact."""

    seconds: int
    q: float
    instance: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The response to a REGISTER."""

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=())


class Registrar:
    """Keeps who can be reached where. Digest is always asked for; ``secrets_of`` gives a user's secret, or
    None.

    ``domain`` is the realm and the host of the users' URIs. Intervals in seconds.
    """

    def __init__(
        self,
        domain: str,
        secrets_of: Secrets,
        clock: Clock,
        *,
        min_expires: int = 60,
        max_expires: int = 3600,
        max_contacts: int = 10,
        max_users: int = 20_000,
        algorithms: tuple[Algorithm, ...] = ("SHA-256", "MD5"),
    ) -> None:
        self.domain = domain.lower()
        self.digest = DigestServer(domain, secrets_of, clock, algorithms=algorithms)
        self._clock = clock
        self._min = min_expires
        self._max = max_expires
        self._max_contacts = max_contacts
        self._max_users = max_users
        self._puzzled: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._users: dict[str, dict[str, Binding]] = {}
        self._flows: dict[tuple[str, tuple[str, int]], str] = {}

    def contacts(self, user: str) -> list[Binding]:
        """Where a user can be reached now, best first; ``user`` is a name or ``sip:name@domain``. Dead ones
        are dropped."""
        name = self._name(user)
        bindings = self._users.get(name) if name is not None else None
        if not bindings:
            return []
        now = self._clock.now()
        for uri, binding in list(bindings.items()):
            if binding.expires_at <= now or not binding.flow.alive:
                self._drop(name or "", uri)
        live = list(bindings.values())
        return sorted(live, key=lambda b: (-b.q, -b.expires_at))

    def users(self) -> list[str]:
        """Names of the users with at least one telephone."""
        return [name for name in list(self._users) if self.contacts(name)]

    def flows(self) -> list[Flow]:
        """The flows of all telephones that are registered now."""
        now = self._clock.now()
        live = (b for known in self._users.values() for b in known.values() if b.expires_at > now)
        return list({(b.flow.transport, b.flow.remote): b.flow for b in live}.values())

    def user_of(self, flow: Flow) -> str | None:
        """Who registered from this address."""
        name = self._flows.get((flow.transport, flow.remote))
        if name is None:
            return None
        return name if any(b.flow.remote == flow.remote for b in self.contacts(name)) else None

    def flow_lost(self, flow: Flow) -> None:
        """A connection broke: its telephones cannot be reached any more (RFC 5626 §6)."""
        name = self._flows.get((flow.transport, flow.remote))
        if name is not None:
            for uri, binding in list(self._users.get(name, {}).items()):
                if binding.flow is flow:
                    self._drop(name, uri)

    def _name(self, user: str) -> str | None:
        if not user.lower().startswith(("sip:", "sips:")):
            return user
        uri = parse_uri(user)
        return uri.number if uri.address == self.domain.strip("[]") else None

    def _drop(self, name: str, uri: str) -> None:
        bindings = self._users.get(name, {})
        binding = bindings.pop(uri, None)
        if binding is not None and not any(b.flow.remote == binding.flow.remote for b in bindings.values()):
            self._flows.pop((binding.flow.transport, binding.flow.remote), None)
        if not bindings:
            self._users.pop(name, None)

    def register(self, request: Request, flow: Flow) -> Outcome:
        """Serve a REGISTER (§10.3). Raises MessageError for one that is malformed."""
        authorization = request.all("Authorization")
        verdict = self.digest.check(authorization, "REGISTER", request.uri, request.body)
        if verdict.outcome != "ok":
            stale = verdict.outcome == "stale" and bool(authorization)
            challenges = self.challenges(request, flow, user_part(request.to), stale=stale)
            return Outcome(401, "", tuple(("WWW-Authenticate", value) for value in challenges))
        if any("SHA-256" in value for value in authorization):
            self._puzzled.pop((flow.remote[0], verdict.user or ""), None)
        to = parse_uri(request.to.uri)
        name = verdict.user or ""
        if to.number != name:
            return Outcome(403, "Not Your Address Of Record")
        if to.address != self.domain.strip("[]") and parse_uri(request.uri).address != self.domain.strip(
            "[]"
        ):
            return Outcome(404, "Not Our Domain")
        refusal = self._change(name, request, flow)
        if refusal is not None:
            return refusal
        now = self._clock.now()
        return Outcome(
            200,
            "",
            tuple(
                ("Contact", f"<{b.uri}>;expires={max(0, round(b.expires_at - now))}")
                for b in self.contacts(name)
            )
            + tuple(("Path", value) for value in request.values("Path")),
        )

    def challenges(self, request: Request, flow: Flow, user: str, *, stale: bool) -> list[str]:
        """What a telephone is asked to prove itself with.

        Some give up when they see a challenge that they do not understand, though the next one would do (RFC
        8760 §2.4 asks them to go on). Who was offered several and comes again without an answer is offered
        MD5 alone, for a day.
        """
        key = flow.remote[0], user
        given = parse_digest(request.get("Authorization") or "")
        if given is not None:
            plain = given.get("algorithm", "MD5").upper() == "MD5"
            return self.digest.challenges(user, stale=stale, weakest=plain)
        now = self._clock.now()
        again = self._puzzled.get(key, 0.0) > now
        self._puzzled[key] = now + PUZZLED
        self._puzzled.move_to_end(key)
        if len(self._puzzled) > _MOST_PUZZLED:
            self._puzzled.popitem(last=False)
        return self.digest.challenges(user, stale=stale, weakest=again)

    def _change(self, name: str, request: Request, flow: Flow) -> Outcome | None:
        values = request.values("Contact")
        asked = natural(request.get("Expires"))
        default = self._max if asked is None else asked
        number = request.cseq[0]
        bindings = self._users.get(name, {})
        if values == ["*"]:
            if request.get("Expires") is None or default != 0:
                raise MessageError("Contact * Needs Expires 0")
            if any(b.call_id == request.call_id and b.cseq >= number for b in bindings.values()):
                return Outcome(500, "CSeq Out Of Order")
            for uri in list(bindings):
                self._drop(name, uri)
            return None
        wanted: dict[str, _Asked] = {}
        for value in values:
            contact = parse_name_addr(value)
            uri = str(parse_uri(contact.uri).plain())
            text = contact.parameter("expires")
            seconds = default
            if text is not None:
                asked = natural(text)
                seconds = self._max if asked is None else asked
            known = bindings.get(uri)
            if known is not None and known.call_id == request.call_id and known.cseq >= number:
                return Outcome(500, "CSeq Out Of Order")
            if 0 < seconds < self._min:
                return Outcome(423, "", (("Min-Expires", str(self._min)),))
            wanted[uri] = _Asked(min(seconds, self._max), _preference(contact), _instance(contact))
        # The same telephone over a new connection: nobody is behind the old one any more (RFC 5626 §6).
        instances = {one.instance for one in wanted.values()} - {""}
        gone = {uri for uri, binding in bindings.items() if binding.instance in instances}
        gone |= {uri for uri, one in wanted.items() if not one.seconds}
        come = {uri for uri, one in wanted.items() if one.seconds}
        if len((set(bindings) - gone) | come) > self._max_contacts:
            return Outcome(403, "Too Many Contacts")
        if name not in self._users and len(self._users) >= self._max_users:
            return Outcome(503)
        for uri in gone | come:
            self._drop(name, uri)
        agent = (request.get("User-Agent") or "")[:80]
        path = tuple(request.values("Path"))
        # Behind a proxy stand others as well: its address proves nobody.
        own = not path and len(request.values("Via")) == 1
        for uri in wanted:
            if uri in come:
                seconds, q, instance = wanted[uri]
                ends = self._clock.now() + seconds
                binding = Binding(uri, flow, ends, request.call_id, number, q, agent, instance, path)
                self._users.setdefault(name, {})[uri] = binding
                if own:
                    self._flows[(flow.transport, flow.remote)] = name
        return None


def _preference(contact: NameAddr) -> float:
    """The q of a Contact (RFC 3261 §20.10); 1 when it has none that can be."""
    try:
        q = float(contact.parameter("q") or 1.0)
    except ValueError:
        return 1.0
    return q if 0.0 <= q <= 1.0 else 1.0


def _instance(contact: NameAddr) -> str:
    """What tells a telephone's flow from all others (RFC 5626 §4.1), '' where it does not say."""
    instance, number = contact.parameter("+sip.instance"), contact.parameter("reg-id")
    return f"{instance};{number}" if instance and number else ""
