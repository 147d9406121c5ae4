"""Any elements in any order, any events in any order: a run comes to an orderly end and nothing is left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vxmlplat.simulator import ccxml_world

IDENTIFIERS = [
    "'c1'",
    "'c2'",
    "'d1'",
    "'k1'",
    "x",
    "session.id",
    "event$.connectionid",
    "nosuch",
    "''",
    "5",
    "null",
]
identifiers = st.sampled_from(IDENTIFIERS)
names = st.sampled_from(
    ["'user.a'", "'user.b'", "'connection.connected'", "'error.odd'", "'ccxml.kill'", "x"]
)

elements = st.one_of(
    st.sampled_from(
        [
            "<accept/>",
            "<reject/>",
            "<disconnect/>",
            "<redirect dest=\"'tel:1'\"/>",
            '<createcall dest="\'tel:1\'" connectionid="x"/>',
            '<createconference conferenceid="x"/>',
            '<dialogstart src="\'a.vxml\'" dialogid="x"/>',
            '<dialogprepare src="\'a.vxml\'" dialogid="x"/>',
            '<createccxml next="\'main.ccxml\'" sessionid="x"/>',
            '<fetch next="\'main.ccxml\'" fetchid="x"/>',
            '<goto fetchid="x"/>',
            '<cancel sendid="x"/>',
            "<script>x = [x]; var y = x;</script>",
            '<log expr="x"/>',
            '<var name="x" expr="1"/>',
            '<assign name="x" expr="\'c1\'"/>',
            '<if cond="x"><accept/><else/><assign name="x" expr="\'c2\'"/></if>',
        ]
    ),
    st.builds('<accept connectionid="{}"/>'.format, identifiers),
    st.builds('<join id1="{}" id2="{}"/>'.format, identifiers, identifiers),
    st.builds('<unjoin id1="{}" id2="{}"/>'.format, identifiers, identifiers),
    st.builds('<merge connectionid1="{}" connectionid2="{}"/>'.format, identifiers, identifiers),
    st.builds('<move source="{}" sessionid="{}"/>'.format, identifiers, identifiers),
    st.builds('<move event="event$" sessionid="{}"/>'.format, identifiers),
    st.builds('<dialogstart prepareddialogid="{}"/>'.format, identifiers),
    st.builds('<dialogterminate dialogid="{}"/>'.format, identifiers),
    st.builds('<destroyconference conferenceid="{}"/>'.format, identifiers),
    st.builds('<send target="{}" name="{}" namelist="x"/>'.format, identifiers, names),
    st.builds('<send target="session.id" name="{}" delay="\'1s\'" sendid="x"/>'.format, names),
)
transitions = st.builds(
    '<transition event="{}">{}</transition>'.format,
    st.sampled_from(
        ["*", "user.*", "connection.*", "error.*", "dialog.*", "ccxml.loaded", "send.successful"]
    ),
    st.lists(elements, max_size=4).map("".join),
)
events = st.one_of(
    st.builds(lambda seconds: {"wait": seconds}, st.sampled_from([0, 0.5, 2])),
    st.fixed_dictionaries(
        {
            "event": st.sampled_from(
                [
                    "user.a",
                    "error.x",
                    "connection.alerting",
                    "connection.connected",
                    "connection.disconnected",
                    "dialog.exit",
                    "conference.created",
                    "conference.joined",
                    "conference.unjoined",
                ]
            )
        },
        optional={
            "connection": st.sampled_from(["c1", "c2"]),
            "dialog": st.just("d1"),
            "conference": st.just("k1"),
            "id1": st.just("c1"),
            "id2": st.just("c2"),
        },
    ),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(transitions, max_size=4), st.lists(events, max_size=8))
def test_a_run_ends_in_order(folder: Path, body: list[str], inputs: list[dict[str, Any]]) -> None:
    (folder / "main.ccxml").write_text(
        '<ccxml version="1.0" xmlns="http://www.w3.org/2002/09/ccxml"><var name="x"/>'
        f"<eventprocessor>{''.join(body)}</eventprocessor></ccxml>"
    )
    printed: list[dict[str, Any]] = []
    assert ccxml_world.run((folder / "main.ccxml").as_uri(), inputs, printed.append) == 0
    assert [line["event"] for line in printed].count("exit") == 1
    assert printed[-1]["event"] == "exit"
    assert printed[-1]["reason"] in ("end", "error", "kill", "exit")
    assert printed[-1].get("error") != "error.internal"
    json.dumps(printed, allow_nan=False)
