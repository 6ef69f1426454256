"""Strategies, the panels they are judged on, and what people decided."""

from __future__ import annotations

from insights.tables.columns import Column, Table

TABLES = (
    Table(
        "strategies",
        "",
        (
            Column("strategy_id", "id", key=True, required=True),
            Column("name", "text", required=True),
            Column("hypothesis", "text"),
            Column("owner", "text", meaning="role, not a person"),
            Column(
                "metric",
                "text",
                required=True,
                meaning="sales, sell_through, quantity, visits, score, or a metric of outcomes",
            ),
            Column(
                "unit_type",
                "code",
                codes=(
                    "customer",
                    "region",
                    "department",
                    "rep",
                    "city",
                ),
                meaning="what unit_id is; customer when absent",
            ),
            Column("starts_on", "date", required=True),
            Column("ends_on", "date"),
            Column(
                "grain",
                "code",
                codes=(
                    "month",
                    "quarter",
                    "year",
                ),
                meaning="month when absent",
            ),
            Column(
                "direction",
                "code",
                codes=(
                    "up",
                    "down",
                ),
                meaning="up when absent",
            ),
            Column(
                "min_effect", "rate", meaning="smallest effect worth having; did_not_work needs it"
            ),
            Column("washout_periods", "int", meaning="0 when absent"),
            Column(
                "registered_on",
                "date",
                meaning="when metric, units, windows and min_effect were fixed",
            ),
        ),
    ),
    Table(
        "strategy_units",
        "",
        (
            Column(
                "strategy_id", "id", key=True, required=True, references="strategies.strategy_id"
            ),
            Column("unit_id", "id", key=True, required=True),
            Column("starts_on", "date", meaning="staggered; the strategy's when absent"),
        ),
    ),
    Table(
        "outcomes",
        "any KPI panel that is not derived from the tables above",
        (
            Column("unit_id", "id", key=True, required=True),
            Column("period", "date", key=True, required=True, meaning="first day"),
            Column("metric", "text", key=True, required=True),
            Column("value", "float", required=True),
        ),
        known_on="period",
    ),
    Table(
        "decisions",
        "what people approved or overrode; shown beside what was computed",
        (
            Column("decision_id", "id", key=True, required=True),
            Column(
                "kind",
                "code",
                required=True,
                codes=(
                    "tier",
                    "plan",
                    "match",
                    "writeoff",
                    "verdict",
                    "target",
                    "call_plan",
                ),
            ),
            Column(
                "subject_id",
                "id",
                required=True,
                meaning="customer, rep, rep/customer, alias, invoice, strategy or region",
            ),
            Column(
                "value",
                "text",
                required=True,
                meaning="e.g. tier A; 4 visits a month; a target's CNY a year",
            ),
            Column("decided_on", "date", required=True),
            Column("until_on", "date"),
            Column("decided_by", "text", meaning="role, not a person"),
            Column("reason", "text"),
        ),
        known_on="decided_on",
    ),
)
