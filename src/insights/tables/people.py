"""Who is sold to, and who sells."""

from __future__ import annotations

from insights.tables.columns import Column, Table

TABLES = (
    Table(
        "regions",
        "areas of the company: leaves, and the groups above them",
        (
            Column("region_id", "id", key=True, required=True, meaning="leaf or group"),
            Column("region_name", "text", required=True),
            Column(
                "parent_id", "id", references="regions.region_id", meaning="group it belongs to"
            ),
        ),
    ),
    Table(
        "customers",
        "who is sold to or whom demand comes from",
        (
            Column("customer_id", "id", key=True, required=True),
            Column("region_id", "id", required=True, references="regions.region_id"),
            Column("name", "text"),
            Column(
                "customer_type",
                "code",
                codes=(
                    "hospital",
                    "pharmacy",
                    "distributor",
                    "clinic",
                    "checkup",
                    "department",
                ),
            ),
            Column(
                "parent_id",
                "id",
                references="customers.customer_id",
                meaning="campus or department of",
            ),
            Column(
                "hospital_level",
                "code",
                codes=(
                    "3A",
                    "3B",
                    "2A",
                    "2B",
                    "1",
                    "community",
                    "none",
                ),
            ),
            Column(
                "ownership",
                "code",
                codes=(
                    "public",
                    "private",
                    "military",
                ),
            ),
            Column("is_sme", "bool", meaning="small or medium enterprise (for distributors)"),
            Column("city", "text"),
            Column("district", "text"),
            Column("longitude", "float", low=-180, high=180, meaning="WGS84"),
            Column("latitude", "float", low=-90, high=90, meaning="WGS84"),
            Column("beds", "int"),
            Column("outpatients", "int", meaning="visits a year"),
            Column("potential", "money", meaning="estimated yearly purchase of our categories"),
            Column("influence", "float", low=0, high=5, meaning="0..5"),
            Column("willingness", "float", low=1, high=5, meaning="1..5"),
            Column(
                "relationship_stage",
                "code",
                codes=(
                    "none",
                    "aware",
                    "trial",
                    "use",
                    "loyal",
                ),
            ),
            Column("reception", "text", meaning='visiting windows, e.g. "Wed 14-17, Thu 14-17"'),
            Column("credit_limit", "money"),
            Column("credit_grade", "text"),
            Column("payment_term_days", "int", meaning="from acceptance, else invoice"),
            Column("first_deal_on", "date"),
            Column(
                "tier",
                "code",
                codes=(
                    "A",
                    "B",
                    "C",
                ),
                meaning="as the company keeps it today",
            ),
        ),
        known_on="first_deal_on",
    ),
    Table(
        "customer_aliases",
        "",
        (
            Column("alias", "text", key=True, required=True),
            Column("customer_id", "id", required=True, references="customers.customer_id"),
            Column("source", "text"),
        ),
    ),
    Table(
        "departments",
        "科室",
        (
            Column("department_id", "id", key=True, required=True),
            Column("customer_id", "id", required=True, references="customers.customer_id"),
            Column("department", "text", required=True, meaning="standard name"),
            Column("is_target", "bool"),
            Column("beds", "int"),
        ),
    ),
    Table(
        "contacts",
        "doctors, pharmacists, buyers; no names, phones or positions",
        (
            Column(
                "contact_id", "id", key=True, required=True, meaning="keyed hash made at the door"
            ),
            Column("customer_id", "id", required=True, references="customers.customer_id"),
            Column("department_id", "id", references="departments.department_id"),
            Column(
                "role",
                "code",
                codes=(
                    "head",
                    "doctor",
                    "pharmacy",
                    "equipment",
                    "purchasing",
                    "president",
                ),
            ),
            Column("influence", "float", low=0, high=5, meaning="0..5"),
            Column("willingness", "float", low=1, high=5, meaning="1..5"),
            Column(
                "relationship_stage",
                "code",
                codes=(
                    "none",
                    "aware",
                    "trial",
                    "use",
                    "loyal",
                ),
            ),
            Column("consent", "bool"),
        ),
    ),
    Table(
        "distributors",
        "",
        (
            Column(
                "distributor_id",
                "id",
                key=True,
                required=True,
                references="customers.customer_id",
                meaning="also a customer of type distributor",
            ),
            Column("region_id", "id", references="regions.region_id", meaning="authorised"),
            Column(
                "grade",
                "code",
                codes=(
                    "A",
                    "B",
                    "C",
                    "D",
                ),
            ),
            Column("contract_from_on", "date"),
            Column("contract_to_on", "date"),
            Column("licence_to_on", "date"),
        ),
    ),
    Table(
        "reps",
        "",
        (
            Column("rep_id", "id", key=True, required=True),
            Column("region_id", "id", references="regions.region_id"),
            Column("product_line", "text"),
            Column(
                "line_type",
                "code",
                codes=(
                    "drug",
                    "device",
                ),
                meaning="decides what the law lets a rep do",
            ),
            Column("manager_id", "id", references="reps.rep_id"),
            Column("hired_on", "date"),
            Column("left_on", "date"),
        ),
        known_on="hired_on",
        learnt_later=("left_on",),
    ),
    Table(
        "territories",
        "",
        (
            Column("rep_id", "id", key=True, required=True, references="reps.rep_id"),
            Column(
                "customer_id", "id", key=True, required=True, references="customers.customer_id"
            ),
            Column("from_on", "date", key=True, required=True),
            Column("to_on", "date"),
        ),
        known_on="from_on",
        learnt_later=("to_on",),
    ),
)
