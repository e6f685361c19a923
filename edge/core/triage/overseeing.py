"""Rules about prompts: they look at every prompt of which something has just been said.

Such a rule's prompt follows the one it is about: to whom that one goes on it goes as well, who answers that one has
done what it asks, and it does not outlive it. Ids of prompts never come again, so nothing is remembered of a prompt
that is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.core.commands import Command, PublishPrompt
from edge.core.triage import prompts, watching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.core.commands import PromptRecord
    from edge.core.triage.moment import Moment
    from edge.core.triage.rule import Rule


def oversee(moment: Moment, rules: Sequence[Rule], said: Sequence[Command]) -> list[Command]:
    """What these rules make of what has been `said` of prompts that are about something else."""
    out: list[Command] = []
    for command in said if rules else ():
        if type(command) is PublishPrompt and command.record.about["kind"] != "prompt":
            for rule in rules:
                _look(moment, rule, command.record, out)
    return out


def _look(moment: Moment, rule: Rule, told: PromptRecord, out: list[Command]) -> None:
    id, desk = told.prompt, moment.desk
    watch, subject = desk.watch(rule.id, id), desk.prompts.get(id)
    prompt = desk.prompt_of(watch) if watch is not None else None
    if prompt is not None and told.by is not None and rule.settled_by == "prompt_answered":
        out += watching.end(moment, rule, prompt, "done", by=told.by)
    if subject is not None:
        if prompt is not None and prompt.state != "held" and prompt.to != subject.to and prompt.id in desk.prompts:
            out += prompts.escalate(moment, rule, prompt)
        watching.look(moment, rule, id, out)
    elif watch is not None:
        watching.over(moment, rule, id, watch, out)
        moment.desk.watches[rule.id].pop(id)
