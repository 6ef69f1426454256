"""What was planned, visited, heard and aimed at."""

from __future__ import annotations

from insights.tables.columns import Column, Table

TABLES = (
    Table(
        "call_plans",
        "",
        (
            Column("rep_id", "id", key=True, required=True, references="reps.rep_id"),
            Column(
                "customer_id", "id", key=True, required=True, references="customers.customer_id"
            ),
            Column("period", "date", key=True, required=True, meaning="first day of the month"),
            Column(
                "visit_type",
                "code",
                key=True,
                codes=(
                    "new",
                    "keep",
                    "head",
                    "service",
                ),
            ),
            Column("goal", "int", required=True),
            Column("maximum", "int", meaning="counts no further when capped"),
            Column("objective", "text"),
        ),
    ),
    Table(
        "visits",
        "",
        (
            Column("visit_id", "id", key=True, required=True),
            Column("rep_id", "id", required=True, references="reps.rep_id"),
            Column("customer_id", "id", required=True, references="customers.customer_id"),
            Column("department_id", "id"),
            Column("contact_id", "id"),
            Column("visited_on", "date", required=True),
            Column("starts_at", "time"),
            Column("ends_at", "time"),
            Column("planned_on", "date"),
            Column(
                "channel",
                "code",
                codes=(
                    "in_person",
                    "phone",
                    "video",
                    "wechat",
                    "email",
                ),
            ),
            Column(
                "visit_type",
                "code",
                codes=(
                    "new",
                    "keep",
                    "head",
                    "service",
                ),
            ),
            Column(
                "status",
                "code",
                codes=(
                    "planned",
                    "saved",
                    "submitted",
                ),
            ),
            Column("objective", "text"),
            Column("objective_met", "bool"),
            Column("decision_role", "text"),
            Column("pain_point", "text"),
            Column("competitor_presence", "text"),
            Column("next_action", "text"),
            Column("next_on", "date"),
            Column("facts", "text"),
            Column("key_points", "text"),
            Column("our_actions", "text"),
            Column("assessment", "text"),
            Column("entered_at", "time"),
        ),
        known_on="visited_on",
    ),
    Table(
        "needs",
        "",
        (
            Column("need_id", "id", key=True, required=True),
            Column("customer_id", "id", required=True),
            Column("opened_on", "date", required=True),
            Column("closed_on", "date"),
            Column("topic", "text"),
        ),
        known_on="opened_on",
        learnt_later=("closed_on",),
    ),
    Table(
        "targets",
        "",
        (
            Column("period", "date", key=True, required=True, meaning="first day"),
            Column(
                "grain",
                "code",
                key=True,
                required=True,
                codes=(
                    "month",
                    "quarter",
                    "year",
                ),
            ),
            Column(
                "scope",
                "code",
                key=True,
                required=True,
                codes=(
                    "company",
                    "region",
                    "rep",
                    "product_line",
                    "product",
                    "customer",
                    "channel",
                ),
            ),
            Column("scope_id", "id", key=True, required=True),
            Column(
                "metric",
                "code",
                key=True,
                required=True,
                codes=(
                    "sales",
                    "quantity",
                    "new_customers",
                    "coverage",
                    "visits",
                ),
            ),
            Column("target", "float", required=True),
        ),
    ),
    Table(
        "feedback",
        "",
        (
            Column("feedback_id", "id", key=True, required=True),
            Column("customer_id", "id", required=True, references="customers.customer_id"),
            Column("given_on", "date", required=True),
            Column("channel", "text"),
            Column(
                "kind",
                "code",
                codes=(
                    "product",
                    "service",
                    "sales",
                    "other",
                ),
            ),
            Column("dimension", "text"),
            Column("score", "float", low=1, high=5, meaning="1..5"),
            Column("nps", "int", low=0, high=10, meaning="0..10"),
            Column("wave", "int", meaning="1 first, 2 after the improvement"),
            Column(
                "answers_id",
                "id",
                references="feedback.feedback_id",
                meaning="the first-wave row it follows",
            ),
            Column("text", "text", meaning="names and phones scrubbed at the door"),
        ),
        known_on="given_on",
    ),
    Table(
        "calendar",
        "",
        (
            Column("date", "date", key=True, required=True),
            Column("is_workday", "bool", required=True, meaning="make-up workdays included"),
            Column("holiday", "text"),
        ),
    ),
    Table(
        "absences",
        "leave and vacancies: days a rep or territory has no caller",
        (
            Column("rep_id", "id", key=True, required=True, references="reps.rep_id"),
            Column("from_on", "date", key=True, required=True),
            Column("to_on", "date", required=True),
        ),
    ),
)
