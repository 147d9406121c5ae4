from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from vxmlplat.store.agents import Agent
from vxmlplat.store.audit import AuditEntry
from vxmlplat.store.callbacks import Callback
from vxmlplat.store.calls import CALL_DATA_LIMIT, CallDataTooLargeError, CallRecord
from vxmlplat.store.errors import ConflictError, NotFoundError
from vxmlplat.store.flows import Publication
from vxmlplat.store.numbers import Number
from vxmlplat.store.outbox import OutgoingMessage
from vxmlplat.store.prompts import Prompt
from vxmlplat.store.queues import Queue
from vxmlplat.store.recordings import Recording
from vxmlplat.store.store import Store
from vxmlplat.store.users import ApiToken, User, WebSession

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


async def test_a_moment_comes_back_in_utc(store: Store) -> None:
    shanghai = timezone(timedelta(hours=8))
    await store.audit.add(AuditEntry(time=NOW.astimezone(shanghai), user="a", action="x", target="y"))
    (entry,) = await store.audit.latest()
    assert entry.time == NOW
    assert entry.time.tzinfo is UTC


async def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="without a zone"):
        await store.audit.add(AuditEntry(time=datetime(2026, 1, 5), user="a", action="x", target="y"))


async def test_a_transaction_that_fails_undoes_all_of_it(store: Store) -> None:
    async def both() -> None:
        async with store.transaction():
            await store.settings.put("a", 1)
            await store.audit.add(AuditEntry(time=NOW, user="a", action="x", target="y"))
            assert await store.settings.get("a") == 1  # its own changes are seen inside
            raise RuntimeError("the handler failed")

    with pytest.raises(RuntimeError):
        await both()
    assert await store.settings.get("a") is None
    assert await store.audit.latest() == []


async def test_a_task_started_in_a_transaction_has_its_own(store: Store) -> None:
    async with store.transaction():
        await store.settings.put("a", 1)
        seen = await asyncio.create_task(store.settings.get("a"))
    assert seen is None
    assert await store.settings.get("a") == 1


async def test_a_flow_made_again_goes_on_counting_its_versions(store: Store) -> None:
    flows = store.flows
    assert await flows.next_version("f") == 1
    for published in (1, 2):
        await flows.add("f", {"n": published}, "ann", NOW)
        made = await flows.publish("f", 1, {"main.vxml": str(published)}, Publication("ann"), NOW)
        assert made.version == published
        await flows.remove("f")
        assert await flows.next_version("f") == published + 1
    await flows.add("f", {}, "ann", NOW)
    await flows.remove("f")  # one that was never published takes no number
    assert await flows.next_version("f") == 3


async def test_users_sessions_and_tokens(store: Store) -> None:
    await store.users.add(User(name="ann", password_hash="h", roles=["author"], created=NOW))
    with pytest.raises(ConflictError):
        await store.users.add(User(name="ann", password_hash="h", created=NOW))
    hour = timedelta(hours=1)
    await store.users.add_session(WebSession(key_hash="k", user="ann", created=NOW, expires=NOW + hour))
    await store.users.add_token(ApiToken(token_hash="t", user="ann", name="script", created=NOW))
    found = await store.users.session_user("k", NOW)
    assert found is not None
    assert found.roles == ["author"]
    assert await store.users.session_user("k", NOW + hour) is None
    assert await store.users.token_user("t", NOW) is not None
    # A changed password ends sessions; an inactive user has no way in.
    await store.users.change("ann", password_hash="h2")
    assert await store.users.session_user("k", NOW) is None
    await store.users.change("ann", active=False)
    assert await store.users.token_user("t", NOW) is None
    await store.users.remove("ann")
    assert await store.users.tokens("ann") == []
    with pytest.raises(NotFoundError):
        await store.users.remove("ann")


async def test_a_draft_is_saved_over_the_revision_that_was_seen(store: Store) -> None:
    await store.flows.add("f", {"n": 1}, "ann", NOW)
    saved = await store.flows.save("f", {"n": 2}, 1, "bob", NOW)
    assert saved.revision == 2
    with pytest.raises(ConflictError) as conflict:
        await store.flows.save("f", {"n": 3}, 1, "ann", NOW)
    assert conflict.value.code == "flow.conflict"
    assert conflict.value.detail == {"revision": 2, "changed_by": "bob"}
    assert (await store.flows.get("f")).draft == {"n": 2}


async def test_of_two_who_publish_one_wins(store: Store) -> None:
    await store.flows.add("f", {"n": 1}, "ann", NOW)

    async def publish(user: str) -> int | str:
        try:
            return (await store.flows.publish("f", 1, {"main.vxml": user}, Publication(user), NOW)).version
        except ConflictError as conflict:
            return conflict.code

    assert sorted(map(str, await asyncio.gather(publish("ann"), publish("bob")))) == ["1", "flow.published"]
    assert [one.version for one in await store.flows.versions("f")] == [1]


async def test_versions_and_rollback(store: Store) -> None:
    await store.flows.add("f", {"n": 1}, "ann", NOW)
    with pytest.raises(NotFoundError):
        await store.flows.current("f")
    await store.flows.publish("f", 1, {"main.vxml": "one"}, Publication("ann", "first"), NOW)
    await store.flows.save("f", {"n": 2}, 1, "ann", NOW)
    await store.flows.publish("f", 2, {"main.vxml": "two"}, Publication("ann", "second"), NOW)
    assert (await store.flows.current("f")).documents == {"main.vxml": "two"}
    await store.flows.make_current("f", 1, NOW + timedelta(hours=1))
    current = await store.flows.current("f")
    assert (current.version, current.graph, current.documents) == (1, {"n": 1}, {"main.vxml": "one"})
    assert [one.version for one in await store.flows.versions("f")] == [2, 1]
    assert await store.flows.current_at("f", NOW - timedelta(seconds=1)) is None
    assert await store.flows.current_at("f", NOW) == 2
    assert await store.flows.current_at("f", NOW + timedelta(hours=2)) == 1
    with pytest.raises(NotFoundError):
        await store.flows.make_current("f", 3, NOW)


async def test_a_version_on_test_is_for_test_numbers_until_it_is_for_all(store: Store) -> None:
    flows = store.flows
    await flows.add("f", {"n": 1}, "ann", NOW)

    async def publish(revision: int, hour: int, **how: bool) -> None:
        if revision > 1:
            await flows.save("f", {"n": revision}, revision - 1, "ann", NOW)
        publication = Publication("ann", "why", f"Name {revision}", **how)
        await flows.publish("f", revision, {}, publication, NOW + timedelta(hours=hour))

    async def at(hour: int) -> tuple[int | None, int | None]:
        moment = NOW + timedelta(hours=hour)
        return (await flows.current_at("f", moment), await flows.current_at("f", moment, test=True))

    await publish(1, 1, test=True)
    with pytest.raises(ConflictError) as conflict:  # test numbers would have nothing to fall back to
        await flows.put_on_test("f", None, NOW)
    assert conflict.value.code == "flow.unpublished"
    await flows.make_current("f", 1, NOW + timedelta(hours=2))
    await publish(2, 3, test=True)
    await publish(3, 4, test=True)
    found = await flows.get("f")
    assert (found.current, found.testing) == (1, 3)
    await flows.make_current("f", 2, NOW + timedelta(hours=5))  # another one: the test goes on
    await flows.make_current("f", 3, NOW + timedelta(hours=6), seen=2)
    found = await flows.get("f")
    assert (found.current, found.testing) == (3, None)
    await flows.put_on_test("f", 1, NOW + timedelta(hours=7))
    await flows.put_on_test("f", None, NOW + timedelta(hours=8))
    await publish(4, 9)
    assert [await at(hour) for hour in range(10)] == [
        (None, None), (None, 1), (1, 1), (1, 2), (1, 3), (2, 3), (3, 3), (3, 1), (3, 3), (4, 4),
    ]  # fmt: skip
    assert [one.name for one in await flows.versions("f")] == ["Name 4", "Name 3", "Name 2", "Name 1"]


async def test_of_two_who_change_the_current_version_one_is_told(store: Store) -> None:
    await store.flows.add("f", {}, "ann", NOW)
    for revision in (1, 2, 3):
        if revision > 1:
            await store.flows.save("f", {"n": revision}, revision - 1, "ann", NOW)
        await store.flows.publish("f", revision, {}, Publication("ann"), NOW)

    async def back_to(version: int) -> int | str:
        try:
            await store.flows.make_current("f", version, NOW, seen=3)
        except ConflictError as conflict:
            return conflict.code
        return version

    ended = await asyncio.gather(back_to(1), back_to(2))
    current = (await store.flows.get("f")).current
    assert sorted(map(str, ended)) == sorted([str(current), "flow.current_changed"])


async def test_a_dialled_number_is_found_however_it_is_written(store: Store) -> None:
    await store.numbers.replace([Number(number="12319", ccxml="/x"), Number(number="*", ccxml="/y")])
    for dialled, number in {"+12319": "12319", "12-319": "12319", "12319": "12319", "5": "*"}.items():
        found = await store.numbers.answering(dialled)
        assert found is not None
        assert found.number == number, dialled


async def test_a_flow_that_a_number_uses_stays(store: Store) -> None:
    await store.flows.add("f", {}, "ann", NOW)
    await store.numbers.put(Number(number="12319", flow="f"))
    with pytest.raises(ConflictError) as conflict:
        await store.flows.remove("f")
    assert conflict.value.detail == {"numbers": ["12319"]}
    await store.numbers.replace([Number(number="1", document="http://example.org/a.vxml")])
    await store.flows.remove("f")
    assert [one.number for one in await store.numbers.all()] == ["1"]


async def test_numbers_are_replaced_as_a_whole_or_not_at_all(store: Store) -> None:
    await store.numbers.put(Number(number="1", document="http://example.org/a.vxml"))
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await store.numbers.replace([Number(number="2", flow="nowhere")])
    assert [one.number for one in await store.numbers.all()] == ["1"]


async def test_prompts(store: Store) -> None:
    def prompt(audio: bytes) -> Prompt:
        return Prompt(
            language="zh-CN",
            name="welcome",
            duration=1.0,
            size=len(audio),
            digest="d",
            changed=NOW,
            changed_by="a",
            audio=audio,
        )

    await store.prompts.put(prompt(b"one"))
    await store.prompts.put(prompt(b"second"))
    assert [(one.name, one.size) for one in await store.prompts.all("zh-CN")] == [("welcome", 6)]
    assert (await store.prompts.get("zh-CN", "welcome")).audio == b"second"
    await store.prompts.remove("zh-CN", "welcome")
    with pytest.raises(NotFoundError):
        await store.prompts.get("zh-CN", "welcome")


async def test_queues_and_agents(store: Store) -> None:
    await store.queues.put(Queue(id="repairs", skills={"repair": 2}))
    await store.agents.put(Agent(id="1001", name="Li", ha1="x"), {"repair": 5, "english": 1})
    await store.agents.set_state("1001", "ready", "", NOW)
    await store.agents.put(Agent(id="1001", name="Li Na"), {"english": 2})
    agent = await store.agents.get("1001")
    assert (agent.agent.name, agent.agent.ha1, agent.agent.state) == ("Li Na", "x", "ready")
    assert agent.skills == {"english": 2}
    assert [skill.id for skill in await store.queues.skills()] == ["english", "repair"]
    assert [one.agent.id for one in await store.agents.all()] == ["1001"]
    with pytest.raises(NotFoundError):
        await store.agents.set_state("1002", "ready", "", NOW)


async def test_call_data_of_4_kb_is_kept_and_too_much_is_refused(store: Store) -> None:
    async with store.database.write() as session:
        session.add(CallRecord(id="c", started=NOW))
    big = {"note": "路" * 4096}
    await store.calls.put_data("c", big)
    assert await store.calls.merge_data("c", {"ticket": 7}) == {**big, "ticket": 7}
    with pytest.raises(CallDataTooLargeError):
        await store.calls.put_data("c", {"note": "x" * CALL_DATA_LIMIT})
    assert (await store.calls.get("c")).data == {**big, "ticket": 7}


async def test_two_who_add_to_a_calls_data_both_stay(store: Store) -> None:
    async with store.database.write() as session:
        session.add(CallRecord(id="c", started=NOW))
    await asyncio.gather(*(store.calls.merge_data("c", {str(n): n}) for n in range(10)))
    assert (await store.calls.get("c")).data == {str(n): n for n in range(10)}


async def test_recordings_newest_first(store: Store) -> None:
    for n in range(3):
        made = NOW + timedelta(minutes=n)
        await store.recordings.add(Recording(id=f"r{n}", path=f"r{n}.wav", mailbox=f"m{n % 2}", created=made))
    assert [one.id for one in await store.recordings.latest()] == ["r2", "r1", "r0"]
    assert [one.id for one in await store.recordings.latest(mailbox="m0")] == ["r2", "r0"]


@pytest.mark.parametrize(
    ("number", "note"), [("+8613800000000", "exact"), ("+8613811111111", "prefix"), ("+44", None), ("", None)]
)
async def test_a_caller_list_knows_numbers_and_prefixes(store: Store, number: str, note: str | None) -> None:
    await store.caller_lists.replace(
        "vip", {"+8613800000000": "exact", "+86138*": "prefix", "+86*": "country"}
    )
    found = await store.caller_lists.find("vip", number)
    assert (found.note if found else None) == note


async def test_the_outbox_keeps_what_waits(store: Store) -> None:
    await store.outbox.add(OutgoingMessage(id="1", kind="sms", recipient="+86", text="ok", created=NOW))
    (message,) = await store.outbox.waiting(NOW)
    later = NOW + timedelta(minutes=1)
    await store.outbox.failed(message.id, "busy", later, NOW)
    assert await store.outbox.waiting(NOW) == []
    assert [(one.error, one.tries) for one in await store.outbox.waiting(later)] == [("busy", 1)]
    await store.outbox.delivered(message.id, later)
    assert await store.outbox.waiting() == []
    assert [(one.sent, one.error, one.tries) for one in await store.outbox.latest()] == [(later, "", 2)]


async def test_a_message_that_was_given_up_may_be_tried_anew(store: Store) -> None:
    await store.outbox.add(OutgoingMessage(id="1", kind="sms", recipient="+86", text="ok", created=NOW))
    assert not await store.outbox.again("1")
    await store.outbox.failed("1", "no such number", None, NOW)
    assert await store.outbox.waiting() == []
    assert await store.outbox.again("1")
    assert not await store.outbox.again("2")
    assert [(one.error, one.tries) for one in await store.outbox.waiting()] == [("no such number", 0)]


async def test_settings(store: Store) -> None:
    await store.settings.put("hours.default", [1])
    await store.settings.put("hours.default", {"mon": "09:00-17:00"})
    assert await store.settings.all() == {"hours.default": {"mon": "09:00-17:00"}}
    await store.settings.remove("hours.default")
    assert await store.settings.get("hours.default", "unset") == "unset"


async def test_a_message_for_after_the_call_waits_for_its_end(store: Store) -> None:
    async with store.database.write() as session:
        session.add(CallRecord(id="c", started=NOW))
    message = OutgoingMessage(
        id="1", kind="sms", recipient="1", text="bye", call="c", after_call=True, created=NOW
    )
    await store.outbox.add(message)
    assert await store.outbox.waiting() == []
    async with store.database.write() as session:
        call = await session.get(CallRecord, "c")
        assert call is not None
        call.ended = NOW
    assert [one.id for one in await store.outbox.waiting()] == ["1"]


async def test_a_callback_waits_once_for_each_number_and_queue(store: Store) -> None:
    def callback(number: str, due: int) -> Callback:
        moment = NOW + timedelta(minutes=due)
        return Callback(id=f"{number}{due}", number=number, queue="repairs", due=moment, created=NOW)

    assert await store.callbacks.add(callback("1", 5))
    assert not await store.callbacks.add(callback("1", 9))
    assert await store.callbacks.add(callback("2", 1))
    assert [one.id for one in await store.callbacks.waiting("repairs")] == ["21", "15"]
    assert [one.id for one in await store.callbacks.waiting(due=NOW + timedelta(minutes=2))] == ["21"]
    await store.callbacks.finish("15", "answered", NOW)
    assert await store.callbacks.add(callback("1", 9))
