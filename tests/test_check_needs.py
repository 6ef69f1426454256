"""What is declared of each analysis' needs, held against what it reads and what it says."""

from __future__ import annotations

import ast
import json
import re

import pandas as pd
import pytest

from insights.calls import review_calls
from insights.check import NEEDS, answers
from insights.check.needs import ESSENTIAL, summed_up
from insights.delinquency import review_receivables
from insights.delinquency.predict import OPTIONAL
from insights.exceptions import Source, gather_exceptions
from insights.params import ROOT, load_params
from insights.segmentation import review_customers
from insights.segmentation.company import gaps
from insights.strategy import PilotQuestion, plan_pilot, review_strategies
from insights.tables import CANONICAL, as_date, connect
from insights.targets import review_targets

SOURCE = ROOT / "src" / "insights"
ROOMS = ("features", "segmentation", "delinquency", "strategy", "targets", "calls", "exceptions")
STARTS = {
    "segmentation": ("segmentation.review",),
    "delinquency": ("delinquency.review",),
    "strategy": ("strategy.reviewing.review",),
    "strategy_plan": ("strategy.planning.plan",),
    "targets": ("targets.review",),
    "calls": ("calls.review",),
    "exceptions": ("targets.review", "calls.review", "delinquency.review", "exceptions.gather"),
}
DAY = "2024-06-30"
READERS = ("known", "master", "Facts", "one_a_key")
NOT_READ_BY_IT = {  # of modules that it shares with others, whose functions it does not call
    "strategy_plan": {"calendar", "territories", "stock", "distributors"},
    "targets": {"absences", "call_plans", "departments", "feedback", "outcomes", "stock",
                "strategy_units"},
    "calls": {"distributors", "feedback", "stock"},
}  # fmt: skip
IN_ITS_QUESTIONS = {"exceptions": ("targets", "calls", "delinquency")}  # which say what they need


def path_of(module):
    base = SOURCE.joinpath(*module.split("."))
    return base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"


def imports_of(module):
    """Return name -> module of what a module imports of this project."""
    tree = ast.parse(path_of(module).read_text(encoding="utf-8"))
    return {
        alias.name: node.module.removeprefix("insights.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("insights.")
        for alias in node.names
    }


def modules_of(starts):
    """Return the modules an analysis is made of, however deep; a package gives what is asked."""
    found, waiting = set(), [*starts]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        for name, where in imports_of(module).items():
            while path_of(where).name == "__init__.py" and name in imports_of(where):
                where = imports_of(where)[name]
            if where.split(".")[0] in ROOMS:
                waiting.append(where)
    return found


def text_of(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def tables_read(module):
    """Return the tables that a module names where it reads them."""
    for node in ast.walk(ast.parse(path_of(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "tables":
            yield text_of(node.slice)
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in (*READERS, "has", "gap"):
                yield from (text_of(one) for one in node.args)


def declared_by(analysis):
    return {name for need in NEEDS if need.analysis == analysis for name in need.tables}


@pytest.mark.parametrize("analysis", STARTS)
def test_what_is_declared_is_what_the_analysis_reads(analysis):
    read = {name for module in modules_of(STARTS[analysis]) for name in tables_read(module)}
    declared = declared_by(analysis)
    assert declared - read - {"regions"} <= set()
    others = [declared_by(one) for one in IN_ITS_QUESTIONS.get(analysis, ())]
    elsewhere = set().union(NOT_READ_BY_IT.get(analysis, set()), *others)
    if others:
        elsewhere |= set().union(*(NOT_READ_BY_IT.get(one, set()) for one in STARTS))
    undeclared = (read & set(CANONICAL)) - declared - {"regions"}
    assert undeclared <= elsewhere if others else undeclared == elsewhere


@pytest.mark.parametrize("analysis", STARTS)
def test_the_notebooks_own_overview_shows_no_table_that_is_not_declared(analysis):
    book = json.loads((ROOT / "notebooks" / f"{analysis}.ipynb").read_text(encoding="utf-8"))
    code = "".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code")
    shown = re.search(r"tables\.overview\(\s*\(([^)]*)\)", code)
    names = set(re.findall(r'"(\w+)"', shown.group(1)))
    assert names and names <= declared_by(analysis)


def test_every_need_names_canonical_tables_and_columns():
    for need in NEEDS:
        for name in need.tables:
            assert set(need.columns) <= set(CANONICAL[name].schema)
    assert {need.analysis for need in NEEDS} == {
        path.stem for path in (ROOT / "notebooks").glob("*.ipynb")
    }


@pytest.fixture
def lean(write_source):
    """A source with a single customer: every table but the regions' is missing."""
    customers = pd.DataFrame({"customer_id": ["1"], "region_id": ["E"]})
    return connect(write_source(customers=customers))


def declared_parts(analysis):
    return {name for need in NEEDS if need.analysis == analysis for name in need.tables
            if need.weight != "extra"}  # fmt: skip


def test_what_an_analysis_calls_missing_is_declared(lean):
    said = " ".join(gaps(lean, as_date(DAY)))
    called = set(re.findall(r"table (\w+) is missing", said))
    assert called == {"channel_flow", "visits", "products"} <= declared_parts("segmentation")
    assert set(OPTIONAL) <= declared_parts("delinquency")


def test_without_an_essential_table_there_is_no_answer_and_it_is_named(lean):
    params = load_params()
    question = PilotQuestion(params.strategy_plan, params.strategy, "all")
    results = {
        "segmentation": review_customers(lean, DAY, params.segmentation),
        "delinquency": review_receivables(lean, DAY, params.delinquency),
        "strategy": review_strategies(lean, DAY, params.strategy),
        "strategy_plan": plan_pilot(lean, DAY, question),
        "targets": review_targets(lean, DAY, params.targets),
        "calls": review_calls(lean, DAY, params.calls),
    }
    lists = [Source.of_targets(results["targets"]), Source.of_calls(results["calls"]),
             Source.of_receivables(results["delinquency"])]  # fmt: skip
    results["exceptions"] = gather_exceptions(lists, lean, DAY, params.exceptions)
    for analysis, result in results.items():
        needed = [n for n in NEEDS if n.analysis == analysis and n.weight == ESSENTIAL]
        assert any(name in str(result) for need in needed for name in need.tables), analysis


def test_the_answer_follows_the_needs():
    columns = pd.DataFrame(
        [["orders", "amount", "money", True, 1.0], ["customers", "name", "text", False, 0.0],
         ["invoices", "amount", "money", True, 1.0]],
        columns=["table", "column", "type", "required", "filled"],
    )  # fmt: skip
    found = answers(columns, frozenset({"invoices"}))
    told = summed_up(found).set_index("analysis").answer.to_dict()
    assert told == {"segmentation": "in part", "delinquency": "in part", "strategy": "no",
                    "strategy_plan": "in part", "targets": "in part", "calls": "no",
                    "exceptions": "in part"}  # fmt: skip
    rows = found.set_index(["analysis", "needs"])
    assert rows.loc[("delinquency", "invoices"), "state"] == "stale"
    assert rows.loc[("delinquency", "invoices"), "lost"] == "what happened since"
    assert rows.loc[("segmentation", "customers"), "words"] == "no rows"
