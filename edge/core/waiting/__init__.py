"""How long everyone will wait."""

from __future__ import annotations

from edge.core.waiting.forecast import forecast, wait_of, what_if
from edge.core.waiting.learnt import Learnt
from edge.core.waiting.lessons import Outcome, called, left, service_ended
from edge.core.waiting.outlook import NextWait, Outlook, Wait

__all__ = [
    "Learnt",
    "NextWait",
    "Outcome",
    "Outlook",
    "Wait",
    "called",
    "forecast",
    "left",
    "service_ended",
    "wait_of",
    "what_if",
]
