"""What only several keys together can get wrong, one sentence a fault: which key, what was found, what is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from edge import driver as drivers
from edge.config import links, texts
from edge.config.faults import sentences
from edge.core.triage.words import length_of, placeholders
from edge.driver import Device

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from edge.config.models import Branch, DeviceTable
    from edge.core.triage.rule import Rule
    from edge.core.triage.words import Saying
    from edge.core.wording import Text


def branch(config: Branch) -> Iterator[str]:
    """The faults between the tables of one file."""
    yield from _services(config)
    yield from _devices(config)
    if config.branch.open and config.branch.close and config.branch.open >= config.branch.close:
        yield f"branch.close: {config.branch.close:%H:%M} is not after open, {config.branch.open:%H:%M}"
    least, most = config.boards.call_least_s, config.boards.call_most_s
    if most < least:
        yield f"boards.call_most_s: {most:g} is less than call_least_s, {least:g}"
    if any((d.link or "").startswith("mqtt:") for d in config.devices.values()) and config.broker is None:
        yield 'broker: is missing, but devices have mqtt: links; add [broker] with url = "mqtt://127.0.0.1:1883"'


def _services(config: Branch) -> Iterator[str]:
    for id, window in config.windows.items():
        for service in window.services:
            if service not in config.services:
                yield f"windows.{id}.services: there is no service {service!r}; there are: {_list(config.services)}"
    for id, device in config.devices.items():
        for service in device.services or ():
            if service not in config.services:
                yield f"devices.{id}.services: there is no service {service!r}; there are: {_list(config.services)}"


def _devices(config: Branch) -> Iterator[str]:
    for id, device in config.devices.items():
        where = f"devices.{id}"
        if device.window is not None and device.window not in config.windows:
            yield f"{where}.window: there is no window {device.window!r}; there are: {_list(config.windows)}"
        if (device.driver is None) != (device.link is None):
            lacking = "driver" if device.driver is None else "link"
            yield f"{where}.{lacking}: is missing; a device has both a driver and a link, or neither (replay only)"
        if device.shows is not None and device.kind != "board":
            yield f"{where}.shows: only a board shows something, this is a {device.kind}"
        if device.prints is not None and device.kind != "printer":
            yield f"{where}.prints: only a printer prints something, this is a {device.kind}"
        if device.board is not None:
            yield from _stand_in(config, where, device)
        if device.shows == "window" and device.window is None:
            yield f"{where}.window: is missing; a board that shows a window belongs to one"
    printing = [id for id, device in config.devices.items() if device.prints == "tickets"]
    for id in printing[1:]:
        yield f"devices.{id}.prints: {printing[0]} prints the tickets already; each would come out twice"


def _stand_in(config: Branch, where: str, device: DeviceTable) -> Iterator[str]:
    """The faults of the board that speaks for an announcer."""
    boards = {id: board for id, board in config.devices.items() if board.kind == "board"}
    if device.kind != "announcer":
        yield f"{where}.board: a board speaks for an announcer, this is a {device.kind}"
    elif device.board not in boards:
        yield f"{where}.board: there is no board {device.board!r}; there are: {_list(boards)}"


def longest_ids(config: Branch, rules: Iterable[Rule], words: Mapping[str, Text]) -> Iterator[str]:
    """The texts for which an id of the configuration is too long; two letters of it are as wide as one character."""
    longest = {kind: max(table, key=len) for kind in ("devices", "windows") if (table := getattr(config, kind))}
    kinds = {"device": "devices", "window": "windows", "at_window": "windows", "w": "windows"}
    widths = {name: len(longest[kind]) / 2 for name, kind in kinds.items() if kind in longest}
    spoken = [(saying.text.zh, f"{s} of {rule.id}", "handheld") for rule in rules for s, saying in _said(rule)]
    for zh, text, place in (*spoken, *((word.zh, id, "boards") for id, word in words.items() if id.startswith("L"))):
        most, length = texts.LONGEST[place], length_of(zh, widths)
        if length > most >= length_of(zh):
            wide = max((name for name in placeholders(zh) if name in widths), key=lambda name: widths[name])
            id, characters = longest[kinds[wide]], f"{length} characters long; accepted: at most {most}"
            yield f"{kinds[wide]}.{id}: with so long an id the text {text} is {characters}; give it a shorter id"


def _said(rule: Rule) -> Iterator[tuple[str, Saying]]:
    return ((saying.id, saying) for saying in rule.sayings.values())


def buses(config: Branch, path: Path, faults: list[str]) -> tuple[list[Any], dict[str, Device]]:
    """The links with the devices that share them, as (link, driver, devices), and every device by its id."""
    devices: dict[str, Device] = {}
    shared: dict[tuple[str, str], list[tuple[str, links.Link, DeviceTable]]] = {}
    zone = ZoneInfo(config.branch.timezone)
    for id, table in config.devices.items():
        settings = _settings(id, table, path, faults)
        devices[id] = Device(id, table.kind, settings, table.address, table.window, table.shows, zone)
        faults += [f"{path}: {fault}" for fault in _place(id, table)]
        link = _link(id, table, path, faults)
        if link is not None:
            shared.setdefault((link.medium, link.place), []).append((id, link, table))
    faults += [
        f"{path}: {fault}"
        for fault in (*_mute(config, devices), *_transfers(config, devices), *_mapped(config, devices))
    ]
    made = []
    for members in shared.values():
        faults += [f"{path}: {fault}" for fault in _bus(members)]
        _, link, table = members[0]
        made.append((link, table.driver or "", tuple(devices[id] for id, _, _ in members)))
    return made, devices


def _mute(config: Branch, devices: Mapping[str, Device]) -> Iterator[str]:
    """The boards that are to speak for an announcer and have no voice."""
    for id, table in config.devices.items():
        board = devices.get(table.board or "")
        if board is not None and board.settings is not None and getattr(board.settings, "voice", None) is None:
            yield f"devices.{id}.board: {board.id} has no voice; an Onbon -YY card is given one by settings.voice"


def _transfers(config: Branch, devices: Mapping[str, Device]) -> Iterator[str]:
    """The places that a terminal's transfer key sends to and that are not there."""
    for id, device in devices.items():
        for typed, place in getattr(device.settings, "transfers", {}).items():
            where = f"devices.{id}.settings.transfers.{typed}"
            if place.service is not None and place.service not in config.services:
                yield f"{where}: there is no service {place.service!r}; there are: {_list(config.services)}"
            if place.window is not None and place.window not in config.windows:
                yield f"{where}: there is no window {place.window!r}; there are: {_list(config.windows)}"


def _mapped(config: Branch, devices: Mapping[str, Device]) -> Iterator[str]:
    """The classes and windows that a mapping gives to what a device says, and that are not there."""
    for id, device in devices.items():
        for table in ("lines", "topics"):
            for number, rule in enumerate(getattr(device.settings, table, ())):
                where = f"devices.{id}.settings.{table}.{number}"
                for key, service in rule.words("service", "services"):
                    if config.services and service not in config.services:
                        yield f"{where}.{key}: there is no service {service!r}; there are: {_list(config.services)}"
                for key, window in rule.words("window"):
                    if config.windows and window not in config.windows:
                        yield f"{where}.{key}: there is no window {window!r}; there are: {_list(config.windows)}"


def _bus(members: list[tuple[str, links.Link, DeviceTable]]) -> Iterator[str]:
    """The faults between devices that share one link."""
    first, link, table = members[0]
    if isinstance(link, links.SoundLink):
        for id, _, _ in members[1:]:
            yield f"devices.{id}.link: {first} speaks there already; a sound device has one announcer"
        return
    addresses: dict[int | None, str] = {}
    for id, other, theirs in members:
        if theirs.driver != table.driver:
            yield f"devices.{id}.driver: shares a link with {first}, so it must be {table.driver!r} too"
        if isinstance(link, links.SerialLink) and isinstance(other, links.SerialLink) and other != link:
            settings = links.line_settings(link).items() - links.line_settings(other).items()
            yield f"devices.{id}.link: differs from {first} in {', '.join(sorted(k for k, _ in settings))} on one port"
        if theirs.address is None and len(members) > 1:
            yield f"devices.{id}.address: is missing; devices that share a link have an address each"
        elif theirs.address in addresses:
            taken = addresses[theirs.address]
            yield f"devices.{id}.address: {theirs.address} is that of {taken} on the same link; give each its own"
        addresses.setdefault(theirs.address, id)


def _place(id: str, table: DeviceTable) -> Iterator[str]:
    """The faults of an address that the driver's protocol does not know, and of a window that it needs."""
    module = _driver(table.driver)
    if getattr(module, "AT_WINDOW", False) and table.window is None:
        yield f"devices.{id}.window: is missing; nothing follows from the keys of a terminal that belongs to no window"
    accepted: range | None = getattr(module, "ADDRESSES", None)
    if accepted is not None and table.address is not None and table.address not in accepted:
        bounds = f"{accepted[0]} to {accepted[-1]}"
        yield f"devices.{id}.address: is {table.address}; accepted by {table.driver}: {bounds}"


def _link(id: str, table: DeviceTable, path: Path, faults: list[str]) -> links.Link | None:
    if table.link is None:
        return None
    try:
        link = links.parse(table.link)
    except links.BadLink as fault:
        faults.append(f"{path}: devices.{id}.link: {fault}")
        return None
    module = _driver(table.driver)
    if module is not None and link.medium not in module.MEDIUM:
        accepted = ", ".join(sorted(module.MEDIUM))
        faults.append(f"{path}: devices.{id}.link: {table.driver} cannot live on {link.medium}; accepted: {accepted}")
    return link


def _settings(id: str, table: DeviceTable, path: Path, faults: list[str]) -> Any:
    if table.driver is None:
        return None
    try:
        module = drivers.load(table.driver)
    except drivers.UnknownDriver as fault:
        faults.append(f"{path}: devices.{id}.driver: {fault}")
        return None
    try:
        return module.Settings.model_validate(table.settings)
    except ValidationError as refused:
        faults += [f"{path}: devices.{id}.settings.{fault}" for fault in sentences(refused)]
        return None


def _driver(name: str | None) -> drivers.DriverModule | None:
    try:
        return drivers.load(name) if name else None
    except drivers.UnknownDriver:
        return None  # said once, where the settings are read


def _list(table: Mapping[str, object]) -> str:
    return ", ".join(sorted(table)) or "none"
