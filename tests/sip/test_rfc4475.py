"""The 49 messages of RFC 4475, each with the outcome that a user agent owes it.

The messages stand in ``rfc4475/NAME.dat``. They go over the wire to a user agent with a registrar; the
outcome is the status that it answers (180 comes from the call's handler: the INVITE was taken), or that it
stays silent.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from vxmlplat.sip.digest import Secret
from vxmlplat.sip.message import Request, Response, parse
from vxmlplat.sip.registrar import Registrar
from vxmlplat.sip.uri import parse_name_addr, parse_uri

FOLDER = Path(__file__).parent / "rfc4475"
#: name -> (section, status that answers it; None for silence)
OUTCOMES: dict[str, tuple[str, int | None]] = {
    "wsinv": ("3.1.1.1", 481),  # well formed, and within a dialog that does not exist here
    "intmeth": ("3.1.1.2", 501),
    "esc01": ("3.1.1.3", 180),
    "escnull": ("3.1.1.4", 401),
    "esc02": ("3.1.1.5", 501),
    "lwsdisp": ("3.1.1.6", 200),
    "longreq": ("3.1.1.7", 180),
    "dblreq": ("3.1.1.8", 401),
    "semiuri": ("3.1.1.9", 200),
    "transports": ("3.1.1.10", 200),
    "mpart01": ("3.1.1.11", 405),
    "unreason": ("3.1.1.12", None),
    "noreason": ("3.1.1.13", None),
    "badinv01": ("3.1.2.1", 400),
    "clerr": ("3.1.2.2", 400),
    "ncl": ("3.1.2.3", 400),
    "scalar02": ("3.1.2.4", 400),
    "scalarlg": ("3.1.2.5", None),
    "quotbal": ("3.1.2.6", 400),
    "ltgtruri": ("3.1.2.7", 400),
    "lwsruri": ("3.1.2.8", 400),
    "lwsstart": ("3.1.2.9", 400),
    "trws": ("3.1.2.10", 400),
    "escruri": ("3.1.2.11", 400),
    "baddate": ("3.1.2.12", 180),  # the Date is not looked at
    "regbadct": ("3.1.2.13", 400),
    "badaspec": ("3.1.2.14", 400),
    "baddn": ("3.1.2.15", 400),
    "badvers": ("3.1.2.16", 505),
    "mismatch01": ("3.1.2.17", 400),
    "mismatch02": ("3.1.2.18", 501),
    "bigcode": ("3.1.2.19", None),
    "badbranch": ("3.2.1", 200),
    "insuf": ("3.3.1", 400),
    "unkscm": ("3.3.2", 416),
    "novelsc": ("3.3.3", 416),
    "unksm2": ("3.3.4", 401),
    "bext01": ("3.3.5", 420),
    "invut": ("3.3.6", 415),
    "regaut01": ("3.3.7", 401),
    "multi01": ("3.3.8", 400),
    "mcl01": ("3.3.9", 400),
    "bcast": ("3.3.10", None),
    "zeromf": ("3.3.11", 200),
    "cparam01": ("3.3.12", 401),
    "cparam02": ("3.3.13", 401),
    "regescrt": ("3.3.14", 401),
    "sdp01": ("3.3.15", 406),
    "inv2543": ("3.4.1", 180),
}
#: header fields that the response must have
EXPECTED_FIELDS = {
    "intmeth": ("Allow", "INVITE"),
    "bext01": ("Unsupported", "nothingSupportsThis, nothingSupportsThisEither"),
    "invut": ("Accept", "application/sdp"),
    "sdp01": ("Accept", "application/sdp"),
    "regaut01": ("WWW-Authenticate", "Digest"),
}


def read(name: str) -> bytes:
    return (FOLDER / f"{name}.dat").read_bytes()


def test_all_messages_are_here():
    assert len(OUTCOMES) == 49
    assert {p.stem for p in FOLDER.glob("*.dat")} == set(OUTCOMES)


@pytest.mark.parametrize("name", OUTCOMES)
async def test_outcome(world, name):
    async def handler(leg):
        await leg.ring()

    registrar = Registrar("example.com", lambda user: Secret("x"), world.clock)
    agent = await world.agent(handler=handler, registrar=registrar)
    world.wire.send(("192.0.2.250", 5060), ("192.0.2.1", 5060), read(name))
    await world.run(0.1)
    sent = [parse(data) for _, source, _, data in world.wire.log if source == ("192.0.2.1", 5060)]
    section, status = OUTCOMES[name]
    assert [m.status for m in sent if isinstance(m, Response)] == ([] if status is None else [status]), (
        section
    )
    assert len(world.legs) == (1 if status == 180 else 0)
    if name in EXPECTED_FIELDS:
        field, value = EXPECTED_FIELDS[name]
        assert value in (sent[0].get(field) or "")
    if status is None:
        assert agent.counters.refused


def test_wsinv_values():
    message = parse(read("wsinv"))
    assert isinstance(message, Request)
    assert message.from_.name == 'J Rosenberg \\"'
    assert message.to.tag == "1918181833n"
    assert message.cseq == (9, "INVITE")
    assert [v.split(";")[0].split()[-1] for v in message.values("Via")] == [
        "192.0.2.2",
        "spindle.example.com",
        "192.168.255.111",
    ]
    contact = parse_name_addr(message.get("Contact") or "")
    assert contact.name == 'Quoted string ""'
    assert contact.parameters == (("newparam", "newvalue"), ("secondparam", None), ("q", "0.33"))
    assert message.get("Subject") == ""
    assert message.sdp is not None


def test_escapes_are_kept_apart_from_separators():
    message = parse(read("esc01"))
    assert parse_uri(message.uri).number == "sips:user@example.com"  # type: ignore[union-attr]
    contact = parse_uri(parse_name_addr(message.get("Contact") or "").uri)
    assert contact.parameters == (("%6c%72", None), ("n%61me", "v%61lue%25%34%31"))


def test_second_message_of_a_datagram_is_no_body():
    message = parse(read("dblreq"))
    assert message.method == "REGISTER"  # type: ignore[union-attr]
    assert message.body == b""


def test_contact_parameters_belong_where_they_stand():
    assert parse_name_addr(parse(read("cparam01")).get("Contact") or "").parameters == (
        ("unknownparam", None),
    )
    inside = parse_name_addr(parse(read("cparam02")).get("Contact") or "")
    assert inside.parameters == ()
    assert parse_uri(inside.uri).parameter("unknownparam") == ""


def test_reason_phrases():
    assert parse(read("noreason")).reason == ""  # type: ignore[union-attr]
    assert parse(read("unreason")).reason.startswith("= 2**3 * 5**2 но сто")  # type: ignore[union-attr]
