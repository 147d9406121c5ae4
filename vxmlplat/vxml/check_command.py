"""``vxmlplat check FILE...``: check VoiceXML documents without running them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from vxmlplat.documents import MarkupError, parse_xml
from vxmlplat.vxml.author_checks import check_for_author
from vxmlplat.vxml.checker import check_tree
from vxmlplat.vxml.errors import Problem
from vxmlplat.vxml.reader import markup_problem


def check_file(path: Path) -> list[Problem]:
    """All problems of one file; raises ``OSError`` when it cannot be read."""
    name = str(path)
    try:
        root = parse_xml(path.read_bytes(), name)
    except MarkupError as error:
        return [markup_problem(error, name)]
    return check_tree(root, name) or check_for_author(root, name)


def main(argv: Sequence[str]) -> int:
    """Print one line a problem; exit status 0 without any, 1 with some, 2 when a file cannot be read."""
    parser = argparse.ArgumentParser(prog="vxmlplat check", description=__doc__.split(": ", 1)[-1])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    arguments = parser.parse_args(argv)
    status = 0
    for path in arguments.files:
        try:
            problems = check_file(path)
        except OSError as error:
            print(f"vxmlplat check: {path}: {error.strerror}", file=sys.stderr)
            return 2
        for problem in problems:
            print(problem)
        status = 1 if problems else status
    return status
