import json
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from edge.core import instant, messages
from edge.core.commands import PromptRecord, PublishDevice, PublishWait
from edge.core.hall import Ticket
from edge.core.instant import Instant
from edge.core.outputs import Page, ShowOnBoard
from edge.core.shown import Shown
from edge.core.waiting import Wait
from edge.core.wording import Text

ZONE = ZoneInfo("Asia/Shanghai")
AT = instant.parse("2026-11-20T10:00:00+08:00")
NOON = "2026-11-20T10:00:00+08:00"


def test_a_prompt_is_published_whole() -> None:
    record = PromptRecord(
        prompt="secondary-triage.hall.3",
        rule="secondary-triage",
        at=AT,
        state="raised",
        priority="high",
        to=("lobby_manager",),
        about={"kind": "hall", "id": "hall"},
        zone="waiting",
        text=Text("请", "Please"),
        because={"waiting": 15},
        expect={"wait_s": {"p50": 300.0}},
        tickets=("A003",),
        deadline=AT + 300 * instant.SECOND,
    )

    assert messages.prompt(record, ZONE) == {
        "prompt": "secondary-triage.hall.3",
        "rule": "secondary-triage",
        "at": NOON,
        "state": "raised",
        "priority": "high",
        "to": ["lobby_manager"],
        "about": {"kind": "hall", "id": "hall"},
        "zone": "waiting",
        "text": {"zh": "请", "en": "Please"},
        "because": {"waiting": 15},
        "expect": {"wait_s": {"p50": 300.0}},
        "tickets": ["A003"],
        "deadline": "2026-11-20T10:05:00+08:00",
        "by": None,
        "reason": None,
        "outcome": None,
        "held_by": None,
        "plan": None,
    }


def test_a_board_is_told_level_and_text() -> None:
    page = Page("call", Text("请A1到3号窗口", "A1 to window 3"), "A1", "3")

    assert messages.board(ShowOnBoard("led-1", page, AT), ZONE) == {
        "board": "led-1",
        "level": "call",
        "text": {"zh": "请A1到3号窗口", "en": "A1 to window 3"},
        "ticket": "A1",
        "window": "3",
        "again": False,
        "at": NOON,
    }


def test_figures_are_rounded_to_a_tenth_and_may_be_null() -> None:
    figures = PublishWait(
        service="cash",
        at=AT,
        waiting=3,
        longest_wait_s=61.26,
        wait_p10=10.04,
        wait_p50=20.06,
        wait_p90=None,
        windows=2,
        sample=11,
        confidence="good",
        shown=Shown(5, 15, until=AT),
    )

    assert messages.wait(figures, ZONE) == {
        "service": "cash",
        "at": NOON,
        "waiting": 3,
        "longest_wait_s": 61.3,
        "wait_p10": 10.0,
        "wait_p50": 20.1,
        "wait_p90": None,
        "windows": 2,
        "sample": 11,
        "confidence": "good",
        "shown": {"low_min": 5, "high_min": 15, "ahead": None, "reason": None, "until": NOON},
    }


def test_a_device_is_published_as_its_last_status() -> None:
    state = PublishDevice("atm-1", "atm", "degraded", {"paper": "low"}, "nearly out", AT)

    assert messages.device(state, ZONE) == {
        "type": "device.status",
        "at": NOON,
        "device": "atm-1",
        "kind": "atm",
        "state": "degraded",
        "parts": {"paper": "low"},
        "detail": "nearly out",
    }


def test_a_prediction_says_position_and_waits() -> None:
    ticket = Ticket(id="A012", service="cash")

    assert messages.prediction(ticket, 7, Wait(7, 210.04, 400.0, 690.0, 421.26), AT, ZONE) == {
        "ticket": "A012",
        "at": NOON,
        "service": "cash",
        "position": 7,
        "wait_p10": 210.0,
        "wait_p50": 400.0,
        "wait_p90": 690.0,
        "wait_mean": 421.3,
    }


def test_a_prediction_that_cannot_be_made_says_why() -> None:
    item = messages.prediction(Ticket(id="A012", service="cash"), 3, None, AT, ZONE)

    assert {item[key] for key in ("wait_p10", "wait_p50", "wait_p90", "wait_mean")} == {None}
    assert item["position"] == 3
    assert item["reason"] == "no window takes this class"


def test_status_says_who_runs() -> None:
    assert messages.status("online", 7, "0.1.0", "ab12") == {
        "state": "online",
        "boot": 7,
        "version": "0.1.0",
        "config": "ab12",
    }


@dataclass
class Sealed:
    data: str
    boot: int = 7
    seq: int = 10231
    id: str = "b1:7:10231"
    at: Instant = AT
    clk: str = "ntp"
    kind: str = "ticket.issued"


def test_an_envelope_carries_its_data_byte_for_byte() -> None:
    data = '{"type":"ticket.issued","at":"…","ticket":"现1","n":1.50}'

    sealed = messages.envelope(Sealed(data), hist=True, zone=ZONE)

    assert sealed.endswith(b',"data":' + data.encode() + b"}")
    assert list(json.loads(sealed)) == ["id", "boot", "seq", "at", "clk", "hist", "kind", "data"]
    assert json.loads(sealed) | {"data": None} == {
        "id": "b1:7:10231",
        "boot": 7,
        "seq": 10231,
        "at": NOON,
        "clk": "ntp",
        "hist": True,
        "kind": "ticket.issued",
        "data": None,
    }
