"""Calls to be spoken, and announcers to speak them."""

from typing import Any

from drivers.announcer import Announcer, Settings
from edge.core.instant import SECOND
from edge.core.outputs import Say
from edge.core.wording import Text

CALL = Text("请{t}号到{w}号窗口办理业务", "Ticket {t}, please go to window {w}")
RECALL = Text("再次请{t}号到{w}号窗口办理业务", "Ticket {t} once more, please go to window {w}")


def say(ticket: str, window: str = "3", *, text: Text = CALL, device: str = "voice-1") -> Say:
    """A call in the delivered words."""
    words = text.fill({"t": ticket, "w": window})
    return Say(device=device, ticket=ticket, window=window, text=words, at=0, lasts=120 * SECOND)


def announcer(**settings: Any) -> Announcer:
    """One with these settings."""
    return Announcer(Settings.model_validate(settings))
