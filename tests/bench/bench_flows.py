"""How fast flows are read, checked and compiled: ``python tests/bench/bench_flows.py [--nodes 1000]``.

Prints CPU milliseconds, the best of five runs, for a flow of menus, prompts, conditions, digits and
web requests. The figure to hold is 150 ms for checking and compiling 1,000 nodes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from vxmlplat.flows import check_flow, compile_flow, node_types, read_flow

PROMPT = [{"kind": "text", "text": {"zh-CN": "报修请按1，投诉请按2。", "en-US": "For repairs, press 1."}}]
KINDS: list[tuple[str, dict[str, Any]]] = [
    (
        "menu",
        {"prompt": PROMPT, "choices": [{"key": str(key), "label": f"Choice {key}"} for key in range(1, 6)]},
    ),
    ("play", {"prompt": PROMPT}),
    ("condition", {"branches": [{"id": "a", "when": "v == '1'"}, {"id": "b", "when": "n > 2 && v != ''"}]}),
    ("digits", {"prompt": PROMPT, "variable": "v"}),
    ("web_request", {"url": "https://example.com/{v}", "arguments": [{"name": "v", "value": "v"}]}),
]


def large_flow(size: int) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = [{"id": "start", "type": "start"}]
    for number in range(size - 1):
        kind, fields = KINDS[number % len(KINDS)]
        nodes.append({"id": f"n{number}", "type": kind, "fields": fields, "position": {"x": number, "y": 0}})
    edges = []
    for number, node in enumerate(nodes):
        made = node_types()[node["type"]].fields.model_validate(node.get("fields", {}))
        for offset, port in enumerate(made.ports()):
            ahead = number + offset + 1  # beyond the end, back to the first menu
            target = nodes[ahead if ahead < size else 1]["id"]
            edges.append({"from": node["id"], "port": port.id, "to": target})
    return {
        "schema": 1,
        "id": "large",
        "name": "Large",
        "languages": ["zh-CN", "en-US"],
        "variables": [{"name": "v", "report": True}, {"name": "n", "type": "number"}],
        "nodes": nodes,
        "edges": edges,
    }


def best(work: Callable[[], object]) -> float:
    """CPU milliseconds of the fastest of five runs."""
    taken = []
    for _ in range(5):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=1000)
    size = parser.parse_args().nodes
    text = json.dumps(large_flow(size))
    flow = read_flow(text).flow
    assert flow is not None
    assert check_flow(flow) == []
    documents = compile_flow(flow).documents
    print(
        f"{size} nodes, {len(flow.edges)} edges, {sum(map(len, documents.values())) // 1024} KiB of VoiceXML"
    )
    print(f"read               {best(lambda: read_flow(text)):7.1f} ms")
    print(f"check              {best(lambda: check_flow(flow)):7.1f} ms")
    print(f"check and compile  {best(lambda: compile_flow(flow)):7.1f} ms")


if __name__ == "__main__":
    main()
