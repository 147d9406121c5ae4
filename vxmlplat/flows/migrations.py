"""Flows of older schema versions, brought to the present one a version at a time.

A migration takes the plain JSON of one version and gives that of the next. There is none yet: version 1 is
the first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vxmlplat.flows.problems import Problem, problem
from vxmlplat.flows.schema import SCHEMA_VERSION

Migration = Callable[[dict[str, Any]], dict[str, Any]]

MIGRATIONS: dict[int, Migration] = {}
"""Schema version to the migration that leads away from it."""


def migration(version: int) -> Callable[[Migration], Migration]:
    """Register the migration from ``version`` to the next; raises ValueError when there is one already."""

    def register(step: Migration) -> Migration:
        if version in MIGRATIONS:
            raise ValueError(f"schema version {version} has a migration already")
        MIGRATIONS[version] = step
        return step

    return register


def migrate(raw: dict[str, Any], target: int = SCHEMA_VERSION) -> tuple[dict[str, Any], Problem | None]:
    """The flow in the present schema version, or the reason why it cannot be had."""
    version = raw.get("schema")
    if isinstance(version, bool) or not isinstance(version, int):
        return raw, problem(
            "error",
            "flow.schema",
            ("The file does not say which schema version it has.", "文件没有说明其模式版本。"),
            (
                f'Set "schema": {target} if the file was made for this release.',
                f'如果该文件由本版本生成，请设置 "schema": {target}。',
            ),
            field="schema",
        )
    if version > target:
        return raw, problem(
            "error",
            "flow.schema.newer",
            (
                f"The flow has schema version {version}; this release knows versions up to {target}.",
                f"流程的模式版本为 {version}；本版本最高支持 {target}。",
            ),
            ("Open it with a newer release of the platform.", "请使用更新版本的平台打开。"),
            field="schema",
        )
    while version < target:
        step = MIGRATIONS.get(version)
        if step is None:
            return raw, problem(
                "error",
                "flow.schema.unknown",
                (
                    f"Nothing leads from schema version {version} to {target}.",
                    f"无法从模式版本 {version} 迁移到 {target}。",
                ),
                ("Export the flow again with the release that made it.", "请用生成该流程的版本重新导出。"),
                field="schema",
            )
        raw = step(raw)
        version += 1
    return {**raw, "schema": target}, None
