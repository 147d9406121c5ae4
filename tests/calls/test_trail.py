from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.analytics.step import Step as Breadcrumb
from vxmlplat.calls.trail import Place, Trail, place_of
from vxmlplat.clock import VirtualClock
from vxmlplat.vxml.platform import Step

HOTLINE = "http://127.0.0.1:8080/published/hotline/7/main.vxml"
SURVEY = "http://127.0.0.1:8080/published/survey/2/main.vxml"


def trail() -> tuple[Trail, list[Breadcrumb]]:
    crumbs: list[Breadcrumb] = []
    return Trail("call", "s1", VirtualClock(), crumbs.append), crumbs


def go(
    source: str, target: str, reason: str = "goto", document: str = HOTLINE, port: str | None = None
) -> Step:
    return Step("s1", document, source, target, reason, port)


def moves(crumbs: list[Breadcrumb]) -> list[tuple[str, str, str, str]]:
    return [(c.flow, c.from_node, c.port, c.to_node) for c in crumbs]


def test_a_designed_call_is_a_row_of_nodes_with_the_ports_between() -> None:
    follow, crumbs = trail()
    follow.step(go("", "welcome", "entry"))
    follow.step(go("welcome", "menu", port="next"))
    follow.step(go("menu", "roads", "choice", port="3"))
    follow.step(go("roads", "", "hangup"))
    assert moves(crumbs) == [
        ("hotline", "", "", "welcome"),
        ("hotline", "welcome", "next", "menu"),
        ("hotline", "menu", "3", "roads"),
        ("hotline", "roads", "", ""),
    ]
    assert [c.reason for c in crumbs] == ["entry", "goto", "choice", "hangup"]
    assert {c.version for c in crumbs} == {7}


def test_moves_between_the_parts_of_a_node_are_no_steps() -> None:
    follow, crumbs = trail()
    follow.step(go("", "menu", "entry"))
    follow.step(go("menu", "menu.retry"))
    follow.step(go("menu.retry", "menu"))
    follow.step(go("menu", "bye", port="1"))
    assert moves(crumbs) == [("hotline", "", "", "menu"), ("hotline", "menu", "1", "bye")]


def test_a_loop_from_a_node_to_itself_through_a_port_is_a_step() -> None:
    follow, crumbs = trail()
    follow.step(go("", "menu", "entry"))
    follow.step(go("menu", "menu", "choice", port="9"))
    assert moves(crumbs)[-1] == ("hotline", "menu", "9", "menu")


def test_a_sub_flow_is_entered_and_left_while_its_caller_waits_in_its_node() -> None:
    follow, crumbs = trail()
    follow.step(go("", "ask", "entry"))
    follow.step(go("ask", "rate", "subdialog", SURVEY))
    follow.step(go("rate", "thanks", document=SURVEY, port="5"))
    follow.step(go("thanks", "ask", "return"))
    follow.step(go("ask", "bye", port="next"))
    follow.step(go("bye", "", "exit"))
    assert moves(crumbs) == [
        ("hotline", "", "", "ask"),
        ("survey", "", "", "rate"),
        ("survey", "rate", "5", "thanks"),
        ("survey", "thanks", "", ""),
        ("hotline", "ask", "next", "bye"),
        ("hotline", "bye", "", ""),
    ]


def test_a_hang_up_within_a_sub_flow_leaves_both() -> None:
    follow, crumbs = trail()
    follow.step(go("", "ask", "entry"))
    follow.step(go("ask", "rate", "subdialog", SURVEY))
    follow.step(go("rate", "", "hangup", SURVEY))
    assert moves(crumbs)[2:] == [("survey", "rate", "", ""), ("hotline", "ask", "", "")]


def test_a_hand_written_page_is_a_flow_named_by_its_address_without_what_the_caller_keyed() -> None:
    assert place_of("http://bank.example/pin.vxml?pin=1234") == Place("http://bank.example/pin.vxml", 0)
    follow, crumbs = trail()
    follow.step(go("", "f.1", "entry", "http://bank.example/pin.vxml"))
    assert crumbs[0].to_node == "f.1", "dots are the author's there"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["goto", "subdialog", "return", "choice"]),
            st.sampled_from("abc"),
            st.sampled_from([HOTLINE, SURVEY]),
        )
    )
)
def test_every_node_that_was_entered_is_left(walk: list[tuple[str, str, str]]) -> None:
    follow, crumbs = trail()
    follow.step(go("", "a", "entry"))
    for n, (reason, target, document) in enumerate(walk):
        follow.step(go("x", target, reason, document, port=str(n)))
    follow.step(go("x", "", "exit"))
    inside: dict[tuple[str, str], int] = {}
    for crumb in crumbs:
        if crumb.from_node:
            inside[crumb.flow, crumb.from_node] -= 1
        if crumb.to_node:
            inside[crumb.flow, crumb.to_node] = inside.get((crumb.flow, crumb.to_node), 0) + 1
    assert set(inside.values()) <= {0}
