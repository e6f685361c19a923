"""The desk: ids that are safe anywhere, and a snapshot that brings everything back."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from edge.core.triage.desk import Desk, Prompt, Watch, prompt_id
from edge.core.wording import Text

DESK = Desk(
    watches={"secondary-triage": {"hall": Watch(met=True, since={"x": 3}, prompt="p", count=2, ending="withdrawn")}},
    prompts={
        "p": Prompt(
            id="p", rule="secondary-triage", kind="hall", object="hall", at=5, state="held", priority="high",
            to=("lobby_manager",), zone="waiting", text=Text("字", "word"), because={"waiting": 15, "met": ["waiting"]},
            tickets=("A1",), answers={"A2": "declined"}, held_by="no-usable-device",
        )
    },
    live=["secondary-triage"],
    signals={"waiting": 3, "offer_obstacle": "none"},
)  # fmt: skip


def test_a_snapshot_brings_everything_back() -> None:
    assert json.decode(json.encode(DESK), type=Desk) == DESK
    assert json.decode(json.encode(Desk()), type=Desk) == Desk()


def test_a_watch_is_made_when_it_is_attended_to_and_not_before() -> None:
    desk = Desk()

    assert desk.watch("a", "b") is None
    assert desk.watches == {}
    assert desk.attend("a", "b") is desk.watch("a", "b")


def test_ids_read_as_they_are_where_they_are_safe() -> None:
    assert prompt_id("device-down", "recycler-1", 3) == "device-down.recycler-1.3"


@given(st.text(min_size=1))
def test_any_object_makes_an_id_that_is_safe_in_a_topic(object_id: str) -> None:
    id = prompt_id("rule", object_id, 1)

    assert id.isascii()
    assert not set("+#/$ ") & set(id)
    assert id.count(".") == 2


@given(st.text(), st.text())
def test_two_objects_never_share_an_id(one: str, other: str) -> None:
    assert (prompt_id("rule", one, 1) == prompt_id("rule", other, 1)) == (one == other)
