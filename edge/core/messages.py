"""What we publish, as plain JSON objects: the field names of the contract, instants as RFC 3339 in the branch's zone.

Nothing here adds to what the core has decided; what is not named here does not leave the daemon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from msgspec.structs import asdict

from edge.core import instant, wire
from edge.core.privacy import masked

if TYPE_CHECKING:
    from datetime import tzinfo

    from edge.core.commands import AskQueue, PromptRecord, PublishDevice, PublishWait
    from edge.core.explain import Explanation
    from edge.core.hall import Ticket
    from edge.core.instant import Instant
    from edge.core.outputs import ShowOnBoard
    from edge.core.report import PromptCounts, PublishFigures, WaitScore
    from edge.core.shown import Shown
    from edge.core.waiting import Wait
    from edge.core.wording import Text


class Sealed(Protocol):
    """A message as it was committed; `data` is JSON text and is never looked into again."""

    boot: int
    seq: int
    id: str
    at: Instant
    clk: str
    kind: str
    data: str


def prompt(record: PromptRecord, zone: tzinfo) -> dict[str, Any]:
    """One whole record of a prompt, as it is at this change."""
    return {
        "prompt": record.prompt,
        "rule": record.rule,
        "at": instant.text(record.at, zone),
        "state": record.state,
        "priority": record.priority,
        "to": list(record.to),
        "about": record.about,
        "zone": record.zone,
        "text": words(record.text),
        "because": record.because,
        "expect": record.expect,
        "tickets": list(record.tickets),
        "deadline": None if record.deadline is None else instant.text(record.deadline, zone),
        "by": record.by,
        "reason": record.reason and masked(record.reason),
        "outcome": record.outcome,
        "held_by": record.held_by,
        "plan": record.plan,
    }


def board(show: ShowOnBoard, zone: tzinfo) -> dict[str, Any]:
    """What a board should show from `at` on."""
    page = show.page
    return {
        "board": show.board,
        "level": page.level,
        "text": words(page.text),
        "ticket": page.ticket,
        "window": page.window,
        "again": page.again,
        "at": instant.text(show.at, zone),
    }


def request(asked: AskQueue, zone: tzinfo) -> dict[str, Any]:
    """What a teller asks of the queue machine."""
    return {
        "window": asked.window,
        "terminal": asked.terminal,
        "what": asked.what,
        "at": instant.text(asked.at, zone),
    }


def wait(figures: PublishWait, zone: tzinfo) -> dict[str, Any]:
    """What the next person to take a ticket of a class may expect; seconds, rounded to 0.1."""
    return {
        "service": figures.service,
        "at": instant.text(figures.at, zone),
        "waiting": figures.waiting,
        "longest_wait_s": round(figures.longest_wait_s, 1),
        "wait_p10": _rounded(figures.wait_p10),
        "wait_p50": _rounded(figures.wait_p50),
        "wait_p90": _rounded(figures.wait_p90),
        "windows": figures.windows,
        "sample": figures.sample,
        "confidence": figures.confidence,
        "shown": shown(figures.shown, zone),
    }


def shown(told: Shown, zone: tzinfo) -> dict[str, Any]:
    """What people may be told of a wait: whole minutes, or how many are ahead, or nothing; not after `until`."""
    return {
        "low_min": told.low_min,
        "high_min": told.high_min,
        "ahead": told.ahead,
        "reason": told.reason,
        "until": None if told.until is None else instant.text(told.until, zone),
    }


def figures(day: PublishFigures, zone: tzinfo) -> dict[str, Any]:
    """The figures of a business day; null where there are none.

    `waits` says how good the forecasts were, for the day and for each hour, `prompts` what the rules have said.
    """
    waits, prompts = day.waits, day.prompts
    return {
        "date": day.date,
        "at": instant.text(day.at, zone),
        "waits": waits and {"day": _score(waits.day, zone), "hours": [_score(hour, zone) for hour in waits.hours]},
        "prompts": prompts and _prompts(prompts, zone),
    }


def explanation(found: Explanation, zone: tzinfo) -> dict[str, Any]:
    """What the estimate of one ticket rests on; `text` is the line, the figures are null where it has none."""
    return {
        "ticket": found.ticket,
        "state": found.state,
        "text": words(found.text),
        "service": found.service,
        "ahead": found.ahead,
        "windows": found.windows,
        "service_s": found.service_s,
        "sample": found.sample,
        "confidence": found.confidence,
        "shown": None if found.shown is None else shown(found.shown, zone),
    }


def device(state: PublishDevice, zone: tzinfo) -> dict[str, Any]:
    """The last `device.status` as the hall has it, with every field."""
    return {
        "type": "device.status",
        "at": instant.text(state.at, zone),
        "device": state.device,
        "kind": state.kind,
        "state": state.state,
        "parts": dict(state.parts),
        "detail": masked(state.detail),
    }


def prediction(ticket: Ticket, place: int, known: Wait | None, at: Instant, zone: tzinfo) -> dict[str, Any]:
    """What was known at `at` of how long a ticket still waits until its first call; seconds, rounded to 0.1.

    `place` counts from 1 and is known of one that nobody serves as well.
    """
    item: dict[str, Any] = {
        "ticket": ticket.id,
        "at": instant.text(at, zone),
        "service": ticket.service,
        "position": place,
        "wait_p10": None if known is None else _rounded(known.p10_s),
        "wait_p50": None if known is None else _rounded(known.p50_s),
        "wait_p90": None if known is None else _rounded(known.p90_s),
        "wait_mean": None if known is None else _rounded(known.mean_s),
    }
    if known is None:
        item["reason"] = "no window takes this class"
    return item


def status(state: Literal["online", "offline"], boot: int, version: str, config: str) -> dict[str, Any]:
    """Whether the branch is there; `config` is the hash of its configuration."""
    return {"state": state, "boot": boot, "version": version, "config": config}


def envelope(sealed: Sealed, *, hist: bool, zone: tzinfo) -> bytes:
    """What goes under `event/`, as JSON bytes; `hist`: committed before this connection, or in an earlier boot."""
    head = {
        "id": sealed.id,
        "boot": sealed.boot,
        "seq": sealed.seq,
        "at": instant.text(sealed.at, zone),
        "clk": sealed.clk,
        "hist": hist,
        "kind": sealed.kind,
    }
    return b'%b,"data":%b}' % (wire.line(head)[:-1], sealed.data.encode())


def words(text: Text) -> dict[str, str]:
    """A text in both languages."""
    return {"zh": text.zh, "en": text.en}


def _prompts(counts: PromptCounts, zone: tzinfo) -> dict[str, Any]:
    return {
        "rules": {id: asdict(of_rule) for id, of_rule in counts.rules.items()},
        "hours": [{**asdict(hour), "since": instant.text(hour.since, zone)} for hour in counts.hours],
        "expected": counts.expected and asdict(counts.expected),
        "review": list(counts.review),
    }


def _score(score: WaitScore, zone: tzinfo) -> dict[str, Any]:
    return {
        "since": instant.text(score.since, zone),
        "tickets": score.tickets,
        "bias_s": score.bias_s,
        "mae_s": score.mae_s,
        "coverage": score.coverage,
        "naive_mae_s": score.naive_mae_s,
    }


def _rounded(duration_s: float | None) -> float | None:
    return None if duration_s is None else round(duration_s, 1)
