"""The delivered rule files: their examples hold; ids, priorities, keys and words are those of contract and playbook."""

import pytest

from edge.core.triage.conditions import AtLeast
from edge.core.triage.examples import failures
from edge.core.triage.rule import Rule
from edge.core.triage.words import LONGEST, length_of
from tests.core.triage.branch import FILES, delivered

TRIAGE = {
    "wait_s": 600, "waiting": 15, "match": "any", "reset_wait_s": 420, "reset_waiting": 10, "cooldown_s": 600,
}  # fmt: skip

CONTRACT = {
    "secondary-triage": ("high", TRIAGE),
    "triage-no-device": ("high", TRIAGE),
    "add-window": (
        "high",
        {"target_s": 900, "min_gain_s": 180, "raise_after_s": 60, "clear_after_s": 120, "clear_ratio": 0.8}
        | {"cooldown_s": 600},
    ),
    "paused-windows": ("high", {"waiting": 15, "cooldown_s": 600}),
    "device-down": ("normal", {"cooldown_s": 600}),
    "cash-not-dispensed": ("urgent", {"cooldown_s": 600}),
    "dispenser-lost": ("high", {"cooldown_s": 600}),
    "all-devices-down": ("high", {"cooldown_s": 600}),
    "cash-low": ("normal", {"cooldown_s": 600}),
    "paper-low": ("silent", {"cooldown_s": 600}),
    "tamper": ("urgent", {"cooldown_s": 600}),
    "device-unknown": ("normal", {"cooldown_s": 600}),
    "card-retained": ("high", {"cooldown_s": 600}),
}

WORDS = {
    "secondary-triage": ["最久已等{longest_wait_min}分，请询问谁愿改用设备", "现有{waiting}位等候，请到座位区问需求"],
    "triage-no-device": ["等候偏多且设备不可用，请考虑加窗"] * 2,
    "add-window": ["多开一窗，预计等候由{wait_now_min}降到{wait_then_min}分"] * 2,
    "paused-windows": ["{waiting}人等候，停{paused_windows}窗，原因见详情，请说明"],
    "device-down": ["{device}号机停用，请改引别台并挂牌"],
    "cash-not-dispensed": ["{device}号机未出钞，速去陪同，勿拨陌生号"],
    "dispenser-lost": ["取号机失联，请改用手写号"],
    "all-devices-down": ["设备全停，已停止分流提示"],
    "cash-low": ["{device}号机钞少，请安排加钞"],
    "paper-low": ["{device}纸将用尽，请更换"] * 2,
    "tamper": ["{device}号机异常震动，勿声张，先看监控"],
    "device-unknown": ["{device}及另{more_lost}台失联，暂不推荐", "{device}失联，暂不向客户推荐"],
    "card-retained": ["{device}号机留卡，请致歉并登记联系办法"],
}

RULES = delivered()
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def test_every_file_is_a_rule_of_its_name() -> None:
    assert [f"{rule.id}.toml" for rule in RULES] == sorted(FILES)


@each_rule
def test_the_examples_come_out_as_they_say(rule: Rule) -> None:
    assert list(failures(rule)) == []


@each_rule
def test_every_outcome_and_every_guard_has_its_example(rule: Rule) -> None:
    shown = {example.outcome for example in rule.examples}
    held = {example.held_by for example in rule.examples}

    by_staff_alone = all(isinstance(arm, AtLeast) and arm.reset == 0 for arm in rule.arms)
    assert {"raised", "silent", "lasts" if by_staff_alone else "ends"} <= shown
    assert {guard.name for guard in rule.unless} <= held


@pytest.mark.parametrize("id", CONTRACT)
def test_priority_and_keys_are_those_of_the_contract(id: str) -> None:
    rule = next(rule for rule in RULES if rule.id == id)

    assert (rule.priority, dict(rule.keys)) == CONTRACT[id]


@pytest.mark.parametrize("id", WORDS)
def test_the_words_are_those_of_the_playbook(id: str) -> None:
    rule = next(rule for rule in RULES if rule.id == id)

    assert [saying.text.zh for saying in rule.sayings.values()][: len(WORDS[id])] == WORDS[id]


@each_rule
def test_every_text_fits_the_handheld(rule: Rule) -> None:
    assert all(length_of(saying.text.zh) <= LONGEST for saying in rule.sayings.values())
