"""The platform as a client of a provider's registrar (RFC 3261 §10.2): registers, refreshes, answers
challenges, retries."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vxmlplat.sip import identity
from vxmlplat.sip.client_authorization import ClientAuthorization
from vxmlplat.sip.errors import MessageError, RequestFailed, SipError, TransportError
from vxmlplat.sip.grammar import natural
from vxmlplat.sip.message import Request, Response
from vxmlplat.sip.responses import new_tag
from vxmlplat.sip.settings import Credentials
from vxmlplat.sip.transport import KEEP_ALIVE, Flow
from vxmlplat.sip.uri import parse_name_addr, parse_uri, writable_uri

if TYPE_CHECKING:
    from vxmlplat.sip.agent import UserAgent

_log = logging.getLogger(__name__)
RegistrationState = Literal["off", "trying", "registered", "failed"]
FIRST_RETRY = 30.0
LAST_RETRY = 1800.0
"""Seconds between attempts after a failure, doubling (RFC 5626 §4.5)."""
LEAVING = 4.0
"""Seconds in which a registrar must agree that we leave."""


@dataclass(frozen=True, slots=True)
class RegistrationSettings:
    """An account at a provider.

    ``registrar`` is the SIP URI that REGISTER goes to (``sip:provider.example;transport=tls``), ``account``
    our address of record there, ``expires`` the interval asked for, in seconds. ``contact_user`` is put into
    our Contact, so that the provider's calls show which account they came for.
    """

    registrar: str
    account: str
    credentials: Credentials
    expires: int = 600
    contact_user: str | None = None


class Registration:
    """Keeps one account registered from :meth:`start` until :meth:`stop`. ``on_state`` hears every change of
    state."""

    def __init__(
        self,
        agent: UserAgent,
        settings: RegistrationSettings,
        on_state: Callable[[RegistrationState, str], None] | None = None,
    ) -> None:
        writable_uri(settings.account)
        self._hop = parse_uri(settings.registrar)
        self._agent = agent
        self._settings = settings
        self._on_state = on_state
        self._authorization = ClientAuthorization(settings.credentials)
        self._call_id = f"{secrets.token_hex(12)}@{agent.domain}"
        self._cseq = 0
        self._flow: Flow | None = None
        self._task: asyncio.Task[None] | None = None
        self._expires = settings.expires
        self.state: RegistrationState = "off"
        self.problem = ""

    def start(self) -> None:
        """Begin; what becomes of it shows in ``state``."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._keep(), name="sip registration")

    async def stop(self) -> None:
        """Unregister; a registrar that does not answer is not waited for."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self.state == "registered":
            await self._unregister()
        self._become("off", "")

    async def _unregister(self) -> None:
        leaving = asyncio.get_running_loop().create_task(self._register(0), name="sip registration")

        def give_up() -> None:
            leaving.cancel()

        patience = self._agent.timers.after(LEAVING, give_up)
        await asyncio.wait({leaving})
        patience.cancel()
        error = None if leaving.cancelled() else leaving.exception()
        if leaving.cancelled() or error is not None:
            _log.info("not unregistered at %s: %s", self._hop, error or "no answer")

    def _become(self, state: RegistrationState, problem: str) -> None:
        changed = (state, problem) != (self.state, self.problem)
        self.state, self.problem = state, problem
        if changed and self._on_state is not None:
            self._on_state(state, problem)

    async def _keep(self) -> None:
        retry = FIRST_RETRY
        while True:
            if self.state != "registered":
                self._become("trying", self.problem)
            try:
                granted = await self._register(self._expires)
            except SipError as error:
                self._flow = None
                self._become("failed", str(error))
                _log.warning("registration of %s failed: %s", self._settings.account, error)
                wait = max(retry, float(getattr(error, "retry_after", None) or 0))
                await self._agent.clock.sleep(wait * random.uniform(0.9, 1.1))  # noqa: S311 - spreads load
                retry = min(2 * retry, LAST_RETRY)
                continue
            self._become("registered", "")
            retry = FIRST_RETRY
            # Early enough that one lost attempt does no harm.
            await self._wait(max(granted * 0.5, granted - 32.0) if granted > 20 else granted * 0.5)

    async def _wait(self, seconds: float) -> None:
        """Until the next registration, keeping the way open through address translation (RFC 5626 §4.4), or
        until the connection to the registrar breaks."""
        end = self._agent.clock.now() + seconds
        while (left := end - self._agent.clock.now()) > 0:
            await self._agent.clock.sleep(min(left, self._agent.config.timers.keep_alive))
            if self._flow is not None:
                if not self._flow.alive:
                    return
                self._agent.send_again(KEEP_ALIVE, self._flow)

    async def _register(self, expires: int) -> int:
        """Register at the first server that answers; the interval granted. Raises RequestFailed or
        TransportError."""
        if self._flow is not None and self._flow.alive:
            try:
                return await self._register_over(self._flow, expires)
            except RequestFailed as failure:
                if failure.status not in {408, 503}:
                    raise
                self._flow = None
                if expires == 0:
                    raise
        failed: SipError = TransportError(f"no server of {self._hop} has an address")
        for server in await self._agent.network.endpoints(self._hop):
            try:
                flow = await self._agent.network.flow(server, self._hop.address)
                granted = await self._register_over(flow, expires)
            except (RequestFailed, TransportError) as error:
                if isinstance(error, RequestFailed) and error.status not in {408, 503}:
                    raise
                self._agent.locator.failed(server)
                failed = error
                continue
            self._flow = flow
            return granted
        raise failed

    async def _register_over(self, flow: Flow, expires: int) -> int:
        """One REGISTER to its end."""
        for _ in range(4):
            request = self._build(flow, expires)
            self._authorization.apply(request)
            response = await self._agent.transactions.answer_to(request, flow)
            if self._authorization.challenged(request, response):
                continue
            if response.status == 423:
                least = natural(response.get("Min-Expires"), 86_400)
                if least is None or least <= expires:
                    raise RequestFailed(423, response.reason)
                expires = self._expires = least
            elif response.status >= 300:
                raise RequestFailed(response.status, response.reason, identity.retry_after(response))
            else:
                return self._granted(response, expires, flow)
        raise RequestFailed(401, "Credentials Refused")

    def _contact(self, flow: Flow) -> str:
        contact = self._agent.router.contact(flow)
        user = self._settings.contact_user
        return contact.replace("sip:", f"sip:{user}@", 1) if user else contact

    def _build(self, flow: Flow, expires: int) -> Request:
        self._cseq += 1
        account = self._settings.account
        fields = [
            ("Max-Forwards", "70"),
            ("From", f"<{account}>;tag={new_tag()}"),
            ("To", f"<{account}>"),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._cseq} REGISTER"),
            ("Contact", self._contact(flow)),
            ("Expires", str(expires)),
            ("User-Agent", self._agent.config.user_agent),
        ]
        return Request("REGISTER", str(self._hop.plain()), fields)

    def _granted(self, response: Response, asked: int, flow: Flow) -> int:
        """The interval of our Contact in a 200; the registrar may have shortened it (§10.2.4).

        Some write our address as they see it, or with parameters of their own: where one address alone is
        registered it is ours, however it is written.
        """
        ours = parse_name_addr(self._contact(flow)).uri
        others = []
        for value in response.values("Contact"):
            try:
                contact = parse_name_addr(value)
            except MessageError:
                continue
            seconds = natural(contact.parameter("expires"))
            if contact.uri == ours and seconds:
                return seconds
            if seconds:
                others.append(seconds)
        return others[0] if len(others) == 1 else natural(response.get("Expires")) or asked
