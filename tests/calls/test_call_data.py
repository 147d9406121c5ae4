import json

from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.calls.call_data import from_user_to_user, parse, to_user_to_user


def test_what_fits_travels_whole_and_always_with_the_id() -> None:
    data = to_user_to_user("c1", '{"kind": "roads"}', 240)
    assert json.loads(data) == {"call": "c1", "kind": "roads"}


def test_what_does_not_fit_is_fetched_by_the_id() -> None:
    aai = json.dumps({"text": "路" * 2000})
    assert len(aai.encode()) > 4096
    assert json.loads(to_user_to_user("c1", aai, 240)) == {"call": "c1"}
    assert parse(aai)["text"] == "路" * 2000


def test_text_that_is_no_object_is_kept_under_a_name() -> None:
    assert parse("hello") == {"aai": "hello"}
    assert parse("[1]") == {"aai": "[1]"}
    assert parse("") == {}


def test_what_came_in_is_text_or_hex() -> None:
    assert from_user_to_user("维修".encode()) == "维修"
    assert from_user_to_user(b"\xff\xfe") == "fffe"
    assert from_user_to_user(None) == ""


@given(st.text(max_size=400), st.integers(8, 300))
def test_the_limit_holds_whatever_is_sent(aai: str, limit: int) -> None:
    assert len(to_user_to_user("c1", aai, limit)) <= max(limit, len('{"call":"c1"}'))
