"""`lobbyd codec`: one driver by hand, bytes to events or frames and back, without a device and without the daemon."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from edge import driver as drivers
from edge.cli import OK, UsageError
from edge.cli.outputs import EXAMPLES, output
from edge.core import instant, wire
from edge.core.events import DeviceKind
from edge.driver import Answer, BadFrame, CannotEncode, Device, NotNow, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import tzinfo

    from edge.driver import Driver, DriverModule, FrameLayer, Received

_SEPARATORS: Final = re.compile(r"[\s:-]")
_EPOCH: Final = "1970-01-01T00:00:00+00:00"
_ANY_KIND: Final[DeviceKind] = "kiosk"


def _example(module: DriverModule) -> dict[str, Any]:
    """The settings a driver offers for trying it by hand; empty where its defaults will do."""
    examples = module.Settings.model_json_schema().get("examples") or [{}]
    return dict(examples[0])


def _examples() -> Iterator[str]:
    for name in drivers.names():
        for key, value in _example(drivers.load(name)).items():
            yield f"  {name}: {key}:"
            yield from (f"    {wire.line({'': one}).decode()[4:-1]}" for one in value)


HELP = "\n".join(
    (
        "Shows what a driver makes of bytes, one JSON line for each event, frame or bad frame, and writes bytes from",
        "JSON: an event as in an event log, a frame as `decode` shows it, or what a device is to show or do:",
        "",
        *(f"  {example}" for example in EXAMPLES),
        "",
        "Changing any value of a frame changes the frame and its checksum. A bad frame is a line with its reason, and",
        "no error of the command.",
        "",
        "Without -c, these settings serve as examples (the messages are nobody's):",
        *_examples(),
    )
)
EXAMPLE = "lobbyd codec led_onbon_bx decode a5a5a5a5a5a5a5a501000080000000000000fe020500a1020100002d405a"


class _List(argparse.Action):
    """`--list`: the drivers there are, and nothing else."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print("\n".join(drivers.names()))
        parser.exit(OK)


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options, which may stand before or behind the direction."""
    parser.add_argument("--list", action=_List, nargs=0, help="the drivers there are")
    parser.add_argument("driver", metavar="DRIVER", help="a driver's name")
    _options(parser)
    directions = parser.add_subparsers(dest="direction", required=True, metavar="decode|encode")
    decode = directions.add_parser("decode", help="bytes to events or frames", argument_default=argparse.SUPPRESS)
    decode.add_argument("items", nargs="+", metavar="HEX", help="one chunk; spaces, colons and dashes are passed over")
    _options(decode)
    encode = directions.add_parser(
        "encode", help="an event, a frame or a page to bytes", argument_default=argparse.SUPPRESS
    )
    encode.add_argument("items", nargs=1, metavar="JSON", help="what to write")
    _options(encode)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-c", "--config", type=Path, help="a branch's configuration, for the settings of a device in it"
    )
    parser.add_argument("--device", metavar="ID", help="which device of the configuration")
    parser.add_argument("--topic", help="the topic of an MQTT message; else the first that the settings name")
    parser.add_argument("--at", metavar="TIME", help="when the bytes came, RFC 3339; else 1970")


def run(args: argparse.Namespace) -> int:
    """Prints JSON lines, or the bytes as hexadecimal and, on stderr, their topic."""
    try:
        module = drivers.load(args.driver)
    except drivers.UnknownDriver as fault:
        raise UsageError(str(fault)) from None
    at, zone = _time(args.at or _EPOCH)
    device, zone = _configured(args) if args.config else (_made_up(args, module), zone)
    if args.direction == "encode" and args.at:
        raise UsageError("--at: says when bytes came, so it goes with decode; an event to encode has its own time, at")
    if args.direction == "decode":
        _decode(module, device, args, at, zone)
    else:
        _encode(module, device, args)
    return OK


def _decode(module: DriverModule, device: Device, args: argparse.Namespace, at: int, zone: tzinfo) -> None:
    chunks = [_chunk(text) for text in args.items]
    frames: FrameLayer | None = getattr(module, "FRAMES", None)
    if frames is not None:
        shown = frames.decode(chunks)
    else:
        driver = module.create([device])
        topic = args.topic or _first_topic(device)
        shown = [_shown(one, zone) for chunk in chunks for one in driver.receive(chunk, at, topic)]
    for item in shown:
        print(wire.line(item).decode())
    if not shown:
        print(
            f"nothing comes of these {sum(map(len, chunks))} bytes: no whole frame, or an ignored one", file=sys.stderr
        )


def _encode(module: DriverModule, device: Device, args: argparse.Namespace) -> None:
    item = _object(args.items[0])
    frames: FrameLayer | None = getattr(module, "FRAMES", None)
    try:
        command = output(item, device)
        if command is not None:
            request = module.create([device]).encode(command)
            data = b"".join((request.data, *request.then))
        elif frames is not None:
            data = frames.encode(item)
        else:
            data = _from_event(module.create([device]), item)
    except (ValueError, NotNow) as fault:  # CannotEncode and WireError are kinds of ValueError
        raise UsageError(str(fault)) from None
    print(data.hex())


def _from_event(driver: Driver, item: dict[str, Any]) -> bytes:
    write: Callable[[object], bytes | tuple[str, bytes]] | None = getattr(driver, "encode_event", None)
    if write is None:
        raise CannotEncode("this driver only reads")
    written = write(wire.decode({"at": _EPOCH, **item}))
    if isinstance(written, bytes):
        return written
    topic, data = written
    print(f"topic: {topic}", file=sys.stderr)
    return data


def _shown(one: Received, zone: tzinfo) -> dict[str, Any]:
    match one:
        case BadFrame():
            return {"bad_frame": one.reason}
        case Answer():
            return {"answer": one.data.hex()}
        case Reply():
            blank = {"blank": True} if one.blank else {}
            return {"reply": one.address, "ok": one.ok, "detail": one.detail, **blank}
        case _:
            return wire.encode(one, zone)


def _chunk(text: str) -> bytes:
    try:
        data = bytes.fromhex(_SEPARATORS.sub("", text))
    except ValueError:
        raise UsageError(f"{text!r} is not hexadecimal; accepted: two digits a byte, such as a5 or a5:5a") from None
    if not data:
        raise UsageError("an empty chunk; accepted: two hexadecimal digits a byte")
    return data


def _object(text: str) -> dict[str, Any]:
    try:
        item = from_json(text, allow_inf_nan=False)
    except ValueError as fault:
        raise UsageError(f"not JSON: {fault}") from None
    if not isinstance(item, dict):
        raise UsageError("not a JSON object, which an event, a frame and a page are")
    return item


def _time(text: str) -> tuple[int, tzinfo]:
    try:
        return instant.parse(text), instant.offset_of(text) or UTC
    except (ValueError, OverflowError):
        raise UsageError(f"--at is {text!r}; accepted: RFC 3339 with an offset, such as {_EPOCH}") from None


def _made_up(args: argparse.Namespace, module: DriverModule) -> Device:
    """A device with the driver's example settings; drivers are named after the kind of device, where they have one."""
    kinds: Sequence[DeviceKind] = get_args(DeviceKind)
    kind = next((kind for kind in kinds if args.driver.startswith(kind)), _ANY_KIND)
    return Device(args.device or "example", kind, module.Settings.model_validate(_example(module)))


def _configured(args: argparse.Namespace) -> tuple[Device, tzinfo]:
    from edge.config import ConfigError, load  # noqa: PLC0415 (rules and texts are only read for -c)

    try:
        loaded = load(args.config)
    except ConfigError as fault:
        raise UsageError("; ".join(fault.faults)) from None
    ours = [id for id, table in loaded.branch.devices.items() if table.driver == args.driver]
    wanted = args.device or (ours[0] if len(ours) == 1 else None)
    if wanted not in ours:
        found = f"device {wanted!r} is none of" if wanted else "--device must name one of"
        raise UsageError(f"{args.config}: {found} driver {args.driver}; there are: {', '.join(ours) or 'none'}")
    return loaded.devices[wanted], ZoneInfo(loaded.branch.branch.timezone)


def _first_topic(device: Device) -> str:
    """A topic that the first mapping of an MQTT device's settings passes; empty for other devices."""
    topics = getattr(device.settings, "topics", None)
    pattern = topics[0].topic if topics else getattr(device.settings, "topic", "")
    name = getattr(device.settings, "name", None) or device.id
    return str(pattern).removesuffix("/#").replace("+", name)
