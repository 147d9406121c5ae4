"""Messages on their way out: a real SMTP conversation, a real web service, the outbox over a real store."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.clock import VirtualClock
from vxmlplat.config import EmailSettings, MessageSettings, SmsSettings
from vxmlplat.server.messages.gateway import Gateway, GatewayError, RefusedMessageError
from vxmlplat.server.messages.gateways import gateways
from vxmlplat.server.messages.http_sms import HttpSmsGateway, filled
from vxmlplat.server.messages.sender import FIRST_WAIT, GIVE_UP, Sender
from vxmlplat.server.messages.smtp import SmtpGateway
from vxmlplat.store.outbox import OutgoingMessage
from vxmlplat.store.store import Store

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def message(number: str = "m1", kind: str = "sms", **values: Any) -> OutgoingMessage:
    given = {"recipient": "+8613800000000", "text": "您的工单号是 7", "created": START, **values}
    return OutgoingMessage(id=number, kind=kind, **given)


# ------------------------------------------------------------------------------------------------- e-mail


@dataclass
class MailServer:
    """As much of RFC 5321 as a mail server needs to take a message; ``answers`` replaces what it says."""

    answers: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    port: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example\r\n")
        while line := await reader.readline():
            command = line.decode().split()[0].upper()
            said = self.answers.get(command, "250 ok")
            if command == "DATA" and said.startswith("2"):
                writer.write(b"354 go on\r\n")
                self.mails.append((await reader.readuntil(b"\r\n.\r\n"))[:-5])
            writer.write(f"{said}\r\n".encode())
            await writer.drain()
            if command == "QUIT":
                break
        writer.close()

    def gateway(self) -> SmtpGateway:
        settings = EmailSettings(
            host="127.0.0.1", port=self.port, security="none", sender="City <hotline@city.example>"
        )
        return SmtpGateway(settings)


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    peer = MailServer()
    server = await asyncio.start_server(peer.talk, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    yield peer
    server.close()
    await server.wait_closed()


async def test_an_email_arrives_as_it_was_written(mail_server: MailServer) -> None:
    await mail_server.gateway().send(message(kind="email", recipient="a@example.org", subject="工单 7"))
    (text,) = mail_server.mails
    mail = email.message_from_bytes(text, policy=email.policy.default)
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "City <hotline@city.example>", "a@example.org", "工单 7",
    )  # fmt: skip
    assert mail["Message-ID"] == "<m1@city.example>"
    assert mail.get_content().strip() == "您的工单号是 7"


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ({"RCPT": "550 no such mailbox"}, RefusedMessageError),
        ({"RCPT": "452 mailbox full"}, GatewayError),
        ({"MAIL": "554 no"}, RefusedMessageError),
        ({"MAIL": "421 come back"}, GatewayError),
    ],
)
async def test_what_a_mail_server_refuses(
    mail_server: MailServer, answers: dict[str, str], kind: type[GatewayError]
) -> None:
    mail_server.answers = answers
    with pytest.raises(GatewayError, match=next(iter(answers.values()))) as caught:
        await mail_server.gateway().send(message(kind="email", recipient="a@example.org"))
    assert type(caught.value) is kind
    assert mail_server.mails == []


async def test_no_mail_server(unused_tcp_port: int) -> None:
    settings = EmailSettings(
        host="127.0.0.1", port=unused_tcp_port, security="none", sender="hotline@city.example"
    )
    with pytest.raises(GatewayError, match=f"127.0.0.1:{unused_tcp_port}"):
        await SmtpGateway(settings).send(message(kind="email", recipient="a@example.org"))


# ---------------------------------------------------------------------------------------------------- SMS


@dataclass
class SmsService:
    """A provider's web service."""

    status: int = 200
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        text = await request.text()
        what = json.loads(text) if request.content_type == "application/json" else dict(await request.post())
        self.asked.append((request.content_type, request.headers.get("X-Key", ""), what))
        return web.Response(status=self.status, text="as you say")


@pytest.fixture
async def sms_service() -> AsyncIterator[SmsService]:
    service = SmsService()
    app = web.Application()
    app.router.add_post("/send", service.answer)
    async with TestServer(app) as server:
        service.url = str(server.make_url("/send"))
        yield service


@pytest.mark.parametrize("form", ["json", "form"])
async def test_an_sms_is_sent_as_the_operator_wrote_it(sms_service: SmsService, form: Any) -> None:
    body = {"phone": "{to}", "content": "[City] {text}", "ref": "{id}"}
    settings = SmsSettings(url=sms_service.url, headers={"X-Key": "k"}, format=form, body=body)
    await HttpSmsGateway(settings).send(message())
    ((kind, key, asked),) = sms_service.asked
    assert kind == {"json": "application/json", "form": "application/x-www-form-urlencoded"}[form]
    assert key == "k"
    assert asked == {"phone": "+8613800000000", "content": "[City] 您的工单号是 7", "ref": "m1"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RefusedMessageError), (422, RefusedMessageError), (401, GatewayError), (429, GatewayError),
     (503, GatewayError), (302, GatewayError)],
)  # fmt: skip
async def test_what_an_sms_service_refuses(
    sms_service: SmsService, status: int, kind: type[GatewayError]
) -> None:
    sms_service.status = status
    with pytest.raises(GatewayError, match=str(status)) as caught:
        await HttpSmsGateway(SmsSettings(url=sms_service.url)).send(message())
    assert type(caught.value) is kind


@given(st.text())
def test_a_value_is_never_a_template(text: str) -> None:
    template = {"a": "<{to}> {other} {", "b": [{"c": "{text}{to}"}], "n": 1}
    found = filled(template, {"to": text, "text": "{to}"})
    assert found == {"a": f"<{text}> {{other}} {{", "b": [{"c": "{to}" + text}], "n": 1}


# ----------------------------------------------------------------------------------------------- the sender


@dataclass
class FakeGateway:
    """Takes messages, or fails as it is told."""

    error: GatewayError | None = None
    took: list[str] = field(default_factory=list)

    async def send(self, message: OutgoingMessage) -> None:
        if self.error is not None:
            raise self.error
        self.took.append(message.id)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path}/store.db")
    yield opened
    await opened.close()


def sender(store: Store, clock: VirtualClock, **kinds: Gateway) -> Sender:
    return Sender(store.outbox, kinds, clock)


async def test_each_message_is_sent_once(store: Store) -> None:
    gateway = FakeGateway()
    clock = VirtualClock(START)
    for number in ("a", "b"):
        await store.outbox.add(message(number))
    out = sender(store, clock, sms=gateway)
    await out.look()
    await out.look()
    assert sorted(gateway.took) == ["a", "b"]
    assert {one.sent for one in await store.outbox.latest()} == {START}


async def test_a_gateway_that_is_down_is_asked_again_with_longer_waits(store: Store) -> None:
    gateway = FakeGateway(GatewayError("no answer"))
    clock = VirtualClock(START)
    await store.outbox.add(message())
    out = sender(store, clock, sms=gateway)
    await out.look()
    assert (await out.health()).state == "degraded"
    tried = []
    for _ in range(3):
        (waiting,) = await store.outbox.waiting()
        assert waiting.next_try is not None
        tried.append((waiting.next_try - clock.wall()).total_seconds())
        clock.jump(tried[-1] - 1)
        await out.look()  # not yet
        assert (await store.outbox.latest())[0].tries == len(tried)
        clock.jump(1)
        await out.look()
    assert tried == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    gateway.error = None
    clock.jump(3600)
    await out.look()
    assert gateway.took == ["m1"]
    assert (await out.health()).state == "ok"


async def test_a_message_is_given_up_after_a_day_or_when_it_is_refused(store: Store) -> None:
    clock = VirtualClock(START)
    await store.outbox.add(message("old", created=START - GIVE_UP))
    await store.outbox.add(message("refused", "email", created=START - timedelta(seconds=1)))
    refused = FakeGateway(RefusedMessageError("no such mailbox"))
    out = sender(store, clock, sms=FakeGateway(GatewayError("busy")), email=refused)
    await out.look()
    assert await store.outbox.waiting() == []
    found = {one.id: (one.given_up, one.error) for one in await store.outbox.latest()}
    assert found == {"old": (START, "busy"), "refused": (START, "no such mailbox")}


async def test_a_kind_without_gateway_waits_and_the_operator_is_told(store: Store) -> None:
    await store.outbox.add(message())
    out = sender(store, VirtualClock(START))
    await out.look()
    assert len(await store.outbox.waiting()) == 1
    health = await out.health()
    assert (health.state, "messages.sms" in health.message) == ("degraded", True)


async def test_it_looks_by_itself_until_it_is_stopped(store: Store) -> None:
    gateway = FakeGateway()
    clock = VirtualClock(START)
    out = sender(store, clock, sms=gateway)
    await out.start()
    await store.outbox.add(message())
    for _ in range(50):
        await clock.advance(1.0)
        await asyncio.sleep(0.01)  # the store answers from a thread of its own
        if gateway.took:
            break
    await out.stop()
    assert gateway.took == ["m1"]


def test_gateways_are_those_that_are_set_up() -> None:
    assert gateways(MessageSettings()) == {}
    email_settings = EmailSettings(host="mail.example", sender="a@b.example")
    both = MessageSettings(email=email_settings, sms=SmsSettings(url="https://sms.example/"))
    assert set(gateways(both)) == {"email", "sms"}


# -------------------------------------------------------------------------------------------------- the API


async def test_the_operator_sees_messages_and_tries_again(
    operator: Any, author: Any, services: Any, refused: Any
) -> None:
    await services.store.outbox.add(message("given-up", call="c1"))
    await services.store.outbox.failed("given-up", "no such number", None, START)
    (found,) = await (await operator.get("/api/messages")).json()
    assert (found["state"], found["error"], found["call"]) == ("given_up", "no such number", "c1")
    assert "text" not in found
    await refused(await author.get("/api/messages"), 403, "role.missing")
    assert (await operator.post("/api/messages/given-up/again")).status == 204
    assert (await (await operator.get("/api/messages")).json())[0]["state"] == "waiting"
    await refused(await operator.post("/api/messages/given-up/again"), 409, "message.not_given_up")
