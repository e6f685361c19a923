"""How long everyone will wait: from the hall as it stands, and from what its services have taught.

Theory of operation. `lessons` turns calls, ends and departures into `Learnt`: the law of service times of each class,
the pace of each window, when a free window calls (`turnaround`), brief calls, people who leave, which tiers go first
and by how much (`discipline`); `hours` learns when windows are at work, `arrivals` who comes later and goes first. A
forecast then asks `pace` what a ticket costs, `capacity` and `roster` which windows serve whom from when until when,
and pours the queue through them in calling order (`line`, `route`, `pools`), which gives every ticket's mean and
variance in one pass; `spread` and `flow` make quantiles of them, `calls` says when the first of the windows calls, and
`correction` makes of all this what the calls so far have shown it to be worth. Nothing is drawn at random, and asking
changes nothing.

A figure is for somebody who waits: a ticket called the moment it is issued needs none. So a window that looks free is
one that will call in the seconds it has been seen to take, and the longer it lets people wait the less it is counted.

The functions below are all that others use: `forecast` (every waiting ticket, and the next person of every class),
`look` (the latter, or both, noting what new tickets are told), `wait_of` (one ticket, the same, but cheaper), `what_if`
(windows opened or closed, people gone), `service_time` (what a forecast counts with), and the hooks by which it learns:
`issued`, after a ticket has joined the queue, and `service_ended`, `called`, `left`, each before the hall is changed.
"""

from __future__ import annotations

from edge.core.waiting.arrivals import issued
from edge.core.waiting.forecast import forecast, look, service_time, wait_of, what_if
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
    "issued",
    "left",
    "look",
    "service_ended",
    "service_time",
    "wait_of",
    "what_if",
]
