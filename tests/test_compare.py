"""What another configuration would have prompted: the same day twice, side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from edge import compare
from edge.cli import main
from edge.core.policy import Policy
from tests.core.triage.branch import crowd, play, policy, records
from tests.test_replay import line, written

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CONFIG = """
[branch]
id = "b1"
[services.cash]
self_service = ["recycler"]
[windows.1]
services = ["cash"]
[devices.recycler-1]
kind = "recycler"
stale_s = 86400
"""
DAY = [
    line("09:00:00", "device.status", device="recycler-1", kind="recycler", state="ok"),
    *(line(f"09:00:{n + 1:02}", "ticket.issued", ticket=f"A{n}", service="cash") for n in range(12)),
    *(line(f"09:01:{n:02}", "ticket.issued", ticket=f"B{n}", service="cash") for n in range(6)),
    line("09:20:00", "tick"),
]


def test_one_day_under_two_configurations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "b.toml").write_text(CONFIG + "[rules.secondary-triage]\nwaiting = 12\n", encoding="utf-8")
    summary = tmp_path / "s.json"
    command = ["replay", str(written(tmp_path, DAY)), "-c", str(tmp_path / "a.toml")]
    assert main([*command, "--compare", str(tmp_path / "b.toml"), "--summary", str(summary)]) == 0

    found: dict[str, Any] = json.loads(summary.read_text(encoding="utf-8"))["compare"]
    assert found["rules"]["secondary-triage"] == [1, 1]
    assert found["hours"] == {"09": found["prompts"]}
    assert found["roles"]["lobby_manager"][0] > 0

    assert main([*command, "--compare", str(tmp_path / "b.toml")]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "  this other" in told
    assert "     1     1  rule secondary-triage" in told


def test_what_only_one_has_is_listed_with_its_instant(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "b.toml").write_text(CONFIG + "[rules.secondary-triage]\nenabled = false\n", encoding="utf-8")
    command = ["replay", str(written(tmp_path, DAY)), "-c", str(tmp_path / "a.toml"), "--summary"]
    assert main([*command, str(tmp_path / "s.json"), "--compare", str(tmp_path / "b.toml")]) == 0
    found = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["compare"]

    one = {"at": "2026-03-02T09:01:02+08:00", "rule": "secondary-triage", "object": "hall", "to": ["any_staff"]}
    assert [{**each, "to": ["any_staff"]} for each in found["only_this"]] == [one]
    assert found["only_other"] == []


def test_prompts_are_counted_by_the_people_they_go_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By whoever carries the role then: from the configuration, and from signing in on the day."""
    staff = '[staff]\nlobby_manager = ["lm-1"]\n'
    (tmp_path / "a.toml").write_text(CONFIG + staff, encoding="utf-8")
    (tmp_path / "b.toml").write_text(CONFIG + staff + "[rules.secondary-triage]\nenabled = false\n", encoding="utf-8")
    came = {"staff": "lm-2", "role": "lobby_manager", "action": "sign_in", "target": "lm-2", "detail": {}}
    log = written(tmp_path, [DAY[0], line("09:00:00", "staff.action", **came), *DAY[1:]])
    command = ["replay", str(log), "-c", str(tmp_path / "a.toml"), "--compare", str(tmp_path / "b.toml")]
    assert main([*command, "--summary", str(tmp_path / "s.json")]) == 0

    found = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["compare"]
    assert found["rules"]["secondary-triage"] == [1, 0]
    assert found["people"]["lm-1"] == found["people"]["lm-2"] == found["roles"]["lobby_manager"]
    assert main(command) == 0
    assert any(told.endswith("person lm-2") for told in capsys.readouterr().out.splitlines())


def test_what_runs_in_shadow_counts_as_if_it_had_been_raised() -> None:
    live, shadow = compare.Told(), compare.Told()
    for told, chosen in ((live, policy("secondary-triage")), (shadow, policy(secondary_triage={"mode": "shadow"}))):
        for record in records(crowd(play(chosen), "9:01", 15)):
            if record.rule == "secondary-triage":
                told.hear(record, record.to)
    found = compare.compared(live, shadow, Policy().calendar.zone)

    assert found["rules"] == {"secondary-triage": [1, 1]}
    assert found["only_this"] == found["only_other"] == []


def test_a_bad_other_configuration_is_said_and_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "b.toml").write_text('[branch]\nid = "a/b"\n', encoding="utf-8")
    assert main(["replay", str(written(tmp_path, DAY)), "--compare", str(tmp_path / "b.toml")]) == 2
    assert "branch.id" in capsys.readouterr().err
