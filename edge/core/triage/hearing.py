"""Which rules about the hall a step concerns, and the look at them; everything else costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.aspects import EVERYTHING, TRAFFIC
from edge.core.triage.watching import look, may_have_ended, may_speak

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge.core.aspects import Aspects
    from edge.core.commands import Command
    from edge.core.triage.book import Index, Probe
    from edge.core.triage.desk import Nap
    from edge.core.triage.moment import Moment
    from edge.core.triage.rule import Rule


def concerned(moment: Moment, book: Index, changed: Aspects, probes: Iterable[Probe]) -> int:
    """The rules that must be looked at, a bit each.

    These are the rules that ask a fact which has crossed a level, as a threshold or, while their condition is met, as
    a guard; and of those whose condition is met the ones without a prompt, because things may have become worse, and
    the ones whose prompt may have been followed.
    """
    desk, hit, live = moment.desk, 0, 0
    for rule_id in desk.live:
        bit = book.bits.get(rule_id, 0)
        if bit:
            live |= bit
            rule, watch = book.by_id[rule_id], desk.watches[rule_id]["hall"]
            if watch.prompt is None:
                looks = changed & rule.moved_by and may_speak(rule, watch, moment.at)
            else:
                looks = watch.held_by is None and may_have_ended(moment, rule, watch, changed)
            if looks:
                hit |= bit
    naps: Mapping[str, Nap] = {} if changed & ~TRAFFIC else desk.naps
    for probe in probes:
        rules = probe.asking | (probe.guarding & live)
        if rules:
            nap = naps.get(probe.name)
            if (nap is None or desk.steps > nap.step or moment.at >= nap.at) and probe.moved(moment, live):
                hit |= rules
    return sum(book.bits.values()) if changed == EVERYTHING else hit


def look_at(moment: Moment, book: Index, hit: int, out: list[Command]) -> None:
    """Looks at those rules, and then at the readers for whom that made a difference."""
    for rule, bit in book.first:
        if hit & bit:
            _look_at(moment, book, rule, bit, out)
    for probe in book.desk:
        if probe.moved(moment, 0):
            hit |= probe.asking | probe.guarding
    for rule, bit in book.readers:
        if hit & bit:
            _look_at(moment, book, rule, bit, out)


def _look_at(moment: Moment, book: Index, rule: Rule, bit: int, out: list[Command]) -> None:
    look(moment, rule, "hall", out)
    desk = moment.desk
    watch = desk.watch(rule.id, "hall")
    live = watch is not None and watch.met
    if live != (rule.id in desk.live):
        desk.live = [*desk.live, rule.id] if live else [id for id in desk.live if id != rule.id]
        if live:
            _attend(moment, book, bit)


def _attend(moment: Moment, book: Index, bit: int) -> None:
    """From now on more levels count for the rule with this bit: what it listens to is heard as it is by now."""
    for probe in book.probes.values():
        if (probe.asking | probe.guarding) & bit:
            probe.moved(moment, bit)
