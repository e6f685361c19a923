from edge.core.hall import Hall
from edge.core.waiting import what_if
from edge.core.waiting.learnt import observe
from edge.core.waiting.line import in_calling_order, without
from tests.core.waiting.halls import NO_POLICY, NOON, busy_hall, queue, taught, waits, window


def ids(hall: Hall) -> list[str]:
    return [ticket.id for ticket in in_calling_order(hall)]


def test_tiers_come_first_and_within_one_whoever_waits_longest() -> None:
    hall = Hall(now=NOON)
    queue(hall, "O1", "O2", waited_s=900)
    queue(hall, "S1", waited_s=300, tier="silver")
    queue(hall, "G1", waited_s=200, tier="gold")
    queue(hall, "P1", waited_s=100, tier="private")
    queue(hall, "G2", waited_s=50, tier="gold")
    assert ids(hall) == ["P1", "G1", "G2", "S1", "O1", "O2"]


def test_a_need_changes_nothing_about_the_order() -> None:
    hall = Hall(now=NOON)
    queue(hall, "A", waited_s=100)
    queue(hall, "B", waited_s=50, needs=("elderly",))
    assert ids(hall) == ["A", "B"]


def test_a_gold_ticket_waits_less_than_the_ordinary_ones_before_it() -> None:
    hall = busy_hall(waiting=5)
    queue(hall, "G", waited_s=1, tier="gold")
    said = waits(hall)
    assert said["G"].position == 1
    assert said["T1"].position == 2
    assert said["G"].mean_s < said["T1"].mean_s


def test_behind_gold_tickets_that_take_longer_one_waits_longer() -> None:
    hall = busy_hall(windows=1, waiting=1)
    taught(hall, "cash", 200.0, times=50)
    before = waits(hall)["T1"].mean_s
    queue(hall, "G1", "G2", waited_s=1, tier="gold")
    alike = waits(hall)["T1"].mean_s
    for _ in range(50):
        observe(hall.learnt, "cash", "1", 200.0, "gold")
    assert abs(waits(hall)["T1"].mean_s - alike) < 0.02 * alike
    for _ in range(200):
        observe(hall.learnt, "cash", "1", 200.0)
        observe(hall.learnt, "cash", "1", 400.0, "gold")
    assert waits(hall)["T1"].mean_s - before > 1.5 * (alike - before)


def test_where_services_are_regular_the_interval_is_narrow_whatever_another_class_does() -> None:
    widths_s = []
    for squared in (1.1, 1.9):
        hall = busy_hall(windows=1, waiting=8)
        window(hall, "2", "loan", busy_s=120)
        for service, its_own in (("cash", squared), ("loan", 1.9)):
            taught(hall, service, 200.0, times=200)
            for _ in range(200):
                hall.learnt.of_class(service).bounded.add(1.0, 1.0)
                hall.learnt.of_class(service).bounded_squared.add(its_own, 1.0)
        last = waits(hall)["T8"]
        widths_s.append(last.p90_s - last.p10_s)
    assert widths_s[0] < 0.6 * widths_s[1]


def test_only_windows_that_take_the_class_count() -> None:
    hall = busy_hall(windows=1, waiting=3)
    before = waits(hall)["T3"].mean_s
    for id in ("7", "8", "9"):
        window(hall, id, "loan", busy_s=30)
    assert waits(hall)["T3"].mean_s == before


def test_people_for_windows_of_their_own_are_nobodys_rivals() -> None:
    hall = busy_hall(windows=1, waiting=3)
    before = waits(hall)["T3"]
    window(hall, "8", "loan", busy_s=30)
    queue(hall, "L1", "L2", service="loan", waited_s=999)
    after = waits(hall)
    assert after["T3"].position == before.position
    assert after["L2"].position == 2


def test_classes_that_share_a_window_wait_for_each_other() -> None:
    hall = Hall(now=NOON)
    window(hall, "1", "cash", "account", busy_s=60)
    queue(hall, "C1", waited_s=100)
    alone = waits(hall)["C1"].mean_s
    queue(hall, "A1", service="account", waited_s=200)
    assert waits(hall)["C1"].position == 2
    assert waits(hall)["C1"].mean_s > alone


def test_long_services_ahead_weigh_more_than_short_ones() -> None:
    hall = Hall(now=NOON)
    taught(hall, "loan", 1200.0, times=50)
    taught(hall, "cash", 120.0, times=50)
    window(hall, "1", "cash", "loan", busy_s=60)
    queue(hall, "A", service="cash", waited_s=300)
    queue(hall, "B", service="cash", waited_s=200)
    after_cash = waits(hall)["B"].mean_s
    hall.tickets["A"].service = "loan"
    assert waits(hall)["B"].mean_s > after_cash + 900.0


def test_a_ticket_transferred_to_a_window_waits_for_that_window_alone() -> None:
    hall = busy_hall(windows=3, waiting=0)
    queue(hall, "T1", for_window="2")
    said = waits(hall)["T1"].mean_s
    window(hall, "4")
    assert waits(hall)["T1"].mean_s == said
    hall.windows["2"].state = "paused"
    assert waits(hall)["T1"].mean_s > said


def test_a_ticket_for_a_window_that_is_not_there_waits_for_its_coming() -> None:
    hall = busy_hall(windows=1, waiting=0)
    queue(hall, "T1", for_window="9", waited_s=0)
    assert 200.0 < waits(hall)["T1"].mean_s < 600.0


def test_others_wait_behind_a_ticket_that_is_for_their_only_window() -> None:
    hall = busy_hall(windows=1, waiting=1)
    before = waits(hall)["T1"].mean_s
    queue(hall, "X", waited_s=500, for_window="1")
    assert waits(hall)["T1"].position == 2
    assert waits(hall)["T1"].mean_s > before


def test_those_who_leave_are_spread_over_their_class() -> None:
    hall = busy_hall(waiting=6)
    queue(hall, "L1", service="loan", waited_s=30)
    tickets = in_calling_order(hall)
    assert [t.id for t in without(tickets, {"cash": 2})] == ["T1", "T3", "T4", "T6", "L1"]
    assert [t.id for t in without(tickets, {"cash": 99})] == ["L1"]
    assert without(tickets, {"cash": 0, "nobody": 3}) == tickets


def test_fewer_people_mean_a_shorter_wait_for_the_next() -> None:
    hall = busy_hall(waiting=9)
    before = what_if(hall, NO_POLICY, NOON).next["cash"].mean_s
    after = what_if(hall, NO_POLICY, NOON, leave={"cash": 5}).next["cash"].mean_s
    assert before is not None
    assert after is not None
    assert after < 0.7 * before


def test_closing_a_window_makes_people_wait_longer_and_opening_it_again_undoes_that() -> None:
    hall = busy_hall(windows=3, waiting=9)
    before = what_if(hall, NO_POLICY, NOON).tickets["T9"].mean_s
    after = what_if(hall, NO_POLICY, NOON, close_windows=("2",)).tickets["T9"].mean_s
    assert 1.3 * before < after < 1.8 * before
    assert what_if(hall, NO_POLICY, NOON, close_windows=("no such window",)).tickets["T9"].mean_s == before


def test_closing_the_last_window_leaves_its_queue_to_whoever_comes() -> None:
    hall = busy_hall(windows=1, waiting=2)
    said = what_if(hall, NO_POLICY, NOON, close_windows=("1",))
    assert said.next["cash"].windows == 0
    assert 200.0 < said.tickets["T1"].mean_s < 3600.0
