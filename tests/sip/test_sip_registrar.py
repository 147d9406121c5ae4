"""Agents' telephones: registering, reaching them, losing them; who may call; the platform registering
elsewhere."""

from __future__ import annotations

import asyncio

import pytest

from vxmlplat.sip import registrar as registrar_module
from vxmlplat.sip.digest import DigestClient, DigestServer, Secret, user_hash
from vxmlplat.sip.errors import ConfigurationProblem
from vxmlplat.sip.message import Request, Response, parse
from vxmlplat.sip.registrar import Registrar
from vxmlplat.sip.registration import Registration, RegistrationSettings
from vxmlplat.sip.settings import Credentials, Limits, Trunk
from vxmlplat.sip.websocket import serve_websocket

USERS = {"anna": Secret("a-secret"), "bob": Secret("b-secret")}


def fields_of(values):
    return "".join(f"WWW-Authenticate: {v}\r\n" for v in values)


class Phone:
    """Registers as a telephone does: challenged, then with credentials."""

    def __init__(self, world, peer, user="anna", password="a-secret"):
        self.world, self.peer = world, peer
        self.digest = DigestClient(Credentials(user, password))
        self.user = user
        self.cseq = 0
        self.challenges = []

    def data(self, contact=None, extra="Expires: 300\r\n", auth=True):
        self.cseq += 1
        self.peer.branch += 1
        host, port = self.peer.at
        contact = contact if contact is not None else f"Contact: <sip:{self.user}@{host}:{port}>\r\n"
        header = ""
        if auth and self.challenges:
            value = self.digest.answer(self.challenges, "REGISTER", "sip:example.com")
            header = f"Authorization: {value}\r\n"
        return (
            f"REGISTER sip:example.com SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{self.user}{self.peer.branch};rport\r\n"
            f"From: <sip:{self.user}@example.com>;tag=r\r\nTo: <sip:{self.user}@example.com>\r\n"
            f"Call-ID: reg-{self.user}\r\n"
            f"CSeq: {self.cseq} REGISTER\r\nMax-Forwards: 70\r\n"
            f"{contact}{extra}{header}Content-Length: 0\r\n\r\n"
        )

    async def register(self, contact=None, extra="Expires: 300\r\n"):
        if not self.challenges:
            self.peer.send(self.data(contact, extra))
            await self.world.run()
            self.challenges = self.peer.responses(401)[-1].all("WWW-Authenticate")
        self.peer.send(self.data(contact, extra))
        await self.world.run()
        return self.peer.last()


async def with_registrar(world, handler=None, **options):
    registrar = Registrar("example.com", USERS.get, world.clock)
    options.setdefault("open_to_all", False)
    agent = await world.agent(handler=handler, registrar=registrar, domain="example.com", **options)
    return agent, registrar


async def test_register_needs_digest_and_gives_the_binding(world):
    _, registrar = await with_registrar(world)
    peer = world.peer()
    phone = Phone(world, peer)
    ok = await phone.register()
    assert peer.statuses() == [401, 200]
    assert [
        v.split("algorithm=")[1].split(",")[0] for v in peer.responses(401)[0].all("WWW-Authenticate")
    ] == [
        "SHA-256",
        "MD5",
    ]
    assert ok.get("Contact") == "<sip:anna@192.0.2.7:5070>;expires=300"
    (binding,) = registrar.contacts("anna")
    assert binding.flow.remote == peer.at
    assert registrar.contacts("sip:anna@example.com") == [binding]
    assert registrar.contacts("sip:anna@elsewhere.example") == []
    assert registrar.users() == ["anna"]


async def test_binding_expires(world):
    _, registrar = await with_registrar(world)
    await Phone(world, world.peer()).register()
    await world.run(299)
    assert registrar.contacts("anna")
    await world.run(2)
    assert registrar.contacts("anna") == []
    assert registrar.users() == []


async def test_several_telephones_ordered_by_q_and_removed(world):
    _, registrar = await with_registrar(world)
    phone = Phone(world, world.peer())
    both = "Contact: <sip:anna@192.0.2.7:5070>;q=0.2, <sip:anna@192.0.2.8:5070>;q=0.8;expires=60\r\n"
    ok = await phone.register(both)
    assert len(ok.values("Contact")) == 2
    assert [b.uri for b in registrar.contacts("anna")] == [
        "sip:anna@192.0.2.8:5070",
        "sip:anna@192.0.2.7:5070",
    ]
    ok = await phone.register("Contact: <sip:anna@192.0.2.8:5070>;expires=0\r\n")
    assert ok.values("Contact") == ["<sip:anna@192.0.2.7:5070>;expires=300"]
    ok = await phone.register("")
    assert len(ok.values("Contact")) == 1  # a query
    ok = await phone.register("Contact: *\r\n", "Expires: 0\r\n")
    assert ok.status == 200
    assert ok.values("Contact") == []
    assert registrar._flows == {}


@pytest.mark.parametrize(
    ("contact", "extra", "status"),
    [
        ("Contact: *\r\n", "Expires: 10\r\n", 400),
        ("Contact: <sip:a@1.2.3.4>\r\n", "Expires: 10\r\n", 423),
        ("Contact: <sip:a@1.2.3.4>;expires=99999999999\r\n", "", 200),
        ("".join(f"Contact: <sip:a@1.2.3.{n}>\r\n" for n in range(12)), "", 403),
        ("Contact: <mailto:a@b>\r\n", "", 416),
    ],
)
async def test_odd_registers(world, contact, extra, status):
    await with_registrar(world)
    response = await Phone(world, world.peer()).register(contact, extra)
    assert response.status == status


async def test_star_beside_a_contact_is_malformed(world):
    await with_registrar(world)
    peer = world.peer()
    peer.send(Phone(world, peer).data("Contact: <sip:a@1.2.3.4>, *\r\n"))
    await world.run()
    assert peer.statuses() == [400]


async def test_another_users_address_is_refused(world):
    _, registrar = await with_registrar(world)
    peer = world.peer()
    phone = Phone(world, peer)
    await phone.register()
    data = phone.data().replace("<sip:anna@example.com>\r\nCall", "<sip:bob@example.com>\r\nCall")
    peer.send(data)
    await world.run()
    assert peer.statuses()[-1] == 403
    assert registrar.contacts("bob") == []


async def test_wrong_password_unknown_user_and_replay(world):
    _, registrar = await with_registrar(world)
    peer = world.peer()
    assert (await Phone(world, peer, password="x").register()).status == 401
    assert (await Phone(world, peer, user="nobody").register()).status == 401
    phone = Phone(world, peer)
    assert (await phone.register()).status == 200
    stolen = phone.data()
    peer.send(stolen)
    await world.run()
    assert peer.last().status == 200
    thief = world.peer("203.0.113.9")
    thief.send(
        stolen.replace("branch=z9hG4bKanna", "branch=z9hG4bKthief").replace("192.0.2.7", "203.0.113.9")
    )
    await world.run()
    assert thief.statuses() == [401]
    assert "stale=true" in thief.last().get("WWW-Authenticate")
    assert [b.flow.remote for b in registrar.contacts("anna")] == [peer.at]


def algorithms_of(response):
    return [v.split("algorithm=")[1].split(",")[0] for v in response.all("WWW-Authenticate")]


def hashes(*algorithms):
    return Secret(ha1={name: user_hash(name, "anna", "example.com", "a-secret") for name in algorithms})


@pytest.mark.parametrize(
    ("kept", "configured", "offered"),
    [
        (("SHA-256", "MD5"), ("SHA-256", "MD5"), ["SHA-256", "MD5"]),
        (("SHA-256", "MD5"), ("MD5", "SHA-256"), ["MD5", "SHA-256"]),
        (("SHA-256", "MD5"), ("SHA-256",), ["SHA-256"]),
        (("MD5",), ("SHA-256", "MD5"), ["MD5"]),  # the password was set before SHA-256 was kept
    ],
)
async def test_what_is_kept_of_a_password_is_what_is_asked_for(world, sdp, kept, configured, offered):
    users = {"anna": hashes(*kept)}
    registrar = Registrar("example.com", users.get, world.clock, algorithms=configured)
    await world.agent(registrar=registrar, domain="example.com", open_to_all=False)
    peer = world.peer()
    phone = Phone(world, peer)
    assert (await phone.register()).status == 200
    assert algorithms_of(peer.responses(401)[0]) == offered
    stranger = world.peer("192.0.2.66")
    stranger.send(
        stranger.request("INVITE", body=sdp).replace(b"<sip:anna@192.0.2.66>", b"<sip:anna@example.com>")
    )
    stranger.send(stranger.request("INVITE", 2, call_id="c2", body=sdp).replace(b"sip:anna@", b"sip:nobody@"))
    await world.run()
    first, second = stranger.responses(401)
    assert (algorithms_of(first), algorithms_of(second)) == (offered, list(configured))


async def test_telephone_that_gives_up_at_sha_256_is_offered_md5_the_next_time(world, monkeypatch):
    """As baresip 1.0 does; who understands is offered both every time."""
    _, registrar = await with_registrar(world)
    peer, other = world.peer(), world.peer("192.0.2.8")
    for user, at in (("anna", peer), ("anna", peer), ("anna", peer), ("anna", other), ("bob", peer)):
        at.send(Phone(world, at, user).data(auth=False))
        await world.run()
    offered = [algorithms_of(response) for response in peer.responses(401) + other.responses(401)]
    both = ["SHA-256", "MD5"]
    assert offered == [both, ["MD5"], ["MD5"], both, both]
    modern = world.peer("192.0.2.9")
    phone = Phone(world, modern)
    for _ in range(3):
        phone.challenges = []
        assert (await phone.register()).status == 200
    assert [algorithms_of(response) for response in modern.responses(401)] == [both] * 3
    monkeypatch.setattr(registrar_module, "PUZZLED", 100.0)
    peer.send(Phone(world, peer).data(auth=False))
    await world.run(101)
    peer.send(Phone(world, peer).data(auth=False))
    await world.run()
    assert algorithms_of(peer.responses(401)[-1]) == both
    registrar._puzzled.clear()
    for n in range(10_010):
        registrar.challenges(Request("REGISTER", "sip:x", []), peer_flow(n), "anna", stale=False)
    assert len(registrar._puzzled) == 10_000


def peer_flow(n):
    class Somewhere:
        remote = (f"198.51.{n // 250}.{n % 250}", 5060)

    return Somewhere()


async def test_old_nonce_is_stale(world):
    await with_registrar(world)
    peer = world.peer()
    phone = Phone(world, peer)
    await phone.register()
    await world.run(400)
    response = await phone.register()
    assert response.status == 401
    assert "stale=true" in response.get("WWW-Authenticate")


async def test_call_to_a_user_goes_over_the_flow_of_the_telephone(world, sdp):
    agent, _ = await with_registrar(world)
    peer = world.peer()
    await Phone(world, peer).register("Contact: <sip:anna@10.9.8.7:5060>\r\n")  # behind NAT
    leg = world.call(agent, "sip:anna@example.com")
    await world.run()
    invite = peer.requests("INVITE")[0]
    assert invite.uri == "sip:anna@10.9.8.7:5060"
    peer.reply(invite, 200, body=sdp)
    await world.run()
    assert leg.state == "confirmed"


async def test_registered_telephone_may_call_and_strangers_must_prove_themselves(world, sdp):
    async def handler(leg):
        await leg.ring()

    await with_registrar(world, handler)
    peer, stranger = world.peer(), world.peer("203.0.113.9")
    await Phone(world, peer).register()
    peer.clear()
    peer.send(peer.request("INVITE", body=sdp))
    stranger.send(stranger.request("INVITE", body=sdp, call_id="s"))
    await world.run()
    assert peer.statuses() == [180]
    assert stranger.statuses() == [401]
    values = stranger.last().all("WWW-Authenticate")
    answer = DigestClient(Credentials("bob", "b-secret")).answer(values, "INVITE", "sip:100@192.0.2.1")
    stranger.send(stranger.request("INVITE", 2, body=sdp, call_id="s", extra=f"Authorization: {answer}\r\n"))
    await world.run()
    assert stranger.statuses()[-1] == 180


async def test_telephone_behind_a_proxy_is_reached_through_it_and_lends_it_no_trust(world, sdp):
    """RFC 3327; the proxy's address is that of all who stand behind it."""
    agent, registrar = await with_registrar(world)
    proxy = world.peer()
    behind = (
        "Contact: <sip:anna@10.0.0.4:5060>\r\n"
        "Via: SIP/2.0/UDP 10.0.0.4:5060;branch=z9hG4bKdeep\r\n"
        "Path: <sip:edge@192.0.2.7:5070;lr>, <sip:inner.example;lr>\r\n"
        "Require: path\r\n"
    )
    ok = await Phone(world, proxy).register(behind)
    assert ok.status == 200
    assert ok.values("Path") == ["<sip:edge@192.0.2.7:5070;lr>", "<sip:inner.example;lr>"]
    proxy.clear()
    proxy.send(proxy.request("INVITE", body=sdp))
    await world.run()
    assert proxy.statuses() == [401]
    (binding,) = registrar.contacts("anna")
    direct = {"flow": binding.flow, "route": binding.path}
    for target, options in (("sip:anna@example.com", {}), (binding.uri, direct)):
        proxy.clear()
        leg = world.call(agent, target, **options)
        await world.run()
        (invite,) = proxy.requests("INVITE")
        assert invite.uri == "sip:anna@10.0.0.4:5060"
        assert invite.values("Route") == list(binding.path)
        proxy.reply(invite, 486)
        await world.run()
        assert leg.state == "ended"


async def test_path_that_is_no_address_is_refused(world):
    _, registrar = await with_registrar(world)
    peer = world.peer()
    peer.send(Phone(world, peer).data("Contact: <sip:anna@10.0.0.4>\r\nPath: <nonsense>\r\n"))
    await world.run()
    assert peer.statuses() == [400]
    assert registrar.contacts("anna") == []


async def test_stranger_without_registrar_is_forbidden(world, sdp):
    agent = await world.agent(open_to_all=False)
    peer = world.peer()
    peer.send(peer.request("INVITE", body=sdp))
    await world.run()
    assert peer.statuses() == [403]
    assert agent.counters.refused == {"policy": 1}


async def test_trunks_by_address_with_limit_and_digest(world, sdp):
    async def handler(leg):
        await leg.ring()

    await world.agent(
        handler=handler,
        open_to_all=False,
        trunks=(
            Trunk("wide", addresses=("192.0.2.0/24",), max_calls=1),
            Trunk("narrow", addresses=("192.0.2.9",), challenge=Credentials("pbx", "p")),
        ),
    )
    wide, narrow = world.peer("192.0.2.7"), world.peer("192.0.2.9")
    wide.send(wide.request("INVITE", body=sdp))
    wide.send(wide.request("INVITE", body=sdp, call_id="second"))
    narrow.send(narrow.request("INVITE", body=sdp, call_id="n"))
    await world.run()
    assert sorted(wide.statuses()) == [180, 503]
    assert world.legs[0].trunk == "wide"
    assert narrow.statuses() == [401]
    answer = DigestClient(Credentials("pbx", "p")).answer(
        narrow.last().all("WWW-Authenticate"), "INVITE", "sip:100@192.0.2.1"
    )
    narrow.send(narrow.request("INVITE", 2, body=sdp, call_id="n", extra=f"Authorization: {answer}\r\n"))
    await world.run()
    assert narrow.statuses()[-1] == 180
    assert world.legs[-1].trunk == "narrow"


async def test_trunk_with_a_wrong_network_is_a_configuration_error(world):
    with pytest.raises(ConfigurationProblem):
        await world.agent(trunks=(Trunk("t", addresses=("not-an-address",)),))


async def test_invite_flood_is_answered_503_and_counted(world, sdp):
    async def handler(leg):
        leg.reject(486)

    agent = await world.agent(
        handler=handler, limits=Limits(invites_per_second_per_source=5, invites_burst=100)
    )
    peer = world.peer()
    for n in range(30):
        peer.send(peer.request("INVITE", body=sdp, call_id=f"f{n}"))
    await world.run()
    assert peer.statuses().count(486) == 10
    assert peer.statuses().count(503) == 20
    assert agent.counters.refused["flood"] == 20
    other = world.peer("192.0.2.8")
    other.send(other.request("INVITE", body=sdp, call_id="o"))
    await world.run()
    assert other.statuses() == [486]


async def test_transaction_table_is_bounded(world):
    agent = await world.agent(limits=Limits(server_transactions=10))
    peer = world.peer()
    for n in range(15):
        peer.send(peer.request("OPTIONS", call_id=f"o{n}"))
    await world.run()
    assert peer.statuses().count(503) == 5
    assert agent.counters.server_transactions == 10


async def test_platform_registers_refreshes_and_unregisters(world):
    agent = await world.agent()
    peer = world.peer()
    server = DigestServer("prov", lambda u: Secret("pw") if u == "me" else None, world.clock)

    def answer(message):
        if message.method != "REGISTER":
            return
        verdict = server.check(message.all("Authorization"), "REGISTER", message.uri)
        if verdict.outcome == "ok":
            contact = message.get("Contact")
            peer.reply(
                message,
                200,
                contact=False,
                extra=f"Contact: {contact};expires={min(60, int(message.get('Expires')))}\r\n",
            )
        else:
            peer.reply(
                message,
                401,
                contact=False,
                extra=fields_of(server.challenges(stale=verdict.outcome == "stale")),
            )

    peer.on_message = answer
    states = []
    registration = Registration(
        agent,
        RegistrationSettings(
            "sip:192.0.2.7:5070", "sip:me@prov.example", Credentials("me", "pw"), contact_user="me"
        ),
        lambda state, problem: states.append(state),
    )
    registration.start()
    await world.run()
    assert registration.state == "registered"
    first = peer.requests("REGISTER")[0]
    assert first.get("Contact") == "<sip:me@192.0.2.1:5060>"
    assert len({r.call_id for r in peer.requests()}) == 1
    before = len(peer.requests("REGISTER"))
    await world.run(31)
    assert len(peer.requests("REGISTER")) > before
    stopping = asyncio.ensure_future(registration.stop())
    await world.run(1)
    assert stopping.done()
    assert peer.requests("REGISTER")[-1].get("Expires") == "0"
    assert states == ["trying", "registered", "off"]


async def test_provider_that_writes_our_address_in_its_own_way_shortens_the_interval(world):
    agent = await world.agent()
    peer = world.peer()
    contact = "Contact: <sip:me@192.0.2.1:5060;transport=udp;x=1>;expires=60\r\n"
    peer.on_message = lambda message: peer.reply(message, 200, contact=False, extra=contact)
    account = RegistrationSettings("sip:192.0.2.7:5070", "sip:me@prov.example", Credentials("me", "pw"))
    registration = Registration(agent, account)
    registration.start()
    await world.run(31)
    assert len(peer.requests("REGISTER")) == 2
    stopping = asyncio.ensure_future(registration.stop())
    await world.run(1)
    await stopping


async def test_platform_registration_retries(world):
    agent = await world.agent()
    peer = world.peer()
    registration = Registration(
        agent, RegistrationSettings("sip:192.0.2.7:5070", "sip:me@prov.example", Credentials("me", "pw"))
    )
    registration.start()
    await world.run()
    peer.reply(peer.requests("REGISTER")[0], 503)
    await world.run()
    assert registration.state == "failed"
    assert "503" in registration.problem
    await world.run(34)
    assert len({r.cseq for r in peer.requests("REGISTER")}) == 2
    stopping = asyncio.ensure_future(registration.stop())
    await world.run(1)
    assert stopping.done()


def accepting(peer):
    """A registrar that grants everything."""

    def answer(message):
        if isinstance(message, Request):
            extra = f"Contact: {message.get('Contact')};expires=300\r\n" if message.get("Contact") else ""
            peer.reply(message, 200, contact=False, extra=extra)

    peer.on_message = answer


async def test_registration_goes_to_the_next_server_and_keeps_the_way_open(world):
    world.names.hosts["prov.example"] = ["192.0.2.71", "192.0.2.72"]
    agent = await world.agent()
    dead, alive = world.peer("192.0.2.71", 5060), world.peer("192.0.2.72", 5060)
    accepting(alive)
    registration = Registration(
        agent, RegistrationSettings("sip:prov.example", "sip:me@prov.example", Credentials("me", "pw"))
    )
    registration.start()
    await world.run(33)
    assert registration.state == "registered"
    assert dead.requests("REGISTER")
    kept = [data for _, source, target, data in world.wire.log if target == alive.at and not data.strip()]
    assert kept == []
    await world.run(200)
    kept = [data for _, source, target, data in world.wire.log if target == alive.at and not data.strip()]
    assert kept == [b"\r\n\r\n"] * 8
    tried = len(dead.requests())
    await world.run(100)  # refreshed where it was accepted
    assert len(alive.requests("REGISTER")) == 2
    # That server dies: the other one is asked at the next refresh.
    alive.on_message = None
    accepting(dead)
    await world.run(330)
    assert registration.state == "registered"
    assert len(dead.requests()) > tried
    stopping = asyncio.ensure_future(registration.stop())
    await world.run(1)
    assert stopping.done()
    await world.run(40)
    world.back_at_base()


async def test_dead_registrar_does_not_hold_up_the_end(world):
    agent, peer = await world.agent(), world.peer()
    accepting(peer)
    registration = Registration(
        agent, RegistrationSettings("sip:192.0.2.7:5070", "sip:me@prov.example", Credentials("me", "pw"))
    )
    registration.start()
    await world.run()
    assert registration.state == "registered"
    peer.on_message = None
    stopping = asyncio.ensure_future(registration.stop())
    await world.run(4.1)
    assert stopping.done()
    assert registration.state == "off"


async def test_refusal_of_a_registrar_is_not_taken_to_the_next(world):
    world.names.hosts["prov.example"] = ["192.0.2.71", "192.0.2.72"]
    agent = await world.agent()
    first, second = world.peer("192.0.2.71", 5060), world.peer("192.0.2.72", 5060)
    first.on_message = lambda message: first.reply(message, 403, contact=False)
    registration = Registration(
        agent, RegistrationSettings("sip:prov.example", "sip:me@prov.example", Credentials("me", "pw"))
    )
    registration.start()
    await world.run(1)
    assert (registration.state, registration.problem) == ("failed", "403 X")
    assert not second.requests()
    await registration.stop()


async def test_telephones_are_kept_reachable_through_address_translation(world):
    await with_registrar(world)
    peers = [world.peer(), world.peer("192.0.2.8")]
    for peer, user in zip(peers, USERS, strict=True):
        contact = f"Contact: <sip:{user}@10.0.0.1>\r\n"
        assert (await Phone(world, peer, user, USERS[user].password).register(contact)).status == 200
    world.wire.log.clear()
    await world.run(100)
    kept = [target for _, _, target, data in world.wire.log if data == b"\r\n\r\n"]
    assert sorted(kept) == sorted(peer.at for peer in peers for _ in range(4))
    await world.run(250)  # the registrations are over
    world.wire.log.clear()
    await world.run(100)
    assert world.wire.log == []


async def test_telephone_that_comes_back_over_another_connection_is_one_telephone(world):
    """RFC 5626 §6: the same instance and reg-id; what has another one stays."""
    _, registrar = await with_registrar(world)
    peer = world.peer()
    phone = Phone(world, peer)
    for n, (contact, flow) in enumerate([("a", 1), ("b", 1), ("c", 2), ("d", None)]):
        reg_id = f";reg-id={flow}" if flow else ""
        value = f'Contact: <sip:{contact}@192.0.2.7>;+sip.instance="<urn:uuid:1>"{reg_id}\r\n'
        assert (await phone.register(value)).status == 200, n
    assert sorted(b.uri for b in registrar.contacts("anna")) == [
        "sip:b@192.0.2.7",
        "sip:c@192.0.2.7",
        "sip:d@192.0.2.7",
    ]


async def test_telephone_that_moves_leaves_nothing_of_its_old_address(world, sdp):
    _, registrar = await with_registrar(world)
    old, new = world.peer(), world.peer("192.0.2.88")
    phone = Phone(world, old)
    await phone.register("Contact: <sip:anna@phone.example>\r\n")
    phone.peer = new
    new.branch = 50
    assert (await phone.register("Contact: <sip:anna@phone.example>\r\n")).status == 200
    assert [b.flow.remote for b in registrar.contacts("anna")] == [new.at]
    assert list(registrar._flows) == [("udp", new.at)]
    old.send(old.request("INVITE", body=sdp))
    await world.run()
    assert old.statuses()[-1] == 401


@pytest.mark.parametrize(("q", "kept"), [("0.3", 0.3), ("nan", 1.0), ("7", 1.0), ("-1", 1.0), ("", 1.0)])
async def test_odd_preferences(world, q, kept):
    _, registrar = await with_registrar(world)
    await Phone(world, world.peer()).register(f"Contact: <sip:anna@192.0.2.7>;q={q}\r\n")
    assert [b.q for b in registrar.contacts("anna")] == [kept]


async def test_browser_over_websocket_registers_is_called_and_calls(world, sdp):
    agent, registrar = await with_registrar(world, handler=lambda leg: leg.answer(sdp))
    incoming: asyncio.Queue[str | None] = asyncio.Queue()
    sent = []

    async def messages():
        while (text := await incoming.get()) is not None:
            yield text

    async def send(text):
        sent.append(text)

    serving = asyncio.ensure_future(
        serve_websocket(agent, ("198.51.100.4", 40000), messages(), send, secure=True)
    )
    digest = DigestClient(Credentials("anna", "a-secret"))

    def register(n, auth=""):
        return (
            f"REGISTER sip:example.com SIP/2.0\r\n"
            f"Via: SIP/2.0/WSS abc.invalid;branch=z9hG4bKw{n}\r\nFrom: <sip:anna@example.com>;tag=1\r\n"
            f"To: <sip:anna@example.com>\r\nCall-ID: w\r\nCSeq: {n} REGISTER\r\n"
            f"Contact: <sip:anna@abc.invalid;transport=ws>\r\n"
            f"{auth}Content-Length: 0\r\n\r\n"
        )

    await incoming.put("\r\n\r\n")
    await incoming.put(register(1))
    await world.run()
    assert sent[0] == "\r\n"
    challenge = parse(sent[1].encode()).all("WWW-Authenticate")
    await incoming.put(
        register(2, f"Authorization: {digest.answer(challenge, 'REGISTER', 'sip:example.com')}\r\n")
    )
    await world.run()
    ok = parse(sent[2].encode())
    assert isinstance(ok, Response)
    assert ok.status == 200
    world.call(agent, "sip:anna@example.com")
    await world.run()
    invite = parse(sent[3].encode())
    assert isinstance(invite, Request)
    assert invite.uri == "sip:anna@abc.invalid;transport=ws"
    assert "SIP/2.0/WSS" in (invite.get("Via") or "")
    assert "transport=wss" in (invite.get("Contact") or "")

    def say(text):
        incoming.put_nowait(text)

    def answer(request, status, body=""):
        tag = "" if "tag=" in request.get("To") else ";tag=b"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        say(
            f"SIP/2.0 {status} X\r\nVia: {request.get('Via')}\r\nFrom: {request.get('From')}\r\n"
            f"To: {request.get('To')}{tag}\r\nCall-ID: {request.call_id}\r\nCSeq: {request.get('CSeq')}\r\n"
            f"Contact: <sip:anna@abc.invalid;transport=ws>\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    answer(invite, 180)
    answer(invite, 200, sdp)
    await world.run()
    leg = world.legs[0]
    assert leg.state == "confirmed"
    ack = parse(sent[-1].encode())
    assert (ack.method, ack.uri) == ("ACK", "sip:anna@abc.invalid;transport=ws")
    asking = asyncio.ensure_future(leg.reinvite(sdp))
    await world.run()
    again = parse(sent[-1].encode())
    assert again.method == "INVITE"
    answer(again, 200, sdp)
    await world.run()
    assert await asking == sdp
    assert parse(sent[-1].encode()).method == "ACK"
    say(
        f"BYE {invite.get('Contact')[1:-1]} SIP/2.0\r\nVia: SIP/2.0/WSS abc.invalid;branch=z9hG4bKbye\r\n"
        f"From: <sip:anna@example.com>;tag=b\r\nTo: {invite.get('From')}\r\nCall-ID: {invite.call_id}\r\n"
        "CSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n"
    )
    await world.run()
    assert parse(sent[-1].encode()).status == 200
    assert leg.state == "ended"

    # The browser calls, and is gone while its call is up.
    say(
        "INVITE sip:100@example.com SIP/2.0\r\nVia: SIP/2.0/WSS abc.invalid;branch=z9hG4bKi\r\n"
        "From: <sip:anna@example.com>;tag=2\r\nTo: <sip:100@example.com>\r\nCall-ID: w2\r\nCSeq: 1 INVITE\r\n"
        "Contact: <sip:anna@abc.invalid;transport=ws>\r\nContent-Type: application/sdp\r\n"
        f"Content-Length: {len(sdp)}\r\n\r\n{sdp}"
    )
    await world.run()
    assert parse(sent[-1].encode()).status == 200
    world.call(agent, "sip:anna@example.com")
    await world.run()
    await incoming.put(None)
    await world.run()
    assert serving.done()
    assert registrar.contacts("anna") == []
    assert world.legs[-1].state == "ended"  # the call that rang at the browser
    await world.run(40)
    assert [leg.state for leg in world.legs] == ["ended"] * 3  # nobody acknowledged
    world.back_at_base()


async def test_scanners_leave_nothing_behind_and_do_not_keep_callers_out(world, sdp):
    async def handler(leg):
        await leg.ring()

    agent = await world.agent(handler=handler, limits=Limits(others_per_second_per_source=5))
    scanner, caller = world.peer("203.0.113.9"), world.peer()
    for n in range(100):
        scanner.send(scanner.request("OPTIONS", call_id=f"o{n}"))
        scanner.send(b"FOO sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.9:5070;branch=z9hG4bKx%d\r\n\r\n" % n)
    caller.send(caller.request("INVITE", body=sdp))
    await world.run()
    assert len(scanner.received) == 10
    assert agent.counters.server_transactions == 11
    assert caller.statuses() == [180]


async def test_answer_to_a_flood_of_invites_is_not_repeated(world, sdp):
    agent = await world.agent(limits=Limits(invites_per_second_per_source=0.5))
    peer = world.peer()
    peer.send(peer.request("INVITE", body=sdp, call_id="one", extra="Require: x\r\n"))
    peer.send(peer.request("INVITE", body=sdp, call_id="two", branch="two"))
    await world.run(20)
    assert peer.statuses().count(503) == 1
    assert agent.counters.refused["flood"] == 1


async def test_all_telephones_of_a_user_can_be_rung_at_once(world, sdp):
    agent, registrar = await with_registrar(world)
    desk, soft = world.peer("192.0.2.7"), world.peer("192.0.2.8")
    await Phone(world, desk).register("Contact: <sip:anna@10.0.0.1>\r\n")
    other = Phone(world, soft)
    other.cseq = 100
    await other.register("Contact: <sip:anna@10.0.0.2>\r\n")
    legs = [world.call(agent, b.uri, flow=b.flow) for b in registrar.contacts("anna")]
    await world.run()
    assert desk.requests("INVITE")[0].uri == "sip:anna@10.0.0.1"
    assert soft.requests("INVITE")[0].uri == "sip:anna@10.0.0.2"
    soft.reply(soft.requests("INVITE")[0], 200, body=sdp)
    await world.run()
    assert sorted(leg.state for leg in legs) == ["confirmed", "trying"]
