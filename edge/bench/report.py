"""What a benchmark found, for people as a table and for programs as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edge.bench.figures import Spread

RATIO: Final = "×"
"""The unit of a ratio; every other unit marks a figure of this machine alone."""


class Aim(Struct, frozen=True):
    """What a figure should be: at most `at`, or at least."""

    at: float
    at_most: bool = True

    def met(self, value: float) -> bool:
        """Whether a figure is as it should be."""
        return value <= self.at if self.at_most else value >= self.at

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {number(self.at)}"


class Figure(Struct, frozen=True):
    """One figure; `beside` are absolute figures, their units in their names, given as information only."""

    what: str
    value: Spread
    unit: str = RATIO
    aim: Aim | None = None
    beside: Mapping[str, float] = field(default_factory=dict)


class Table(Struct, frozen=True):
    """What a figure is made of: a heading for each column, and the rows, the most important first."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str | float]]


class Report(Struct, frozen=True):
    """One benchmark's outcome; `facts` are whole sentences that hold for the run, such as that nothing was lost."""

    name: str
    about: str
    figures: Sequence[Figure]
    tables: Sequence[Table] = ()
    facts: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """All of it as plain JSON values."""
        return {
            "name": self.name,
            "about": self.about,
            "figures": [_figure(figure) for figure in self.figures],
            "tables": [
                {"title": table.title, "heads": [*table.heads], "rows": [[*row] for row in table.rows]}
                for table in self.tables
            ],
            "facts": [*self.facts],
        }

    def as_text(self) -> str:
        """All of it as lines for a terminal."""
        lines = [
            f"{self.name}: {self.about}",
            *_grid(("figure", "median", "min to max", "aim", "beside"), _rows(self.figures)),
        ]
        for table in self.tables:
            lines += [f"  {table.title}", *_grid(table.heads, [[_cell(cell) for cell in row] for row in table.rows])]
        return "\n".join(lines + [f"  {fact}" for fact in self.facts]) + "\n"


def number(value: float) -> str:
    """A figure with as many digits as mean something: three, and all of those before the point."""
    if abs(value) >= 100:  # noqa: PLR2004 (three digits are before the point)
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _figure(figure: Figure) -> dict[str, Any]:
    value, aim = figure.value, figure.aim
    return {
        "what": figure.what,
        "unit": figure.unit,
        "median": value.median,
        "low": value.low,
        "high": value.high,
        "rounds": value.rounds,
        "aim": None if aim is None else str(aim),
        "met": None if aim is None else aim.met(value.median),
        "beside": dict(figure.beside),
    }


def _rows(figures: Sequence[Figure]) -> Iterator[Sequence[str]]:
    for figure in figures:
        value, aim = figure.value, figure.aim
        verdict = "" if aim is None else f"{aim} {'met' if aim.met(value.median) else 'missed'}"
        spread = f"{number(value.low)} to {number(value.high)}" if value.rounds > 1 else ""
        unit = figure.unit if figure.unit == RATIO else f" {figure.unit}"
        beside = ", ".join(f"{name} {number(absolute)}" for name, absolute in figure.beside.items())
        yield figure.what, f"{number(value.median)}{unit}", spread, verdict, beside


def _cell(cell: str | float) -> str:
    return cell if isinstance(cell, str) else number(cell)


def _grid(heads: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> list[str]:
    """The rows under their heads, in columns, two blanks between them."""
    cells = [tuple(heads), *(tuple(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
