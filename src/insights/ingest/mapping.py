"""A mapping file: which file becomes which tables, and how. Written and read by an analyst."""

from __future__ import annotations

import datetime as dt
import difflib
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from insights.params import ParamsError, load_yaml
from insights.tables import CANONICAL
from insights.words import _

STRICT = ConfigDict(extra="forbid")
Scalar = bool | int | float | str | dt.datetime | dt.date
WAYS = ("column", "constant", "concat", "hash", "product", "number", "date")
TESTS = ("not_null", "equals", "not_equals", "one_of", "greater_than", "less_than")


@dataclass(frozen=True, config=STRICT)
class Derivation:
    """How a canonical column is made of the file's columns: exactly one of ``WAYS``.

    ``column`` a rename · ``constant`` · ``concat`` columns with ``separator`` · ``hash`` of columns
    as an id · ``product`` of columns · ``number`` 1, 2, 3 … among rows equal in these columns ·
    ``date`` written in ``format``, which may also read a ``concat`` (a year and a month in two
    columns: the first day of the month). ``negate`` turns the sign, ``unit`` (千, 万, 亿) scales,
    ``round`` declares that money is rounded to two decimals, half away from zero.
    """

    column: str | None = None
    constant: Scalar | None = None
    concat: tuple[str, ...] | None = None
    hash: tuple[str, ...] | None = None
    product: tuple[str, ...] | None = None
    number: tuple[str, ...] | None = None
    date: str | None = None
    format: str | None = None
    separator: str = "-"
    negate: bool = False
    unit: Literal["", "千", "万", "亿"] = ""
    round: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Derivation:
        if len(self.ways) != 1:
            raise ValueError(_("say exactly one of {ways}").format(ways=", ".join(WAYS)))
        if self.constant is None and not self.inputs:
            raise ValueError(_("name at least one column"))
        if (self.date is None) != (self.format is None) and not (self.concat and self.format):
            raise ValueError(_("date and format go together: date: …, format: '%m/%d/%Y'"))
        _refuse_bad_form(self.format or "")
        return self

    @property
    def ways(self) -> tuple[str, ...]:
        """Return the ways that are set."""
        return tuple(way for way in WAYS if getattr(self, way) is not None)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the file's columns that are needed."""
        single = tuple(name for name in (self.column, self.date) if name is not None)
        several = (self.concat, self.hash, self.product, self.number)
        return single + tuple(name for names in several if names for name in names)


@dataclass(frozen=True, config=STRICT)
class Condition:
    """Rows that a table takes: exactly one of ``TESTS`` on one column of the file.

    The others are quarantined with ``reason``; ``expected`` says they do not count as a fault.
    """

    column: str
    reason: str
    expected: bool = False
    not_null: Literal[True] | None = None
    equals: Scalar | None = None
    not_equals: Scalar | None = None
    one_of: tuple[Scalar, ...] | None = None
    greater_than: float | None = None
    less_than: float | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        if sum(getattr(self, test) is not None for test in TESTS) != 1:
            raise ValueError(_("say exactly one of {ways}").format(ways=", ".join(TESTS)))
        return self


@dataclass(frozen=True, config=STRICT)
class Distinct:
    """A table made of the distinct rows of another one's lines.

    Where one key has several contents, ``keep`` one of them: the rest are quarantined with
    ``reason`` as expected. Without ``keep`` they are all quarantined as a contradiction.
    """

    keep: Literal["most_frequent", "first", "last"] | None = None
    reason: str = ""


@dataclass(frozen=True, config=STRICT)
class TablePlan:
    """How one table is made of a sheet: canonical column -> header or derivation."""

    columns: dict[str, str | Derivation] = field(default_factory=dict)
    where: tuple[Condition, ...] = ()
    distinct: Distinct | bool = False
    other_columns: Literal["ignore", "by_header"] = "ignore"

    def derivation(self, column: str) -> Derivation:
        """Return how a canonical column is made."""
        made = self.columns[column]
        return Derivation(column=made) if isinstance(made, str) else made

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the file's columns that are needed, each once."""
        names = [name for column in self.columns for name in self.derivation(column).inputs]
        return tuple(dict.fromkeys([*names, *(condition.column for condition in self.where)]))


@dataclass(frozen=True, config=STRICT)
class FilePlan:
    """What the files of a name (``*`` and ``?`` allowed) become; ``left_out`` says why not."""

    file: str
    tables: dict[str, TablePlan]
    sheet: str | None = None
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, config=STRICT)
class Mapping:
    """A whole mapping file. ``rows`` are literal rows of tables that no file holds."""

    files: tuple[FilePlan, ...] = ()
    rows: dict[str, tuple[dict[str, Scalar | None], ...]] = field(default_factory=dict)
    other_files: Literal["by_header", "ignore"] = "by_header"


def load_yaml_mapping(path: Path) -> Mapping:
    """Return a mapping of YAML; ``ParamsError`` names the file and every fault in it at once."""
    try:
        mapping = TypeAdapter(Mapping).validate_python(load_yaml(path) or {})
    except ValidationError as error:
        faults = dict.fromkeys(_fault(item) for item in error.errors() if not _is_other_form(item))
        raise ParamsError(f"{path}: " + "; ".join(faults)) from None
    faults_of_names = _unknown_names(mapping)
    if faults_of_names:
        raise ParamsError(f"{path}: " + "; ".join(faults_of_names))
    return mapping


def nearest(name: str, known: list[str]) -> list[str]:
    """Return up to three names that a mistyped one may have meant."""
    return difflib.get_close_matches(name, known, n=3, cutoff=0.5)


def closest(name: str, known: list[str]) -> str:
    """Return the names nearest to a mistyped one in words, or all of them."""
    near = nearest(name, known)
    if near:
        return _("closest: {names}").format(names=", ".join(near))
    return _("known: {names}").format(names=", ".join(known))


def _refuse_bad_form(form: str) -> None:
    try:
        dt.datetime.strptime("", form)
    except ValueError as error:
        if "%" in str(error).split("format")[-1] and "does not match" not in str(error):
            raise ValueError(_("not a form of dates: {form}").format(form=form)) from None


def _fault(item: Any) -> str:
    parts = [str(part) for part in item["loc"] if part not in ("Derivation", "str", "Distinct")]
    place = ".".join(part for part in parts if not part.startswith("function-"))
    if item["type"] == "string_type" and isinstance(item["input"], bool | int | float | dt.date):
        return _("{place}: {value!r} is not text; write it in quotes").format(
            place=place, value=item["input"]
        )
    if item["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return _("{place}: unknown key").format(place=place)
    return _("{place}: {message}").format(
        place=place, message=item["msg"].removeprefix("Value error, ")
    )


def _is_other_form(item: Any) -> bool:
    """A derivation is no plain text, and that is no fault of its own; likewise ``distinct``."""
    form = str(item["loc"][-1])
    return isinstance(item["input"], dict) and form in ("str", "bool")


def _unknown_names(mapping: Mapping) -> list[str]:
    used = [
        (f"files.{plan.file}.tables", table, list(made.columns))
        for plan in mapping.files
        for table, made in plan.tables.items()
    ] + [
        ("rows", table, list(row)) for table, rows in mapping.rows.items() for row in rows
    ]  # fmt: skip
    faults: dict[str, None] = {}
    for place, table, columns in used:
        faults.update(dict.fromkeys(_unknown(place, table, columns)))
    return list(faults)


def _unknown(place: str, table: str, columns: list[str]) -> list[str]:
    if table not in CANONICAL:
        near = closest(table, list(CANONICAL))
        return [
            _("{place}.{name}: no such table; {near}").format(place=place, name=table, near=near)
        ]
    known = [column.name for column in CANONICAL[table].columns]
    return [
        _("{place}.{table}.{name}: no such column; {near}").format(
            place=place, table=table, name=name, near=closest(name, known)
        )
        for name in columns
        if name not in known
    ]
