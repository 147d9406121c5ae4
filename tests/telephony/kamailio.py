"""A real registrar and proxy (Kamailio) on loopback: users prove themselves, calls go from user to user."""

from __future__ import annotations

import asyncio
import os
import signal
from glob import glob
from pathlib import Path

from ports import free_port

CONFIG = """
debug=1
log_stderror=yes
children=2
tcp_children=2
mpath="{modules}"
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
alias="carrier.example"
auto_aliases=no
loadmodule "kex.so"
loadmodule "pv.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "auth.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("auth", "algorithm", "{algorithm}")
modparam("auth", "nonce_count", 1)
modparam("auth", "qop", "auth")
modparam("registrar", "min_expires", 60)
modparam("registrar", "max_contacts", 5)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("OPTIONS") && uri==myself && $rU==$null) {{ sl_send_reply("200", "OK"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK") && t_check_trans()) {{ t_relay(); exit; }}
        sl_send_reply("404", "Not Here");
        exit;
    }}
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("carrier.example", "{password}", "0")) {{
            www_challenge("carrier.example", "1");
            exit;
        }}
        save("location");
        exit;
    }}
    if (is_method("INVITE") && !pv_proxy_authenticate("carrier.example", "{password}", "0")) {{
        proxy_challenge("carrier.example", "1");
        exit;
    }}
    consume_credentials();
    record_route();
    if (!lookup("location")) {{ t_newtran(); t_reply("404", "Not Found"); exit; }}
    t_relay();
}}
"""


class Kamailio:
    """One Kamailio for the domain ``carrier.example``, where all users have one password."""

    password = "carrier-secret"

    def __init__(self, program: str, folder: Path, algorithm: str = "MD5") -> None:
        self.port = free_port()
        self._program = program
        self._folder = folder
        modules = [*glob("/usr/lib/*/kamailio/modules"), "/usr/lib64/kamailio/modules"]
        (folder / "kamailio.cfg").write_text(
            CONFIG.format(modules=modules[0], port=self.port, password=self.password, algorithm=algorithm)
        )
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Kamailio:
        folder = self._folder
        with (folder / "kamailio.log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(self._program, "-f", str(folder / "kamailio.cfg"), "-DD", "-E", "-m", "16", "-M", "4"),
                *("-Y", str(folder), "-w", str(folder)),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                assert self._process.returncode is None, self.log
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return self
        raise AssertionError(f"Kamailio did not start: {self.log}")

    async def __aexit__(self, *_: object) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 5)
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()

    @property
    def log(self) -> str:
        """What it said."""
        return (self._folder / "kamailio.log").read_text(errors="replace")[-3000:]
