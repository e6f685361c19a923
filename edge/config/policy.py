"""From configuration tables to what the core reads."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from edge.core import policy as core
from edge.core.instant import seconds
from edge.core.wording import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from edge.config.models import Branch, DeviceTable
    from edge.core.triage.rule import Rule


def make_policy(config: Branch, rules: Sequence[Rule], words: Mapping[str, Text]) -> core.Policy:
    """The policy of a configured branch."""
    branch = config.branch
    return core.Policy(
        branch=branch.id,
        name=branch.name.text() if branch.name else core.UNNAMED,
        calendar=core.Calendar(ZoneInfo(branch.timezone), branch.open, branch.close),
        services={
            id: core.Service(
                id=id,
                name=table.name.text() if table.name else Text(id, id),
                self_service=frozenset(table.self_service),
                typical_s=table.typical_s,
                form=table.form,
                tags=frozenset(table.tags),
            )
            for id, table in config.services.items()
        },
        windows={id: core.WindowPlan(id, table.services, table.hours) for id, table in config.windows.items()},
        devices={id: _device(id, table) for id, table in config.devices.items()},
        staff={str(role): ids for role, ids in config.staff.items()},
        rules=tuple(rules),
        words=words,
        boards=core.BoardTimes(
            call_least=seconds(config.boards.call_least_s),
            call_most=seconds(config.boards.call_most_s),
            scam=seconds(config.boards.scam_s),
        ),
        ticket_qr=config.tickets.qr,
        load=core.AlarmLoad(config.load.prompts, seconds(config.load.window_s)),
        shadow=config.triage.mode == "shadow",
        seed=config.seed,
        configured=True,
    )


def unconfigured(zone: tzinfo, rules: Sequence[Rule], words: Mapping[str, Text]) -> core.Policy:
    """The policy of a log of which nothing is known beforehand; `zone` is the log's own offset."""
    return core.Policy(calendar=core.Calendar(zone), rules=tuple(rules), words=words)


def _device(id: str, table: DeviceTable) -> core.DevicePlan:
    return core.DevicePlan(
        id=id,
        kind=table.kind,
        window=table.window,
        shows=table.shows,
        prints=table.prints,
        board=table.board,
        services=None if table.services is None else frozenset(table.services),
        stale=seconds(table.stale_s),
    )
