"""One pending instant per key, the earliest first, ties in the order of keys but deadlines of prompts last."""

from hypothesis import given
from hypothesis import strategies as st

from edge.core.agenda import Agenda, Wake


def test_the_earliest_comes_first_and_only_when_due() -> None:
    agenda = Agenda()
    agenda.put("prompt:b", 20)
    agenda.put("board:a", 10)

    assert agenda.next() == 10
    assert agenda.pop(9) is None
    assert agenda.pop(10) == Wake(10, "board:a")
    assert agenda.pop(19) is None


def test_a_key_has_one_instant_the_last_one_put() -> None:
    agenda = Agenda()
    agenda.put("k", 10)
    agenda.put("k", 30)
    agenda.put("k", 20)

    assert agenda.pop(100) == Wake(20, "k")
    assert agenda.pop(100) is None


def test_a_dropped_key_wakes_nobody() -> None:
    agenda = Agenda()
    agenda.put("k", 10)
    agenda.drop("k")
    agenda.drop("never there")

    assert agenda.next() is None


def test_at_one_instant_what_is_the_case_is_judged_before_the_deadlines_of_prompts() -> None:
    agenda = Agenda()
    for key in ("prompt:b.1.1", "rule:b.1", "device:x", "prompt:a.1.1"):
        agenda.put(key, 10)
    agenda.reindex()

    popped = [wake.key for wake in iter(lambda: agenda.pop(10), None) if wake is not None]
    assert popped == ["device:x", "rule:b.1", "prompt:a.1.1", "prompt:b.1.1"]


def test_a_wake_knows_its_room_and_object() -> None:
    wake = Wake(1, "prompt:secondary-triage.hall.3")

    assert (wake.room, wake.object) == ("prompt", "secondary-triage.hall.3")
    assert (Wake(1, "outlook").room, Wake(1, "outlook").object) == ("outlook", "")


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 50) | st.none())))
def test_it_pops_as_a_plain_dictionary_would(changes: list[tuple[str, int | None]]) -> None:
    agenda, plain = Agenda(), dict[str, int]()
    for key, at in changes:
        if at is None:
            agenda.drop(key)
            plain.pop(key, None)
        else:
            agenda.put(key, at)
            plain[key] = at
    popped = []
    while (wake := agenda.pop(50)) is not None:
        popped.append((wake.at, wake.key))

    assert popped == sorted((at, key) for key, at in plain.items())


def test_an_index_built_anew_pops_the_same() -> None:
    agenda = Agenda(due={"a": 3, "b": 1})
    agenda.reindex()

    assert [agenda.pop(9), agenda.pop(9)] == [Wake(1, "b"), Wake(3, "a")]
