"""Tables read key by key: what fits comes back, what does not is one sentence."""

from typing import Any

from edge.core.triage.table import Table, shown


def table(**items: Any) -> Table:
    return Table(items, "f.toml: ", [])


def test_what_fits_comes_back() -> None:
    t = table(a="text", b="x", c=True, d=["x", "y"], e={"f": 1}, g=[{"h": 2}])

    assert t.text("a") == "text"
    assert t.choice("b", ("x", "y")) == "x"
    assert t.flag("c", default=False)
    assert t.choices("d", ("x", "y")) == ("x", "y")
    assert dict(t.table("e").items()) == {"f": 1}
    assert [inner.raw("h") for inner in t.tables("g")] == [2]
    t.rest()
    assert t.faults == []


def test_what_is_missing_takes_its_default_or_is_a_fault() -> None:
    t = table()

    assert (t.text("a", "default"), t.flag("b", default=True), t.choices("c", ("x",))) == ("default", True, ())
    assert t.faults == []
    assert t.text("d") == ""
    assert t.faults == ["f.toml: d is missing; accepted: text"]


def test_faults_within_tables_carry_the_whole_path() -> None:
    t = table(outer=[{"inner": {"key": 3}}])
    t.tables("outer")[0].table("inner").text("key")

    assert t.faults == ["f.toml: outer[1].inner.key is 3; accepted: text"]


def test_what_nobody_asked_for_is_unknown() -> None:
    t = table(a="x", z=1)
    t.text("a")
    t.rest(("b",))

    assert t.faults == ["f.toml: z is unknown; accepted: a, b"]


def test_a_long_value_is_cut() -> None:
    assert len(shown("x" * 100)) == 58
