"""The days there are, as one table: every scenario is the calm day with what makes it different.

A scenario with reserve windows has tellers who open them when somebody asks (`reactions`); without that they stay
closed.
"""

from __future__ import annotations

import types
from datetime import time
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from edge.sim import premises
from edge.sim.scenario import Absence, Breakdown, Crowd, Incident, Leave, Rate, Scenario, Silence

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALM: Final = Scenario(
    name="calm",
    about="平静的一天：人不多，窗口齐，设备都好 · few people, all windows, nothing fails",
    shows_from=time(9, 20),
    rates=(
        Rate(time(8, 58), 14),
        Rate(time(9, 30), 19),
        Rate(time(11, 15), 11),
        Rate(time(14, 0), 16),
        Rate(time(16, 0), 8),
    ),
    mix={"cash": 46, "payment": 22, "account": 16, "pension": 4, "wealth": 5, "corporate": 7},
    tiers={"ordinary": 86, "silver": 8, "gold": 5, "private": 1},
    needs={
        "elderly": 0.09,
        "infant": 0.02,
        "pregnant": 0.01,
        "disabled": 0.006,
        "deaf": 0.004,
        "foreign": 0.01,
        "unwell": 0.002,
    },
)

_RUSH: Final = replace(
    _CALM,
    name="rush",
    about="早高峰：九点二十起人潮涌入 · a crowd from 09:20 on, one window kept in reserve",
    shows_from=time(9, 23),
    rates=(
        Rate(time(8, 58), 24),
        Rate(time(9, 12), 60),
        Rate(time(9, 20), 130),
        Rate(time(9, 48), 50),
        Rate(time(10, 40), 26),
        Rate(time(14, 0), 30),
        Rate(time(16, 0), 18),
    ),
    reserve=frozenset({"4"}),
    pauses_per_h=0.35,
    absent=0.03,
    displeased=0.03,
    faults_per_day={"down": 0.3, "card_retained": 0.1, "paper_low": 0.5},
)

_PENSION: Final = replace(
    _CALM,
    name="pension-day",
    about="养老金发放日：开门时许多老年客户同办一事 · an elderly crowd for one business at opening",
    shows_from=time(8, 57),
    rates=(Rate(time(8, 58), 26), Rate(time(10, 30), 20), Rate(time(14, 0), 18), Rate(time(16, 0), 8)),
    mix={"cash": 30, "payment": 14, "account": 12, "pension": 34, "wealth": 4, "corporate": 6},
    crowds=(
        Crowd(time(8, 56), 34, 700, "pension", "elderly"),
        Crowd(time(9, 25), 10, 900, "pension", "elderly"),
    ),
    late={"3": time(9, 25)},
    patience_s=4500.0,
    displeased=0.01,
)

_LUNCH: Final = replace(
    _CALM,
    name="lunch-gap",
    about="午间缺口：窗口暂停，写字楼的人来了 · windows paused while the offices come",
    shows_from=time(11, 44),
    rates=(
        Rate(time(8, 58), 14),
        Rate(time(11, 30), 56),
        Rate(time(12, 50), 30),
        Rate(time(13, 30), 16),
        Rate(time(16, 0), 8),
    ),
    lunch=False,
    script=(
        Absence(time(11, 38), "2", 3600, "lunch"),
        Absence(time(11, 42), "4", 3300),
        Absence(time(11, 46), "6", 3000, "lunch"),
        Absence(time(12, 5), "3", 900),
        Leave(time(12, 0), "lm-1", 1800),
        Leave(time(12, 14), "lg-1", 400),
    ),
    displeased=0.02,
)

_ATM: Final = replace(
    _CALM,
    name="atm-down",
    about="设备故障：一台取款机停用，一台存取款机未出钞 · machines fail, one gives no cash",
    shows_from=time(10, 2),
    rates=(Rate(time(8, 58), 18), Rate(time(9, 40), 58), Rate(time(11, 15), 14), Rate(time(16, 0), 8)),
    script=(
        Breakdown(time(10, 6), "atm-1", 4200, "card_reader", "读卡器卡住"),
        Incident(time(10, 14), "recycler-1", "cash_not_dispensed", "取款未出钞"),
        Breakdown(time(10, 30), "kiosk-1", 1500, "printer", "打印机卡纸"),
        Incident(time(11, 5), "atm-2", "card_retained", "吞卡"),
        Breakdown(time(14, 40), "recycler-2", 1800, "dispenser", "出钞模块故障"),
    ),
)

_VIP: Final = replace(
    _CALM,
    name="vip-heavy",
    about="贵宾集中：金卡、私行号多，普通队被插 · many gold and private tickets overtake",
    shows_from=time(9, 40),
    rates=(Rate(time(8, 58), 22), Rate(time(9, 40), 52), Rate(time(11, 15), 22), Rate(time(16, 0), 8)),
    mix={"cash": 38, "payment": 16, "account": 18, "pension": 2, "wealth": 18, "corporate": 8},
    tiers={"ordinary": 50, "silver": 16, "gold": 24, "private": 10},
    displeased=0.02,
)

_OUTAGE: Final = replace(
    _CALM,
    name="outage",
    about="网络中断：设备先失联，后全停，取号机也停了一回 · machines fall silent, then all stop, in a full hall",
    shows_from=time(10, 2),
    rates=(Rate(time(8, 58), 20), Rate(time(9, 40), 64), Rate(time(11, 15), 16), Rate(time(16, 0), 8)),
    crowds=(Crowd(time(10, 33), 12, 400, "cash"),),
    reserve=frozenset({"4"}),
    script=(
        *(Silence(time(10, 5), machine, 420) for machine in ("atm-1", "atm-2", "recycler-1", "recycler-2")),
        *(Breakdown(time(10, 40), machine, 1500, "host", "与主机连接中断") for machine in premises.MACHINES),
        Breakdown(time(14, 30), premises.QUEUE_MACHINE, 280, "printer", "printer jam"),
        Incident(time(15, 20), "atm-2", "vibration", "异常震动"),
    ),
    displeased=0.02,
)

_LATE: Final = replace(
    _CALM,
    name="late-crowd",
    about="临近下班：四点以后办事的人多，当天办不完 · more people before closing than can be served by then",
    shows_from=time(16, 15),
    rates=(Rate(time(8, 58), 14), Rate(time(11, 15), 11), Rate(time(14, 0), 16), Rate(time(16, 5), 100)),
    pauses_per_h=0.3,
)

SCENARIOS: Final[Mapping[str, Scenario]] = types.MappingProxyType(
    {scenario.name: scenario for scenario in (_CALM, _RUSH, _PENSION, _LUNCH, _ATM, _VIP, _OUTAGE, _LATE)}
)
