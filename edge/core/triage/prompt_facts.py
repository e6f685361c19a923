"""The part of the vocabulary that asks about prompts: whether anybody has answered one, and how urgent it is.

They are asked when something has been said of the prompt (see `overseeing`), and so are moved by nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from edge.core.aspects import NOTHING
from edge.core.commands import Priority
from edge.core.triage import ladder
from edge.core.triage.moment import Fact, Moment, Word

if TYPE_CHECKING:
    from edge.core.triage.desk import Prompt


def _prompt(moment: Moment, id: str) -> Prompt:
    return moment.desk.prompts[id]


def _answer(moment: Moment, id: str) -> str:
    prompt = _prompt(moment, id)
    if prompt.state not in ("raised", "escalated") or prompt.by is not None:
        return "given"
    known = ladder.staff_known(moment.hall, moment.policy)
    return "none" if prompt.state == "escalated" and known else "awaited"


def _priority(moment: Moment, id: str) -> str:
    return _prompt(moment, id).priority


FACTS: Final[tuple[Fact, ...]] = (
    Word(
        name="answer",
        about="prompt",
        words=("awaited", "none", "given"),
        moved_by=NOTHING,
        value=_answer,
        says="What those have answered whom the prompt went to: `none` when it has gone on to the next because "
        "nobody took it in time, where it is known who is there; `given` when somebody has it in hand, put it aside or "
        "handed it on, and when nobody was told of it.",
    ),
    Word(
        name="prompt_priority",
        about="prompt",
        words=get_args(Priority),
        moved_by=NOTHING,
        value=_priority,
        says="The priority of the prompt.",
    ),
)
