"""Hand-written VoiceXML becomes a flow that behaves the same."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from vxmlplat.flows import Flow, check_flow, compile_flow, read_flow
from vxmlplat.flows.importing import DocumentRefused, Imported, import_voicexml

HERE = Path(__file__).parent
HEAD = {"vxml_document"}
CODE = {"vxml", "vxml_document"}
SILENT = {"noinput": True}
DOCUMENTS = HERE / "documents"


def _own_cases() -> Any:
    """The conformance cases of this repository, with their server."""
    if "own_cases" not in sys.modules:
        path = HERE.parent / "conformance" / "own_cases.py"
        spec = importlib.util.spec_from_file_location("own_cases", path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["own_cases"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["own_cases"])
    return sys.modules["own_cases"]


own_cases = _own_cases()
CASES: list[dict[str, Any]] = own_cases.load_cases()

REFERRED_TO = {"variables/app-root-leaf-goto"}
"""The document is the application root of others, which go on using the document and not the flow."""


@pytest.fixture(scope="module")
def runner() -> Iterator[Any]:
    with own_cases.CaseRunner() as running:
        yield running


def base_of(runner: Any, first: str) -> str:
    """The address that a document will have in the next run."""
    return f"http://127.0.0.1:{runner._server.server_address[1]}/case{runner._cases + 1}/{first}"


def flow_of(imported: Imported) -> Flow:
    reading = read_flow(imported.flow)
    assert reading.flow is not None, [each.as_json() for each in reading.problems]
    assert reading.problems == ()
    return reading.flow


def heard(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the caller notices: prompts in a row as one, waits, recordings, transfers, the end.

    A document whose last dialog has nothing left to do ends as one that says ``<exit/>``.
    """
    noticed: list[dict[str, Any]] = []
    for event in events:
        kind = event["event"]
        if kind == "prompt":
            audio = [re.sub(r"/case\d+/|recording:\w+", "/", uri) for uri in event["audio"]]
            told = {
                "event": kind, "text": own_cases.spoken(event["text"]), "audio": audio,
                "bargein": event["bargein"], "lang": event["lang"],
            }  # fmt: skip
            last = noticed[-1] if noticed else {}
            if all(last.get(name) == told[name] for name in ("event", "bargein", "lang")):
                last["text"] = own_cases.spoken(f"{last['text']} {told['text']}")
                last["audio"] += audio
            else:
                noticed.append(told)
        elif kind in ("listen", "record", "transfer"):
            noticed.append(event)
        elif kind == "exit":
            reason = "exit" if event["reason"] == "end" else event["reason"]
            noticed.append({**event, "reason": reason, "message": None})
    return noticed


def both(runner: Any, case: Mapping[str, Any], imported: Imported, address: str) -> tuple[Any, Any]:
    """What is heard from the document and from the flow, both beside the case's other documents."""
    flow = {f"published/f/1/{n}": text for n, text in compile_flow(flow_of(imported)).documents.items()}
    first = {"published/f/1/flow.vxml": flow.pop("published/f/1/flow.vxml")}
    by_flow = runner.run({**case, "documents": {**first, **flow, **case["documents"]}})
    assert address.split("/")[3] == f"case{runner._cases}"
    return heard(runner.run(case)), heard(by_flow)


def root_of(case: Mapping[str, Any]) -> str | None:
    """The text of the application root that a case's first document names."""
    first = next(iter(case["documents"]))
    found = re.search(r"""<vxml[^>]*application=["']([^"']*)""", case["documents"][first])
    return case["documents"].get(urljoin(first, found[1])) if found else None


WITH_ROOT = [case for case in CASES if root_of(case) is not None]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_whatever_a_document_does_the_flow_does(case: dict[str, Any], runner: Any) -> None:
    _does_the_same(case, None, runner)


@pytest.mark.parametrize("case", WITH_ROOT, ids=[case["id"] for case in WITH_ROOT])
def test_with_its_application_root_too(case: dict[str, Any], runner: Any) -> None:
    _does_the_same(case, root_of(case), runner)


def _does_the_same(case: dict[str, Any], application: str | None, runner: Any) -> None:
    first = next(iter(case["documents"]))
    address = base_of(runner, first)
    try:
        imported = import_voicexml(case["documents"][first], "f", base=address, application=application)
    except DocumentRefused:
        return  # what is refused, and how, is tested below
    leads_nowhere = [
        found for found in check_flow(flow_of(imported)) if found.code == "vxml.exit.missing"
    ]  # such a document fails when a caller goes there; its author is told before
    if not leads_nowhere and case["id"] not in REFERRED_TO:
        document, flow = both(runner, case, imported, address)
        assert flow == document


def test_few_documents_cannot_be_compared() -> None:
    """Those with an application root, the invalid ones, and those that lead to dialogs they have not."""
    uncompared = 0
    for case in CASES:
        text = case["documents"][next(iter(case["documents"]))]
        try:
            problems = check_flow(flow_of(import_voicexml(text, "f")))
        except DocumentRefused:
            uncompared += 1
        else:
            errors = {found.code for found in problems if found.severity == "error"}
            assert errors <= {"vxml.exit.missing"}, case["id"]
            uncompared += bool(errors)
    assert uncompared < 30


WALKS: list[tuple[str, list[dict[str, Any]], set[str]]] = [
    ("hotline", [{"dtmf": "1"}, {"dtmf": "12345"}], HEAD),
    ("hotline", [{"dtmf": "2"}, {"dtmf": "12"}, {"dtmf": "123#"}, {"dtmf": "1234"}], HEAD),
    ("hotline", [SILENT, {"dtmf": "7"}, {"dtmf": "5"}], HEAD),
    ("hotline", [SILENT, SILENT, SILENT, {"transfer": "busy"}], HEAD),
    ("hotline", [{"dtmf": "1"}, {"dtmf": "0000"}, {"dtmf": "0"}, {"transfer": "answered", "after": 5}], HEAD),
    ("hotline", [{"dtmf": "1"}, {"hangup": True}], HEAD),
    ("bank", [{"dtmf": "12345#"}, {"dtmf": "1234"}, {"say": "yes"}, {"dtmf": "*0"}], CODE),
    ("bank", [{"dtmf": "12345#"}, {"dtmf": "1111"}, {"dtmf": "12345678"}, SILENT], CODE),
    ("choices", [{"say": "news"}, {"dtmf": "1"}, {"dtmf": "2"}], set()),
    ("choices", [{"say": "snow"}, SILENT, {"dtmf": "9"}, {"dtmf": "#"}], set()),
    ("热线", [{"dtmf": "2"}, {"dtmf": "123"}, {"dtmf": "1"}], CODE),
    ("subdialog", [{"dtmf": "7"}], {"vxml"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "inputs", "code"), WALKS, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(WALKS)]
)
def test_documents_as_people_write_them(
    name: str, inputs: list[dict[str, Any]], code: set[str], runner: Any
) -> None:
    text = (DOCUMENTS / f"{name}.vxml").read_text("utf-8")
    text = text.replace("GB18030", "UTF-8")
    address = base_of(runner, "main.vxml")
    imported = import_voicexml(text, "f", base=address)
    document, flow = both(runner, {"documents": {"main.vxml": text}, "inputs": inputs}, imported, address)
    assert flow == document
    assert len([each for each in document if each["event"] == "listen"]) >= 1
    assert [found.as_json() for found in check_flow(flow_of(imported)) if found.severity == "error"] == []
    types = {node_type for each in imported.report for node_type in each.types}
    assert types & {"vxml", "vxml_document"} == code


def test_what_became_what() -> None:
    imported = import_voicexml((DOCUMENTS / "hotline.vxml").read_text("utf-8"), "f")
    told = {each.dialog: each.types for each in imported.report}
    assert told == {
        "": ("vxml_document",),
        "welcome": ("play", "condition", "play", "hangup"),
        "main_menu": ("menu", "play"),
        "roads": ("set",),
        "water": ("set", "play"),
        "ticket": ("digits", "play", "condition", "play", "play", "return"),
        "person": ("transfer", "play"),
    }
    flow = flow_of(imported)
    assert flow.name == {"en-US": "City hotline"}
    menu = flow.node("main_menu")
    assert menu is not None
    assert menu.fields["tries"] == 3
    assert [choice["label"] for choice in menu.fields["choices"]] == ["roads", "water", "person"]
    assert {(v.name, v.type) for v in flow.variables} == {
        ("open", "boolean"), ("topic", "string"), ("number", "string"),
    }  # fmt: skip
    assert [note["text"] for note in flow.notes] == ["Three tries, then a person."]


def test_code_is_kept_as_its_author_wrote_it_and_told_why() -> None:
    imported = import_voicexml(
        (DOCUMENTS / "bank.vxml").read_text("utf-8"), "f", base="http://h.test/a/b.vxml"
    )
    login = next(each for each in imported.report if each.dialog == "login")
    assert login.types == ("vxml",)
    assert login.reason == {"en-US": "it uses <var>", "zh-CN": "使用了 <var>"}
    node = next(each for each in imported.flow["nodes"] if each["id"] == "login")
    assert '<filled mode="all" namelist="acc code">' in node["fields"]["source"]
    assert [each["id"] for each in node["fields"]["exits"]] == ["balance", "operator"]
    greeting = next(each for each in imported.flow["nodes"] if each["id"] == "greeting")
    (piece,) = greeting["fields"]["prompt"]
    assert piece == {
        "kind": "address",
        "src": "http://h.test/a/sounds/hello.wav",
        "text": {"en-US": "Good day."},
    }


def test_dialogs_get_ids_that_nodes_can_have() -> None:
    imported = import_voicexml((DOCUMENTS / "热线.vxml").read_text("utf-8").replace("GB18030", "UTF-8"), "f")
    assert [each.nodes[0] for each in imported.report if each.dialog] == [
        "dialog", "dialog_2", "dialog_1-repair", "complaint_form",
    ]  # fmt: skip


REFUSED = [
    ("<vxml>\n <form>\n</vxml>", 3, "this is no usable XML"),
    ("<html/>", 1, "this is no VoiceXML document"),
    ('<vxml version="2.1"/>', 1, "has no dialog"),
    ('<vxml version="2.1" application="root.vxml"><form/></vxml>', 1, "application root document"),
    ('<vxml version="2.1">\n<form/>\n  <block/></vxml>', 3, "<block> does not stand in <vxml>"),
    ('<vxml version="2.1"><form id="a"/>\n<form id="a"/></vxml>', 2, "two dialogs have the id 'a'"),
    ('<vxml version="2.1" xml:lang="english language"><form/></vxml>', 1, "xml:lang"),
    ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><vxml>&b;</vxml>', 1, "entity"),
]


@pytest.mark.parametrize(("text", "line", "reason"), REFUSED)
def test_what_cannot_be_imported_is_refused_with_its_place(text: str, line: int, reason: str) -> None:
    with pytest.raises(DocumentRefused, match=re.escape(reason)) as refused:
        import_voicexml(text, "f")
    assert refused.value.line == line
    assert refused.value.column >= 1
    assert set(refused.value.reason) == {"en-US", "zh-CN"}


def test_addresses_without_a_base_are_told() -> None:
    block = '<block><audio src="a.wav"><emphasis>x</emphasis></audio></block>'
    text = f'<vxml version="2.1"><form>{block}</form></vxml>'
    (only,) = import_voicexml(text, "f").report
    assert [note["en-US"] for note in only.notes] == [
        "The address a.wav is seen from where the document was; give that address."
    ]


def test_a_node_of_code_can_be_led_elsewhere(runner: Any) -> None:
    """The edge of an exit counts, not the name that the code has."""
    text = (DOCUMENTS / "subdialog.vxml").read_text("utf-8")
    imported = import_voicexml(text, "f")
    raw = imported.flow
    raw["nodes"].append(
        {
            "id": "other",
            "type": "play",
            "fields": {"prompt": [{"kind": "text", "text": {"en-US": "Elsewhere."}}]},
        }
    )
    raw["edges"] = [
        {**edge, "to": "other"} if edge["to"] == "end" else edge for edge in raw["edges"]
    ] + [{"from": "other", "port": "next", "to": "end"}]  # fmt: skip
    documents = compile_flow(flow_of(imported)).documents
    events = runner.run(
        {"documents": {"flow.vxml": documents["flow.vxml"], **documents}, "inputs": [{"dtmf": "7"}]}
    )
    assert [event["text"] for event in events if event["event"] == "prompt"][-2:] == ["Elsewhere.", "Bye."]


MAIN = """<vxml version="2.1" xml:lang="en-US" application="app/root.vxml">
<property name="timeout" value="7s"/><noinput><prompt>Mine</prompt></noinput>
<form id="a"><field name="n"><grammar src="g.grxml"/><prompt>Say <value expr="application.who"/></prompt>
</field></form></vxml>"""
ROOT = """<vxml version="2.1" xml:lang="en-US"><var name="who" expr="'Li'"/>
<property name="timeout" value="1s"/><property name="bargein" value="false"/><script src="s.js"/>
<noinput><audio src="x.wav">Yours</audio></noinput>
<link next="#a"><grammar src="l.grxml"/></link></vxml>"""


def test_an_application_root_is_taken_in() -> None:
    made = import_voicexml(MAIN, "f", base="http://h.test/d/main.vxml", application=ROOT)
    flow = flow_of(made)
    assert [(each.name, each.initial) for each in flow.variables if each.name == "who"] == [("who", "Li")]
    head = flow.node("document")
    assert head is not None
    source = head.fields["source"]
    # The document's property holds, its handler comes first; addresses are those of who executes them.
    assert "1s" not in source
    assert source.index("bargein") < source.index("7s") < source.index("Mine") < source.index("Yours")
    assert "http://h.test/d/app/s.js" in source
    assert "http://h.test/d/app/l.grxml" in source
    assert '"x.wav"' in source
    assert head.fields["base"] == "http://h.test/d/main.vxml"
    (told,) = (each for each in made.report if not each.dialog)
    assert [note["en-US"] for note in told.notes] == [
        "The application root http://h.test/d/app/root.vxml was taken in."
    ]


PAGES = [
    (MAIN, None, "is not known"),
    (MAIN, '<vxml version="2.1" xml:lang="en-US"><form/></vxml>', "dialogs of its own"),
    (MAIN, ROOT.replace("en-US", "fr-FR"), "speaks fr-FR"),
    (MAIN.replace("<form", '<var name="who"/><form', 1), ROOT, "who is declared in it and in"),
    (MAIN.replace("<field", "<block><goto next='b.vxml'/></block><field"), ROOT, "leads to other documents"),
    (MAIN.replace("<field", "<block><submit next='#a'/></block><field"), ROOT, "leads to other documents"),
    (MAIN, ROOT.replace("'Li'", "String(Date.now())"), "asks for application.who"),
    (MAIN, ROOT.replace('src="s.js"', "srcexpr=\"'s.js'\""), "works addresses out"),
]


@pytest.mark.parametrize(("text", "root", "reason"), PAGES)
def test_what_an_application_root_cannot_be_taken_into_stays_a_page(
    text: str, root: str | None, reason: str
) -> None:
    made = import_voicexml(text, "f", base="http://h.test/d/main.vxml", application=root)
    flow = flow_of(made)
    assert [node.type for node in flow.nodes] == ["start", "vxml_page"]
    assert flow.nodes[1].fields == {"url": "http://h.test/d/main.vxml", "mode": "go"}
    assert [found.as_json() for found in check_flow(flow) if found.severity == "error"] == []
    (told,) = made.report
    assert told.reason is not None
    assert reason in told.reason["en-US"]
    with pytest.raises(DocumentRefused, match=re.escape(reason)):
        import_voicexml(text, "f", application=root)


def test_an_application_root_that_cannot_be_read_is_told_with_its_line() -> None:
    with pytest.raises(
        DocumentRefused, match="application root document, line 2: this is no usable XML"
    ) as refused:
        import_voicexml(MAIN, "f", base="http://h.test/", application="<vxml>\n<form></vxml>")
    assert refused.value.line == 1
