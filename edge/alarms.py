"""The alarm load of a day: how many prompts people were told of, by rule, hour and role, and how they came.

How many there were, by rule, hour and guard, the days' own figures say; what they do not say is counted here.
Interrupting prompts are those with a sound that carries, urgent and high. Whoever a prompt is escalated to is told of
it too. One that is over within ten seconds was fleeting, unless it was silent: somebody heard it and nobody can have
acted on it. One that comes again within the cool-down of the last of its rule and object, and for nothing that reads
worse, chatters (ISA-18.2, EEMUA 191: none should).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final, get_args

from msgspec import Struct, field

from edge.core.commands import Priority
from edge.core.instant import SECOND, in_seconds
from edge.core.triage.digest import RULE as DIGEST
from edge.core.triage.load import LIMITED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge.core.commands import PromptRecord
    from edge.core.instant import Instant, Micros
    from edge.core.triage.rule import Rule

INTERRUPTING: Final = frozenset({"urgent", "high"})
ENDED: Final = frozenset({"done", "declined", "withdrawn", "cleared", "expired"})
FLEETING: Final[Micros] = 10 * SECOND
HOUR: Final[Micros] = 3600 * SECOND
HOUR_OF: Final = slice(11, 13)
"""Of an instant as text."""


class _Raised(Struct, frozen=True):
    at: Instant
    rule: str
    object: str
    priority: str
    readings: Mapping[str, Any]


class Alarms(Struct):
    """Give it every record and the instants of tickets, in order; `rules` are those the records come from.

    `window` is the stretch in which the most anybody was told is looked for, that of the load limit.
    """

    rules: Iterable[Rule]
    window: Micros
    _raised: dict[str, _Raised] = field(default_factory=dict)
    _ended: dict[str, Instant] = field(default_factory=dict)
    _told: dict[str, list[Instant]] = field(default_factory=lambda: defaultdict(list))
    _most: Counter[str] = field(default_factory=Counter)
    _busy: set[int] = field(default_factory=set)

    def came(self, at: Instant) -> None:
        """Somebody drew a ticket: the hours in which nobody does are not counted."""
        self._busy.add(at // HOUR)

    def hear(self, record: PromptRecord) -> None:
        """Takes a record."""
        if record.state in ENDED and record.prompt in self._raised:
            self._ended.setdefault(record.prompt, record.at)
        elif record.state == "raised" and record.prompt not in self._raised:
            self._raised[record.prompt] = _Raised(
                record.at, record.rule, record.about["id"], record.priority, record.because
            )
            self._tell(record)
        elif record.state == "escalated":
            self._tell(record)

    def figures(self, days: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The load over these days, whose prompts are given as `messages.figures` has them.

        Hours are local, and hold how many prompts were interrupting, normal and silent. `held` are the prompts kept
        back or taken back, by their guard or the load limit.
        """
        rules, held, hours = Counter[str](), Counter[str](), defaultdict[str, list[int]](lambda: [0, 0, 0])
        for day in days.values():
            for rule, counts in day["rules"].items():
                rules[rule] += counts["raised"]
                held.update(counts["held"])
                held.update(counts["withdrawn"])
            for hour in day["hours"]:
                sorts = hours[hour["since"][HOUR_OF]]
                for priority in get_args(Priority):
                    sorts[_sort(priority)] += hour[priority]
        interrupting = sum(loud for loud, _, _ in hours.values())
        return {
            "raised": rules.total(),
            "interrupting": interrupting,
            "interrupting_an_hour": round(interrupting / max(len(self._busy), 1), 2),
            "rules": dict(sorted((+rules).items())),
            "hours": dict(sorted(hours.items())),
            "held": dict(sorted(held.items())),
            "most_told": dict(sorted(self._most.items())),
            "fleeting": dict(sorted(Counter(self._raised[id].rule for id in self._fleeting()).items())),
            "chattering": sorted(self._chattering()),
        }

    def _tell(self, record: PromptRecord) -> None:
        """Notes whom it goes to; the most that anybody was told in a window is as the load limit counts it."""
        for role in record.to if record.priority in LIMITED and record.rule != DIGEST else ():
            told = self._told[role]
            told.append(record.at)
            if record.state == "raised":
                self._most[role] = max(self._most[role], sum(at > record.at - self.window for at in told))

    def _fleeting(self) -> Iterable[str]:
        heard = ((id, at, self._raised[id]) for id, at in self._ended.items())
        return (id for id, at, one in heard if one.priority != "silent" and at - one.at < FLEETING)

    def _chattering(self) -> Iterable[str]:
        rules = {rule.id: rule for rule in self.rules}
        last: dict[tuple[str, str], str] = {}
        for id, one in self._raised.items():
            before = last.get((one.rule, one.object))
            last[one.rule, one.object] = id
            rule, ended = rules.get(one.rule), self._ended.get(before or "")
            if before is None or rule is None or ended is None:
                continue
            if one.at < ended + rule.cooldown and not _worse(one.readings, self._raised[before].readings):
                yield f"{id} {in_seconds(one.at - ended):g} s after {before}"


def _sort(priority: str) -> int:
    return 0 if priority in INTERRUPTING else 1 if priority in LIMITED else 2


def _worse(now: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether one of the figures of the thresholds is above what it was."""
    numbers = ((now[name], before.get(name)) for name in now)
    return any(isinstance(a, int | float) and isinstance(b, int | float) and a > b for a, b in numbers)
