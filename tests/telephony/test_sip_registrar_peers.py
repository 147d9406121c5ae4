"""Real telephones at our registrar: which algorithm each takes of those that are offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.telephony.baresip import Baresip
from tests.telephony.peer import until
from vxmlplat.clock import SystemClock
from vxmlplat.sip.agent import UserAgent
from vxmlplat.sip.digest import Secret, user_hash
from vxmlplat.sip.registrar import Registrar
from vxmlplat.sip.settings import Listen, UserAgentConfig


@pytest.mark.needs("baresip")
@pytest.mark.parametrize("offered", [("SHA-256", "MD5"), ("MD5", "SHA-256"), ("MD5",)])
async def test_baresip_registers_whatever_is_offered(tmp_path: Path, offered) -> None:
    """Baresip 1.0 gives up at a challenge with SHA-256 and tries again a minute later, or when it is started
    anew; it is offered MD5 alone then."""
    hashes = {name: user_hash(name, "1001", "127.0.0.1", "secret") for name in ("SHA-256", "MD5")}
    registrar = Registrar("127.0.0.1", {"1001": Secret(ha1=hashes)}.get, SystemClock(), algorithms=offered)
    agent = UserAgent(UserAgentConfig(listen=(Listen("udp", port=0),)), SystemClock(), registrar=registrar)
    await agent.start()
    try:
        account = f"<sip:1001@127.0.0.1:{agent.addresses[0][2]}>;auth_user=1001;auth_pass=secret;regint=60"
        for n in range(2):
            async with Baresip(tmp_path / str(n), account=account) as phone:
                await until(lambda: registrar.contacts("1001") or "401 Unauthorized" in phone.trace, 10)
                if n == 1 or offered == ("MD5",):
                    await until(lambda: registrar.contacts("1001"), 10)
    finally:
        await agent.stop()
