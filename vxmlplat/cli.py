"""The command line ``vxmlplat``: a table of commands, each in the room that owns it.

A command's module is imported only when the command is called, so that ``vxmlplat run`` starts without the
web
server's libraries.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from vxmlplat import __version__

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("vxmlplat.server.serve_command", "run the platform: telephones, flows, web pages"),
    "run": ("vxmlplat.simulator.run_command", "run a VoiceXML or CCXML application offline, in virtual time"),
    "check": ("vxmlplat.vxml.check_command", "check VoiceXML documents without running them"),
    "grammar": ("vxmlplat.grammar.grammar_command", "parse input with a grammar"),
    "call": ("vxmlplat.calls.call_command", "place a call from a running platform"),
    "flow": ("vxmlplat.flows.flow_command", "check and compile a flow file; import and export flows"),
    "test": ("vxmlplat.simulator.test_command", "run conversation tests of flows"),
}


def usage() -> str:
    """The help text: one line a command."""
    lines = ["usage: vxmlplat COMMAND ...", ""]
    lines += [f"  {name:<10} {what}" for name, (_, what) in COMMANDS.items()]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command named first; its own ``main(argv)`` returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help"):
        print(usage(), file=sys.stdout if words else sys.stderr)
        return 0 if words else 2
    if words[0] == "--version":
        print(__version__)
        return 0
    if words[0] not in COMMANDS:
        print(f"vxmlplat: no command {words[0]!r}\n{usage()}", file=sys.stderr)
        return 2
    module = importlib.import_module(COMMANDS[words[0]][0])
    return int(module.main(words[1:]))
