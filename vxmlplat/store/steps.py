"""Breadcrumbs as they are stored: each step, and the counts that they are rolled up to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from vxmlplat.store.columns import Table, json_value, moment


class StepRecord(Table, table=True):
    """A caller's move from one node to another (docs/architecture.md, "Breadcrumbs"). Never changed."""

    __tablename__ = "steps"
    __table_args__ = (Index(None, "flow", "call_started"),)

    call: str = Field(primary_key=True, max_length=64)
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    session: str = Field(max_length=64)
    time: datetime = moment()
    call_started: datetime = moment()
    """Start of the call: the moment by which every count is filed, so that a range holds whole calls."""
    flow: str = Field(max_length=300)
    version: int = 0
    from_node: str = Field(default="", max_length=64)
    port: str = Field(default="", max_length=64)
    to_node: str = Field(default="", max_length=64)
    reason: str = Field(default="", max_length=64)
    fields: dict[str, str] = json_value(dict)


class EdgeCount(Table, table=True):
    """How many steps went along one edge, in calls that started within ``span`` seconds from ``bucket``.

    What entered or left a node is the sum over its edges: one table, so no two counts can disagree.
    """

    __tablename__ = "edge_counts"

    flow: str = Field(primary_key=True, max_length=300)
    span: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    bucket: datetime = moment(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    from_node: str = Field(primary_key=True, max_length=64)
    port: str = Field(primary_key=True, max_length=64)
    to_node: str = Field(primary_key=True, max_length=64)
    reason: str = Field(primary_key=True, max_length=64)
    count: int = 0


class RecorderMark(Table, table=True):
    """The last batch that a recorder wrote: a batch whose answer was lost is not counted twice."""

    __tablename__ = "recorder_marks"

    recorder: str = Field(primary_key=True, max_length=64)
    batch: int = 0
    written: datetime = moment()
