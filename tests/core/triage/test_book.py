"""All rules together: read from their files, tuned with one another, indexed by what moves them."""

from edge.core.aspects import DEVICES, EVERYTHING, OUTLOOK, QUEUE, STAFF, TROUBLES, WINDOWS
from edge.core.triage.book import index, load
from tests.core.triage.branch import FILES, delivered

SOME = (
    "add-window", "paused-windows", "secondary-triage", "triage-no-device",
    "cash-not-dispensed", "device-down", "dispenser-lost",
)  # fmt: skip


def test_a_rule_tuned_with_another_takes_its_thresholds_unless_it_has_its_own() -> None:
    tuned = delivered(secondary_triage={"wait_s": 300, "waiting": 8, "reset_waiting": 5, "reset_wait_s": 200})
    own = delivered(secondary_triage={"waiting": 12}, triage_no_device={"waiting": 20})

    keys = {rule.id: rule.keys for rule in tuned}
    assert keys["triage-no-device"] == keys["secondary-triage"]
    assert [rule.keys["waiting"] for rule in own if rule.id.startswith(("secondary", "triage"))] == [12, 20]


def test_switching_one_off_leaves_the_other_on() -> None:
    rules = delivered(secondary_triage={"enabled": False})

    assert [rule.id for rule in rules if not rule.enabled] == ["secondary-triage"]
    assert "secondary-triage" not in index(rules).by_id


def test_a_table_for_no_rule_and_an_id_twice_are_faults() -> None:
    files = {"a.toml": FILES["paused-windows.toml"], "b.toml": FILES["paused-windows.toml"]}
    _, faults = load(files, {"pawsed-windows": {}})

    assert faults == [
        "b.toml: id is 'paused-windows', which a.toml has already",
        "[rules.pawsed-windows] is the table of no rule; accepted: paused-windows",
    ]


def test_a_table_that_is_no_table_is_a_fault() -> None:
    _, faults = load({"a.toml": FILES["paused-windows.toml"]}, {"paused-windows": 3})

    assert faults == ["[rules.paused-windows] is 3; accepted: a table"]


def test_only_facts_that_may_have_moved_are_listened_to() -> None:
    moved = index(delivered(*SOME)).moved

    assert [probe.fact.name for probe in moved[QUEUE]] == ["waiting", "longest_wait_s", "offer_obstacle"]
    assert [probe.fact.name for probe in moved[WINDOWS]] == ["paused_windows", "openable_windows"]
    assert [probe.fact.name for probe in moved[OUTLOOK]] == ["next_wait_s"]
    assert [probe.fact.name for probe in moved[DEVICES]] == ["offer_obstacle"]
    assert moved[STAFF] == ()


def test_a_probe_knows_every_level_anybody_cares_for() -> None:
    probes = {probe.fact.name: probe for probe in index(delivered(*SOME)).moved[EVERYTHING]}

    assert probes["longest_wait_s"].levels == (420, 600)
    assert probes["longest_wait_s"].alarms == (600_000_000,)
    assert probes["waiting"].levels[:1] == (2,)
    assert {10, 15} <= set(probes["waiting"].levels)
    assert "gain_s" not in probes


def test_rules_that_ask_about_another_come_after_it() -> None:
    book = index(delivered(*SOME))

    assert [rule.id for rule, _ in book.first] == ["paused-windows", "secondary-triage"]
    assert [rule.id for rule, _ in book.readers] == ["add-window", "triage-no-device"]
    assert [moved.rule.id for moved in book.others[DEVICES]] == ["device-down", "dispenser-lost"]
    assert [moved.rule.id for moved in book.others[TROUBLES]] == ["cash-not-dispensed"]
