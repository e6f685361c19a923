"""What `lobbyd bench` runs: figures as ratios of one run, so that they mean something on a noisy machine.

Variants take turns within a round, a ratio is taken inside a round, and what is reported is the median over rounds with
the lowest and the highest. Absolute figures stand beside as information: they are those of one machine on one day. No
test asserts any of them.

A benchmark is a module here with `ABOUT`, two sizes `FULL` and `QUICK`, and `run(sizes, tell) -> Report`; `tell` hears
how far it is.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.bench.report import Report

NAMES: Final = (
    "hotpath",
    "core",
    "rules",
    "waiting",
    "outcomes",
    "codecs",
    "store",
    "serial",
    "recovery",
    "start",
    "memory",
    "idle",
)
"""In the order in which they run."""


class Benchmark(Protocol):
    """What a benchmark's module offers."""

    ABOUT: str
    FULL: Any
    QUICK: Any

    def run(self, sizes: Any, tell: Callable[[str], None]) -> Report:
        """Measures; `broker.Missing` and `processes.Failed` say what stands in the way."""


def named(name: str) -> Benchmark:
    """The benchmark of one of the `NAMES`."""
    return cast("Benchmark", importlib.import_module(f"edge.bench.{name}"))
