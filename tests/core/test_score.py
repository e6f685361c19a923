"""The forecasts' own score: hand-computed hours, the naive estimate beside them, and nothing that grows."""

from edge import snapshot
from edge.core import outlook, score
from edge.core.instant import in_seconds
from edge.core.policy import Policy, Service
from edge.core.report import PublishFigures, WaitScores
from edge.core.score import Guess, Hour
from edge.core.waiting import NextWait, Outlook
from edge.core.wording import Text
from tests.play import Play, at, of


def foretold(play: Play, clock: str, p10: float, p50: float, p90: float, mean: float) -> None:
    """The forecast of the next person of the class, as it stands at that time."""
    play.hall.outlook = Outlook(at(clock, play.date), {"cash": NextWait(p10, p50, p90, mean, 1, 9, "good")})


def told_so_far(play: Play) -> WaitScores:
    """What is published of the day's forecasts."""
    (figures,) = score.tell(play.hall)
    assert figures.waits is not None
    return figures.waits


def guessed(play: Play, clock: str, ticket: str, *figures: float) -> None:
    """A ticket drawn at that time that has been told so much."""
    play.issue(clock, ticket)
    play.hall.score.guesses[ticket] = Guess(*figures)


def test_an_hour_is_what_its_tickets_were_told_against_what_they_waited() -> None:
    play = Play()
    play.open("8:00", "1", "cash")
    guessed(play, "9:00", "A1", 50.0, 90.0, 150.0, 100.0, 0.0)
    guessed(play, "9:00", "A2", 60.0, 100.0, 110.0, 110.0, 60.0)
    guessed(play, "9:00", "A3", 10.0, 20.0, 30.0, 20.0, 3000.0)
    play.call("9:02", "A1", "1")  # 120 s
    play.call("9:04", "A2", "1")  # 240 s
    play.call("10:00", "A3", "1")  # 3600 s

    waits = told_so_far(play)
    nine, ten = waits.hours
    assert (nine.since, nine.tickets) == (at("9:00"), 2)
    assert (nine.bias_s, nine.mae_s, nine.naive_mae_s, nine.coverage) == (-75.0, 85.0, 150.0, 0.5)
    assert (ten.since, ten.tickets, ten.bias_s, ten.coverage) == (at("10:00"), 1, -3580.0, 0.0)
    assert (waits.day.tickets, waits.day.mae_s, waits.day.coverage) == (3, 1250.0, 0.333)
    assert score.tell(play.hall)[0].date == "2026-03-02"


def test_a_ticket_is_told_what_stood_for_the_next_of_its_class_when_it_was_drawn() -> None:
    play = Play()
    play.open("9:00", "1", "cash")
    play.issue("9:00:01", "A0")
    play.until("9:00:20")
    foretold(play, "9:00:20", 60.0, 120.0, 300.0, 150.0)
    play.issue("9:00:21", "A1")
    play.until("9:00:30")

    told = play.hall.score.guesses["A1"]
    assert (told.p10_s, told.p50_s, told.p90_s, told.mean_s) == (60.0, 120.0, 300.0, 150.0)
    assert told.naive_s == score.FIRST_MEAN_S


def test_the_first_of_a_class_and_other_tiers_are_told_by_their_own_forecast() -> None:
    play = Play()
    play.open("9:00", "1", "cash")
    play.issue("9:00:01", "A1")
    play.until("9:00:10")
    play.issue("9:00:12", "V1", tier="gold")
    play.until("9:00:20")

    first, gold, its_own = *(play.hall.score.guesses[id] for id in ("A1", "V1")), play.hall.outlook.tickets["V1"]
    passed_s = in_seconds(play.hall.showing.tickets_at - at("9:00:12"))
    assert first.p10_s >= 0.25
    assert its_own.position == 1
    assert passed_s >= 0.25
    assert (gold.p10_s, gold.p50_s, gold.p90_s) == tuple(
        figure_s + passed_s for figure_s in (its_own.p10_s, its_own.p50_s, its_own.p90_s)
    )


def test_what_a_ticket_was_told_does_not_change_while_it_waits() -> None:
    play = Play()
    play.open("9:00", "1", "cash")
    play.issue("9:00:01", "A1")
    play.until("9:01")
    told = play.hall.score.guesses["A1"]
    play.until("9:30")

    assert play.hall.score.guesses == {"A1": told}


def test_who_leaves_or_is_sent_elsewhere_is_not_counted() -> None:
    play = Play()
    play.open("9:00", "1", "cash", "loan")
    for n in range(3):
        play.issue(f"9:00:0{n}", f"A{n}")
    play.until("9:01")
    play.cancel("9:02", "A0")
    play.transfer("9:02", "A1", service="loan")
    play.call("9:03", "A2", "1")
    play.call("9:04", "A1", "1")

    assert told_so_far(play).day.tickets == 1
    assert play.hall.score.guesses == {}


def test_a_second_call_is_not_scored() -> None:
    play = Play()
    play.open("9:00", "1", "cash")
    play.issue("9:00:01", "A1")
    play.until("9:01")
    play.call("9:02", "A1", "1")
    play.transfer("9:03", "A1", service="cash")
    play.until("9:05")
    play.call("9:06", "A1", "1")

    assert told_so_far(play).day.tickets == 1


# ---- the naive estimate ----


def test_the_naive_estimate_is_people_ahead_times_service_by_open_windows() -> None:
    play = Play(Policy(services={"cash": Service("cash", Text("现金", "Cash"), typical_s=240.0)}))
    play.open("9:00", "1", "cash", "loan")
    play.open("9:00", "2", "loan")
    play.open("9:00", "3", "account")
    play.open("9:00", "4", "cash")
    play.pause("9:00", "4")
    for ticket, service in (("A1", "cash"), ("B1", "account"), ("L1", "loan"), ("A2", "cash")):
        play.issue("9:01", ticket, service)
    last = play.hall.tickets["A2"]
    assert score.naive_s(play.hall, play.engine.policy, last) == 2 * 240.0 / 2

    play.call("9:01", "A1", "1")
    play.serve("9:02:40", "A1", "1")
    assert score.naive_s(play.hall, play.engine.policy, last) == 1 * 100.0 / 2


def test_with_no_window_open_the_naive_estimate_takes_one() -> None:
    play = Play()
    play.issue("9:00", "A1")
    play.issue("9:00", "A2")

    assert score.naive_s(play.hall, Policy(), play.hall.tickets["A2"]) == score.FIRST_MEAN_S


def test_the_mean_forgets_and_knows_a_bounded_number_of_classes() -> None:
    hall = Play().hall
    for n in range(200):
        score.served(hall, f"class-{n}", 60.0)
    for _ in range(5000):
        score.served(hall, "cash", 300.0)
    for duration_s in (-1.0, score.LONGEST_S + 1):
        score.served(hall, "cash", duration_s)

    assert len(hall.score.served) <= score.CLASSES_MOST
    assert hall.score.served["cash"].weight < 401
    assert round(score.mean_s(hall, Policy(), "cash"), 6) == 300.0


# ---- publishing ----


def a_scored_morning() -> Play:
    play = Play()
    play.open("9:00", "1", "cash")
    play.issue("9:00:01", "A1")
    play.issue("9:00:02", "A2")
    play.until("9:01")
    play.call("9:10", "A1", "1")
    return play


def test_figures_are_published_when_the_hour_is_over() -> None:
    play = a_scored_morning()
    assert of(PublishFigures, play.until("9:59:59")) == []

    (told,) = of(PublishFigures, play.until("10:00"))
    assert [hour.since for hour in told.waits.hours] == [at("9:00")]
    assert of(PublishFigures, play.until("23:00")) == []


def test_the_day_ends_with_its_figures_and_begins_without() -> None:
    play = a_scored_morning()
    play.until("12:00")
    play.call("23:59", "A2", "1")
    play.date = "2026-03-03"
    (told,) = of(PublishFigures, play.issue("0:00", "A1"))

    assert (told.date, told.waits.day.tickets) == ("2026-03-02", 2)
    assert play.hall.score.hours == {}
    assert score.tell(play.hall) == []


def test_what_was_called_just_before_the_day_must_end_is_still_told() -> None:
    play = a_scored_morning()
    play.until("23:59")
    play.date = "2026-03-03"
    play.call("3:30", "A2", "1")
    assert of(PublishFigures, play.until("3:59:59")) == []

    (told,) = of(PublishFigures, play.until("4:00"))
    assert (told.date, told.waits.day.tickets) == ("2026-03-02", 2)


def test_a_day_has_no_more_hours_than_it_can_have() -> None:
    play = a_scored_morning()
    play.hall.score.hours = {n * score.HOUR: Hour(tickets=1) for n in range(score.HOURS_MOST)}
    play.call("10:00", "A2", "1")

    assert len(play.hall.score.hours) == score.HOURS_MOST


def test_the_score_survives_a_restart() -> None:
    play = a_scored_morning()
    kept = Play(hall=snapshot.load_hall(snapshot.dump(play.hall)))
    told = [of(PublishFigures, each.call("10:30", "A2", "1")) for each in (play, kept)]

    assert told[0] == told[1]
    assert kept.hall.score == play.hall.score
    assert told_so_far(kept).day.tickets == 2


def test_a_call_costs_no_forecast_for_its_score() -> None:
    play = a_scored_morning()
    before = play.hall.outlook

    play.call("9:10:00.1", "A2", "1")

    assert play.hall.outlook is before
    assert play.hall.agenda.due[outlook.KEY] > at("9:10:00.1")
