"""What prompts have promised, and what came of it.

A prompt that says what acting would change speaks of one thing that can be measured: how long one customer who waits
when it is raised still waits until the call. It is whom acting would help most, of those it does not itself send
elsewhere: as a rule the last in line of the class it is about. Two forecasts of that are made at the raise and stand
under `ticket` in the prompt's `expect`: as things are (`now`, with `now_p10` and `now_p90`), and if what is asked is
done (`with`, `p10`, `p90`); seconds from the raise, 80 % intervals.

The call settles it. What was asked has been done when by then a window takes the customer's class that did not at the
raise, and did so soon after the prompt was raised or taken (later it would have come by itself), or for a diversion a
customer has accepted. The wait is then held against the second interval, and against the first where nobody acted: a
forecast of doing is not blamed for what was left undone. Where somebody has taken the prompt and the call comes before
what it asks for can have come, it is the second again, which reckons with that: to leave out those who are called early
would leave the slower half of them to judge it by. Who leaves before the call leaves the wait unknown, and so does the
end of the day.

What came of it stands in the `outcome` of the prompt's last record. Where the prompt is over before the call comes,
that record is said once more, complete.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from edge.core.commands import Command, SettlePrompt
from edge.core.instant import in_seconds
from edge.core.triage.acting import AT_WORK, delayed
from edge.core.triage.desk import Promise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from edge.core.commands import PromptRecord
    from edge.core.hall import Hall, Ticket
    from edge.core.instant import Instant
    from edge.core.triage.desk import Answer, Prompt
    from edge.core.triage.moment import Moment
    from edge.core.waiting import Outlook

MOST: Final = 32
"""Promises followed at once; of more, the oldest is given up."""


def measured(
    moment: Moment, before: Outlook, after: Outlook, *, besides: Collection[str] = (), at_once: bool = True
) -> dict[str, Any]:  # fmt: skip
    """Whom of those who wait acting helps most, and both forecasts of it; empty where it helps nobody.

    `besides` are those who would be sent elsewhere; what is not done `at_once` takes as long as a window to open.
    """
    tickets, found, most_s = moment.hall.tickets, None, 0.0
    for id, now in before.tickets.items():
        then = after.tickets.get(id)
        if then is None or id in besides or tickets[id].called_at is not None:
            continue  # not there, sent elsewhere, or called before and sent on: its first call is past
        if now.p50_s > then.p50_s and now.p50_s - then.p50_s >= most_s:
            found, most_s = id, now.p50_s - then.p50_s
    if found is None:
        return {}
    now, then = before.tickets[found], after.tickets[found]
    promised = moment.hall.learnt.promised
    told = promised.corrected(now, then)
    if not at_once:
        later = delayed(now, then)
        low_s, high_s = promised.acting.of(later.p10_s, later.p50_s, later.p90_s, later.p50_s)
        told |= {"with": later.p50_s, "p10": low_s, "p90": high_s}
    return {"ticket": {"id": found, **{name: round(value, 1) for name, value in told.items()}}}


def give(moment: Moment, prompt: Prompt) -> None:
    """The prompt is raised and says what acting would change: from now on it is followed."""
    told = prompt.expect.get("ticket")
    if told is None:
        return
    hall, promises = moment.hall, moment.desk.promises
    service = hall.tickets[told["id"]].service
    promises.pop(prompt.id, None)
    promises[prompt.id] = Promise(told["id"], service, moment.at, prompt.expect, _windows(hall, service))
    if len(promises) > MOST:
        del promises[next(iter(promises))]


def answered(moment: Moment, prompt: str, answers: Mapping[str, Answer]) -> None:
    """Customers whom the prompt named have answered so by now."""
    promise = moment.desk.promises.get(prompt)
    if promise is not None:
        promise.answers = dict(answers)
        _note_acceptance(promise, moment.at)


def answered_late(moment: Moment, prompt: str, ticket: str, answer: Answer) -> bool:
    """A customer has answered when the prompt was over; whether anybody still wants to know."""
    promise = moment.desk.promises.get(prompt)
    if promise is None:
        return False
    promise.answers[ticket] = answer
    _note_acceptance(promise, moment.at)
    return True


def counted(answers: Mapping[str, Answer]) -> dict[str, int]:
    """How many were asked, and of them accepted and declined; empty while nobody was."""
    if not answers:
        return {}
    counts = Counter(answers.values())
    return {"asked": counts.total(), "accepted": counts["accepted"], "declined": counts["declined"]}


def kept(moment: Moment, tickets: Iterable[str]) -> list[Command]:
    """Some of these tickets may just have been called or have left: what follows for the promises about them."""
    hall, promises = moment.hall, moment.desk.promises
    out: list[Command] = []
    for ticket in [hall.tickets[id] for id in tickets if id in hall.tickets and id not in hall.waiting]:
        for id, promise in [(id, one) for id, one in promises.items() if one.ticket == ticket.id and not one.outcome]:
            promise.outcome = _outcome(moment, id, promise, ticket)
            if promise.last is not None:
                del promises[id]
                out.append(_settled(promise, promise.last, moment.at))
    return out


def ended(moment: Moment, record: PromptRecord) -> PromptRecord:
    """The last record of a prompt: with what came of its promise where that is known, else to be said once more."""
    promise = moment.desk.promises.get(record.prompt)
    if promise is None:
        return record
    if promise.outcome:
        del moment.desk.promises[record.prompt]
        return replace(record, outcome={**(record.outcome or {}), **promise.outcome})
    promise.last = record
    return record


def forget(hall: Hall) -> None:
    """The day is over: nobody will know."""
    hall.desk.promises.clear()


def _note_acceptance(promise: Promise, at: Instant) -> None:
    if promise.accepted_at is None and "accepted" in promise.answers.values():
        promise.accepted_at = at


def _settled(promise: Promise, last: PromptRecord, at: Instant) -> SettlePrompt:
    outcome = {**(last.outcome or {}), **counted(promise.answers), **promise.outcome}
    return SettlePrompt(replace(last, at=at, outcome=outcome))


def _outcome(moment: Moment, id: str, promise: Promise, ticket: Ticket) -> dict[str, Any]:
    """What came of it, in the terms of `expect`; `within` is null where the customer left before the call."""
    told, taken_at = promise.expect["ticket"], _taken_at(moment, id, promise)
    acted_at = _acted_at(moment.hall, promise, taken_at)
    waited_s = in_seconds(moment.at - promise.since)
    under_way = taken_at is not None and moment.at <= taken_at + AT_WORK
    as_acted = acted_at is not None or under_way
    low_s, high_s = (told["p10"], told["p90"]) if as_acted else (told["now_p10"], told["now_p90"])
    called = ticket.called_at == moment.at
    if called:
        moment.hall.learnt.promised.learn(told, waited_s, acted=as_acted)
    return {
        "ticket": {
            "id": ticket.id,
            "waited": round(waited_s, 1) if called else None,
            "acted": acted_at is not None,
            "acted_after": None if acted_at is None else round(in_seconds(acted_at - promise.since), 1),
            "p10": low_s,
            "p90": high_s,
            "within": low_s <= waited_s <= high_s if called else None,
            "now": told["now"],
            "now_p10": told["now_p10"],
            "now_p90": told["now_p90"],
        }
    }


def _taken_at(moment: Moment, id: str, promise: Promise) -> Instant | None:
    """When somebody last took the prompt or said it was done; None where nobody did, or it was put aside."""
    prompt, last = moment.desk.prompts.get(id), promise.last
    if prompt is not None:
        return prompt.at if prompt.state == "acknowledged" else None
    return last.at if last is not None and last.by is not None and last.state != "declined" else None


def _acted_at(hall: Hall, promise: Promise, taken_at: Instant | None) -> Instant | None:
    """When what was asked was done; None when it was not."""
    if "leave" in promise.expect:
        return promise.accepted_at
    opened = (hall.windows[id].changed_at for id in _windows(hall, promise.service) if id not in promise.windows)
    return min((at for at in opened if at <= (taken_at or promise.since) + AT_WORK), default=None)


def _windows(hall: Hall, service: str) -> tuple[str, ...]:
    """The open windows that take a class."""
    return tuple(id for id, w in sorted(hall.windows.items()) if w.state == "open" and service in w.services)
