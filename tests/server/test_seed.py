from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vxmlplat.server.events import FlowChanged, NumbersChanged
from vxmlplat.server.seed import seed_samples
from vxmlplat.server.services import Services

FlowFile = Callable[..., dict[str, Any]]
ROOT = Path(__file__).parents[2]

SAMPLE = {
    "numbers": ["12319"],
    "test_numbers": ["912319"],
    "note": "the sample",
    "queues": [{"id": "operators", "name": {"en-US": "Operators"}, "skills": {"hotline": 1}}],
    "agents": [
        {"id": "1001", "name": "Li Na", "address": "sip:1001@127.0.0.1:5071", "skills": {"hotline": 5}}
    ],
    "caller_lists": {"vip": [{"number": "+86138*", "note": "mayor"}]},
}


def write(folder: Path, flow: dict[str, Any], sample: dict[str, Any] | None = None) -> None:
    folder.mkdir(parents=True)
    (folder / "flow.json").write_text(json.dumps(flow))
    if sample is not None:
        (folder / "sample.json").write_text(json.dumps(sample))


async def test_samples_fill_an_empty_store(services: Services, flow_file: FlowFile, tmp_path: Path) -> None:
    heard: list[Any] = []
    services.events.subscribe(FlowChanged, heard.append)
    services.events.subscribe(NumbersChanged, heard.append)
    write(tmp_path / "samples" / "hotline", flow_file("hotline"), SAMPLE)
    write(tmp_path / "samples" / "plain", flow_file("plain"))
    (tmp_path / "samples" / "hotline" / "tests").mkdir()
    (tmp_path / "samples" / "hotline" / "tests" / "silent.yaml").write_text("flow: hotline\nsteps: [waits]\n")
    assert await seed_samples(services, tmp_path / "samples") == ["12319", "912319"]
    store = services.store
    assert (await store.flows.current("hotline")).note == "the sample"
    assert (await store.flows.current("plain")).version == 1
    numbers = [(one.number, one.flow, one.test) for one in await store.numbers.all()]
    assert numbers == [("12319", "hotline", False), ("912319", "hotline", True)]
    assert (await store.agents.get("1001")).skills == {"hotline": 5}
    assert (await store.queues.get("operators")).skills == {"hotline": 1}
    assert await store.caller_lists.find("vip", "+861380") is not None
    assert [one.name for one in await store.conversation_tests.all("hotline")] == ["silent"]
    assert FlowChanged("hotline", 1) in heard
    # A store that has flows is the operator's own.
    assert await seed_samples(services, tmp_path / "samples") == []


async def test_a_sub_flow_is_published_before_the_flow_that_calls_it(
    services: Services, flow_file: FlowFile, tmp_path: Path
) -> None:
    caller = flow_file("caller")
    caller["nodes"][1] = {"id": "hello", "type": "sub_flow", "fields": {"flow": "inner"}}
    inner = flow_file("inner")
    inner["nodes"][2] = {"id": "bye", "type": "return", "fields": {}}
    folder = tmp_path / "samples" / "caller"
    write(folder, caller, {"numbers": ["1"]})
    (folder / "flows").mkdir()
    (folder / "flows" / "inner.json").write_text(json.dumps(inner))
    assert await seed_samples(services, tmp_path / "samples") == ["1"]


async def test_a_broken_sample_is_left_out_as_a_whole(
    services: Services, flow_file: FlowFile, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    samples = tmp_path / "samples"
    write(samples / "broken", flow_file("broken", edges=[]), SAMPLE)
    write(samples / "unknown", flow_file("unknown"), {"numbrs": []})
    write(samples / "fine", flow_file("fine"), {"numbers": ["2"]})
    assert await seed_samples(services, samples) == ["2"]
    assert [flow.id for flow in await services.store.flows.all()] == ["fine"]
    assert await services.store.queues.all() == []
    assert "sample broken was left out" in caplog.text
    assert "sample unknown was left out" in caplog.text


async def test_the_samples_of_the_platform_can_be_dialled(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    assert "12319" in await seed_samples(services, ROOT / "samples")
    assert "left out" not in caplog.text
