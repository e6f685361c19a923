"""The rules about queue, windows and people: ids, priorities, keys, words and addressees as they were agreed."""

from __future__ import annotations

import pytest

from tests.core.triage.branch import delivered

COOL = {"cooldown_s": 600}

CONTRACT = {
    "pause-reason": ("normal", COOL | {"after_s": 180}),
    "fairness": ("high", COOL | {"ordinary_wait_s": 1800}),
    "vip-cap": ("normal", COOL | {"in_a_row": 2}),
    "long-service": ("normal", COOL | {"quantile": 0.95, "min_s": 1200}),
    "no-show-search": ("normal", COOL | {"count": 5, "window_s": 600}),
    "opening-crowd": ("high", COOL | {"tickets": 20, "window_s": 600}),
    "group-arrival": ("normal", COOL | {"tickets": 10, "share": 0.7, "window_s": 1200}),
    "surge": ("high", COOL | {"ratio": 2.0, "window_s": 300, "min_tickets": 10}),
    "long-wait": ("normal", COOL | {"beyond_s": 300}),
    "low-value-cash": ("normal", COOL),
    "bad-rating": ("high", COOL | {"at_most": 2}),
    "vip-arrival": ("silent", COOL),
    "assist": ("silent", COOL),
    "assist-called": ("normal", COOL),
    "returned-ticket": ("normal", COOL),
    "form-check": ("silent", COOL | {"ahead": 2}),
    "choice-respected": ("silent", COOL),
    "coverage-gap": ("high", COOL | {"gap_s": 120}),
    # keys of our own, where the contract names none: forecasts hold, figures of the playbook can be tuned
    "closing-forecast": ("normal", COOL | {"over_s": 60, "raise_after_s": 60}),
    "education-peak": ("silent", COOL | {"waiting": 15}),
    "education-idle": ("silent", {"cooldown_s": 3600, "quiet_waiting": 2, "quiet_s": 900}),
    "micro-salon": (
        "silent",
        COOL | {"waiting": 8, "waiting_most": 20, "wait_s": 300, "wait_most_s": 900, "raise_after_s": 60},
    ),
    "surge-end": ("silent", COOL),
    # each is another customer: the next is told of as soon as the one before was seen to
    "unhappy-customer": ("high", {"cooldown_s": 10}),
    "turn-away": ("silent", {"cooldown_s": 10}),
    "referral": ("normal", {"cooldown_s": 10}),
}

SAID = {
    "pause-reason": ("P14", "{window}号窗已停，请选择原因", ("teller", "supervisor")),
    "vip-cap": ("P19", "贵宾已连叫{preferred_calls}次，请照顾普通队", ("lobby_manager",)),
    "long-service": ("P18", "{window}号窗办理偏久，请去看看", ("lobby_manager",)),
    "no-show-search": ("P23", "{ticket}号叫后未到，请在厅内找一找", ("lobby_manager",)),
    "opening-crowd": ("P06", "开门{opening_min}分已取{opening_tickets}号，建议全开窗口", ("branch_head",)),
    "group-arrival": ("P17", "同类业务集中到店，建议设专区", ("branch_head", "lobby_manager")),
    "surge": ("P15", "到店人数骤增，请按高峰安排就位", ("branch_head", "any_staff")),
    "surge-end": ("P16", "高峰已回落，可恢复常态", ("branch_head", "lobby_manager")),
    "long-wait": ("P21", "{ticket}号等得较久，请当面告知进度", ("lobby_manager",)),
    "low-value-cash": ("P10", "{ticket}号小额现金，设备空着，可问是否愿意", ("lobby_manager",)),
    "bad-rating": ("P34", "{at_window}号窗得差评，请在客户走前问清", ("lobby_manager", "supervisor")),
    "unhappy-customer": ("P22", "{unhappy_zone}有客户不悦，请先去倾听", ("lobby_manager", "guard")),
    "vip-arrival": ("P20", "{ticket}号贵宾在等，请接待", ("customer_manager",)),
    "assist": ("P26", "{ticket}号需照顾，请陪同就近办理", ("lobby_manager",)),
    "assist-called": ("P27", "{ticket}号叫到，请当面示意", ("lobby_manager",)),
    "returned-ticket": ("P25", "{ticket}号退单，改好后直接回原窗", ("lobby_manager", "teller")),
    "form-check": ("P24", "{ticket}号快到了，请看填单有无遗漏", ("lobby_manager",)),
    "turn-away": ("P11", "材料不齐，请交一份所需清单", ("lobby_manager",)),
    "choice-respected": ("P64", "已尊重客户选择，不再提示", ("lobby_manager",)),
    "coverage-gap": ("P51", "大堂无人已{gap_min}分，请就近补位", ("any_staff",)),
    "closing-forecast": ("P62", "预计{done_at}办完，晚于闭店", ("branch_head",)),
    "education-peak": ("P28", "高峰中，先教线上缴费等渠道", ("lobby_manager",)),
    "education-idle": ("P29", "客流清淡，可电话邀约或讲新功能", ("lobby_manager", "customer_manager")),
    "micro-salon": ("P61", "等候适中，可讲一段小课", ("lobby_manager",)),
    "referral": ("P39", "{referral_zone}有潜在客户，请在{within_min}分内接待", ("customer_manager",)),
}

RULES = {rule.id: rule for rule in delivered()}


@pytest.mark.parametrize("id", CONTRACT)
def test_priority_and_keys_are_those_of_the_contract(id: str) -> None:
    assert (RULES[id].priority, dict(RULES[id].keys)) == CONTRACT[id]


@pytest.mark.parametrize("id", SAID)
def test_words_and_addressees_are_those_of_the_playbook(id: str) -> None:
    (saying, *others) = RULES[id].sayings.values()

    assert (saying.id, saying.text.zh, RULES[id].ladder[0]) == SAID[id]
    assert {other.text for other in others} <= {saying.text}


def test_a_lobby_guide_is_asked_for_nothing_that_sells() -> None:
    selling = [rule for rule in RULES.values() if any(guard.sales for guard in rule.unless)]

    assert {rule.id for rule in selling} == {"education-idle", "education-peak", "micro-salon", "referral"}
    assert all("lobby_guide" not in rung for rule in selling for rung in rule.ladder)
