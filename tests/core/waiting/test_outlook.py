from pydantic import TypeAdapter

from edge.core.waiting import Outlook, forecast
from tests.core.waiting.halls import NO_POLICY, NOON, busy_hall


def test_a_forecast_comes_back_from_json_as_it_was() -> None:
    adapter = TypeAdapter(Outlook)
    outlook = forecast(busy_hall(), NO_POLICY, NOON)
    assert adapter.validate_json(adapter.dump_json(outlook)) == outlook
    assert Outlook() == Outlook(0, {}, {})
