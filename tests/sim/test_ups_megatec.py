"""A simulated UPS: the lines of the protocol's paper, read by the driver."""

from edge import driver
from edge.core.events import DeviceEvent
from edge.core.instant import SECOND
from edge.driver import Device, Driver
from edge.sim.devices.ups_megatec import Ups


def codec() -> Driver:
    module = driver.load("ups_megatec")
    return module.create([Device("ups-1", "ups", module.Settings())])


def said(driver: Driver, ups: Ups, at: int) -> list[str]:
    events = []
    for request in driver.poll(at * SECOND):
        driver.asked(request)
        for answer in ups.receive(request.data):
            events += [one.event for one in driver.receive(answer, at * SECOND) if isinstance(one, DeviceEvent)]
    return events


def test_mains_are_lost_the_battery_runs_low_and_mains_come_back() -> None:
    ups, driver = Ups(), codec()
    found = said(driver, ups, 0) + said(driver, ups, 2)
    ups.mains = False
    found += said(driver, ups, 4) + said(driver, ups, 5)
    ups.battery_low, ups.cell_v = True, 1.79
    found += said(driver, ups, 7) + said(driver, ups, 8)
    ups.mains, ups.battery_low = True, False
    found += said(driver, ups, 10) + said(driver, ups, 11)
    assert found == ["mains_lost", "battery_low", "mains_back"]


def test_lines_may_come_in_pieces_and_unknown_ones_come_back() -> None:
    ups = Ups()
    assert [one for piece in (b"Q", b"9\r", b"F\rI") for one in ups.receive(piece)] == [
        b"Q9\r",
        b"#220.0 014 96.00 50.0\r",
    ]


def test_a_silent_ups_hears_and_says_nothing() -> None:
    ups = Ups(silent=True)
    assert list(ups.receive(b"Q1\r")) == []
    assert ups.asked == 1
