"""Triage: the right prompt to the right person at the right moment, and silence otherwise.

Theory of operation
===================
A rule is data (`config/rules/`, read by `rules`): thresholds over a closed vocabulary of `facts`, `guards` that hold
its prompt back, a ladder of roles, words. Nothing in a rule is an expression, and nothing in the code knows a rule by
name but for the one fact that asks how secondary triage stands.

After every step `review` looks at the rules whose facts the step may have moved (`book.index`), each on the hall or on
the ticket, window or device that the step was about (`scope`). What is remembered of a rule and an object is a
`desk.Watch`; what is open is a `desk.Prompt`. `watching` carries a watch through its condition:

    at rest ──met──▶ met ──over──▶ at rest        (met at the threshold itself, over below a lower reset)
                      │
                      ├─ a guard holds ▶ one record `held`, and a look whenever the guard may have let go
                      ├─ cool-down     ▶ a look at its end, or as soon as the reading is worse than last time
                      └─ otherwise     ▶ `raised`: one prompt, until it ends

What happens at a machine happens to a customer: one more speaks at once, whatever became of the prompt before, and is
said again where one is open (`moment.Number.each`).

`prompts` carries a prompt through its life: said again, escalated rung by rung up to headquarters, taken or put aside
by somebody (`actions`), and at last done, declined, withdrawn (its device failed, its tickets left), cleared or
expired. `promises` holds what it said acting would change against what came of it. `overseeing` lets rules about
prompts look at what has been said of one. `load` counts what everybody is told; what is beyond is held back, and a
`digest` names it.

Time is only ever an instant on the hall's agenda: `rule:` and rule.object, to look again when a wait reaches its
threshold, a forecast has held, a cool-down ends; `prompt:` and its id, for re-alert and escalation. A wake too many
changes nothing. The order of commands follows from ids alone, so a replay gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core import score, tally
from edge.core.aspects import EVERYTHING, NOTHING, QUEUE
from edge.core.commands import PublishPrompt, RepeatPrompt
from edge.core.triage import actions, digest, overseeing, promises, prompts, scope
from edge.core.triage.book import index
from edge.core.triage.desk import Watch
from edge.core.triage.hearing import concerned, look_at
from edge.core.triage.moment import Moment
from edge.core.triage.watching import await_time, look

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge.core.aspects import Aspects
    from edge.core.commands import Command
    from edge.core.events import StaffAction
    from edge.core.hall import Hall
    from edge.core.instant import Instant
    from edge.core.policy import Policy
    from edge.core.triage.book import Index, Moved
    from edge.core.triage.scope import Scope

__all__ = ["act", "new_day", "review", "standing", "wake"]


COUNTS_KEPT: Final = 4096
"""Objects of one rule whose prompts go on being counted over the days; of more, the oldest begin again."""


OVER_THE_DAYS: Final = frozenset({"device", "prompt"})
"""What prompts may be about that go on overnight; one about a prompt ends with that."""


def review(hall: Hall, policy: Policy, changed: Aspects, at: Instant, touched: Scope | None = None) -> list[Command]:
    """What the rules make of a step that changed these aspects of the hall, and of the objects in it `touched` alone.

    With `EVERYTHING`, as after a new configuration, every rule looks again, and prompts of rules and objects that are
    no more are withdrawn and their watches forgotten but for the number of the last prompt.
    """
    book = index(policy.rules)
    moment = Moment(hall, policy, at)
    out: list[Command] = []
    if hall.desk.promises and touched and changed & QUEUE:
        out += promises.kept(moment, touched.get("ticket", ()))
    moment.desk.steps += 1
    if changed == EVERYTHING:
        moment.desk.naps.clear()
        _withdraw_orphans(moment, out)
    hit = concerned(moment, book, changed, book.moved[changed])
    if hit:
        look_at(moment, book, hit, out)
    _look_at_objects(moment, book, changed, touched, out)
    return _concluded(moment, book, out)


def wake(hall: Hall, policy: Policy, key_object: str, room: str, at: Instant) -> list[Command]:
    """What follows now that the instant has come which `room:key_object` asked for; of other rooms' keys, nothing."""
    book = index(policy.rules)
    moment = Moment(hall, policy, at)
    out: list[Command] = []
    if room == "fact":
        moment.desk.naps.pop(key_object, None)
        probe = book.probes.get(key_object)
        look_at(moment, book, concerned(moment, book, NOTHING, () if probe is None else (probe,)), out)
    elif room == "prompt":
        prompt = hall.desk.prompts.get(key_object)
        if prompt is not None and prompt.rule in book.by_id:
            out += prompts.deadline(moment, book.by_id[prompt.rule], prompt)
    elif room == "rule":
        rule_id, _, object_id = key_object.partition(".")
        rule = book.by_id.get(rule_id)
        if rule is not None and rule.about == "hall":
            look_at(moment, book, book.bits[rule_id], out)
        elif rule is not None and scope.exists(hall, rule.about, object_id):
            look(moment, rule, object_id, out)
    return _concluded(moment, book, out)


def act(hall: Hall, policy: Policy, action: StaffAction, at: Instant) -> list[Command]:
    """What a staff action does to prompts; to be asked after the hall has taken it in and before `review`."""
    moment = Moment(hall, policy, at)
    return _concluded(moment, index(policy.rules), actions.act(moment, action))


def new_day(hall: Hall, policy: Policy, at: Instant) -> list[Command]:
    """Yesterday's queue is history: what was open about it expires; what is about devices goes on.

    Numbers of prompts go on counting, so that no id comes twice.
    """
    out: list[Command] = []
    moment, desk = Moment(hall, policy, at), hall.desk
    for prompt in sorted(desk.prompts.values(), key=lambda prompt: prompt.id):
        if prompt.kind not in OVER_THE_DAYS:
            watch = desk.attend(prompt.rule, prompt.object)
            out += prompts.end(moment, watch, prompt, "expired", reason="a new business day", held_by=prompt.held_by)
    for rule in index(policy.rules).by_id.values():
        if rule.about not in OVER_THE_DAYS and (watches := desk.watches.get(rule.id)):
            desk.watches[rule.id] = _counts(watches)
    desk.live.clear()
    promises.forget(hall)
    desk.digested.clear()
    return _concluded(moment, index(policy.rules), out)


def standing(hall: Hall) -> list[PublishPrompt]:
    """Every open prompt as it stands, for repainting after a restart; those held back were shown to nobody."""
    return [prompts.published(p) for _, p in sorted(hall.desk.prompts.items()) if p.state != "held"]


def _concluded(moment: Moment, book: Index, out: list[Command]) -> list[Command]:
    """What a step has said of prompts, with what follows from that alone."""
    out += overseeing.oversee(moment, book.overseers, out)
    out += digest.refresh(moment)
    for command in out:
        if type(command) is PublishPrompt:
            hour = score.hour_of(moment.hall, moment.policy, command.record.at)
            tally.note(moment.hall, command.record, hour)
            score.ask(moment.hall, hour)
        if isinstance(command, PublishPrompt) and not isinstance(command, RepeatPrompt):
            tally.settled(moment.hall, command.record)
    return out


def _look_at_objects(
    moment: Moment, book: Index, changed: Aspects, touched: Scope | None, out: list[Command]
) -> None:  # fmt: skip
    """Looks at the rules that are not about the hall, each on the objects the step may have moved for it."""
    there: dict[str, list[str]] = {}
    for moved in book.others[changed]:
        rule, watches = moved.rule, moment.desk.watches.get(moved.rule.id)
        if not (moved.begins or watches or moved.lapses):
            continue
        for object_id in _touched(moment, moved, changed, touched, there):
            if moved.begins or (watches and (watch := watches.get(object_id)) is not None and watch.met):
                look(moment, rule, object_id, out)
            elif moved.lapses:
                await_time(moment, rule, object_id)


def _touched(
    moment: Moment, moved: Moved, changed: Aspects, touched: Scope | None, there: dict[str, list[str]]
) -> Iterable[str]:
    """The objects of a rule that a step may have moved: all, where it moved what the rule asks of the hall.

    `there` remembers, for the rules of one step, which of the objects it touched exist.
    """
    rule = moved.rule
    if touched is None or moved.everywhere:
        return scope.objects(moment.hall, rule)
    known = there.get(rule.about)
    if known is None:
        hall, about = moment.hall, rule.about
        known = there[about] = [id for id in touched.get(about, ()) if scope.exists(hall, about, id)]
    if not rule.spreads:
        return known
    known = list(known)
    for spread in rule.spreads:
        known += [id for id in spread(moment, changed) if id not in known]
    return known


def _counts(watches: Mapping[str, Watch]) -> dict[str, Watch]:
    """What is kept of watches that are over: how many prompts each has had, of the latest so many."""
    return {id: Watch(count=watch.count) for id, watch in list(watches.items())[-COUNTS_KEPT:]}


def _withdraw_orphans(moment: Moment, out: list[Command]) -> None:
    """Withdraws what is about nothing any more; prompts about prompts last, for theirs may have gone with this."""
    desk, rules = moment.desk, index(moment.policy.rules).by_id
    for prompt in sorted(desk.prompts.values(), key=lambda prompt: (prompt.kind == "prompt", prompt.id)):
        rule = rules.get(prompt.rule)
        if prompt.rule == digest.RULE or (rule is not None and scope.exists(moment.hall, rule.about, prompt.object)):
            continue
        out += prompts.end(moment, desk.attend(prompt.rule, prompt.object), prompt, "withdrawn")
    desk.live = [rule_id for rule_id in desk.live if rule_id in rules]
    for rule_id, watches in desk.watches.items():
        rule = rules.get(rule_id)
        gone = [id for id in watches if rule is None or not scope.exists(moment.hall, rule.about, id)]
        if rule_id != digest.RULE:
            watches.update(_counts({id: watches[id] for id in gone}))
