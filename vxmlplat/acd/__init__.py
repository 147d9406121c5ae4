"""The automatic call distributor: queues, agents, and who is given to whom.

It knows no telephone. Whoever queues a call gets a :class:`~vxmlplat.acd.ticket.Ticket`; agents are rung
through the port
:class:`~vxmlplat.acd.ports.AgentLine`, and what is kept comes through :class:`~vxmlplat.acd.ports.Directory`.
"""

from vxmlplat.acd.distributor import Acd
from vxmlplat.acd.model import Agent, AgentState, Queue
from vxmlplat.acd.ports import AgentLine, Directory, Rung
from vxmlplat.acd.ticket import Connected, NotServed, Outcome, Ticket

__all__ = [
    "Acd",
    "Agent",
    "AgentLine",
    "AgentState",
    "Connected",
    "Directory",
    "NotServed",
    "Outcome",
    "Queue",
    "Rung",
    "Ticket",
]
