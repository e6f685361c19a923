"""What is beyond the load limit is named in one digest, said once and kept up to date silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.commands import PromptRecord, PublishPrompt, RepeatPrompt
from edge.core.triage import standing
from tests.core.triage.branch import play, records, states
from tests.core.triage.test_load import fails, machines

if TYPE_CHECKING:
    from edge.core.commands import Command
    from tests.play import Play

ONE = "digest.lobby_manager.1"


def full() -> Play:
    """The lobby manager has had six prompts at 9:01."""
    scene = play(machines())
    fails(scene, "9:01", *range(1, 7))
    return scene


def said(commands: list[Command]) -> list[PromptRecord]:
    """The digests, those too that are only brought up to date."""
    return [c.record for c in commands if isinstance(c, PublishPrompt) and c.record.rule == "digest"]


def named(record: PromptRecord) -> list[str]:
    return [item["prompt"] for item in record.because["held"]]


def test_the_first_beyond_the_limit_raises_the_digest_which_names_it() -> None:
    (record,) = said(fails(full(), "9:02", 7))

    assert (record.prompt, record.state, record.to) == (ONE, "raised", ("lobby_manager",))
    assert (record.priority, record.deadline) == ("normal", None)
    assert record.text.zh == "另有1条"
    assert record.because["held"] == [
        {
            "prompt": "device-down.atm-7.1",
            "zh": "atm-7号机停用，请改引别台并挂牌",
            "en": "Machine atm-7 down; use another, put the sign up",
        }
    ]


def test_the_next_is_added_without_another_change() -> None:
    scene = full()
    fails(scene, "9:02", 7)
    found = fails(scene, "9:03", 8)

    assert [type(c) for c in found if isinstance(c, PublishPrompt) and c.record.rule == "digest"] == [RepeatPrompt]
    (record,) = said(found)
    assert (record.text.zh, len(named(record))) == ("另有2条", 2)


def test_what_is_over_is_taken_off_and_with_the_last_the_digest_goes() -> None:
    scene = full()
    fails(scene, "9:02", 7, 8)
    (fewer,) = said(scene.device("9:03", "atm-7", "ok", kind="atm"))
    assert named(fewer) == ["device-down.atm-8.1"]
    assert (ONE, "cleared") in states(scene.device("9:04", "atm-8", "ok", kind="atm"))


def test_what_comes_after_all_is_taken_off() -> None:
    scene = full()
    fails(scene, "9:02", 7)

    assert (ONE, "cleared") in states(scene.until("9:11"))


def test_whoever_is_done_with_it_hears_of_it_again_only_when_something_new_is_held_back() -> None:
    scene = full()
    fails(scene, "9:02", 7, 8)
    (record,) = [r for r in records(scene.act("9:03", "done", ONE)) if r.rule == "digest"]
    assert (record.state, record.by) == ("done", "lm-1")

    assert said(scene.device("9:04", "atm-7", "ok", kind="atm")) == []
    (again,) = said(fails(scene, "9:05", 9))
    assert again.prompt == "digest.lobby_manager.2"
    assert named(again) == ["device-down.atm-8.1", "device-down.atm-9.1"]


def test_acknowledged_it_stands_until_it_is_empty() -> None:
    scene = full()
    fails(scene, "9:02", 7)
    assert (ONE, "acknowledged") in states(scene.act("9:03", "acknowledge", ONE))
    assert (ONE, "cleared") in states(scene.until("9:11"))


def test_what_only_others_had_room_for_is_named_until_it_is_over() -> None:
    """The supervisor is told of the queue machine; the lobby manager has had six, and must not hear nothing of it."""
    scene = play(machines("dispenser-lost", lobby_manager=("lm-1",), supervisor=("os-1",)))
    fails(scene, "9:01", *range(1, 7))
    lost = scene.device("9:02", "queue-1", "down", kind="dispenser")

    assert [(r.to, r.state) for r in records(lost) if r.rule == "dispenser-lost"] == [(("supervisor",), "raised")]
    (record,) = said(lost)
    assert (record.to, named(record)) == (("lobby_manager",), ["dispenser-lost.queue-1.1"])
    assert said(scene.act("9:03", "acknowledge", "dispenser-lost.queue-1.1", "os-1")) == []
    assert (ONE, "cleared") in states(scene.device("9:04", "queue-1", "ok", kind="dispenser"))


def test_what_has_come_to_a_role_after_all_is_named_no_more() -> None:
    scene = play(machines("dispenser-lost", lobby_manager=("lm-1",), supervisor=("os-1",)))
    fails(scene, "9:01", *range(1, 7))
    scene.device("9:02", "queue-1", "down", kind="dispenser")
    scene.act("9:03", "shelve", "dispenser-lost.queue-1.1", "os-1", reason="in_hand", minutes=10)
    found = scene.until("9:13")

    assert [r.to for r in records(found) if r.rule == "dispenser-lost"] == [("lobby_manager", "supervisor")]
    assert (ONE, "cleared") in states(found)


def test_it_is_painted_again_after_a_restart_and_kept_by_a_new_configuration() -> None:
    scene = full()
    fails(scene, "9:02", 7)
    assert ONE in [command.record.prompt for command in standing(scene.hall)]

    assert said(scene.engine.adopt(machines())) == []
    assert [record.prompt for record in said(fails(scene, "9:03", 8))] == [ONE]


def test_a_new_day_begins_without_it() -> None:
    scene = full()
    fails(scene, "9:02", 7)
    scene.act("9:03", "acknowledge", ONE)
    scene.date = "2026-03-03"
    found = scene.until("4:00")

    assert scene.hall.desk.digested == {}
    assert ONE not in scene.hall.desk.prompts
    assert states(found) is not None
