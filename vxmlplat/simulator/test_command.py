"""``vxmlplat test PATH...``: run conversation tests; docs/conversation-tests.md describes the files."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from vxmlplat.flows.reading import read_flow
from vxmlplat.flows.texts import bilingual
from vxmlplat.simulator.conversation_coverage import coverage_of
from vxmlplat.simulator.conversation_result import ConversationResult
from vxmlplat.simulator.conversation_run import run_test
from vxmlplat.simulator.conversation_test import ConversationTest, ConversationTestError
from vxmlplat.simulator.conversation_yaml import read_test
from vxmlplat.simulator.flow_under_test import FlowUnderTest, FlowUnderTestError
from vxmlplat.simulator.test_processes import in_processes

SUFFIXES = (".yaml", ".yml")
MOST_JOBS = 256
LEVELS = 3
"""Folders above a test in which its flow is looked for."""


def main(argv: Sequence[str]) -> int:
    """Exit status 0 when all tests passed, 1 when one failed, 2 when a file cannot be read."""
    arguments = _parser().parse_args(list(argv))
    try:
        tests = [_read(file) for file in _files(arguments.paths)]
        if not tests:
            raise FlowUnderTestError(f"no tests in {', '.join(arguments.paths)}")
        flows = Flows(Path(arguments.flow) if arguments.flow else None)
        cases = [(test, flows.of(test)) for test in tests]
    except (OSError, ConversationTestError, FlowUnderTestError) as error:
        print(f"vxmlplat test: {error}", file=sys.stderr)
        return 2
    began = time.perf_counter()
    results = _run(cases, arguments.language, arguments.jobs)
    seconds = time.perf_counter() - began
    try:
        if arguments.junit:
            Path(arguments.junit).write_bytes(junit(results))
        if arguments.coverage:
            text = json.dumps(_coverage(cases, results), ensure_ascii=False, indent=1)
            Path(arguments.coverage).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        print(f"vxmlplat test: {error}", file=sys.stderr)
        return 2
    failed = sum(not result.passed for result in results)
    print(f"{len(results)} tests, {failed} failed, {seconds:.2f} s")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vxmlplat test", description="Run conversation tests.")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a test (.yaml), or a folder of tests")
    parser.add_argument(
        "--flow", metavar="PATH", help="the flow to test: its file, or a folder of compiled documents"
    )
    parser.add_argument("--junit", metavar="FILE", help="write the results as JUnit XML")
    parser.add_argument("--coverage", metavar="FILE", help="write the coverage of each flow as JSON")
    parser.add_argument("--language", choices=("en-US", "zh-CN"), default="en-US", help="of the messages")
    parser.add_argument(
        "--jobs", type=_jobs, metavar="N", help="processes at once, for many tests; else one a processor"
    )
    return parser


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_JOBS}")
    return int(text)


class Flows:
    """The flows of tests, each compiled once."""

    def __init__(self, given: Path | None = None) -> None:
        self._given = given
        self._known: dict[Path, FlowUnderTest] = {}

    def of(self, test: ConversationTest) -> FlowUnderTest:
        """The test's flow; raises ``FlowUnderTestError`` where there is none, or it cannot run."""
        path = (self._given or self._named(test)).resolve()
        if path not in self._known:
            self._known[path] = FlowUnderTest.from_path(path)
        return self._known[path]

    @staticmethod
    def _named(test: ConversationTest) -> Path:
        """A path seen from the test's file, or the flow of that id in a folder around it."""
        folder = Path(test.file).resolve().parent
        if (folder / test.flow).exists():
            return folder / test.flow
        for around in [folder, *folder.parents][:LEVELS]:
            for file in [*sorted(around.glob("*.json")), *sorted(around.glob("flows/*.json"))]:
                flow = read_flow(file.read_bytes()).flow
                if flow is not None and flow.id == test.flow:
                    return file
        raise FlowUnderTestError(f"{test.file}: there is no flow {test.flow!r} near it; name one with --flow")


def _files(paths: Iterable[str]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            found += sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES)
        else:
            found.append(path)
    return found


def _read(file: Path) -> ConversationTest:
    try:
        return read_test(file.read_text("utf-8"), str(file), name=file.stem)
    except UnicodeDecodeError as error:
        raise ConversationTestError(
            str(file), 1, bilingual("the file is not UTF-8", "文件不是 UTF-8")
        ) from error


def _run(
    cases: Sequence[tuple[ConversationTest, FlowUnderTest]], language: str, jobs: int | None
) -> list[ConversationResult]:
    async def one(number: int) -> ConversationResult:
        return replace(await run_test(*cases[number]), events=())  # which nobody asks for here

    results = []
    for result in in_processes(one, len(cases), jobs):
        results.append(result)
        if result.failure is not None:
            print("\n".join(_told(result, language)))
    return results


def _told(result: ConversationResult, language: str) -> list[str]:
    """A failure for the terminal: the file's line first, as editors find it."""
    failure = result.failure
    assert failure is not None
    lines = [f"{result.test.file}:{failure.line}: FAILED {result.test.name}, step {failure.step}"]
    if failure.expected:
        lines.append(f"    expected: {failure.expected}")
    lines.append(f"    {failure.message[language]}")
    lines.append(f"    at node:  {failure.node or '-'}")
    if result.unanswered:
        lines.append(f"    not mocked: {', '.join(result.unanswered)}")
    return lines


def junit(results: Sequence[ConversationResult]) -> bytes:
    """The results in the XML that continuous integration reads."""
    failures = sum(not result.passed for result in results)
    seconds = sum(result.seconds for result in results)
    suite = ET.Element(
        "testsuite",
        {
            "name": "conversation tests",
            "tests": str(len(results)),
            "failures": str(failures),
            "time": f"{seconds:.3f}",
        },
    )
    for result in results:
        attributes = {
            "classname": _xml_text(result.test.flow),
            "name": _xml_text(result.test.name),
            "file": _xml_text(result.test.file),
            "time": f"{result.seconds:.3f}",
        }
        case = ET.SubElement(suite, "testcase", attributes)
        if result.failure is not None:
            told = [_xml_text(line) for line in _told(result, "en-US")]
            ET.SubElement(case, "failure", {"message": told[0]}).text = "\n".join(told)
    return bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True))


def _xml_text(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(char if char in "\t\n" or char.isprintable() else "?" for char in text)


def _coverage(
    cases: Sequence[tuple[ConversationTest, FlowUnderTest]], results: Sequence[ConversationResult]
) -> list[dict[str, Any]]:
    flows = {id(flow): flow for _, flow in cases}
    return [
        coverage_of(
            under.flow, [r for (_, flow), r in zip(cases, results, strict=True) if flow is under]
        ).as_json()
        for under in flows.values()
        if under.flow is not None
    ]
