"""What pydantic finds wrong with a table, in the words of the file: which key, what was found, what is accepted."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import ValidationError

ACCEPTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "model_type": "a table",
        "dict_type": "a table",
        "dataclass_type": "a table",
        "tuple_type": "a list",
        "string_type": "text",
        "path_type": "a path, as text",
        "float_type": "a number",
        "float_parsing": "a number",
        "finite_number": "a number",
        "int_type": "a whole number",
        "int_parsing": "a whole number",
        "int_from_float": "a whole number",
        "bool_type": "true or false",
        "bool_parsing": "true or false",
    }
)
"""What the file calls it, by pydantic's name of the fault."""


def sentences(refused: ValidationError) -> Iterator[str]:
    """Every fault; a list is not called empty because all that was in it is wrong."""
    errors = refused.errors()
    for error in errors:
        inside = (other["loc"] for other in errors if len(other["loc"]) > len(error["loc"]))
        if error["type"] == "too_short" and any(loc[: len(error["loc"])] == error["loc"] for loc in inside):
            continue
        yield sentence(error)


def sentence(error: Any) -> str:
    """One fault, as: key, what was found, what is accepted."""
    key = ".".join(str(part) for part in error["loc"] if part != "[key]")
    match error["type"]:
        case "extra_forbidden" | "unexpected_keyword_argument":
            return f"{key}: is no key of this table; check its spelling, or remove it"
        case "missing" | "missing_argument":
            return f"{key}: is missing"
        case "value_error":
            return f"{key}: {error['ctx']['error']}"
        case "too_short":
            return f"{key}: is empty; name at least one"
        case known if known in ACCEPTED:
            accepted = ACCEPTED[known]
        case _:
            accepted = error.get("ctx", {}).get("expected") or error["msg"].removeprefix("Input should be ")
    return f"{key}: is {error['input']!r}; accepted: {accepted}"
