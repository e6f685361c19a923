"""The printed ticket: each once, with what may be told and nothing else."""

from typing import Any

from edge.core.outputs import PrintTicket
from edge.core.policy import DevicePlan, Policy, Service, WindowPlan
from edge.core.shown import UNSAID, Telling
from edge.core.wording import Text
from tests.play import Play, of

PRINTER = {"printer": DevicePlan("printer", "printer", prints="tickets"), "spare": DevicePlan("spare", "printer")}


def play(**more: Any) -> Play:
    policy = Policy(
        branch="0571 0042",
        name=Text("示范支行", "Demo branch"),
        services={"cash": Service("cash", Text("个人现金", "Personal cash"))},
        windows={"1": WindowPlan("1", ("cash",))},
        devices=PRINTER,
        **more,
    )
    return Play(policy)


def test_a_ticket_is_printed_once_by_the_printer_that_prints_tickets() -> None:
    branch = play()

    (slip,) = of(PrintTicket, branch.issue("9:00", "A001"))

    assert (slip.device, slip.ticket, slip.service.zh, slip.branch.zh) == ("printer", "A001", "个人现金", "示范支行")
    assert of(PrintTicket, branch.issue("9:00:01", "A001")) == []
    assert of(PrintTicket, branch.until("10:00")) == []


def test_who_is_called_already_needs_no_ticket() -> None:
    branch = play()
    branch.call("9:00", "A001", "1")

    assert of(PrintTicket, branch.issue("9:01", "A001")) == []


def test_a_class_nobody_named_goes_by_its_id() -> None:
    (slip,) = of(PrintTicket, play().issue("9:00", "A001", "gold"))

    assert slip.service == Text("gold", "gold")


def test_with_a_fresh_picture_the_range_and_those_ahead_are_told() -> None:
    branch = play()
    branch.open("9:00", "1", "cash")
    for n in range(3):
        branch.issue(f"9:00:{n:02}", f"A00{n}")
    branch.until("9:01")

    (slip,) = of(PrintTicket, branch.issue("9:01", "A003"))

    assert slip.ahead == 3
    assert slip.wait.low_min is not None
    assert slip.wait == Telling(branch.hall, slip.at).of_class("cash", 3)


def test_what_cannot_be_told_is_nothing() -> None:
    (slip,) = of(PrintTicket, play().issue("9:00", "A001"))

    assert (slip.ahead, slip.wait) == (None, UNSAID)


def test_a_code_only_where_it_is_configured() -> None:
    (plain,) = of(PrintTicket, play().issue("9:00", "A 1"))
    (coded,) = of(PrintTicket, play(ticket_qr="https://b.example/{branch}/{ticket}").issue("9:00", "A 1"))

    assert plain.qr is None
    assert coded.qr == "https://b.example/0571%200042/A%201"
