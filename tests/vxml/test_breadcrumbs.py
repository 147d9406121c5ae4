"""The steps of a session: in = out, ports and fields named by the document, reasons."""

# ruff: noqa: E501  # a document reads best as its author would write it
from __future__ import annotations

from typing import Any

CHOICE = '<grammar version="1.0" mode="dtmf" root="d"><rule id="d">1</rule></grammar>'


async def test_steps_name_dialogs_ports_and_fields(run_application: Any) -> None:
    told = await run_application(
        "<form id='welcome'><block><log label='vxmlplat.port' expr=\"'next'\"/>"
        "<log label='vxmlplat.field' expr=\"'street=Main=1'\"/><goto next='#menu'/></block></form>"
        "<menu id='menu'><choice dtmf='1' next='#bye'>one</choice></menu>"
        "<form id='bye'><block><exit/></block></form>",
        [{"dtmf": "1"}],
    )
    steps = [(step.source, step.port, step.target, step.reason, dict(step.fields)) for step in told.steps]
    assert steps == [
        ("", None, "welcome", "entry", {}),
        ("welcome", "next", "menu", "goto", {"street": "Main=1"}),
        ("menu", None, "bye", "choice", {}),
        ("bye", None, "", "exit", {}),
    ]
    assert told.logs == []
    assert len({step.session for step in told.steps}) == 1


async def test_a_subdialog_is_entered_and_left(run_application: Any) -> None:
    told = await run_application(
        "<form id='a'><subdialog name='r' src='#s'/><block/></form><form id='s'><block><return/></block></form>"
    )
    assert [(step.source, step.target, step.reason) for step in told.steps] == [
        ("", "a", "entry"),
        ("a", "s", "subdialog"),
        ("s", "a", "return"),
        ("a", "", "end"),
    ]


async def test_an_exit_inside_a_subdialog_leaves_from_there(run_application: Any) -> None:
    told = await run_application(
        "<form id='a'><subdialog name='r' src='#s'/></form><form id='s'><block><exit/></block></form>"
    )
    assert [(step.source, step.target, step.reason) for step in told.steps] == [
        ("", "a", "entry"),
        ("a", "s", "subdialog"),
        ("s", "", "exit"),
    ]


async def test_every_dialog_that_is_entered_is_left(run_application: Any) -> None:
    told = await run_application(
        f"<form id='a'><field name='x'>{CHOICE}<filled><goto next='#b'/></filled></field></form>"
        f"<form id='b'><field name='x'>{CHOICE}<filled><goto next='#a'/></filled></field></form>",
        [{"dtmf": "1"}] * 5,
    )
    for earlier, later in zip(told.steps, told.steps[1:], strict=False):
        assert earlier.target == later.source
    assert told.steps[-1].target == ""
    assert told.steps[-1].reason == "hangup"


async def test_a_start_document_that_cannot_be_had_leaves_one_step(run_application: Any) -> None:
    told = await run_application("<form>")
    assert [(step.source, step.target, step.reason) for step in told.steps] == [("", "", "error")]
    assert told.end.loaded is False
