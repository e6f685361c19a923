"""What staff do about prompts, and what becomes of the prompts by it.

An action on a prompt that is unknown, ended or already where the action would bring it is answered with `Ignore`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from edge.core.commands import Command, Ignore
from edge.core.instant import SECOND
from edge.core.triage import ladder, promises, prompts, watching
from edge.core.triage.book import index
from edge.core.triage.figures import named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from edge.core.events import Action, StaffAction
    from edge.core.triage.desk import Answer, Ending, Prompt
    from edge.core.triage.moment import Moment
    from edge.core.triage.rule import Rule

ANSWERS: Final[Mapping[str, Answer]] = MappingProxyType(
    {
        "asked": "asked",
        "customer_accepted": "accepted",
        "customer_declined": "declined",
    }
)
"""What an action on a ticket says its customer answered."""


MINUTE: Final = 60 * SECOND
SHELVED_MOST_MIN: Final = 60
"""A prompt is put aside for an hour at most: by then the hall is another one (alarm practice, 15, 30 or 60 min)."""


class Refusal(NamedTuple):
    """Why an action does nothing; `key` names it to pages, where a tap can meet it."""

    reason: str
    key: str = ""


NOT_OPEN: Final = Refusal("no such prompt is open", "not_open")


def act(moment: Moment, action: StaffAction) -> list[Command]:
    """What follows from one action; of those that are nothing to prompts, nothing."""
    answer = _ON_PROMPTS.get(action.action)
    if answer is not None:
        return _on_prompt(moment, action, answer)
    if action.action in ANSWERS:
        return _answered(moment, action, ANSWERS[action.action])
    if action.action == "device_checked":
        return list(_checked(moment, action))
    if action.action == "need_added":
        return [c for p in _open(moment) if action.target in p.tickets for c in prompts.rename(moment, p)]
    return []


def _on_prompt(
    moment: Moment, action: StaffAction, answer: Callable[[Moment, StaffAction, Prompt], list[Command] | Refusal]
) -> list[Command]:
    prompt = moment.desk.prompts.get(action.target)
    if prompt is None:
        return _ignored(action, NOT_OPEN)
    if prompt.state == "held":
        return _ignored(action, Refusal(f"held back by {prompt.held_by}, nobody was told"))
    if prompt.kind == "prompt" and action.action != "decline":
        prompt = moment.desk.prompts.get(prompt.object, prompt)  # whoever takes over has the prompt itself in hand
    done = answer(moment, action, prompt)
    return _ignored(action, done) if isinstance(done, Refusal) else done


def _acknowledge(moment: Moment, action: StaffAction, prompt: Prompt) -> list[Command] | Refusal:
    if prompt.state == "acknowledged":
        return Refusal(f"acknowledged already by {prompt.by}", "taken")
    return prompts.acknowledge(moment, prompt, action.staff)


def _done(moment: Moment, action: StaffAction, prompt: Prompt) -> list[Command] | Refusal:
    return _ended(moment, prompt, "done", by=action.staff)


def _decline(moment: Moment, action: StaffAction, prompt: Prompt) -> list[Command] | Refusal:
    reason = action.detail.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        return Refusal("a prompt is declined with a reason")
    return _ended(moment, prompt, "declined", by=action.staff, reason=reason)


def _escalate(moment: Moment, action: StaffAction, prompt: Prompt) -> list[Command] | Refusal:
    rule = _rule(moment, prompt)
    if rule is None or ladder.is_last(rule, prompt.level):
        return Refusal("nobody is left above", "nobody_above")
    return prompts.escalate(moment, rule, prompt, action.staff)


def _shelve(moment: Moment, action: StaffAction, prompt: Prompt) -> list[Command] | Refusal:
    reason, minutes = action.detail.get("reason"), action.detail.get("minutes")
    if prompt.priority == "urgent":
        return Refusal("an urgent prompt is not shelved", "urgent")
    if not isinstance(reason, str) or not reason.strip():
        return Refusal("a prompt is shelved with a reason")
    if type(minutes) is not int or not 1 <= minutes <= SHELVED_MOST_MIN:
        return Refusal(f"'minutes' is {minutes!r:.40}; accepted: 1 to {SHELVED_MOST_MIN}")
    if _rule(moment, prompt) is None:
        return Refusal("it is listed only, and makes no sound", "listed_only")
    return prompts.shelve(moment, prompt, action.staff, moment.at + minutes * MINUTE, reason)


_ON_PROMPTS: Final[Mapping[Action, Callable[[Moment, StaffAction, Prompt], list[Command] | Refusal]]] = (
    MappingProxyType(
        {
            "acknowledge": _acknowledge,
            "done": _done,
            "decline": _decline,
            "escalate": _escalate,
            "shelve": _shelve,
        }
    )
)


def _answered(moment: Moment, action: StaffAction, answer: Answer) -> list[Command]:
    """A customer was asked: whoever asks has taken the prompt, and when everybody was asked it is done."""
    ticket = moment.hall.tickets.get(action.target)
    if ticket is None:
        return []
    wanted = action.detail.get("prompt")
    if answer != "asked":
        ticket.asked = None
        moment.hall.learnt.promised.answered(yes=answer == "accepted")
    prompt = next((p for p in _open(moment) if p.id == wanted or (wanted is None and action.target in p.tickets)), None)
    if prompt is None:
        late = wanted is not None and promises.answered_late(moment, str(wanted), action.target, answer)
        if late or wanted is None or answer != "asked":
            return []
        return _ignored(action, Refusal(f"no prompt {wanted} is open", NOT_OPEN.key))
    rule = _rule(moment, prompt)
    asks_of_many = rule is not None and rule.names_tickets
    if not asks_of_many and prompt.object != action.target:
        return _ignored(action, Refusal(f"prompt {prompt.id} is not about this ticket"))
    prompt.answers[action.target] = answer
    if answer == "asked":
        ticket.asked = (prompt.id, action.staff)
    promises.answered(moment, prompt.id, prompt.answers)
    if not asks_of_many or not named(moment, prompt.answers):
        return _ended(moment, prompt, "done", by=action.staff)
    return prompts.answered(moment, prompt, action.staff)


def _checked(moment: Moment, action: StaffAction) -> Iterator[Command]:
    """Somebody looked at a device: prompts that this settles are done, or at least taken when it is found faulty."""
    for prompt in _open(moment):
        rule = _rule(moment, prompt)
        if prompt.object != action.target or rule is None or rule.settled_by != "device_checked":
            continue
        if action.detail.get("result") == "ok":
            yield from _ended(moment, prompt, "done", by=action.staff)
        elif prompt.state != "acknowledged":
            yield from prompts.acknowledge(moment, prompt, action.staff)


def _open(moment: Moment) -> list[Prompt]:
    return [prompt for prompt in moment.desk.prompts.values() if prompt.state != "held"]


def _rule(moment: Moment, prompt: Prompt) -> Rule | None:
    return index(moment.policy.rules).by_id.get(prompt.rule)


def _ended(moment: Moment, prompt: Prompt, ending: Ending, **how: str | None) -> list[Command]:
    rule = _rule(moment, prompt)
    if rule is not None:
        return watching.end(moment, rule, prompt, ending, **how)
    return prompts.end(moment, moment.desk.attend(prompt.rule, prompt.object), prompt, ending, **how)


def _ignored(action: StaffAction, refusal: Refusal) -> list[Command]:
    return [Ignore(action.type, action.target, f"{action.action}: {refusal.reason}", refusal.key)]
