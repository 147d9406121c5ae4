"""The call's data in answers and goodbyes (User-to-User, RFC 7433), both ways."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from call_documents import caller
from conftest import nothing_left, put_number
from peer import Peer, field_of

from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEAD = '<ccxml version="1.0" xmlns="http://www.w3.org/2002/09/ccxml"><eventprocessor>'
TAIL = (
    '<transition event="connection.disconnected connection.failed connection.redirected"><exit/></transition>'
    "</eventprocessor></ccxml>"
)


def data_of(message: str) -> str:
    """What a message carries, as text."""
    found = re.search(r"User-to-User[:=] *([0-9a-f]+)(;|%3B)encoding(=|%3D)hex", message)
    return bytes.fromhex(found[1]).decode() if found else ""


async def answered_by(shared: Assembly, folder: Path, body: str) -> None:
    (folder / "data.ccxml").write_text(HEAD + body + TAIL, encoding="utf-8")
    await put_number(shared, "data", ccxml=(folder / "data.ccxml").as_uri())


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("<reject reason=\"'busy'\" hints=\"({aai: {why: 'closed'}})\"/>", 486),
        ("<disconnect hints=\"({aai: {why: 'closed'}})\"/>", 480),
        ("<redirect dest=\"'sip:else@127.0.0.1'\" hints=\"({aai: {why: 'closed'}})\"/>", 302),
    ],
)
async def test_a_refusal_carries_data(shared: Assembly, tmp_path: Path, action: str, status: int) -> None:
    await answered_by(shared, tmp_path, f'<transition event="connection.alerting">{action}</transition>')
    async with caller(shared, "data") as peer:
        assert await peer.call() == status
        refusal = next(m for m in peer.messages if m.startswith(f"SIP/2.0 {status}"))
        assert '"why":"closed"' in data_of(refusal)
    await nothing_left(shared)


async def test_answer_and_goodbye_carry_data(shared: Assembly, tmp_path: Path) -> None:
    await answered_by(
        shared,
        tmp_path,
        '<transition event="connection.alerting"><accept hints="({aai: {ticket: 7}})"/></transition>'
        '<transition event="connection.connected"><disconnect hints="({aai: {rating: 5}})"/></transition>',
    )
    async with caller(shared, "data") as peer:
        assert await peer.call() == 200
        answer = next(m for m in peer.messages if m.startswith("SIP/2.0 200"))
        assert '"ticket":7' in data_of(answer)
        assert '"rating":5' in data_of(await peer.got("BYE"))
    await nothing_left(shared)


async def test_what_the_far_ends_send_reaches_the_document(shared: Assembly, tmp_path: Path) -> None:
    """The caller's BYE brings data, which goes to the next one called, whose answer brings some for his."""
    plain = ("User-to-User: 6e6f7465;encoding=hex",)
    async with Peer(answer_headers=("User-to-User: 707265666978;encoding=hex",)) as far:
        await answered_by(
            shared,
            tmp_path,
            '<transition event="connection.alerting"><accept/></transition>'
            '<transition event="connection.connected" cond="event$.connection.aai == \'prefix\'">'
            '<disconnect hints="({aai: event$.connection.aai})"/></transition>'
            '<transition event="connection.connected"/>'
            '<transition event="connection.disconnected" cond="event$.info != undefined &amp;&amp; '
            "event$.info.aai == 'note'\">"
            f'<createcall dest="\'{far.uri}\'" aai="event$.info.aai"/></transition>',
        )
        async with caller(shared, "data", bye_headers=plain) as peer:
            assert await peer.call() == 200
            await peer.hangup()
            invite = await far.got("INVITE")
            assert '"aai":"note"' in data_of(invite)
            assert '"aai":"prefix"' in data_of(await far.got("BYE"))
            assert field_of(invite, "User-to-User")
            await asyncio.wait_for(far.ended, 5)
    await nothing_left(shared)
