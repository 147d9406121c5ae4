"""The SIP user agent: transports, transactions, dialogs, calls in and out.

The face of the room: :class:`~vxmlplat.sip.agent.UserAgent` places calls and hands in inbound ones, each a
:class:`~vxmlplat.sip.leg.Leg` that speaks in :mod:`~vxmlplat.sip.events`. :mod:`~vxmlplat.sip.sdp` makes and
reads session descriptions.
"""
