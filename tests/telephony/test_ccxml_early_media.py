"""A dialog before the answer: the caller hears it in early media (RFC 3960, RFC 3262)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from call_documents import caller
from conftest import nothing_left, put_number
from peer import field_of, until

from vxmlplat.server.assembly import Assembly

pytestmark = pytest.mark.asyncio(loop_scope="session")

VXML = '<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">'
NOTICE = f"""{VXML}<form><block><prompt>This call is free of charge until somebody answers.</prompt></block>
</form></vxml>"""
LONG = f"""{VXML}<form><field name="x" type="digits"><prompt timeout="30s">One moment please, all our lines
are busy, you pay for nothing yet.</prompt></field></form></vxml>"""
#: a notice before the answer; ``AFTER`` is what follows it
DOCUMENT = """<ccxml version="1.0" xmlns="http://www.w3.org/2002/09/ccxml">
<var name="call" expr="''"/><var name="dialog" expr="''"/><eventprocessor>
  <transition event="connection.alerting"><assign name="call" expr="event$.connectionid"/>
    <dialogstart src="'early.vxml'" connectionid="call" dialogid="dialog"/>MEANWHILE</transition>
  <transition event="dialog.exit">AFTER</transition>
  <transition event="error.dialog.notstarted"><accept connectionid="call"/></transition>
  <transition event="connection.connected"/>
  <transition event="connection.disconnected connection.failed connection.redirected"><exit/></transition>
</eventprocessor></ccxml>"""
ACCEPT = '<accept connectionid="call"/>'
RELIABLE = ("Supported: 100rel", "Require: 100rel")


async def answered_by(
    shared: Assembly, folder: Path, spoken: str = NOTICE, after: str = ACCEPT, meanwhile: str = ""
) -> None:
    (folder / "early.vxml").write_text(spoken, encoding="utf-8")
    text = DOCUMENT.replace("AFTER", after).replace("MEANWHILE", meanwhile)
    (folder / "early.ccxml").write_text(text, encoding="utf-8")
    await put_number(shared, "early", ccxml=(folder / "early.ccxml").as_uri())


@pytest.mark.parametrize("headers", [(), RELIABLE], ids=["plain", "reliable"])
async def test_the_caller_hears_a_dialog_before_the_answer(
    shared: Assembly, tmp_path: Path, headers: tuple[str, ...]
) -> None:
    await answered_by(shared, tmp_path)
    async with caller(shared, "early", headers=headers) as peer:
        calling = asyncio.ensure_future(peer.call(15))
        await peer.hears_voice()
        assert peer.progress == [183]
        assert not calling.done()
        assert await calling == 200
        final = next(m for m in peer.messages if m.startswith("SIP/2.0 200") and "1 INVITE" in m)
        # An answer that was acknowledged with PRACK is not given again (RFC 3262 §5).
        assert ("m=audio" in final) is not bool(headers)
        await peer.hangup()
    await nothing_left(shared)


async def test_an_early_session_can_be_changed_once_it_was_acknowledged(
    shared: Assembly, tmp_path: Path
) -> None:
    await answered_by(shared, tmp_path, LONG)
    for headers, status in (((), "500"), (RELIABLE, "200")):
        async with caller(shared, "early", headers=headers) as peer:
            calling = asyncio.ensure_future(peer.call(15))
            await peer.hears_voice()
            answer = await peer.request("UPDATE", peer.description("inactive"))
            assert answer.startswith(f"SIP/2.0 {status}"), answer
            if headers:
                await asyncio.sleep(0.2)
                await peer.hears_silence()
            peer.cancel()
            assert await calling == 487
        await nothing_left(shared)


async def test_the_caller_gives_up_while_the_dialog_speaks(shared: Assembly, tmp_path: Path) -> None:
    await answered_by(shared, tmp_path, LONG)
    async with caller(shared, "early") as peer:
        calling = asyncio.ensure_future(peer.call(15))
        await peer.hears_voice()
        peer.cancel()
        assert await calling == 487
    await nothing_left(shared)


@pytest.mark.parametrize(
    ("after", "status"),
    [
        ('<reject connectionid="call" reason="\'busy\'"/>', 486),
        ('<disconnect connectionid="call"/>', 480),
        ('<redirect connectionid="call" dest="\'sip:else@127.0.0.1\'"/>', 302),
    ],
)
async def test_a_call_that_was_spoken_to_may_still_be_turned_away(
    shared: Assembly, tmp_path: Path, after: str, status: int
) -> None:
    await answered_by(shared, tmp_path, after=after)
    async with caller(shared, "early") as peer:
        assert await peer.call(15) == status
        assert peer.progress == [183]
    await nothing_left(shared)


async def test_the_answer_may_come_while_the_dialog_speaks(shared: Assembly, tmp_path: Path) -> None:
    await answered_by(shared, tmp_path, LONG, meanwhile=ACCEPT)
    async with caller(shared, "early") as peer:
        assert await peer.call(15) == 200
        await peer.hears_voice()
        await peer.hangup()
    await nothing_left(shared)


async def test_two_dialogs_at_once_share_no_line(shared: Assembly, tmp_path: Path) -> None:
    second = '<dialogstart src="\'early.vxml\'" connectionid="call" dialogid="dialog"/>'
    await answered_by(shared, tmp_path, LONG, meanwhile=second)
    async with caller(shared, "early") as peer:
        assert await peer.call(15) == 200  # the second was told that another one runs
        assert peer.progress == [183]
        await peer.hears_voice()
        await peer.hangup()
    await nothing_left(shared)


async def test_a_caller_who_leaves_the_offer_to_us_hears_nothing_before_the_answer(
    shared: Assembly, tmp_path: Path
) -> None:
    await answered_by(shared, tmp_path)
    async with caller(shared, "early") as peer:
        assert await peer.call(offer=False) == 200
        assert peer.progress == []
        await peer.hangup()
    await nothing_left(shared)


async def test_no_codec_in_common_is_told_before_anything_is_spoken(shared: Assembly, tmp_path: Path) -> None:
    await answered_by(shared, tmp_path)
    async with caller(shared, "early", formats=("18 G729/8000",)) as peer:
        assert await peer.call() == 488
        refusal = next(m for m in peer.messages if m.startswith("SIP/2.0 488"))
        assert "G729" in field_of(refusal, "Warning")
    await nothing_left(shared)


async def test_an_early_response_that_is_never_acknowledged_ends_the_call(
    shared: Assembly, tmp_path: Path
) -> None:
    await answered_by(shared, tmp_path, LONG)
    async with caller(shared, "early", headers=RELIABLE, ignores=("PRACK",)) as peer:
        calling = asyncio.ensure_future(peer.call(15))
        await until(lambda: len(peer.progress) >= 3)  # it is repeated
        peer.cancel()
        assert await calling == 487
    await nothing_left(shared)
