"""Every table, imported, so that :class:`Table` ``.metadata`` is complete."""

from __future__ import annotations

from vxmlplat.store.agents import Agent, AgentSkill
from vxmlplat.store.audit import AuditEntry
from vxmlplat.store.callbacks import Callback
from vxmlplat.store.caller_lists import CallerListEntry
from vxmlplat.store.calls import CallRecord
from vxmlplat.store.columns import Table
from vxmlplat.store.conversation_tests import FlowTesting, StoredTest
from vxmlplat.store.flows import Flow, FlowActivation, FlowVersion, RemovedFlow
from vxmlplat.store.numbers import Number
from vxmlplat.store.outbox import OutgoingMessage
from vxmlplat.store.prompts import Prompt
from vxmlplat.store.queues import Queue, Skill
from vxmlplat.store.recordings import Recording
from vxmlplat.store.settings import Setting
from vxmlplat.store.steps import EdgeCount, RecorderMark, StepRecord
from vxmlplat.store.users import ApiToken, User, WebSession

__all__ = [
    "Agent",
    "AgentSkill",
    "ApiToken",
    "AuditEntry",
    "CallRecord",
    "Callback",
    "CallerListEntry",
    "EdgeCount",
    "Flow",
    "FlowActivation",
    "FlowTesting",
    "FlowVersion",
    "Number",
    "OutgoingMessage",
    "Prompt",
    "Queue",
    "RecorderMark",
    "Recording",
    "RemovedFlow",
    "Setting",
    "Skill",
    "StepRecord",
    "StoredTest",
    "Table",
    "User",
    "WebSession",
]
