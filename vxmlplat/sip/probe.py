"""Asking a trunk's servers whether they are alive (OPTIONS, RFC 3261 §11), so that calls need not find
out."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING, Literal

from vxmlplat.sip.errors import RequestFailed, SipError
from vxmlplat.sip.message import Request
from vxmlplat.sip.responses import new_tag
from vxmlplat.sip.transport import Endpoint
from vxmlplat.sip.uri import parse_uri

if TYPE_CHECKING:
    from vxmlplat.sip.agent import UserAgent

_log = logging.getLogger(__name__)
ProbeState = Literal["off", "trying", "answers", "failed"]


class Probe:
    """Asks every server of one SIP URI again and again, from :meth:`start` until :meth:`stop`.

    Whatever is answered is a sign of life, save 503. A server that is silent comes last for calls until it
    answers again. ``state`` is ``answers`` while one of them does; ``problem`` names those that do not.
    """

    def __init__(self, agent: UserAgent, server: str, seconds: float) -> None:
        self._agent = agent
        self._hop = parse_uri(server)
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None
        self._call_id = f"{secrets.token_hex(12)}@{agent.domain}"
        self._cseq = 0
        self.state: ProbeState = "off"
        self.problem = ""

    def start(self) -> None:
        """Begin; what becomes of it shows in ``state``."""
        if self._task is None:
            self.state = "trying"
            self._task = asyncio.get_running_loop().create_task(self._keep(), name="sip probe")

    async def stop(self) -> None:
        """Ask no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self.state = "off"

    async def _keep(self) -> None:
        while True:
            before = self.state, self.problem
            await self._round()
            if (self.state, self.problem) != before:
                level = logging.INFO if not self.problem else logging.WARNING
                _log.log(level, "trunk %s: %s %s", self._hop, self.state, self.problem)
            await self._agent.clock.sleep(self._seconds)

    async def _round(self) -> None:
        try:
            servers = await self._agent.network.endpoints(self._hop)
        except SipError as error:
            self.state, self.problem = "failed", str(error)
            return
        silent = [text for text in await asyncio.gather(*(self._ask(server) for server in servers)) if text]
        self.state = "failed" if len(silent) == len(servers) else "answers"
        self.problem = "; ".join(sorted(silent))

    async def _ask(self, server: Endpoint) -> str:
        """What is wrong with one server; '' for nothing."""
        locator = self._agent.locator
        try:
            flow = await self._agent.network.flow(server, self._hop.address)
            response = await self._agent.transactions.answer_to(self._build(), flow)
            if response.status == 503:
                raise RequestFailed(503, response.reason)
        except SipError as error:
            # Until the next round has asked it; longer than its silence takes to be noticed.
            locator.failed(server, self._seconds + 64 * self._agent.config.timers.t1)
            return f"{server.host} port {server.port} over {server.transport}: {error}"
        locator.answers(server)
        return ""

    def _build(self) -> Request:
        self._cseq += 1
        uri = str(self._hop.plain())
        us = f"<sip:{self._agent.config.user_agent}@{self._agent.domain}>"
        fields = [
            ("Max-Forwards", "70"),
            ("From", f"{us};tag={new_tag()}"),
            ("To", f"<{uri}>"),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._cseq} OPTIONS"),
            ("Accept", "application/sdp"),
            ("User-Agent", self._agent.config.user_agent),
        ]
        return Request("OPTIONS", uri, fields)
