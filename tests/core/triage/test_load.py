"""Nobody is told more than six prompts in ten minutes; what is beyond waits, the graver first, and comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from edge import snapshot
from edge.core.instant import SECOND
from edge.core.policy import AlarmLoad, DevicePlan, Policy
from edge.core.wording import Text
from tests.core.triage.branch import crowd, play, policy, records, states
from tests.play import Play, at

if TYPE_CHECKING:
    from edge.core.commands import Command

MACHINES = {f"atm-{n}": DevicePlan(f"atm-{n}", "atm") for n in range(1, 13)}
WORDS = {"D01": Text("另有{n}条", "{n} more")}


def machines(*rules: str, **staff: tuple[str, ...]) -> Policy:
    chosen = policy("device-down", *rules)
    return replace(chosen, devices={**chosen.devices, **MACHINES}, words=WORDS, staff=staff or chosen.staff)


def fails(scene: Play, clock: str, *numbers: int) -> list[Command]:
    """These ATMs go down, one after the other in the same instant."""
    return [c for n in numbers for c in scene.device(clock, f"atm-{n}", "down", kind="atm")]


def down(*numbers: int) -> list[str]:
    return [f"device-down.atm-{n}.1" for n in numbers]


def told(commands: list[Command]) -> list[str]:
    return [record.prompt for record in records(commands) if record.state == "raised" and record.rule != "digest"]


def test_the_seventh_in_ten_minutes_is_held_back_by_name() -> None:
    scene = play(machines())
    found = fails(scene, "9:01", *range(1, 8))

    assert told(found) == down(1, 2, 3, 4, 5, 6)
    (held,) = [record for record in records(found) if record.state == "held"]
    assert (held.prompt, held.held_by, held.to) == ("device-down.atm-7.1", "load-limit", ("lobby_manager",))


def test_it_comes_as_soon_as_the_first_of_the_six_is_ten_minutes_old() -> None:
    scene = play(machines())
    fails(scene, "9:01", *range(1, 8))

    assert told(scene.until("9:10:59.999999")) == []
    assert told(scene.until("9:11")) == down(7)


def test_one_that_is_over_meanwhile_never_comes() -> None:
    scene = play(machines())
    fails(scene, "9:01", *range(1, 8))
    found = scene.device("9:05", "atm-7", "ok", kind="atm")

    assert ("device-down.atm-7.1", "cleared") in states(found)
    assert told(scene.until("9:30")) == []


def test_of_those_held_back_the_graver_comes_first() -> None:
    scene = play(machines("secondary-triage"))
    for number in range(1, 7):
        fails(scene, f"9:0{number}", number)
    fails(scene, "9:07", 7)
    crowd(scene, "9:08", 15)

    assert told(scene.until("9:11")) == ["secondary-triage.hall.1"]
    assert told(scene.until("9:12")) == down(7)


def test_one_that_a_guard_has_taken_over_stands_in_nobodys_way() -> None:
    """It waits for the guard and not for room, so those behind it come; and it comes when the guard has let go."""
    scene = play(machines("secondary-triage"))
    for number in range(1, 7):
        fails(scene, f"9:0{number}", number)
    fails(scene, "9:07", 7)
    crowd(scene, "9:08", 15)
    found = scene.device("9:09", "recycler-1", "down")

    assert [(r.state, r.held_by) for r in records(found) if r.rule == "secondary-triage"] == [
        ("held", "no-usable-device")
    ]
    assert told(scene.until("9:11")) == down(7)
    assert "secondary-triage.hall.1" in told([*scene.device("9:12", "recycler-1", "ok"), *scene.until("9:40")])


def test_urgent_ones_are_exempt_and_do_not_count() -> None:
    scene = play(machines("cash-not-dispensed"))
    fails(scene, "9:01", *range(1, 7))
    found = scene.trouble("9:01", "recycler-1", "cash_not_dispensed")

    assert told(found) == ["cash-not-dispensed.recycler-1.1"]
    assert told(scene.until("9:11")) == []
    assert told(fails(scene, "9:11", 7, 8, 9)) == down(7, 8, 9)


def test_the_limit_is_a_persons_and_not_a_rules() -> None:
    scene = play(machines("dispenser-lost", lobby_manager=("lm-1",), supervisor=("os-1",)))
    fails(scene, "9:01", *range(1, 7))
    found = scene.device("9:02", "queue-1", "down", kind="dispenser")
    (record,) = [r for r in records(found) if r.prompt in told(found)]

    assert record.to == ("supervisor",), "the lobby manager has had six"


def test_whoever_carries_the_role_by_signing_in_is_counted_too() -> None:
    scene = play(machines(lobby_manager=()))
    scene.act("9:00", "sign_in", "lm-9", role="lobby_manager")
    found = fails(scene, "9:01", *range(1, 8))

    assert len(told(found)) == 6
    assert scene.hall.desk.told.keys() == {"lm-9"}


def test_what_is_escalated_to_somebody_counts_and_is_never_held_back() -> None:
    scene = play(machines())
    fails(scene, "9:01", *range(1, 7))
    scene.until("9:16")

    assert [len(times) for person, times in sorted(scene.hall.desk.told.items())] == [6, 6]
    assert scene.hall.desk.told["os-1"] == [at("9:16")] * 6


def test_the_limit_can_be_tuned() -> None:
    scene = play(replace(machines(), load=AlarmLoad(prompts=2, window=60 * SECOND)))
    assert told(fails(scene, "9:01", 1, 2, 3)) == down(1, 2)
    assert told(scene.until("9:02")) == down(3)


def test_without_a_limit_everybody_is_told_of_everything() -> None:
    scene = play(replace(machines(), load=AlarmLoad(prompts=0)))

    assert told(fails(scene, "9:01", *range(1, 13))) == down(*range(1, 13))
    assert scene.hall.desk.told == {}


def test_a_restart_changes_nothing() -> None:
    chosen = machines()
    scene = play(chosen)
    fails(scene, "9:01", *range(1, 9))
    again = Play(chosen, snapshot.load_hall(snapshot.dump(scene.hall)))

    assert again.until("9:30") == scene.until("9:30")
