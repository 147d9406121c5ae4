"""``vxmlplat flow``: check and compile a flow file; bring flows into a platform and out of it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from vxmlplat.flows.checks import check_flow
from vxmlplat.flows.compiler import compile_flow
from vxmlplat.flows.problems import Problem, errors_of
from vxmlplat.flows.reading import read_flow
from vxmlplat.flows.schema import Flow


def main(argv: Sequence[str]) -> int:
    """Exit status 0 when the flow can run, 1 when it cannot, 2 when a file cannot be read or written."""
    if argv and argv[0] in ("import", "export"):
        from vxmlplat.flows import transfer_command  # a client of the web, which checking does without

        return transfer_command.main(argv)
    arguments = _parser().parse_args(list(argv))
    try:
        content = Path(arguments.file).read_bytes()
    except OSError as error:
        print(f"vxmlplat flow: {arguments.file}: {error.strerror}", file=sys.stderr)
        return 2
    reading = read_flow(content)
    problems = list(reading.problems)
    if reading.flow is not None:
        problems += check_flow(reading.flow)
    _show(arguments.file, problems, arguments)
    if reading.flow is None or errors_of(problems):
        return 1
    if arguments.action == "compile":
        return _write(reading.flow, Path(arguments.output))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vxmlplat flow", description="Check and compile a flow file.")
    actions = parser.add_subparsers(dest="action", required=True)
    check = actions.add_parser("check", help="say what is wrong with a flow")
    compiling = actions.add_parser("compile", help="write a flow's VoiceXML documents into a directory")
    compiling.add_argument("-o", "--output", required=True, metavar="DIR", help="made when it does not exist")
    # Their own options: transfer_command
    actions.add_parser("import", help="flows and VoiceXML documents into a running platform, or as files")
    actions.add_parser("export", help="flows of a running platform as files, JSON or VoiceXML")
    for action in (check, compiling):
        action.add_argument("file", metavar="FILE", help="a flow as JSON")
        action.add_argument("--language", choices=("en-US", "zh-CN"), default="en-US", help="of the messages")
        action.add_argument("--json", action="store_true", help="print the problems as JSON")
    return parser


def _show(file: str, problems: Sequence[Problem], arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps([found.as_json() for found in problems], ensure_ascii=False, indent=2))
        return
    for found in problems:
        message, fix = found.message[arguments.language], found.fix[arguments.language]
        print(f"{file}: {found.severity}: {found.where()}: {message} {fix} [{found.code}]")
    if not problems:
        print(f"{file}: {'no problems' if arguments.language == 'en-US' else '没有问题'}")


def _write(flow: Flow, directory: Path) -> int:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in compile_flow(flow).documents.items():
            (directory / name).write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"vxmlplat flow: {directory}: {error.strerror}", file=sys.stderr)
        return 2
    return 0
