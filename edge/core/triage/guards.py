"""Guards: named reasons to hold a prompt back although its thresholds are met (playbook §8).

A guard asks one fact. A prompt it keeps back is recorded once per episode, in state `held` with the guard's name; one
that is open when the guard begins to hold is withdrawn. Guards that are `lasting` are asked for as long as the prompt
is open, the others only before it is raised.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from edge.core.triage.facts import FACTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.core.triage.desk import ObjectKind
    from edge.core.triage.moment import Fact, Moment


class Guard(Struct, frozen=True, kw_only=True):
    """One guard: it holds when `test(value of its fact, keys of the rule)`; it needs the rule to have `keys`.

    `levels` are those of its fact at which it begins or ceases to hold. `costly`: its fact takes forecasts to work
    out, so that it is asked again no sooner than a minute later. `settles` says whether it must have let go for a
    minute before the prompt is raised: `always`, or only `again` after a prompt was withdrawn for it, or `never`.
    Guards on tickets settle, because one who comes and is called at once would raise a prompt for seconds. `own` is
    the fact that a rule about one ticket asks instead: it says the guard's name when it holds. `sales` marks the guard
    of every prompt that sells.
    """

    name: str
    fact: Fact
    test: Callable[[Any, Mapping[str, Any]], bool]
    says: str
    keys: tuple[str, ...] = ()
    levels: tuple[float, ...] = ()
    lasting: bool = True
    costly: bool = False
    settles: Literal["always", "again", "never"] = "never"
    own: Fact | None = None
    sales: bool = False

    def of(self, about: ObjectKind) -> Guard:
        """The guard as a rule about such an object asks it."""
        if about != "ticket" or self.own is None:
            return self
        return replace(self, fact=self.own, test=_obstacle_is(self.name), levels=(), settles="never")

    def holds(self, moment: Moment, object_id: str, keys: Mapping[str, Any]) -> bool:
        """Whether it keeps the prompt back now."""
        return self.test(self.fact.value(moment, object_id), keys)


AT_LEAST_TO_WAIT: Final = 2
"""Diversion is for relieving others: whoever waits alone is simply served (playbook §8.1, the forced-ATM case)."""


def _nobody_else_waits(waiting: float, _: object) -> bool:
    return waiting < AT_LEAST_TO_WAIT


def _obstacle_is(name: str) -> Callable[[str, object], bool]:
    return lambda obstacle, _: obstacle == name


def _no_window_to_open(windows: float, _: object) -> bool:
    return windows < 1


def _gain_too_small(gain_s: float, keys: Mapping[str, Any]) -> bool:
    return bool(gain_s < keys["min_gain_s"])


def _says_yes(word: str, _: object) -> bool:
    return word == "yes"


def _is_grave(case: str, _: object) -> bool:
    return case != "none"


def _guards(*guards: Guard) -> Mapping[str, Guard]:
    return MappingProxyType({guard.name: guard for guard in guards})


GUARDS: Final[Mapping[str, Guard]] = _guards(
    Guard(
        name="nobody-else-waits",
        own=FACTS["own_obstacle"],
        settles="again",
        levels=(AT_LEAST_TO_WAIT,),
        fact=FACTS["waiting"],
        test=_nobody_else_waits,
        says="Fewer than two people wait: nobody is pressed to a device when the hall is empty (§8.1 free choice).",
    ),
    Guard(
        name="class-not-on-device",
        own=FACTS["own_obstacle"],
        settles="always",
        fact=FACTS["offer_obstacle"],
        test=_obstacle_is("class-not-on-device"),
        says="No class that waits can be done on a device (§3 row 4b).",
    ),
    Guard(
        name="ticket-has-need",
        own=FACTS["own_obstacle"],
        settles="always",
        fact=FACTS["offer_obstacle"],
        test=_obstacle_is("ticket-has-need"),
        says="Whoever waits with a class for devices has a need and is never sent to one (§6).",
    ),
    Guard(
        name="ticket-declined",
        own=FACTS["own_obstacle"],
        settles="always",
        fact=FACTS["offer_obstacle"],
        test=_obstacle_is("ticket-declined"),
        says="Whoever could use a device has declined, and declined is final (§8.1 free choice).",
    ),
    Guard(
        name="no-usable-device",
        own=FACTS["own_obstacle"],
        fact=FACTS["offer_obstacle"],
        test=_obstacle_is("no-usable-device"),
        says="No device for those who wait is known to work: down, unknown, suspect or run out (§5 A7 A8 A14).",
    ),
    Guard(
        name="no-window-to-open",
        levels=(1,),
        fact=FACTS["openable_windows"],
        test=_no_window_to_open,
        lasting=False,
        says="Every window that could take the class is open already.",
    ),
    Guard(
        name="gain-too-small",
        fact=FACTS["gain_s"],
        test=_gain_too_small,
        keys=("min_gain_s",),
        lasting=False,
        costly=True,
        says="One more window would not shorten the wait enough to be worth asking for (§9).",
    ),
    Guard(
        name="offer-under-way",
        fact=FACTS["other_offer"],
        test=_says_yes,
        lasting=False,
        says="Somebody is on the way with the offer of a device already, and is not sent twice (§8.4 alert load).",
    ),
    Guard(
        name="lost-together",
        fact=FACTS["lost_with_another"],
        test=_says_yes,
        lasting=False,
        settles="always",
        says="Another machine was lost just before and still is: its prompt tells of all of them (§8.4 alert load).",
    ),
    Guard(
        name="sales-held",
        fact=FACTS["grave_case"],
        test=_is_grave,
        sales=True,
        says="A complaint or an emergency is open: nobody sells, teaches or gives a talk (§8.4). A rule with this "
        "guard goes to no lobby guide, who may not sell (§8.3).",
    ),
)
