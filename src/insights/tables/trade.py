"""What is sold, to whom, and what came out at the other end."""

from __future__ import annotations

from insights.tables.columns import Column, Table

TABLES = (
    Table(
        "products",
        "",
        (
            Column("product_id", "id", key=True, required=True),
            Column("name", "text"),
            Column("generic_name", "text"),
            Column("product_line", "text"),
            Column(
                "category",
                "code",
                codes=(
                    "drug",
                    "equipment",
                    "consumable",
                    "reagent",
                    "service",
                ),
            ),
            Column("list_price", "money", meaning="per unit"),
            Column("cost", "money", meaning="per unit"),
            Column(
                "vbp_status",
                "code",
                codes=(
                    "won",
                    "lost",
                    "none",
                ),
            ),
            Column("vbp_on", "date", meaning="effective"),
        ),
    ),
    Table(
        "orders",
        "what we sold and to whom (一级): distributors included",
        (
            Column("order_id", "id", key=True, required=True),
            Column("line_no", "int", key=True, default=1, meaning="1 when absent"),
            Column(
                "customer_id",
                "id",
                required=True,
                references="customers.customer_id",
                meaning="buyer (payer)",
            ),
            Column("product_id", "id", references="products.product_id"),
            Column("rep_id", "id", references="reps.rep_id"),
            Column("ordered_on", "date", required=True),
            Column("quantity", "float", meaning="base unit; negative = return"),
            Column("unit_price", "money"),
            Column("amount", "money", required=True, meaning="tax included"),
            Column("channel", "text"),
        ),
        known_on="ordered_on",
    ),
    Table(
        "channel_flow",
        "sell-through (二级, 纯销): what a terminal took from a distributor",
        (
            Column("flow_id", "id", key=True, required=True),
            Column("distributor_id", "id", required=True, references="customers.customer_id"),
            Column(
                "customer_id", "id", references="customers.customer_id", meaning="matched terminal"
            ),
            Column("raw_name", "text", meaning="as the distributor wrote it"),
            Column("product_id", "id", required=True, references="products.product_id"),
            Column("flowed_on", "date", required=True),
            Column("quantity", "float", required=True),
            Column("amount", "money"),
        ),
        known_on="flowed_on",
    ),
    Table(
        "stock",
        "",
        (
            Column(
                "holder_id",
                "id",
                key=True,
                required=True,
                references="customers.customer_id",
                meaning='distributor, hospital, or "own"',
            ),
            Column("product_id", "id", key=True, required=True, references="products.product_id"),
            Column("counted_on", "date", key=True, required=True),
            Column("quantity", "float", required=True),
            Column("expires_on", "date", key=True),
        ),
        known_on="counted_on",
    ),
    Table(
        "prescriptions",
        "department-month only, never a doctor; cells under the minimum are suppressed",
        (
            Column("customer_id", "id", key=True, required=True),
            Column("department_id", "id", key=True),
            Column("product_id", "id", key=True, required=True),
            Column("month", "date", key=True, required=True, meaning="first day"),
            Column("scripts", "int"),
            Column("quantity", "float"),
        ),
        known_on="month",
    ),
)
