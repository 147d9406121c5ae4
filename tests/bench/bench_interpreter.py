"""How fast the VoiceXML interpreter is and what a session weighs.

    python tests/bench/bench_interpreter.py [--seconds N] [--sessions N]

Method: one process, one core, virtual time. The dialogue (menu, five digits, confirmation; conditions in
ECMAScript; ten turns a call) runs through the simulator's world with every input given ahead, so that
nothing but the interpreter, the grammars and the scripts is measured. CPU time of the process counts, not
the clock on the wall. A turn is one wait for the caller. The memory of a session is the growth of the
process's resident memory with all sessions waiting in their first field, divided by their number.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import re
import sys
import time
from pathlib import Path
from typing import Any

from vxmlplat.documents import Resource, parse_resource
from vxmlplat.simulator.inputs import ListedInputs, TypedInputs
from vxmlplat.simulator.site import MemorySite, text_resource
from vxmlplat.simulator.world import SimulatedWorld
from vxmlplat.vxml.checker import check_tree
from vxmlplat.vxml.library import Library
from vxmlplat.vxml.reader import read_document
from vxmlplat.vxml.session import Session, SessionStart

MAIN = "http://bench.example/main.vxml"
DIALOGUE = """<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="en-US">
<var name="rounds" expr="0"/><var name="vip" expr="false"/>
<catch event="nomatch noinput" count="3"><prompt>Goodbye.</prompt><exit/></catch>
<menu id="top"><prompt>For accounts press 1, for cards press 2.</prompt>
  <choice dtmf="1" next="#account">accounts</choice><choice dtmf="2" next="#account">cards</choice></menu>
<form id="account">
  <var name="tries" expr="0"/>
  <field name="number" type="digits?length=5">
    <prompt cond="tries == 0">Your number, please.</prompt>
    <prompt cond="tries &gt; 0">Once more, please.</prompt>
    <filled><assign name="tries" expr="tries + 1"/>
      <if cond="number.charAt(0) == '9' &amp;&amp; !vip"><assign name="vip" expr="true"/>
      <elseif cond="number == '00000'"/><clear namelist="number"/></if></filled>
  </field>
  <field name="sure" type="boolean"><prompt>You keyed
    <say-as interpret-as="digits"><value expr="number"/></say-as>. Right?</prompt></field>
  <filled namelist="number sure"><if cond="sure">
      <assign name="rounds" expr="rounds + 1"/>
      <if cond="rounds &lt; 3"><goto next="#top"/><else/><goto next="#last"/></if>
    <else/><clear/></if></filled>
</form>
<form id="last"><field name="again"><prompt>Press 1 to end.</prompt><option dtmf="1" value="end">end</option>
  <filled><prompt cond="vip">Thank you.</prompt><exit namelist="again"/></filled></field></form>
</vxml>"""
TURNS = [{"dtmf": "1"}, {"dtmf": "12345"}, {"dtmf": "1"}] * 3 + [{"dtmf": "1"}]


def say(line: str) -> None:
    """A figure."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def ignore(_: dict[str, Any]) -> None:
    """Events are made, as in a real run, and dropped."""


async def turns_a_second(seconds: float) -> float:
    """Run whole calls one after the other for so many CPU seconds."""
    library = Library()
    site = MemorySite({MAIN: text_resource(MAIN, DIALOGUE)})

    async def call() -> None:
        world = SimulatedWorld(ListedInputs(TURNS), ignore, site.fetch)
        end = await Session(world, SessionStart(MAIN), library).run()
        assert end.reason == "exit", end

    await call()
    calls = 0
    began = time.process_time()
    while time.process_time() - began < seconds:
        await call()
        calls += 1
    return calls * len(TURNS) / (time.process_time() - began)


def resident() -> int:
    """Bytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def bytes_a_session(count: int) -> float:
    """Start so many sessions, all waiting for their caller."""
    library = Library()
    site = MemorySite({MAIN: text_resource(MAIN, DIALOGUE)})
    waiting = asyncio.Semaphore(0)

    def waits(_: str) -> None:
        waiting.release()

    tasks: list[asyncio.Task[Any]] = []

    def start() -> None:
        world = SimulatedWorld(TypedInputs(waits), ignore, site.fetch)
        tasks.append(asyncio.create_task(Session(world, SessionStart(MAIN), library).run()))

    start()
    await waiting.acquire()
    gc.collect()
    before = resident()
    for _ in range(count):
        start()
    for _ in range(count):
        await waiting.acquire()
    gc.collect()
    grown = resident() - before
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return grown / count


def megabytes_a_second(seconds: float) -> tuple[float, float, float]:
    """Megabytes of VoiceXML a second: parsed and checked; parsed, checked and made a model; parsed only."""
    start, end = DIALOGUE.index("<menu"), DIALOGUE.index("</vxml>")
    ids = "|".join(("top", "account", "last"))
    forms = "".join(re.sub(rf'(#|id=")({ids})', rf"\g<1>\g<2>{n}", DIALOGUE[start:end]) for n in range(200))
    resource: Resource = text_resource(MAIN, DIALOGUE[:start] + forms + "</vxml>")
    size = len(resource.body) / 1e6

    def rate(work: Any) -> float:
        rounds = 0
        began = time.process_time()
        while time.process_time() - began < seconds:
            work()
            rounds += 1
        return rounds * size / (time.process_time() - began)

    return (
        rate(lambda: check_tree(parse_resource(resource), MAIN)),
        rate(lambda: read_document(resource)),
        rate(lambda: parse_resource(resource)),
    )


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="measure the VoiceXML interpreter")
    parser.add_argument("--seconds", type=float, default=5.0, help="CPU seconds of each measurement")
    parser.add_argument("--sessions", type=int, default=5000, help="sessions at once")
    arguments = parser.parse_args()
    say(f"turns a second:           {asyncio.run(turns_a_second(arguments.seconds)):8.0f}   (wanted: 3000)")
    checked, modelled, parsed = megabytes_a_second(arguments.seconds / 3)
    say(
        f"VoiceXML, MB a second:    {checked:8.2f}   "
        f"(parsed and checked; wanted: 5; with its model {modelled:.1f}, XML alone {parsed:.1f})"
    )
    weight = asyncio.run(bytes_a_session(arguments.sessions))
    say(f"KB a session, {arguments.sessions} at once: {weight / 1000:5.0f}   (wanted: at most 300)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
