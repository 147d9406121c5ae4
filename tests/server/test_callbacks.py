"""Callbacks are dialled: when, how often, and what becomes of each; in virtual time, over a real store."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import pytest
from aiohttp.test_utils import TestClient

from vxmlplat.calls.placing import CallOrder, PlacedCall
from vxmlplat.clock import VirtualClock
from vxmlplat.config import CallbackSettings, load
from vxmlplat.documents import DocumentError, RouteRequest
from vxmlplat.errors import ConfigurationError
from vxmlplat.server.callbacks.dialler import AGAIN_AFTER, LEASE, OUR_OWN, Dialler
from vxmlplat.server.callbacks.document import CALLBACKS, address, routes
from vxmlplat.simulator.session import SimulatorSession
from vxmlplat.simulator.site import text_resource
from vxmlplat.store.callbacks import Callback
from vxmlplat.store.errors import NotFoundError
from vxmlplat.store.store import Store
from vxmlplat.vxml.session import SessionStart

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
OUT = CallbackSettings(destination="sip:{number}@gateway.example", agents_first=False)


class Telephones:
    """Places calls that take ``seconds``; what becomes of each is said by ``results``, the last for ever."""

    def __init__(self, clock: VirtualClock, *results: str, seconds: float = 20.0) -> None:
        self._clock = clock
        self.results = results
        self.seconds = seconds
        self.orders: list[tuple[datetime, CallOrder]] = []
        self._placed: dict[str, tuple[float, PlacedCall]] = {}

    async def place(self, order: CallOrder) -> PlacedCall:
        self.orders.append((self._clock.wall(), order))
        placed = PlacedCall(f"call-{len(self.orders)}", order, self._clock.wall(), result="")
        if self.results[0] == "broken":
            raise DocumentError("there is no such document")
        self._placed[placed.id] = (self._clock.now() + self.seconds, placed)
        return placed

    def get(self, identifier: str) -> PlacedCall | None:
        over, placed = self._placed[identifier]
        if self._clock.now() >= over and placed.state != "ended":
            placed.state = "ended"
            placed.result = self.results[min(int(identifier[5:]), len(self.results)) - 1]
        return placed

    @property
    def numbers(self) -> list[str]:
        return [order.destination for _, order in self.orders]


class Desk:
    """A dialler with its world."""

    def __init__(
        self, store: Store, settings: CallbackSettings, *results: str, start: datetime = START, ready: int = 0
    ) -> None:
        self.store = store
        self.clock = VirtualClock(start)
        self.calls = Telephones(self.clock, *results)
        self.ready = ready
        self.settings = settings
        self.dialler = self.another()

    def another(self) -> Dialler:
        async def dialog(callback: Callback) -> str:
            return "http://here" + address(callback)

        return Dialler(
            self.store.callbacks,
            self.calls,
            self.settings,
            self.clock,
            dialog=dialog,
            ready=lambda _: self.ready,
            way_out=False,
        )

    async def asked(self, name: str = "c1", **values: Any) -> Callback:
        given = {
            "number": f"+86138000{name[1:]:0>5}",
            "queue": "repairs",
            "due": START,
            "created": START,
            **values,
        }
        made = Callback(id=name, **given)
        assert await self.store.callbacks.add(made)
        return made

    async def passes(self, duration: timedelta, every: float = 5.0) -> None:
        """Let time pass, with a look every few seconds, until all that was begun is over."""
        for _ in range(int(duration.total_seconds() / every)):
            await self.dialler.look()
            await self.clock.advance(every)
            await self.settled()
        await self.settled()

    async def settled(self) -> None:
        """What the calls' ends write into the store is written."""

        def busy() -> bool:
            sleeping = sum(not moment.done() for _, _, moment in self.clock._sleepers)
            return sum(not task.done() for task in self.dialler._dialling) > sleeping

        async with asyncio.timeout(10):
            while busy():  # noqa: ASYNC110  # the store's threads tell nobody
                await asyncio.sleep(0.001)

    async def of(self, name: str = "c1") -> Callback:
        return await self.store.callbacks.get(name)


@pytest.fixture
def store(services: Any) -> Store:
    found: Store = services.store
    return found


async def test_a_caller_is_called_back_when_it_is_due(store: Store) -> None:
    desk = Desk(store, OUT.model_copy(update={"caller": "sip:12319@city.example"}), "answered")
    await desk.asked(due=START + timedelta(minutes=10), note="about the pipe", data={"ticket": "7"})
    await desk.passes(timedelta(minutes=9))
    assert desk.calls.orders == []
    await desk.passes(timedelta(minutes=3))
    ((when, order),) = desk.calls.orders
    assert timedelta(0) <= when - START - timedelta(minutes=10) <= timedelta(seconds=5)
    assert order.destination == "sip:+8613800000001@gateway.example"
    assert order.dialog == "http://here/callbacks/c1/connect.vxml"
    assert order.caller == "sip:12319@city.example"
    assert order.data == {
        "ticket": "7",
        "callback": "c1",
        "callback_note": "about the pipe",
        "queue": "repairs",
    }
    found = await desk.of()
    assert (found.outcome, found.tries, found.result) == ("answered", 1, "answered")
    assert found.done is not None
    assert await store.callbacks.waiting() == []
    assert [one.id for one in await store.callbacks.latest("repairs")] == ["c1"]


@pytest.mark.parametrize("result", sorted(set(AGAIN_AFTER) - OUR_OWN - {"no_agent"}))
async def test_who_was_not_reached_is_called_again_by_outcome(store: Store, result: str) -> None:
    desk = Desk(store, OUT, result, result, "answered")
    await desk.asked()
    wait = AGAIN_AFTER[result]
    for _ in range(3):
        await desk.passes(timedelta(seconds=40))
        desk.clock.jump((wait - timedelta(seconds=25)).total_seconds())
    first, second, third = (when for when, _ in desk.calls.orders)
    for between in (second - first, third - second):
        assert wait <= between <= wait + timedelta(seconds=60)
    found = await desk.of()
    assert (found.outcome, found.tries) == ("answered", 3)


async def test_after_so_many_tries_it_is_given_up(store: Store) -> None:
    desk = Desk(store, OUT.model_copy(update={"tries": 2}), "busy")
    await desk.asked()
    await desk.passes(timedelta(minutes=20))
    found = await desk.of()
    assert (len(desk.calls.orders), found.outcome, found.result) == (2, "given_up", "busy")


async def test_what_never_rang_is_no_try(store: Store) -> None:
    desk = Desk(store, OUT.model_copy(update={"tries": 1}), "noport", "noport", "answered")
    await desk.asked()
    await desk.passes(timedelta(minutes=6))
    found = await desk.of()
    assert (len(desk.calls.orders), found.outcome, found.tries) == (3, "answered", 1)


@pytest.mark.parametrize("result", ["invalid_number", "fax", "baddestination"])
async def test_a_number_that_cannot_be_reached_is_over_at_once(store: Store, result: str) -> None:
    desk = Desk(store, OUT, result)
    await desk.asked()
    await desk.passes(timedelta(minutes=2))
    assert ((await desk.of()).outcome, len(desk.calls.orders)) == (result, 1)


async def test_a_call_that_cannot_be_placed_is_tried_later(store: Store) -> None:
    desk = Desk(store, OUT, "broken")
    await desk.asked()
    await desk.passes(timedelta(minutes=1))
    found = await desk.of()
    assert (found.done, found.result, found.tries) == (None, "unplaced", 0)


async def test_what_the_call_tells_of_its_queue_decides(store: Store) -> None:
    desk = Desk(store, OUT, "answered")
    for number in (1, 2, 3):
        await desk.asked(f"c{number}")
    await desk.dialler.look()
    handler = routes(store.callbacks)[CALLBACKS]
    for name, told in (("c1", "connected"), ("c2", "no_agent")):
        place = f"http://here/callbacks/{name}/result"
        answer = await handler(RouteRequest("POST", place, {}, f"result={told}".encode()))
        assert answer.status == 200
    await desk.passes(timedelta(minutes=1))
    assert [(await desk.of(f"c{n}")).outcome for n in (1, 2, 3)] == ["connected", "", "answered"]
    assert (await desk.of("c2")).due > desk.clock.wall() + timedelta(minutes=8)
    # The next call tells nothing: it must not count as this one.
    desk.clock.jump(600)
    await desk.passes(timedelta(minutes=2))
    assert (await desk.of("c2")).outcome == "answered"


async def test_nobody_is_rung_up_at_night(store: Store) -> None:
    shanghai = OUT.model_copy(update={"hours": "08:00-20:00", "timezone": "Asia/Shanghai"})
    night = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)  # eight in the evening there
    desk = Desk(store, shanghai, "answered", start=night)
    await desk.asked(created=night)
    await desk.passes(timedelta(hours=11, minutes=50), every=600)
    assert desk.calls.orders == []
    await desk.passes(timedelta(minutes=20), every=60)
    ((when, _),) = desk.calls.orders
    assert when.hour == 0
    late = Desk(store, OUT.model_copy(update={"hours": "22:00-02:00"}), "answered", start=night)
    assert [late.dialler._open(night.replace(hour=hour)) for hour in (21, 22, 1, 2)] == [
        False,
        True,
        True,
        False,
    ]


async def test_only_so_many_at_once_and_a_minute(store: Store) -> None:
    desk = Desk(store, OUT.model_copy(update={"at_once": 2, "per_minute": 5}), "answered")
    for number in range(1, 9):
        await desk.asked(f"c{number}", due=START + timedelta(seconds=number))
    await desk.passes(timedelta(seconds=20))
    assert desk.dialler.dialling == 2
    assert len(desk.calls.orders) == 2
    await desk.passes(timedelta(seconds=35))
    assert len(desk.calls.orders) == 5
    await desk.passes(timedelta(minutes=2))
    assert len(set(desk.calls.numbers)) == 8


async def test_no_more_calls_than_agents_are_ready(store: Store) -> None:
    desk = Desk(store, OUT.model_copy(update={"agents_first": True}), "answered")
    for number in (1, 2, 3):
        await desk.asked(f"c{number}")
    await desk.passes(timedelta(minutes=1))
    assert desk.calls.orders == []
    desk.ready = 2
    await desk.dialler.look()
    await desk.dialler.look()
    assert desk.dialler.dialling == 2
    await desk.passes(timedelta(seconds=30))
    assert len(desk.calls.orders) == 3
    await desk.passes(timedelta(seconds=40))


async def test_two_platforms_on_one_store_never_dial_the_same(store: Store) -> None:
    desk = Desk(store, OUT.model_copy(update={"at_once": 50, "per_minute": 100}), "answered")
    for number in range(1, 11):
        await desk.asked(f"c{number}")
    other = desk.another()
    await asyncio.gather(desk.dialler.look(), other.look())
    await asyncio.sleep(0.05)
    assert len(desk.calls.numbers) == len(set(desk.calls.numbers)) == 10
    await desk.dialler.stop()
    await other.stop()


async def test_who_was_being_called_when_the_platform_stopped_is_called_again(store: Store) -> None:
    desk = Desk(store, OUT, "answered")
    await desk.asked()
    await desk.dialler.look()
    await desk.clock.advance(3)
    await desk.dialler.stop()
    found = await desk.of()
    assert (found.done, found.tries) == (None, 1)
    desk.dialler = desk.another()
    await desk.dialler.look()
    assert len(desk.calls.orders) == 1
    desk.clock.jump(LEASE.total_seconds())
    await desk.passes(timedelta(minutes=1))
    assert len(desk.calls.orders) == 2
    assert ((await desk.of()).outcome, (await desk.of()).tries) == ("answered", 2)


async def test_only_numbers_that_the_operator_allows_are_called(store: Store) -> None:
    desk = Desk(store, OUT.model_copy(update={"prefixes": ("+86", "0")}), "answered")
    for name, number in (("c1", "+8613800000001"), ("c2", "02112345"), ("c3", "+9199999"), ("c4", "86138")):
        await desk.asked(name, number=number)
    await desk.passes(timedelta(minutes=1))
    outcomes = [(await desk.of(f"c{number}")).outcome for number in (1, 2, 3, 4)]
    assert outcomes == ["answered", "answered", "not_allowed", "not_allowed"]
    assert len(desk.calls.orders) == 2


async def test_what_is_too_old_is_over(store: Store) -> None:
    desk = Desk(store, OUT.model_copy(update={"keep_hours": 1.0}), "answered")
    await desk.asked(due=START + timedelta(hours=2))
    await desk.passes(timedelta(hours=2, minutes=10), every=60)
    assert ((await desk.of()).outcome, desk.calls.orders) == ("expired", [])


async def test_one_that_was_cancelled_is_not_called_again(store: Store) -> None:
    desk = Desk(store, OUT, "busy")
    await desk.asked()
    await desk.dialler.look()
    await store.callbacks.finish("c1", "cancelled", START)
    await desk.passes(timedelta(minutes=20))
    assert ((await desk.of()).outcome, len(desk.calls.orders)) == ("cancelled", 1)


async def test_without_a_way_out_nobody_is_dialled_and_the_operator_is_told(store: Store) -> None:
    desk = Desk(store, CallbackSettings(), "answered")
    assert not desk.dialler.on
    assert (await desk.dialler.health()).state == "ok"
    await desk.asked()
    await desk.dialler.start()
    await desk.clock.advance(60)
    assert desk.calls.orders == []
    told = await desk.dialler.health()
    assert told.state == "degraded"
    assert "sip.outbound_trunk or callbacks.destination" in told.message
    off = Desk(store, OUT.model_copy(update={"dial": False}), "answered")
    assert "callbacks.dial is off" in (await off.dialler.health()).message
    on = Desk(store, OUT, "answered")
    assert await on.dialler.health() == type(told)("ok", "1 wait, 0 are being called")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"timezone": "Shanghai/Asia"}, "no time zone"),
        ({"hours": "8-20"}, "hours"),
        ({"destination": "sip:gateway.example"}, "destination"),
        ({"tries": 0}, "tries"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load(
            None,
            {f"VXMLPLAT_CALLBACKS_{name.upper()}": json.dumps(value) for name, value in settings.items()},
        )


# ------------------------------------------------------------------------------------------ what is said


@pytest.mark.parametrize(
    ("language", "met", "told", "words"),
    [
        ("en-US", {"transfer": "answered", "after": 9}, "connected", "the call back that you have asked for"),
        ("zh-CN", {"transfer": "noanswer"}, "no_agent", "没有空闲的坐席"),
        ("de", {"transfer": "busy"}, "no_agent", "nobody is free"),
        ("en-US", {"hangup": True}, "", "hold the line"),
    ],
)
async def test_the_platform_s_document_leads_to_the_queue_and_tells_how_it_went(
    store: Store, language: str, met: dict[str, Any], told: str, words: str
) -> None:
    awkward = {"matter": "a \"b\" <c> & 'd' </vxml> ]]>", "路": "水管"}
    made = Callback(
        id="c 1/2",
        number="1",
        queue='q"&',
        due=START,
        created=START,
        language=language,
        data=awkward,
        note="<n>",
    )
    assert await store.callbacks.add(made)
    handler = routes(store.callbacks)[CALLBACKS]

    class Web:
        async def fetch(self, request: Any, _: Any = None) -> Any:
            place = urljoin(request.referrer or "", request.uri)
            body = "&".join(f"{name}={value}" for name, value in request.fields).encode()
            answer = await handler(RouteRequest(request.method, place, {}, body))
            assert answer.status == 200, answer.body
            return text_resource(place + ".vxml", answer.body.decode())

    web: Any = Web()
    place = "http://here" + address(made)
    session = SimulatorSession(SessionStart(place), {}, fetcher=web)
    session.start()
    events = []
    async for event in session.events():
        events.append(event)
        if event["type"] == "waiting":
            session.feed(met)
    said = " ".join(one["text"] for one in events if one.get("event") == "prompt")
    assert words in said
    transfers = [one for one in events if one.get("event") == "transfer"]
    if met != {"hangup": True}:
        assert transfers[0]["dest"] == 'acd:q"&'
        assert json.loads(transfers[0]["aai"]) == {**awkward, "callback": "c 1/2", "callback_note": "<n>"}
    assert (await store.callbacks.get("c 1/2")).result == told


async def test_the_documents_door_is_narrow(store: Store) -> None:
    handler = routes(store.callbacks)[CALLBACKS]
    await store.callbacks.add(Callback(id="c1", number="1", queue="q", due=START, created=START))
    for method, path, body, status in (
        ("GET", "nobody/connect.vxml", b"", 404),
        ("GET", "c1/other", b"", 404),
        ("GET", "c1", b"", 404),
        ("POST", "c1/connect.vxml", b"", 404),
        ("POST", "c1/result", b"result=invented", 400),
        ("POST", "c1/result", b"\xff\xfe", 400),
    ):
        answer = await handler(RouteRequest(method, f"http://here/callbacks/{path}", {}, body))
        assert answer.status == status, path
    assert (await store.callbacks.get("c1")).result == ""


# --------------------------------------------------------------------------------------------- the API


async def test_the_operator_sees_callbacks_and_cancels_one(
    operator: TestClient[Any, Any], author: Any, store: Store, refused: Any
) -> None:
    await store.callbacks.add(Callback(id="c1", number="1", queue="q", due=START, created=START))
    await store.callbacks.add(Callback(id="c2", number="2", queue="q", due=START, created=START))
    await store.callbacks.finish("c2", "connected", START)
    (waiting,) = await (await operator.get("/api/callbacks?queue=q")).json()
    assert (waiting["id"], waiting["tries"], waiting["dialled"]) == ("c1", 0, None)
    (over,) = await (await operator.get("/api/callbacks?done=1")).json()
    assert (over["id"], over["outcome"]) == ("c2", "connected")
    await refused(await author.delete("/api/callbacks/c1"), 403, "role.missing")
    assert (await operator.delete("/api/callbacks/c1")).status == 204
    assert await (await operator.get("/api/callbacks")).json() == []
    assert (await operator.delete("/api/callbacks/none")).status == 404
    with pytest.raises(NotFoundError):
        await store.callbacks.get("none")
