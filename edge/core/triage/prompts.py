"""One prompt's life: held or raised, said again, escalated, taken, ended; every change is one whole record.

Its deadlines are instants on the agenda under `prompt:` and its id, so that they survive a restart and a replay meets
them at the same microsecond.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from edge.core.commands import Command, PromptRecord, PublishPrompt, RepeatPrompt
from edge.core.instant import in_seconds
from edge.core.triage import ladder, load, promises
from edge.core.triage.conditions import AtLeast, firing, readings
from edge.core.triage.desk import Ending, Prompt, Watch, prompt_id
from edge.core.triage.facts import FACTS
from edge.core.triage.figures import FIGURES, FORECASTS, named
from edge.core.triage.words import filled
from edge.core.wording import Text

if TYPE_CHECKING:
    from edge.core.instant import Instant
    from edge.core.triage.conditions import Arm
    from edge.core.triage.moment import Moment
    from edge.core.triage.rule import Rule


SHADOW: Final = "shadow"
"""What a prompt is held by where rules only run to be watched: it is recorded as if raised, and nobody is told."""


def hold(moment: Moment, rule: Rule, object_id: str, watch: Watch, guard: str) -> list[Command]:
    """A guard keeps the prompt back; it gets its number and one record, and nobody is told."""
    prompt = _made(moment, rule, object_id, watch)
    prompt.state, prompt.held_by = "held", guard
    return [published(prompt)]


def hold_back(moment: Moment, rule: Rule, object_id: str, watch: Watch) -> list[Command]:
    """The load limit keeps the prompt back; a digest will name it to the roles it would go to."""
    was = moment.desk.prompt_of(watch)
    was_held_back = was is not None and load.held_back(was)
    prompt = _made(moment, rule, object_id, watch)
    prompt.state, prompt.held_by = "held", load.LIMIT
    _, prompt.to = ladder.told(moment, rule, object_id, 0)
    for role in prompt.to:
        moment.desk.digested.setdefault(role, [])
    return [] if was_held_back else [published(prompt)]


def cast_shadow(moment: Moment, rule: Rule, object_id: str, watch: Watch) -> list[Command]:
    """The prompt is what it would be if it were raised, cool-down included, but nobody is told; recorded once."""
    known = moment.desk.prompt_of(watch)
    if known is not None and known.held_by == SHADOW:
        return []
    prompt = _spoken(moment, rule, object_id, watch)
    prompt.state, prompt.held_by = "held", SHADOW
    _, prompt.to = ladder.told(moment, rule, object_id, 0)
    return [published(prompt)]


def raise_(moment: Moment, rule: Rule, object_id: str, watch: Watch) -> list[Command]:
    """The prompt goes to its first manned rung; one that was held keeps its number."""
    prompt = _spoken(moment, rule, object_id, watch)
    prompt.state = "raised"
    _hand_to(moment, rule, prompt, 0, only_with_room=True)
    return [published(prompt)]


def acknowledge(moment: Moment, prompt: Prompt, staff: str) -> list[Command]:
    """Somebody has taken it: it is not said again and goes to nobody else."""
    prompt.state, prompt.by, prompt.at = "acknowledged", staff, moment.at
    _silence(moment, prompt)
    return [published(prompt)]


def escalate(moment: Moment, rule: Rule, prompt: Prompt, staff: str | None = None) -> list[Command]:
    """It goes to the next manned rung, by a deadline or because `staff` handed it on."""
    prompt.state, prompt.by, prompt.at = "escalated", staff, moment.at
    _hand_to(moment, rule, prompt, prompt.level + 1)
    return [published(prompt)]


def shelve(moment: Moment, prompt: Prompt, staff: str, until: Instant, reason: str) -> list[Command]:
    """It is put aside, silent, and comes back at `until` if it is still open then."""
    prompt.state, prompt.by, prompt.at = "shelved", staff, moment.at
    _silence(moment, prompt)
    prompt.back_at = until
    _wake(moment, prompt)
    return [published(prompt, reason=reason)]


def answered(moment: Moment, prompt: Prompt, staff: str) -> list[Command]:
    """A customer has been asked: whoever asked has taken the prompt, and the customer is named no more."""
    prompt.state, prompt.by, prompt.at = "acknowledged", staff, moment.at
    _silence(moment, prompt)
    prompt.tickets = named(moment, prompt.answers)
    return [published(prompt, outcome=promises.counted(prompt.answers))]


def rename(moment: Moment, prompt: Prompt) -> list[Command]:
    """Names the tickets that are eligible now and have not been asked, where there are other ones than before."""
    tickets = named(moment, prompt.answers)
    if not tickets or tickets == prompt.tickets:
        return []
    prompt.tickets = tickets
    return [RepeatPrompt(record(prompt, outcome=promises.counted(prompt.answers) or None))]


def reword(moment: Moment, rule: Rule, object_id: str, watch: Watch, prompt: Prompt) -> list[Command]:
    """Says what is the case now, without a sound, where that is something else than before."""
    before = prompt.text, prompt.because
    _word(moment, rule, object_id, watch, prompt)
    if (prompt.text, prompt.because) == before:
        return []
    return [RepeatPrompt(record(prompt, outcome=promises.counted(prompt.answers) or None))]


def end(  # noqa: PLR0913 (an ending is said with who, why and by which guard)
    moment: Moment,
    watch: Watch,
    prompt: Prompt,
    ending: Ending,
    *,
    by: str | None = None,
    reason: str | None = None,
    held_by: str | None = None,
) -> list[Command]:
    """The prompt is over; the watch remembers how, for the next one. One that was only held starts no cool-down."""
    was_raised = prompt.raised_at is not None
    _silence(moment, prompt)
    prompt.state, prompt.at = ending, moment.at
    prompt.by, prompt.held_by = by or prompt.by, held_by or prompt.held_by
    moment.desk.prompts.pop(prompt.id, None)
    watch.prompt = None
    if was_raised:
        watch.ended_at, watch.ending = moment.at, ending
    outcome = _outcome(moment, prompt) if was_raised else None
    last = record(prompt, reason=reason, outcome=outcome)
    return [PublishPrompt(promises.ended(moment, last) if was_raised else last)]


def deadline(moment: Moment, rule: Rule, prompt: Prompt) -> list[Command]:
    """The instant of a re-alert, an escalation or the end of shelving has come; a wake too many changes nothing."""
    if prompt.back_at is not None and moment.at >= prompt.back_at:
        prompt.state, prompt.at, prompt.by = "raised", moment.at, None
        _hand_to(moment, rule, prompt, prompt.level)
        return [published(prompt)]
    if prompt.escalate_at is not None and moment.at >= prompt.escalate_at:
        return escalate(moment, rule, prompt)
    if prompt.realert_at is not None and moment.at >= prompt.realert_at:
        prompt.realert_at = None if rule.realert is None else prompt.realert_at + rule.realert
        _wake(moment, prompt)
        return [RepeatPrompt(record(prompt), aloud=True)]
    _wake(moment, prompt)
    return []


def published(prompt: Prompt, *, reason: str | None = None, outcome: dict[str, Any] | None = None) -> PublishPrompt:
    """The prompt as it stands, to be published."""
    return PublishPrompt(record(prompt, reason=reason, outcome=outcome))


def record(prompt: Prompt, *, reason: str | None = None, outcome: dict[str, Any] | None = None) -> PromptRecord:
    """The prompt as the contract publishes it."""
    return PromptRecord(
        prompt=prompt.id,
        rule=prompt.rule,
        at=prompt.at,
        state=prompt.state,
        priority=prompt.priority,
        to=prompt.to,
        about={"kind": prompt.kind, "id": prompt.object},
        zone=prompt.zone,
        text=prompt.text,
        because=prompt.because,
        expect=prompt.expect,
        tickets=prompt.tickets,
        deadline=prompt.back_at or prompt.escalate_at,
        by=prompt.by,
        reason=reason,
        outcome=outcome,
        held_by=prompt.held_by,
    )


def _made(moment: Moment, rule: Rule, object_id: str, watch: Watch) -> Prompt:
    """The watch's prompt, new or so far held, with the words and figures of this moment."""
    prompt = moment.desk.prompt_of(watch)
    if prompt is None:
        watch.count += 1
        watch.prompt = prompt_id(rule.id, object_id, watch.count)
        prompt = moment.desk.prompts[watch.prompt] = Prompt(
            id=watch.prompt, rule=rule.id, kind=rule.about, object=object_id, at=moment.at, state="held",
            priority=rule.priority, to=rule.ladder[0], zone=rule.zone, text=Text("", ""),
        )  # fmt: skip
    prompt.at, prompt.held_by = moment.at, None
    _word(moment, rule, object_id, watch, prompt)
    return prompt


def _word(moment: Moment, rule: Rule, object_id: str, watch: Watch, prompt: Prompt) -> None:
    """Text, zone and figures of this moment."""
    arms = firing(rule, moment, object_id, watch)
    saying = rule.sayings[arms[0].fact.name]
    prompt.text = filled(saying.text, moment, object_id)
    prompt.zone = saying.zone or _zone(moment, rule, object_id, arms[0])
    prompt.because = {
        **{arm.fact.name: _shown(arm.fact.value(moment, object_id)) for arm in (*rule.arms, *rule.given)},
        "met": [arm.fact.name for arm in arms],
        **{name: FIGURES[name](moment, object_id) for name in rule.figures},
    }


def _zone(moment: Moment, rule: Rule, object_id: str, arm: Arm) -> str:
    """Where the rule sends somebody: to what was reported, where that is; one about a prompt where that one does."""
    if isinstance(arm, AtLeast) and arm.fact.where is not None:
        return arm.fact.where(moment)
    return moment.desk.prompts[object_id].zone if rule.about == "prompt" else rule.zone


def _spoken(moment: Moment, rule: Rule, object_id: str, watch: Watch) -> Prompt:
    """The prompt with all it says from now on, and the watch's note of what it fired at."""
    prompt = _made(moment, rule, object_id, watch)
    prompt.raised_at = moment.at
    prompt.tickets = named(moment, {}) if rule.names_tickets else ()
    if rule.expect is not None:
        prompt.expect = FORECASTS[rule.expect](moment, prompt.tickets)
        promises.give(moment, prompt)
    watch.fired = readings(rule, moment, object_id)
    return prompt


def _hand_to(moment: Moment, rule: Rule, prompt: Prompt, level: int, *, only_with_room: bool = False) -> None:
    """To the first manned rung from `level` on; its deadlines begin now. Headquarters is the end: no deadline."""
    prompt.back_at = None
    prompt.level, prompt.to = ladder.told(moment, rule, prompt.object, level)
    roles = prompt.to
    if only_with_room:
        prompt.to = load.with_room(moment, rule.priority, roles) or roles
    prompt.without = tuple(role for role in (*prompt.without, *roles) if role not in prompt.to)
    for role in prompt.without:
        moment.desk.digested.setdefault(role, [])
    load.note(moment, prompt)
    if ladder.is_last(rule, prompt.level):
        _silence(moment, prompt)
        return
    prompt.realert_at = None if rule.realert is None else moment.at + rule.realert
    prompt.escalate_at = None if rule.escalate is None else moment.at + rule.escalate
    _wake(moment, prompt)


def _wake(moment: Moment, prompt: Prompt) -> None:
    dues = (prompt.realert_at, prompt.escalate_at, prompt.back_at)
    due = min((at for at in dues if at is not None), default=None)
    if due is not None:
        moment.hall.agenda.put(f"prompt:{prompt.id}", due)


def _silence(moment: Moment, prompt: Prompt) -> None:
    prompt.realert_at = prompt.escalate_at = prompt.back_at = None
    moment.hall.agenda.drop(f"prompt:{prompt.id}")


def _outcome(moment: Moment, prompt: Prompt) -> dict[str, Any]:
    """What has become of it: how long it was open, what the customers said, how the hall stands now."""
    outcome: dict[str, Any] = {
        "open_s": round(in_seconds(moment.at - (prompt.raised_at or 0)), 1),
        **promises.counted(prompt.answers),
    }
    if prompt.kind == "hall":
        outcome |= {name: _shown(FACTS[name].value(moment, "hall")) for name in ("waiting", "longest_wait_s")}
    return outcome


def _shown(value: float | str) -> float | str:
    return round(value, 1) if isinstance(value, float) else value
