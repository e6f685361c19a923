"""Garbage is looked for between two turns, where nobody waits, and not wherever the last object happens to be made.

Most of what a turn makes is freed with it. What refers to itself in a circle is found by the collector alone, which
takes a few tenths of a millisecond for a few hundred young objects; so the daemon runs without the automatic one.
"""

from __future__ import annotations

import gc


def collect() -> None:
    """Collects the generations that are due by the interpreter's own thresholds, if any is."""
    counts, thresholds = gc.get_count(), gc.get_threshold()
    if counts[0] > thresholds[0]:
        gc.collect(2 if counts[2] > thresholds[2] else 1 if counts[1] > thresholds[1] else 0)
