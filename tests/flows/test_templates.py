"""Each template can run, speaks both languages of the product, and passes its conversation test."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from vxmlplat.flows import check_flow, compile_flow, read_flow
from vxmlplat.flows.schema import FLOW_ID
from vxmlplat.flows.template_library import templates
from vxmlplat.simulator.conversation_run import run_test
from vxmlplat.simulator.conversation_yaml import read_test
from vxmlplat.simulator.flow_under_test import FlowUnderTest

TEMPLATES = templates()


def test_the_list() -> None:
    assert list(TEMPLATES) == ["menu", "identify", "queue_callback", "survey", "business_hours", "outbound"]
    for template in TEMPLATES.values():
        assert set(template.title) == set(template.summary) == {"en-US", "zh-CN"}
        assert re.fullmatch(FLOW_ID, template.id)


@pytest.mark.parametrize("languages", [("en-US", "zh-CN"), ("zh-CN",), ("en-US",)])
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_no_problem(name: str, languages: tuple[str, ...]) -> None:
    reading = read_flow({**TEMPLATES[name].flow, "languages": list(languages)})
    assert reading.problems == ()
    assert reading.flow is not None
    assert [found.as_json() for found in check_flow(reading.flow)] == []
    assert compile_flow(reading.flow).problems == ()


def texts(value: Any) -> list[dict[str, str]]:
    """All texts of prompts and labels."""
    if isinstance(value, dict):
        if value and all(re.fullmatch(r"[a-z]{2}-[A-Z]{2}", key) for key in value):
            return [value]
        return [found for item in value.values() for found in texts(item)]
    return [found for item in value for found in texts(item)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_text_is_there_in_both_languages(name: str) -> None:
    found = texts(TEMPLATES[name].flow)
    assert found
    for text in found:
        assert set(text) == {"en-US", "zh-CN"}
        assert re.search("[\u4e00-\u9fff]", text["zh-CN"])


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@pytest.mark.parametrize("name", TEMPLATES)
async def test_a_template_passes_its_conversation_test(name: str, language: str) -> None:
    template = TEMPLATES[name]
    assert template.test is not None
    flow = read_flow({**template.flow, "languages": [language]}).flow
    assert flow is not None
    test = read_test(yaml.safe_dump(template.test, allow_unicode=True), f"{name}.yaml")
    result = await run_test(test, FlowUnderTest.compiled(flow))
    assert result.failure is None, result.failure
