"""Breadcrumbs, roll-ups, paths, figures.

The face of the room::

    recorder = Recorder(database, clock)     # await start(), stop(); flush() for a reader who wants all
    recorder.call_started(CallStart(…))      # plain calls on the call's path: they neither wait nor raise
    recorder.step(Step(…))
    recorder.call_ended(CallEnd(…))
    questions = Questions(database)          # await nodes(flow, Range(…)), calls(…), path(call)

Every count is filed under the moment its call began: a range is a range of calls, so at every node *entered =
left + inside* holds in every range. A step that does not follow from the one before is joined to it by a step
of reason ``gap``; a call that has no end when its node starts anew is closed with the reason ``lost``.
"""
