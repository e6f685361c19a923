"""Looks at one rule and one object: has its condition come, does it last, may its prompt speak.

At rest a watch costs as little as its facts. Once the condition is met it is met until it is over (hysteresis), and
within that time the watch has at most one prompt open; `REARMS` says when it may have the next.
"""

from __future__ import annotations

from operator import and_, or_
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edge.core.aspects import OFFER, QUEUE, TICKETS, WINDOWS
from edge.core.commands import RepeatPrompt
from edge.core.instant import SECOND
from edge.core.triage import ladder, load, offer, prompts
from edge.core.triage.conditions import (
    due_at,
    held_at,
    keep_time,
    lasts,
    met,
    one_more,
    reached,
    readings,
    worse,
    worse_at,
)
from edge.core.triage.guards import GUARDS, Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge.core.aspects import Aspects
    from edge.core.commands import Command
    from edge.core.instant import Instant, Micros
    from edge.core.triage.desk import Ending, Prompt, Watch
    from edge.core.triage.moment import Moment
    from edge.core.triage.rule import Rule

REARMS: Final[Mapping[Ending, Callable[[bool, bool], bool]]] = MappingProxyType(
    {
        "cleared": or_,
        "withdrawn": or_,
        "done": and_,
        "expired": and_,
        "declined": lambda _cooled, _worse: False,
    }
)
"""After an ending, whether the next prompt may come, by (cool-down over, reading worse than when it last fired).

`done`, `expired` and `declined` stand only while the same condition goes on: when it is over they become `cleared`.
What has happened once more has a say before all of them (`moment.Number.each`).
"""

NAMING: Final = QUEUE | TICKETS | OFFER
"""What may take the offer away from somebody whom a prompt names."""

PATIENCE: Final[Micros] = 60 * SECOND
"""A guard that takes forecasts to ask is asked again no sooner than this."""

SETTLING: Final[Micros] = 60 * SECOND
"""A guard on tickets must have let go for so long (see `guards.Guard.settles`)."""


def look(moment: Moment, rule: Rule, object_id: str, out: list[Command]) -> None:
    """Evaluates one rule on one object; what follows is put into `out`."""
    if rule.patient:
        keep_time(rule, moment, object_id)
    watches = moment.desk.watches.get(rule.id)
    watch = watches.get(object_id) if watches else None
    if watch is not None and watch.met:
        if lasts(rule, moment, object_id):
            watch.over_since = None
            _go_on(moment, rule, object_id, watch, out)
        else:
            _pass(moment, rule, object_id, watch, out)
    elif met(rule, moment, object_id, watch):
        watch = moment.desk.attend(rule.id, object_id)
        watch.met = True
        _speak(moment, rule, object_id, watch, out)
    elif rule.patient:
        _look_again(moment, rule, object_id, held_at(rule, moment, watch), at_rest=True)
    elif rule.timed:
        await_time(moment, rule, object_id)


def await_time(moment: Moment, rule: Rule, object_id: str) -> None:
    """Of a watch at rest: the next look is when time alone may have brought its condition about."""
    _look_again(moment, rule, object_id, None, at_rest=True)


def may_speak(rule: Rule, watch: Watch, at: Instant) -> bool:
    """Whether a watch without an open prompt could raise one if things are bad enough."""
    return watch.ending is None or REARMS[watch.ending](at >= _cooled_at(rule, watch), True)


def may_have_ended(moment: Moment, rule: Rule, watch: Watch, changed: Aspects) -> bool:
    """Whether an open prompt may have to be ended or changed by what no fact of its rule tells."""
    prompt = moment.desk.prompt_of(watch)
    if prompt is None:
        return False
    if rule.names_tickets and changed & NAMING:
        return _misnames(moment, prompt)
    return rule.settled_by == "window_opened" and bool(changed & WINDOWS) and _is_open(moment, prompt)


def end(moment: Moment, rule: Rule, prompt: Prompt, ending: Ending, **how: str | None) -> list[Command]:
    """Ends a prompt while its condition goes on: the next may come after the cool-down, if at all."""
    watch = moment.desk.attend(rule.id, prompt.object)
    commands = prompts.end(moment, watch, prompt, ending, **how)
    if watch.met:
        _look_again(moment, rule, prompt.object, moment.at + rule.cooldown)
    return commands


def over(moment: Moment, rule: Rule, object_id: str, watch: Watch, out: list[Command]) -> None:
    """The condition is gone: an open prompt is cleared, and the rule is armed again."""
    prompt = moment.desk.prompt_of(watch)
    if prompt is not None:
        out += prompts.end(moment, watch, prompt, "cleared", held_by=prompt.held_by)
    if watch.ending not in (None, "cleared"):
        watch.ended_at, watch.ending = moment.at, "cleared"
    watch.met, watch.held_by = False, None
    watch.over_since = watch.rest_until = watch.free_since = None
    watch.since.clear()
    _look_again(moment, rule, object_id, None, at_rest=True)


def _go_on(moment: Moment, rule: Rule, object_id: str, watch: Watch, out: list[Command]) -> None:
    prompt = moment.desk.prompt_of(watch)
    if prompt is None or prompt.state == "held":
        _speak(moment, rule, object_id, watch, out)
    elif (guard := _withheld(moment, rule, object_id, lasting=True)) is not None:
        watch.held_by = guard.name
        out += end(moment, rule, prompt, "withdrawn", held_by=guard.name)
    elif rule.settled_by == "window_opened" and _is_open(moment, prompt):
        out += end(moment, rule, prompt, "done")
    elif rule.names_tickets and _misnames(moment, prompt):
        out += prompts.rename(moment, prompt)
    elif one_more(rule, moment, object_id, watch.fired) == "now":
        _say_of_another(moment, rule, object_id, watch, prompt, out)
    elif rule.keeps_up and (now := readings(rule, moment, object_id)) != watch.fired:
        watch.fired = now
        out += prompts.reword(moment, rule, object_id, watch, prompt)
    elif rule.timed:
        _look_again(moment, rule, object_id, None)


def _say_of_another(
    moment: Moment, rule: Rule, object_id: str, watch: Watch, prompt: Prompt, out: list[Command]
) -> None:  # fmt: skip
    """It has happened again while the prompt is open: nobody may suppose that the one who took it knows.

    A prompt somebody has taken is raised again; one that is still being called out is said again at once, and goes on
    up its ladder.
    """
    if prompt.state in ("raised", "escalated"):
        watch.fired = readings(rule, moment, object_id)
        prompt.because = {**prompt.because, **watch.fired}
        out.append(RepeatPrompt(prompts.record(prompt), aloud=True))
    else:
        prompt.by = None
        out += prompts.raise_(moment, rule, object_id, watch)


def _pass(moment: Moment, rule: Rule, object_id: str, watch: Watch, out: list[Command]) -> None:
    """The condition is below its reset; when it has been for `clear_after`, it is over."""
    if watch.over_since is None:
        watch.over_since = moment.at
    if moment.at >= watch.over_since + rule.clear_after:
        over(moment, rule, object_id, watch, out)
    else:
        _look_again(moment, rule, object_id, watch.over_since + rule.clear_after)


def _speak(moment: Moment, rule: Rule, object_id: str, watch: Watch, out: list[Command]) -> None:
    """Raises the prompt if it may come and no guard holds it back; otherwise says when to look again."""
    guard = _withheld(moment, rule, object_id, lasting=True)
    if guard is None and (settled_at := _settled_at(watch, moment.at)) > moment.at:
        _look_again(moment, rule, object_id, settled_at)
        return
    watch.free_since = None
    watch.held_by = guard.name if guard is not None else watch.held_by if watch.rest_until is not None else None
    if not _armed(moment, rule, object_id, watch):
        dues = (_cooled_at(rule, watch), worse_at(rule, moment, object_id, watch.fired))
        _look_again(moment, rule, object_id, min((due for due in dues if due and due > moment.at), default=None))
        return
    if guard is None and not (_was_reached(moment, watch) or reached(rule, moment, object_id, watch)):
        _look_again(moment, rule, object_id, held_at(rule, moment, watch))
        return
    if watch.rest_until is not None and moment.at < watch.rest_until:
        _look_again(moment, rule, object_id, watch.rest_until)
        return
    guard = guard or _withheld(moment, rule, object_id, lasting=False)
    watch.held_by = guard.name if guard is not None else None
    watch.rest_until = moment.at + PATIENCE if guard is not None and guard.costly else None
    if guard is None:
        _raise(moment, rule, object_id, watch, out)
        return
    known = moment.desk.prompt_of(watch)
    if load.held_back(known) if known is not None else watch.ending != "withdrawn":
        out += prompts.hold(moment, rule, object_id, watch, guard.name)
    _look_again(moment, rule, object_id, watch.rest_until)


def _was_reached(moment: Moment, watch: Watch) -> bool:
    """Whether the prompt would have been raised at its threshold, and waits for nothing but somebody's room."""
    prompt = moment.desk.prompt_of(watch)
    return prompt is not None and load.held_back(prompt)


def _raise(moment: Moment, rule: Rule, object_id: str, watch: Watch, out: list[Command]) -> None:
    """Nothing of the rule keeps its prompt back: it is raised, unless rules run in shadow or nobody has room for it."""
    again_at = None
    _, to = ladder.told(moment, rule, object_id, 0)
    if rule.shadow or moment.policy.shadow:
        watch.held_by = prompts.SHADOW
        out += prompts.cast_shadow(moment, rule, object_id, watch)
    elif not load.with_room(moment, rule.priority, to):
        watch.held_by = load.LIMIT
        out += prompts.hold_back(moment, rule, object_id, watch)
        again_at = load.room_at(moment, to)
    else:
        out += prompts.raise_(moment, rule, object_id, watch)
    _look_again(moment, rule, object_id, again_at)


def _settled_at(watch: Watch, at: Instant) -> Instant:
    """When the guard that held the prompt back will have let go for long enough; it has let go by `at`."""
    held = GUARDS.get(watch.held_by or "")
    if held is None or not (held.settles == "always" or (held.settles == "again" and watch.ending == "withdrawn")):
        return at
    watch.free_since = at if watch.free_since is None else watch.free_since
    return watch.free_since + SETTLING


def _armed(moment: Moment, rule: Rule, object_id: str, watch: Watch) -> bool:
    """Whether the watch's next prompt may come (a held one has come already)."""
    if watch.prompt is not None or watch.ending is None:
        return True
    cooled = moment.at >= _cooled_at(rule, watch)
    news = one_more(rule, moment, object_id, watch.fired)
    if news is not None and (cooled or news == "now"):
        return True
    return REARMS[watch.ending](cooled, worse(rule, moment, object_id, watch.fired))


def _cooled_at(rule: Rule, watch: Watch) -> Instant:
    return (watch.ended_at or 0) + rule.cooldown


def _withheld(moment: Moment, rule: Rule, object_id: str, *, lasting: bool) -> Guard | None:
    """The first guard that holds; with `lasting` of those only that are asked while the prompt is open."""
    for guard in rule.unless:
        if (guard.lasting or not lasting) and guard.holds(moment, object_id, rule.keys):
            return guard
    return None


def _misnames(moment: Moment, prompt: Prompt) -> bool:
    """Whether somebody the prompt names waits and may not be asked any more, or none of them waits."""
    hall, policy, at = moment.hall, moment.policy, moment.at
    waiting = [hall.tickets[id] for id in prompt.tickets if id in hall.waiting]
    if not waiting:
        return bool(prompt.tickets)
    return any(offer.obstacle_of(hall, policy, ticket, at) != "none" for ticket in waiting)


def _is_open(moment: Moment, prompt: Prompt) -> bool:
    window = moment.hall.windows.get(prompt.expect.get("window", ""))
    return window is not None and window.state == "open"


def _look_again(
    moment: Moment, rule: Rule, object_id: str, at: Instant | None, *, at_rest: bool = False
) -> None:  # fmt: skip
    """To be looked at again at `at`, or as soon as time alone has changed what is asked of the object."""
    key = f"rule:{rule.id}.{object_id}"
    if rule.timed:
        due = due_at(rule, moment, object_id, at_rest=at_rest)
        at = due if at is None or at <= moment.at or (due is not None and due < at) else at
    if at is not None and at > moment.at:
        moment.hall.agenda.put(key, at)
    else:
        moment.hall.agenda.drop(key)
