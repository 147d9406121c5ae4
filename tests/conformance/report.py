"""Write ``docs/conformance.md``: the results of the conformance suites by section.

    python -m tests.conformance.report [--suites DIR] [--out FILE]

Exit status 0 when every case passed, 1 when some did not.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from suite_cases import ROOT, Outcome, SuiteRunner, load_cases, suites_path

SECTION = re.compile(
    r"(VoiceXML 2\.[01]|CCXML 1\.0|SRGS 1\.0|SISR 1\.0|SSML 1\.[01])[^;]*?(section|appendix) (\w+(?:\.\d+)?)"
)
GROUP = re.compile(r"(\w[\w-]*): (\d+) passed, (\d+) failed")


def sections(spec: str) -> list[str]:
    """The sections that a case is derived from, to the second level."""
    found = []
    for name, kind, number in SECTION.findall(spec):
        entry = f"{name} {'§' if kind == 'section' else 'appendix '}{number}"
        if entry not in found:
            found.append(entry)
    return found or [spec.split(";")[0].strip()]


def sort_key(section: str) -> list[object]:
    """Sections in the order of their documents."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"[ .§]+", section)]


def run_cases(suites: Path, kind: str) -> list[Outcome]:
    """All cases of a folder; none when the folder is missing."""
    if not (suites / kind).is_dir():
        return []
    with SuiteRunner(suites) as runner:
        return [runner.run(case) for case in load_cases(suites, kind)]


def run_srgs(suites: Path) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """Passed and failed by group of the grammar checks, and the lines of those that failed."""
    program = suites / "srgs" / "run_srgs.py"
    if not program.exists():
        return {}, []
    command = Path(sys.executable).with_name("vxmlplat")
    done = subprocess.run(
        [sys.executable, str(program), "--cmd", str(command)],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    groups = {name: (int(good), int(bad)) for name, good, bad in GROUP.findall(done.stdout)}
    return groups, [line for line in done.stdout.splitlines() if line.startswith("FAIL")]


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """Results by section; a case that is derived from two counts in both."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for outcome in outcomes:
        for section in sections(outcome.section):
            counts[section][0] += outcome.reason is None
            counts[section][1] += 1
    lines = ["| section | passed | cases |", "|---|---:|---:|"]
    return lines + [
        f"| {name} | {counts[name][0]} | {counts[name][1]} |" for name in sorted(counts, key=sort_key)
    ]


def page(results: dict[str, list[Outcome]], groups: dict[str, tuple[int, int]], failing: list[str]) -> str:
    """The whole page."""
    lines = [
        "# Conformance",
        "",
        "Written by `make conformance`. The cases are derived from the specifications and kept outside of",
        "this repository; each runs a whole application through the code of `vxmlplat run` and compares what",
        "the caller would have heard.",
        "",
        "| suite | passed | cases |",
        "|---|---:|---:|",
    ]
    for name, outcomes in results.items():
        good = sum(outcome.reason is None for outcome in outcomes)
        lines.append(f"| {name} | {good} | {len(outcomes)} |")
    lines += [f"| grammars: {name} | {good} | {good + bad} |" for name, (good, bad) in groups.items()]
    for name, outcomes in results.items():
        if outcomes:
            lines += ["", f"## {name} by section", "", *table(outcomes)]
            failing = failing + [f"{one.case}: {one.reason}" for one in outcomes if one.reason is not None]
    lines += ["", "## Not passed", ""]
    lines += [f"- {' '.join(line.split())[:300]}" for line in failing] or ["None."]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run everything, write the page, print the totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suites", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "conformance.md")
    arguments = parser.parse_args()
    suites: Path = (arguments.suites or suites_path()).resolve()
    if not (suites / "run_suite.py").exists():
        sys.stderr.write(f"no conformance suites at {suites}; give --suites or set VXMLPLAT_SUITES" + "\n")
        return 2
    os.environ["NO_PROXY"] = "127.0.0.1,localhost"
    results = {"VoiceXML": run_cases(suites, "vxml"), "CCXML": run_cases(suites, "ccxml")}
    groups, failing = run_srgs(suites)
    arguments.out.write_text(page(results, groups, failing), encoding="utf-8")
    bad = len(failing)
    for name, outcomes in results.items():
        failed = [outcome for outcome in outcomes if outcome.reason is not None]
        for outcome in failed:
            sys.stdout.write(f"FAIL {outcome.case}: {outcome.reason}" + "\n")
        sys.stdout.write(f"{name}: {len(outcomes) - len(failed)} passed, {len(failed)} failed" + "\n")
        bad += len(failed)
    for name, (good, failed_count) in groups.items():
        sys.stdout.write(f"grammars {name}: {good} passed, {failed_count} failed" + "\n")
    for line in failing:
        sys.stdout.write(line + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
