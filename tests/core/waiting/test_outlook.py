from msgspec import json

from edge.core.waiting import Outlook, forecast
from tests.core.waiting.halls import NO_POLICY, NOON, busy_hall


def test_a_forecast_comes_back_from_json_as_it_was() -> None:
    outlook = forecast(busy_hall(), NO_POLICY, NOON)
    assert json.decode(json.encode(outlook), type=Outlook) == outlook
    assert Outlook() == Outlook(0, {}, {})
