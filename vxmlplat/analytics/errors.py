"""Why a question about callers' paths was not answered."""

from __future__ import annotations

from vxmlplat.errors import VxmlplatError


class AnalyticsError(VxmlplatError):
    """Root of the errors of analytics."""


class QuestionError(AnalyticsError):
    """The question makes no sense: a range that ends before it begins, a page mark of another question."""
