"""The page `docs/rules.md`, written from the rules themselves and the vocabulary they are made of: `make docs`."""

from __future__ import annotations

import sys
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import tomli

from edge import resources
from edge.config.load import load_rules
from edge.core.triage.facts import FACTS
from edge.core.triage.guards import GUARDS
from edge.core.triage.moment import Number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from edge.core.triage.moment import Fact
    from edge.core.triage.rule import Example, Rule

HEAD = """\
# Rules

Written by `make docs` from `config/rules/*.toml` and the vocabulary of the code; change it there, not here.

A rule asks facts of the hall, of a device and so on. It fires when a fact reaches its level, at the value itself and at
that very instant, and is over when the fact has come below its reset; in between nothing changes. Guards hold a prompt
back and say so. One prompt an episode; none again within `cooldown_s` unless things are worse: one more of what is
counted, a fifth more of what is measured, and at a machine another customer, whatever became of the prompt before.

A file with an unknown key, no text, no example, a level that is never reached or a role that does not exist is refused,
with every other fault named beside it, and the rules in force stay. A text has at most 40 Chinese characters, one for a
board 24 (`config/texts/boards.toml`); a placeholder counts as four, and an id of the configuration as the longest there
is, two of its letters as one character. What stands in braces is one of a closed list, none of which is a person; no
text holds a number of six digits, nor what the playbook forbids to say.

Every key can be set in the branch's configuration, and every rule switched off:

```toml
[rules.secondary-triage]
wait_s = 480

[rules.paused-windows]
enabled = false

[rules.add-window]
mode = "shadow"        # runs and is recorded, tells nobody; for all rules at once: [triage] mode = "shadow"

[load]                 # nobody gets more than so many prompts in so many seconds; urgent ones are exempt
prompts = 6
window_s = 600
```

What is beyond `[load]` is held back (`held_by` is `load-limit`) until there is room, the graver first, and named in one
`digest`. A role nobody carries today is passed over; for an absent lobby manager the lobby guide stands in, in nothing
that sells. `lobbyd replay DAY -c A.toml --compare B.toml` tells what other settings would have prompted on a past day,
and its summary, as the day's report to headquarters, counts what each guard held back and what became of the rest.
"""


def page() -> str:
    """The whole page, Markdown."""
    faults: list[str] = []
    folder = resources.config_dir() / "rules"
    rules = load_rules(folder, {}, faults)
    if faults:
        raise ValueError("\n".join(faults))
    texts = {rule.id: (folder / f"{rule.id}.toml").read_text(encoding="utf-8") for rule in rules}
    parts = [HEAD, *_overview(rules)]
    for rule in rules:
        parts += _section(rule, texts[rule.id])
    return "\n".join([*parts, *_facts(FACTS.values()), *_guards()]) + "\n"


def _overview(rules: Iterable[Rule]) -> Iterator[str]:
    yield from _head("rule", "priority", "about", "goes to", "keys and defaults", "guards", "examples", "source")
    for rule in rules:
        keys = ", ".join(f"`{key}` {_value(value)}" for key, value in rule.keys.items())
        goes = " → ".join(", ".join(rung) for rung in rule.ladder)
        guards = ", ".join(f"`{guard.name}`" for guard in rule.unless) or "–"
        count = str(len(rule.examples))
        yield _row(f"[{rule.id}](#{rule.id})", rule.priority, rule.about, goes, keys, guards, count, rule.source)


def _section(rule: Rule, text: str) -> Iterator[str]:
    table = tomli.loads(text)
    yield f"\n## {rule.id}\n"
    yield " ".join(line.removeprefix("# ") for line in takewhile(lambda line: line.startswith("#"), text.splitlines()))
    yield f"\nFires when {'all' if rule.every else 'any'} of these is so, at its level or above:\n"
    for arm in table["when"]:
        yield f"- {_arm(arm, rule.keys)}: {arm['text']['zh']} · {arm['text']['en']}"
    if rule.given:
        yield f"\nand besides {', '.join(_arm(arm, rule.keys) for arm in table['given'])}."
    if rule.unless:
        yield f"\nHeld back by: {', '.join(f'[{guard.name}](#guards)' for guard in rule.unless)}."
    if rule.settled_by:
        yield f"\nSettled by `done`, or by the event that shows it: `{rule.settled_by}`."
    yield ""
    yield from _head("example", "facts", "comes of it")
    for example in rule.examples:
        facts = ", ".join(f"`{name}` {_value(value)}" for name, value in example.facts.items())
        yield _row(example.says, facts, _outcome(example))


def _arm(arm: Mapping[str, Any], keys: Mapping[str, Any]) -> str:
    if "among" in arm:
        until = f", until it is {_words(arm['until'])}" if "until" in arm else ""
        until = f" for {_level(arm['hold'], keys)} s{until}" if "hold" in arm else until
        return f"`{arm['fact']}` is {_words(arm['among'])}{until}"
    said = f"`{arm['fact']}` ≥ {_level(arm['at_least'], keys)}"
    if "hold" in arm:
        said += f" for {_level(arm['hold'], keys)} s"
    if "at_most" in arm:
        said += f", at most {_level(arm['at_most'], keys)}"
    if "reset" in arm:
        said += f", over below {_level(arm['reset'], keys)}" if arm["reset"] != 0 else ", never over by itself"
    if "reset_ratio" in arm:
        said += f", over at {_level(arm['reset_ratio'], keys)} of it"
    return said


def _level(named: str | float, keys: Mapping[str, Any]) -> str:
    return f"`{named}` ({_value(keys[named])})" if isinstance(named, str) else _value(named)


def _outcome(example: Example) -> str:
    because = example.held_by or example.text
    return f"{example.outcome} ({because})" if because else example.outcome


def _facts(facts: Iterable[Fact]) -> Iterator[str]:
    yield "\n## Facts\n"
    yield (
        "What a rule may ask; a key it takes is one of the rule's own. Adding a fact is adding a line to "
        "`edge/core/triage/facts.py` or to the file of its kind beside it.\n"
    )
    yield from _head("fact", "of", "keys it takes", "says", "what it is")
    for fact in facts:
        says = fact.unit if isinstance(fact, Number) else _words(fact.words)
        yield _row(f"`{fact.name}`", fact.about, _words(fact.takes) or "–", says, f"{fact.says}{_each(fact)}")


def _each(fact: Fact) -> str:
    match fact.each if isinstance(fact, Number) else None:
        case "now":
            return " One more is another customer, and told at once."
        case "later":
            return " One more is told when the cool-down is over, even where the prompt was declined."
        case None:
            return " The words of an open prompt follow it." if isinstance(fact, Number) and fact.keeps_up else ""


def _guards() -> Iterator[str]:
    yield "\n## Guards\n"
    yield "Why a prompt is held back although its thresholds are met (`held_by` of a prompt).\n"
    yield from _head("guard", "asks", "keys it needs", "holds because")
    for guard in GUARDS.values():
        asks = f"`{guard.fact.name}`" + (f", of a ticket `{guard.own.name}`" if guard.own is not None else "")
        yield _row(f"`{guard.name}`", asks, _words(guard.keys) or "–", guard.says)


def _head(*titles: str) -> Iterator[str]:
    yield _row(*titles)
    yield _row(*("---" for _ in titles))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _words(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else f'"{value}"'


if __name__ == "__main__":
    sys.stdout.write(page())
