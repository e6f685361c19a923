"""Reads a configuration file with the rules and texts it stands on; reports every fault of all of them together."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import tomli
from msgspec import Struct, field
from pydantic import ValidationError

from edge import resources
from edge.config import check, files, texts
from edge.config.faults import sentences
from edge.config.models import Branch
from edge.config.policy import make_policy
from edge.config.salvage import salvaged
from edge.core.triage import book, examples

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from edge.config.links import Link
    from edge.core.policy import Policy
    from edge.core.triage.rule import Rule
    from edge.core.wording import Text
    from edge.driver import Device


class ConfigError(Exception):
    """What is wrong with a configuration: one sentence a fault, each naming file and key."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Bus(Struct, frozen=True):
    """One link and the devices that share it, all of one driver."""

    link: Link
    driver: str
    devices: tuple[Device, ...] = field(default=())


class Loaded(Struct, frozen=True):
    """A configuration that has passed every check, and what follows from it."""

    path: Path
    branch: Branch
    policy: Policy
    buses: tuple[Bus, ...]
    devices: Mapping[str, Device]
    hash: str


def load(path: Path, *, with_files: bool = False) -> Loaded:
    """The configuration at `path` with the delivered rules and texts; ConfigError lists every fault.

    `with_files` those too of files that devices want beside it, and that the daemon can do without, and of examples of
    rules that do not come out as they say.
    """
    faults: list[str] = []
    table = _toml(path, faults)
    return _loaded(path, table, faults, with_files=with_files)


def load_table(table: Mapping[str, Any], path: Path) -> Loaded:
    """A configuration that is at hand as tables; `path` is what its faults are said of."""
    return _loaded(path, table, [])


def _loaded(path: Path, table: Mapping[str, Any] | None, faults: list[str], *, with_files: bool = False) -> Loaded:
    if table is None:
        raise ConfigError(faults)
    branch = _model(path, table, faults) or salvaged(table)
    wrong: list[str] = []
    found = load_rules(resources.config_dir() / "rules", branch.rules, wrong)
    faults += [f"{path}: {fault}" if fault.startswith("[rules.") else fault for fault in wrong]
    words = load_words(resources.config_dir() / "texts", faults)
    faults += [f"{path}: {fault}" for fault in check.branch(branch)]
    faults += [f"{path}: {fault}" for fault in check.longest_ids(branch, found, words)]
    buses, devices = check.buses(branch, path, faults)
    if with_files:
        faults += [f"{path}: {fault}" for fault in files.faults(branch, devices, words)]
        faults += example_faults(resources.config_dir() / "rules")
    if faults:
        raise ConfigError(faults)
    return Loaded(
        path=path,
        branch=branch,
        policy=make_policy(branch, found, words),
        buses=tuple(Bus(link, driver, shared) for link, driver, shared in buses),
        devices=devices,
        hash=hashlib.sha256(branch.model_dump_json().encode()).hexdigest()[:12],
    )


def load_rules(folder: Path, tuning: Mapping[str, Mapping[str, Any]], faults: list[str]) -> tuple[Rule, ...]:
    """The rules of a folder under the configuration's `[rules]`; adds what is wrong with them to `faults`."""
    tables = {str(file): table for file in sorted(folder.glob("*.toml")) if (table := _toml(file, faults)) is not None}
    rules, wrong = book.load(tables, tuning)
    faults += wrong
    if not tables and not faults:
        faults.append(f"{folder}: holds no rule; is the installation complete?")
    return rules


def example_faults(folder: Path) -> list[str]:
    """The examples of a folder's rules that do not come out as they say, whatever the configuration has tuned."""
    rules = load_rules(folder, {}, [])
    return [f"{folder}: {failure}" for rule in rules for failure in examples.failures(rule)]


def load_words(folder: Path, faults: list[str]) -> dict[str, Text]:
    """The texts of all files of a folder by their id; adds what is wrong with them to `faults`."""
    expected = [folder / f"{name}.toml" for name in texts.PLACES]
    there = [*expected, *(file for file in sorted(folder.glob("*.toml")) if file not in expected)]
    return texts.read({file: table for file in there if (table := _toml(file, faults)) is not None}, faults)


def _toml(path: Path, faults: list[str]) -> dict[str, Any] | None:
    try:
        return tomli.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as fault:
        faults.append(f"{path}: cannot be read: {fault.strerror}")
    except UnicodeDecodeError as fault:
        faults.append(f"{path}: is not UTF-8 text (byte {fault.start})")
    except RecursionError:
        faults.append(f"{path}: is not TOML: tables and lists in one another without end")
    except ValueError as fault:
        faults.append(f"{path}: is not TOML: {str(fault).partition(';')[0]}")
    return None


def _model(path: Path, table: Mapping[str, Any], faults: list[str]) -> Branch | None:
    try:
        return Branch.model_validate(table)
    except ValidationError as refused:
        faults += [f"{path}: {fault}" for fault in sentences(refused)]
        return None
