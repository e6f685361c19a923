from itertools import pairwise

from edge.bench import day
from edge.bench.branch import WINDOWS
from edge.core import events as ev
from edge.core.instant import SECOND, parse

BEGIN = parse("2026-03-02T09:00:00+08:00")


def test_the_same_arguments_give_the_same_day() -> None:
    assert day.steady(BEGIN, 60, 500) == day.steady(BEGIN, 60, 500)


def test_the_day_is_in_the_order_of_time() -> None:
    assert all(one.at <= other.at for one, other in pairwise(day.steady(BEGIN, 60, 3000)))


def test_as_many_wait_as_at_the_beginning() -> None:
    waiting: set[str] = set()
    lengths = []
    for number, event in enumerate(day.steady(BEGIN, 60, 3000)):
        if isinstance(event, ev.TicketIssued):
            waiting.add(event.ticket)
        elif isinstance(event, ev.TicketCalled):
            waiting.remove(event.ticket)
        if number >= day.lead(60):
            lengths.append(len(waiting))
    assert min(lengths) >= 50
    assert max(lengths) <= 60


def test_windows_call_classes_they_take_and_serve_what_they_called() -> None:
    service_of: dict[str, str] = {}
    serving: dict[str, str] = {}
    for event in day.steady(BEGIN, 60, 3000):
        if isinstance(event, ev.TicketIssued):
            service_of[event.ticket] = event.service
        elif isinstance(event, ev.TicketCalled):
            assert service_of[event.ticket] in WINDOWS[event.window]
            assert event.window not in serving
            serving[event.window] = event.ticket
        elif isinstance(event, ev.TicketServed):
            assert serving.pop(event.window) == event.ticket


def test_machines_report_among_the_tickets() -> None:
    events = day.with_reports(day.steady(BEGIN, 60, 500), 3, 60 * SECOND)
    reports = [event for event in events if isinstance(event, ev.DeviceStatus) and event.parts]
    assert len(events) == 500 + len(reports)
    assert {event.device for event in reports} == {"atm-0", "atm-1", "atm-2"}
    assert all(one.at <= other.at for one, other in pairwise(events))
