"""What `lobbyd codec` has a device show or do: an output of the core, from a JSON object with one key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, ValidationError

from edge.config.faults import sentences
from edge.core.instant import SECOND
from edge.core.outputs import BoardLevel, Page, PrintTicket, Say, ShowOnBoard, ShowOnCounter
from edge.core.shown import UNSAID, Shown
from edge.core.wording import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from edge.core.outputs import Output
    from edge.driver import Device

EXAMPLES: Final = (
    '{"page": {"text": {"zh": "请A001号到3号窗口", "en": "A001 to window 3"}}}',
    '{"sign": {"ticket": "A001", "waiting": 7, "beep": true}}',
    '{"say": {"ticket": "A001", "window": "3", "text": {"zh": "请A001号到3号窗口", "en": "A001 to window 3"}}}',
    '{"print": {"ticket": "A001", "service": {"zh": "个人现金", "en": "Cash"}, "ahead": 4, "wait_min": [10, 15]}}',
)

_LASTS: Final = 60 * SECOND


class _Words(BaseModel, extra="forbid"):
    zh: str
    en: str

    def text(self) -> Text:
        return Text(self.zh, self.en)


class _Page(BaseModel, extra="forbid"):
    text: _Words
    level: BoardLevel = "call"

    def command(self, device: Device) -> Output:
        return ShowOnBoard(device.id, Page(self.level, self.text.text()), 0)


class _Sign(BaseModel, extra="forbid"):
    ticket: str | None = None
    waiting: Annotated[int, Field(ge=0)] = 0
    beep: bool = False

    def command(self, device: Device) -> Output:
        return ShowOnCounter(device.id, self.ticket, self.waiting, 0, beep=self.beep)


class _Say(BaseModel, extra="forbid"):
    ticket: str
    window: str
    text: _Words

    def command(self, device: Device) -> Output:
        return Say(device=device.id, ticket=self.ticket, window=self.window, text=self.text.text(), at=0, lasts=_LASTS)


class _Print(BaseModel, extra="forbid"):
    ticket: str
    service: _Words
    branch: _Words = _Words(zh="示范支行", en="Demo branch")
    ahead: Annotated[int, Field(ge=0)] | None = None
    wait_min: tuple[int, int] | None = None
    qr: str | None = None

    def command(self, device: Device) -> Output:
        return PrintTicket(
            device=device.id,
            ticket=self.ticket,
            service=self.service.text(),
            branch=self.branch.text(),
            ahead=self.ahead,
            wait=UNSAID if self.wait_min is None else Shown(*self.wait_min),
            at=0,
            lasts=_LASTS,
            qr=self.qr,
        )


_KINDS: Final[Mapping[str, type[_Page | _Sign | _Say | _Print]]] = {
    "page": _Page,
    "sign": _Sign,
    "say": _Say,
    "print": _Print,
}


def output(item: Mapping[str, Any], device: Device) -> Output | None:
    """The command that `item` describes, for `device`; None when it is none, ValueError when it says it wrongly."""
    kind = next((kind for kind in _KINDS if kind in item), None)
    if kind is None:
        return None
    try:
        return _KINDS[kind].model_validate(item[kind]).command(device)
    except ValidationError as refused:
        faults = (fault if fault.startswith(":") else f".{fault}" for fault in sentences(refused))
        raise ValueError("; ".join(f"{kind}{fault}" for fault in faults)) from None
