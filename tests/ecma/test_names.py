"""What may name a variable."""

from __future__ import annotations

import pytest

from vxmlplat.ecma import is_variable_name


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("a1", True),
        ("$x", True),
        ("é", True),
        ("a.b", False),
        ("1a", False),
        ("var", False),
        ("", False),
        ("a b", False),
    ],
)
def test_variable_names(name: str, fine: bool) -> None:
    assert is_variable_name(name) is fine
