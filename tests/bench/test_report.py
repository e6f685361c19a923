from edge.bench.figures import Spread
from edge.bench.report import Aim, Figure, Report, Table, number

REPORT = Report(
    name="store",
    about="one turn",
    figures=[
        Figure("time", Spread(1.52, 1.4, 1.75, 7), aim=Aim(2.0), beside={"commits/s": 5120.0}),
        Figure("rate", Spread(0.5, 0.5, 0.5, 1), unit="events/s", aim=Aim(0.6, at_most=False)),
    ],
    tables=[Table("parts", ("step", "µs"), [("commit", 81.25)])],
    facts=["Nothing was lost."],
)


def test_a_report_reads_as_a_table() -> None:
    assert REPORT.as_text().splitlines() == [
        "store: one turn",
        "  figure  median        min to max   aim           beside",
        "  time    1.52×         1.4 to 1.75  ≤ 2 met       commits/s 5,120",
        "  rate    0.5 events/s               ≥ 0.6 missed",
        "  parts",
        "  step    µs",
        "  commit  81.2",
        "  Nothing was lost.",
    ]


def test_a_report_is_plain_json() -> None:
    item = REPORT.as_json()
    assert item["figures"][0] == {
        "what": "time",
        "unit": "×",
        "median": 1.52,
        "low": 1.4,
        "high": 1.75,
        "rounds": 7,
        "aim": "≤ 2",
        "met": True,
        "beside": {"commits/s": 5120.0},
    }
    assert item["tables"] == [{"title": "parts", "heads": ["step", "µs"], "rows": [["commit", 81.25]]}]
    assert item["facts"] == ["Nothing was lost."]


def test_an_aim_is_met_at_its_very_figure() -> None:
    assert Aim(25).met(25)
    assert Aim(0.6, at_most=False).met(0.6)
    assert not Aim(25).met(25.1)


def test_figures_have_three_digits() -> None:
    assert [number(value) for value in (0.0123456, 1.0, 25.0, 99.96, 50_000.4)] == [
        "0.0123",
        "1",
        "25",
        "100",
        "50,000",
    ]
