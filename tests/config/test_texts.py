"""What may not stand in a rule file or a text: each fault with file and key, all of them together."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge import resources
from edge.config import ConfigError, load
from edge.config.load import load_words
from edge.config.texts import PLACES, read

if TYPE_CHECKING:
    from collections.abc import Callable

DELIVERED = resources.config_dir()
CONFIG = '[branch]\nid = "b1"\n'
BOARDS = {id: {"zh": "好", "en": "ok"} for id in PLACES["boards"]}


@pytest.fixture
def delivered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the delivered configuration, in force for this test."""
    folder = tmp_path / "delivered"
    shutil.copytree(DELIVERED, folder)
    monkeypatch.setattr(resources, "config_dir", lambda: folder)
    return folder


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused(folder: Path, config: str = CONFIG) -> list[str]:
    """The faults of a configuration, with the folder's path taken off."""
    file = folder.parent / "branch.toml"
    file.write_text(config, encoding="utf-8")
    with pytest.raises(ConfigError) as fault:
        load(file)
    return [said.replace(f"{folder.parent}/", "").replace(f"{folder.name}/", "") for said in fault.value.faults]


def faults_of(text: dict[str, object], id: str = "L02", file: str = "boards") -> list[str]:
    found: list[str] = []
    table = {**BOARDS, id: text} if file == "boards" else {id: text}
    read({Path(f"{file}.toml"): table}, found)
    return [fault.removeprefix(f"{file}.toml: {id}") for fault in found]


def test_everything_that_can_be_wrong_with_rules_and_texts_is_named_at_once(delivered: Path) -> None:
    rules, texts = delivered / "rules", delivered / "texts"
    spoil(rules / "assist.toml", 'priority = "silent"', 'priority = "silent"\nloud = true')
    spoil(rules / "fairness.toml", "text = {", "txt = {")
    spoil(rules / "long-wait.toml", "等得较久", "等得较久" + "很久" * 20)
    spoil(rules / "surge.toml", "请按高峰安排就位", "人手不够")
    spoil(rules / "vip-arrival.toml", "{ticket}号贵宾", "{name}贵宾")
    spoil(rules / "vip-cap.toml", 'at_least = "in_a_row"', 'at_least = "in_a_row"\nreset = 3')
    spoil(rules / "tamper.toml", '"guard", "branch_head"', '"guard", "chairman"')
    whole = (rules / "turn-away.toml").read_text(encoding="utf-8")
    (rules / "turn-away.toml").write_text(whole[: whole.index("[[example]]")], encoding="utf-8")
    spoil(texts / "boards.toml", "请在开放窗口候办", "请在开放窗口候办" * 4)
    spoil(texts / "handheld.toml", "{n}条", "{who}的")
    found = refused(delivered, CONFIG + "[rules.long-service]\nquantile = 95\n[rules.surge]\nloudness = 3\n")

    for said in (
        "rules/assist.toml: loud is unknown; accepted: about",
        "rules/fairness.toml: when[1].text.zh is missing; accepted: text",
        "rules/fairness.toml: when[1].txt is unknown; accepted: ",
        "rules/long-wait.toml: when[1].text.zh: is 57 characters long; accepted: at most 40",
        "rules/surge.toml: when[1].text.zh: says '人手不够', which no prompt may say",
        "rules/vip-arrival.toml: when[1].text.zh: '{name}' is no placeholder for a ticket; accepted: at_window, ",
        "rules/vip-cap.toml: when[1].reset is 3; accepted: a level at most that of its trigger, 2",
        "rules/tamper.toml: to is 'chairman'; accepted: a list of lobby_manager",
        "rules/turn-away.toml: example is missing; a rule without an example does not load",
        "texts/boards.toml: L08.zh: is 32 characters long; accepted: at most 24, a placeholder counted as 4",
        "texts/handheld.toml: D01.zh: '{who}' is no placeholder for D01; accepted: n",
        "branch.toml: [rules.long-service] given[1].at_least is 'quantile = 95'; accepted: at most 1",
        "branch.toml: [rules.surge] loudness is unknown; accepted: ",
    ):
        assert any(fault.startswith(said) for fault in found), (said, found)


@pytest.mark.parametrize("name", ["name", "phone", "card", "customer", "staff", "amount", "teller", "0", ""])
def test_nobody_s_data_can_stand_in_braces(delivered: Path, name: str) -> None:
    spoil(delivered / "rules" / "assist.toml", "{ticket}号需照顾", f"{{{name}}}需照顾")
    (fault,) = refused(delivered)

    assert f"'{{{name}}}' is no placeholder for a ticket" in fault


@pytest.mark.parametrize("number", ["13800138000", "6222 0212 3456 7890", "95588800"])
def test_no_text_gives_a_number_to_call_or_pay_to(delivered: Path, number: str) -> None:
    spoil(delivered / "rules" / "cash-not-dispensed.toml", "勿拨陌生号", f"请拨{number}")
    (fault,) = refused(delivered)

    assert "when[1].text.zh: holds a long number" in fault


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.pop("en"), ".en is missing; accepted: text"),
        (lambda text: text.update(zh=3), ".zh is 3; accepted: text"),
        (lambda text: text.update(en=" "), ".en is ' '; accepted: text"),
        (lambda text: text.update(fr="oui"), ".fr is unknown; accepted: en, zh"),
        (lambda text: text.update(zh="字" * 25), ".zh: is 25 characters long; accepted: at most 24, a placeholder"),
        (lambda text: text.update(zh="{t}" * 6 + "字"), ".zh: is 25 characters long; accepted: at most 24"),
        (lambda text: text.update(zh="{n}"), ".zh: '{n}' is no placeholder for L02; accepted: t, w"),
        (lambda text: text.update(en="{t:>9}"), ".en: '{t:…}' is no placeholder for L02; accepted: t, w"),
        (lambda text: text.update(zh="请{t"), ".zh: expected '}' before end of string"),
        (lambda text: text.update(zh="贵宾{t}号"), ".zh: says '贵宾', which no board may say"),
        (lambda text: text.update(en="Elderly {t}"), ".en: says 'elderly', which no board may say"),
        (lambda text: text.update(zh="这是规定"), ".zh: says '这是规定', which no prompt may say"),
    ],
)
def test_a_board_says_little_and_nothing_of_anybody(change: Callable[[dict[str, object]], object], says: str) -> None:
    text: dict[str, object] = {"zh": "请{t}号到{w}号窗", "en": "{t} to {w}"}
    assert faults_of(text) == []
    change(text)
    (fault,) = faults_of(text)

    assert fault.startswith(says)


def test_a_handheld_s_own_text_may_be_longer_and_speak_of_anybody() -> None:
    assert faults_of({"zh": "贵宾" + "字" * 38, "en": "vip"}, "D01", "handheld") == []
    assert faults_of({"zh": "字" * 41, "en": "x"}, "D01", "handheld") == [
        ".zh: is 41 characters long; accepted: at most 40, a placeholder counted as 4"
    ]


def test_a_text_that_is_no_table_or_there_twice_is_named(delivered: Path) -> None:
    spoil(delivered / "texts" / "boards.toml", "[L01]", '[L23b]\nzh = "好"\nen = "ok"\n[L01]')
    (delivered / "texts" / "more.toml").write_text('L30 = "好"\n[L23]\nzh = "好"\nen = "ok"\n', encoding="utf-8")

    assert refused(delivered) == [
        "texts/more.toml: L30 is no table; accepted: a table of zh and en",
        "texts/more.toml: L23 is there twice; give each text its own id",
    ]


@pytest.mark.parametrize(("file", "id"), [(file, id) for file, ids in PLACES.items() for id in ids])
def test_a_text_that_is_shown_has_to_be_there(delivered: Path, file: str, id: str) -> None:
    spoil(delivered / "texts" / f"{file}.toml", f"[{id}]", f"[{id}x]")

    assert f"texts/{file}.toml: {id} is missing; accepted: a table of zh and en" in refused(delivered)


def test_a_file_of_texts_that_is_not_there_is_named(delivered: Path) -> None:
    (delivered / "texts" / "boards.toml").unlink()
    found: list[str] = []
    load_words(delivered / "texts", found)

    assert found == [f"{delivered}/texts/boards.toml: cannot be read: No such file or directory"]


DEVICE = '[devices.{id}]\nkind = "atm"\n'
WINDOW = '[services.cash]\n[windows.{id}]\nservices = ["cash"]\n'


def test_the_ids_of_the_configuration_count_as_long_as_the_longest_is(delivered: Path) -> None:
    assert load_config(delivered, DEVICE.format(id="a" * 48))
    assert load_config(delivered, WINDOW.format(id="w" * 26))
    (device,) = refused(delivered, CONFIG + DEVICE.format(id="a" * 49) + DEVICE.format(id="b"))
    (window,) = refused(delivered, CONFIG + WINDOW.format(id="w" * 27))

    assert device.startswith(f"branch.toml: devices.{'a' * 49}: with so long an id the text P42 of cash-not-dispensed")
    assert device.endswith("is 41 characters long; accepted: at most 40; give it a shorter id")
    assert window.startswith(f"branch.toml: windows.{'w' * 27}: with so long an id the text L03 is 25 characters long")


def load_config(folder: Path, more: str) -> object:
    file = folder.parent / "branch.toml"
    file.write_text(CONFIG + more, encoding="utf-8")
    return load(file)


def test_an_example_that_does_not_come_out_as_it_says_is_a_fault_to_check_and_none_to_the_daemon(
    delivered: Path,
) -> None:
    file = delivered.parent / "branch.toml"
    file.write_text(CONFIG, encoding="utf-8")
    spoil(delivered / "rules" / "secondary-triage.toml", 'outcome = "silent"', 'outcome = "raised"')

    assert load(file).policy.rules
    with pytest.raises(ConfigError) as fault:
        load(file, with_files=True)
    assert fault.value.faults == (
        f"{delivered / 'rules'}: secondary-triage: 'fourteen wait, nobody for long': silent, the example says raised",
    )
