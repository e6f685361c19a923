"""What the status of an XFS4IoT service says, as parts of a machine.

The interfaces, properties and words are those of CWA 16926 as KAL's framework (KAL_XFS4IoT_SP-Dev, generated from the
standard) and its schema of the 2021-1 specification have them. Which state a word puts the machine in, and which event
of ours it is, is our reading. A word of a property that is in no table is no word of XFS4IoT, and then the message has
no effect; properties and interfaces that say nothing about a lobby are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec.structs import replace

from drivers._machine import GOOD, UNKNOWN, Meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Table: TypeAlias = Mapping[str, Meaning | None]

_ABSENT: Final[Table] = dict.fromkeys(("notSupported", "notAvailable", "doorNotSupported"))
"""Version 1.0 has words for what is not there; later ones leave the property out."""

_NOT_KNOWN: Final = Meaning("unknown", "ok")
"""Of what a machine can do without: that it cannot tell bars nobody from using it."""


def _table(good: Iterable[str] = (), **others: Meaning) -> Table:
    return {**_ABSENT, **dict.fromkeys(good, GOOD), **others}


def _failing(word: str) -> Meaning:
    return Meaning(word, "degraded")


def _stopped(word: str) -> Meaning:
    return Meaning(word, "down")


DEVICE: Final[Table] = _table(
    ["online", "deviceBusy"],
    offline=_stopped("offline"),
    powerOff=_stopped("powerOff"),
    noDevice=_stopped("noDevice"),
    hardwareError=_stopped("hardwareError"),
    userError=_failing("userError"),
    fraudAttempt=Meaning("fraudAttempt", "degraded", "tamper"),
    potentialFraud=Meaning("potentialFraud", "degraded", "tamper"),
    starting=_failing("starting"),
)
"""`common.device` of what a machine cannot do without."""

EXTRA_DEVICE: Final[Table] = {
    word: replace(meaning, state="degraded") if meaning is not None and meaning.state == "down" else meaning
    for word, meaning in DEVICE.items()
}
"""`common.device` of the rest: customers are still served when the printer is down."""

REFUSALS: Final[Mapping[str, str]] = {
    "hardwareError": "hardwareError",
    "fraudAttempt": "fraudAttempt",
    "userError": "userError",
    "deviceNotReady": "starting",
}
"""Completion codes of a status that say something of the device itself, as words of `common.device`."""

_MODULE: Final = _table(["ok"], inoperable=_failing("inoperable"), unknown=_NOT_KNOWN)
_SHUTTER: Final = _table(
    ["closed", "open"],
    jammedOpen=_stopped("jammedOpen"),
    jammedPartiallyOpen=_stopped("jammedPartiallyOpen"),
    jammedClosed=_stopped("jammedClosed"),
    jammedUnknown=_stopped("jammedUnknown"),
    jammed=_stopped("jammed"),  # version 1.0, ShutterStatusChangedEvent
    unknown=UNKNOWN,
)
_TRANSPORT: Final = _table(["ok"], inoperative=_stopped("inoperative"), unknown=UNKNOWN)
_PAPER: Final = _table(
    ["full"],
    low=Meaning("low", "ok", "paper_low"),
    out=Meaning("out", "degraded", "paper_out"),
    jammed=_failing("jammed"),
    unknown=_NOT_KNOWN,
)
_SUPPLY: Final = _table(["full"], low=Meaning("low"), out=_failing("out"), unknown=_NOT_KNOWN)
_DOOR: Final = _table(
    ["closed", "locked", "bolted"],
    open=Meaning("open", "degraded", "door_open"),
    tampered=Meaning("tampered", "degraded", "tamper"),
)
_SAFE: Final = _table(["doorClosed"], doorOpen=Meaning("open", "degraded", "door_open"), doorUnknown=_NOT_KNOWN)


def _alarm(event: str) -> Table:
    return _table(["off"], on=Meaning("on", "degraded", event))


FIELDS: Final[Mapping[str, Mapping[str, tuple[str, Table]]]] = {
    "common": {
        "devicePosition": (
            "position",
            _table(["inPosition"], notInPosition=_failing("notInPosition"), unknown=_NOT_KNOWN),
        ),
        "antiFraudModule": (
            "anti_fraud",
            _table(
                ["ok"],
                inoperable=_failing("inoperable"),
                deviceDetected=Meaning("deviceDetected", "degraded", "tamper"),
                unknown=_NOT_KNOWN,
            ),
        ),
        "exchange": ("exchange", _table(["inactive"], active=_stopped("active"))),
    },
    "cardReader": {
        "media": (
            "card",
            _table(["present", "notPresent", "entering", "latched"], jammed=_failing("jammed"), unknown=UNKNOWN),
        ),
        "chipModule": ("chip", _MODULE),
        "magWriteModule": ("magnetic_stripe", _MODULE),
    },
    "cashDispenser": {
        "intermediateStacker": (
            "stacker",
            _table(
                ["empty", "notEmpty"],
                notEmptyCustomer=_failing("notEmptyCustomer"),
                notEmptyUnknown=_failing("notEmptyUnknown"),
                unknown=UNKNOWN,
            ),
        ),
    },
    "cashManagement": {
        "dispenser": (
            "cash_units",
            _table(["ok"], attention=_failing("attention"), stop=_stopped("stop"), unknown=UNKNOWN),
        ),
        "acceptor": (
            "acceptor_units",
            _table(["ok"], attention=_failing("attention"), stop=_failing("stop"), unknown=_NOT_KNOWN),
        ),
        "safeDoor": ("safe_door", _SAFE),
    },
    "cashAcceptor": {
        "intermediateStacker": ("escrow", _table(["empty", "notEmpty"], full=_failing("full"), unknown=_NOT_KNOWN)),
        "banknoteReader": ("banknote_reader", _MODULE),
    },
    "printer": {
        "media": (
            "printed_page",
            _table(["present", "notPresent", "entering", "retracted"], jammed=_failing("jammed"), unknown=_NOT_KNOWN),
        ),
        "toner": ("toner", _SUPPLY),
        "ink": ("ink", _SUPPLY),
    },
    "keyManagement": {
        "encryptionState": (
            "encryption",
            _table(
                ["ready", "busy"],
                notReady=_failing("notReady"),
                notInitialized=_failing("notInitialized"),
                initialized=_failing("initialized"),  # its keys are not loaded yet
                undefined=_NOT_KNOWN,
            ),
        ),
    },
    "auxiliaries": {
        "operatorSwitch": (
            "operator_switch",
            _table(["run"], maintenance=_stopped("maintenance"), supervisor=_stopped("supervisor")),
        ),
        "tamperSensor": ("tamper", _alarm("tamper")),
        "internalTamperSensor": ("internal_tamper", _alarm("tamper")),
        "seismicSensor": ("seismic", _alarm("vibration")),
        "seismicSensorState": ("seismic", _alarm("vibration")),  # version 1.0, AuxiliaryStatusEvent
        "heatSensor": ("heat", _alarm("heat")),
        "heatSensorState": ("heat", _alarm("heat")),
        "safeDoor": ("safe_door", _DOOR),
        "cabinetDoor": ("cabinet", _DOOR),
        "cabinetFrontDoor": ("cabinet_front", _DOOR),
        "cabinetRearDoor": ("cabinet_rear", _DOOR),
        "cabinetLeftDoor": ("cabinet_left", _DOOR),
        "cabinetRightDoor": ("cabinet_right", _DOOR),
        "vandalShield": (
            "vandal_shield",
            _table(
                ["closed", "open", "locked", "service", "keyboard", "partiallyOpen"],
                jammed=_failing("jammed"),
                tampered=Meaning("tampered", "degraded", "tamper"),
            ),
        ),
    },
    "vendorMode": {
        "service": (
            "vendor_mode",
            _table(
                ["inactive"],
                active=_stopped("active"),
                enterPending=Meaning("enterPending"),
                exitPending=Meaning("exitPending"),
            ),
        ),
    },
}
"""Interface and property to the part it reports and the meaning of its words."""

SHUTTER: Final = ("shutter", _SHUTTER)
TRANSPORT: Final = ("transport", _TRANSPORT)
POSITION: Final = _table(["empty", "notEmpty", "unknown"])
"""`positions[].positionStatus` alone says nothing: customers are just taking their notes."""

STUCK: Final = Meaning("stuck", "down", "cash_not_dispensed")
"""Notes behind a shutter that is jammed closed: counted out, and nobody can get them."""

PAPER: Final[Mapping[str, tuple[str, Table]]] = {
    "upper": ("paper", _PAPER),
    "lower": ("paper_lower", _PAPER),
    "external": ("paper_external", _PAPER),
    "aux": ("paper_aux", _PAPER),
    "aux2": ("paper_aux2", _PAPER),
    "park": ("paper_park", _PAPER),
}
"""`printer.paper` by source; sources of a vendor's own are not looked at."""

PARTS_BY_INTERFACE: Final[Sequence[tuple[str, str, Table]]] = (
    ("cashDispenser", "cash_dispenser", DEVICE),
    ("cardReader", "card_reader", DEVICE),
    ("keyManagement", "pin_pad", DEVICE),
    ("keyboard", "pin_pad", DEVICE),
    ("cashAcceptor", "cash_acceptor", EXTRA_DEVICE),
    ("printer", "printer", EXTRA_DEVICE),
    ("auxiliaries", "sensors", EXTRA_DEVICE),
)
"""What a service is, by the first of these interfaces that it has: the name of its part, and how grave its state is."""


def meaning(where: str, word: Any, table: Table) -> Meaning | None:
    """What a word means; None for what is not there. ValueError names the property, and never quotes what it held."""
    if word is None:
        return None
    if not isinstance(word, str) or word not in table:
        accepted = ", ".join(known for known, meant in table.items() if meant is not None)
        raise ValueError(f"'{where}' is no word of XFS4IoT; accepted: {accepted}")
    return table[word]
