"""What is beyond the load limit comes as one digest: one listed prompt a role, which names all that is held back.

What only others of its rung had room for was held back from the role as well, and is named for as long as it is open.

It is said once, when there is something that no digest of the role has named yet, and is kept up to date silently. It
goes when nothing is held back any more, or when somebody is done with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.core.commands import Command, RepeatPrompt
from edge.core.triage import prompts
from edge.core.triage.desk import Prompt, prompt_id
from edge.core.triage.load import held_back

if TYPE_CHECKING:
    from edge.core.triage.moment import Moment

RULE: Final = "digest"
WORD: Final = "D01"


def refresh(moment: Moment) -> list[Command]:
    """Brings every digest up to date; call it after whatever may have changed what is held back."""
    desk = moment.desk
    if not desk.digested or WORD not in moment.policy.words:
        return []
    held: dict[str, list[Prompt]] = {role: [] for role in desk.digested}
    for prompt in desk.prompts.values():
        for role in prompt.to if held_back(prompt) else prompt.without:
            held.setdefault(role, []).append(prompt)
    return [command for role in sorted(held) for command in _update(moment, role, held[role])]


def _update(moment: Moment, role: str, held: list[Prompt]) -> list[Command]:
    desk, watch = moment.desk, moment.desk.attend(RULE, role)
    standing, told = desk.prompt_of(watch), desk.digested.get(role, [])
    if not held:
        desk.digested.pop(role, None)
        return [] if standing is None else prompts.end(moment, watch, standing, "cleared")
    now = [prompt.id for prompt in held]
    desk.digested[role] = now
    if standing is None:
        if set(now) <= set(told):
            return []  # somebody is done with the digest, and nothing has come since
        watch.count += 1
        watch.prompt = prompt_id(RULE, role, watch.count)
        standing = desk.prompts[watch.prompt] = Prompt(
            id=watch.prompt, rule=RULE, kind="hall", object=role, at=moment.at, state="raised", priority="normal",
            to=(role,), zone="hall", text=moment.policy.words[WORD], raised_at=moment.at,
        )  # fmt: skip
        _name(moment, standing, held)
        return [prompts.published(standing)]
    if now == told:
        return []
    _name(moment, standing, held)
    return [RepeatPrompt(prompts.record(standing))]


def _name(moment: Moment, digest: Prompt, held: list[Prompt]) -> None:
    digest.text = moment.policy.words[WORD].fill({"n": len(held)})
    digest.because = {"held": [{"prompt": p.id, "zh": p.text.zh, "en": p.text.en} for p in held]}
