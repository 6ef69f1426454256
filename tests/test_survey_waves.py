"""Two waves of feedback and their loop: pairs, hidden future, small groups, bad input."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from insights.features.waves import (
    SECOND_SURVEY,
    WavesError,
    aligned_starts,
    answers_until,
    survey_panel,
    survey_periods,
    survey_waves,
    wave_scores,
)
from insights.params import StrategyParams
from insights.strategy import review_strategies
from insights.strategy.designs.paired import paired_fit
from insights.strategy.designs.two_waves import waves_gate
from insights.strategy.panel.outcomes import read_panel
from insights.strategy.registered.looks import looks_of
from insights.strategy.reviewing.surveys import loop_rows, survey_rows, surveys_said, surveys_shown
from insights.tables import connect

FEEDBACK = [
    # id, customer, day, kind, dimension, score, wave, answers
    ("1", "A", "2024-01-05", "product", "x", 2.0, 1, None),
    ("2", "A", "2024-02-05", "service", None, 3.0, 1, None),
    ("3", "B", "2024-02-10", None, None, 2.0, None, None),
    ("1-2", "A", "2024-03-01", "product", "x", 4.0, 2, "1"),
    ("1-3", "A", "2024-06-01", "product", "x", 1.0, 2, "1"),
    ("3-2", "B", "2024-05-01", None, None, 2.0, None, "3"),
    ("9", "B", "2024-05-02", None, None, 2.0, 2, None),
    ("10", "B", "2024-05-03", None, None, 2.0, 2, "77"),
    ("11", "B", "2024-05-04", None, None, 5.0, 2, "2"),
    ("12", "A", "2024-01-15", None, None, 5.0, 2, "2"),
]


COLUMNS = ("feedback_id", "customer_id", "given_on", "kind", "dimension", "score", "wave",
           "answers_id")  # fmt: skip


def feedback(rows):
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.assign(given_on=pd.to_datetime(table.given_on), wave=table.wave.astype("Int64"))


class TestWaves:
    @pytest.fixture
    def source(self, write_source):
        return lambda rows=FEEDBACK: connect(write_source(feedback=feedback(rows)))

    def test_pairs_and_unmatched(self, source):
        waves = survey_waves(source(), "2024-05-31")
        pairs = waves.pairs.set_index("feedback_id")
        assert pairs.index.tolist() == ["1", "2", "3"]
        assert pairs.change.tolist()[::2] == [2.0, 0.0]
        assert pairs.verified.tolist()[::2] == [1.0, 0.0]
        assert pairs.second_on.isna().sum() == 1
        assert waves.unmatched.feedback_id.tolist() == ["10", "11", "12", "9"]
        assert waves.unmatched.reason.nunique() == 4

    def test_the_future_is_hidden_and_the_latest_answer_counts(self, source):
        tables = source()
        by_day = {
            day: survey_waves(tables, day).pairs.set_index("feedback_id").change.get("1")
            for day in ("2024-02-28", "2024-03-01", "2024-06-01")
        }
        assert np.isnan(by_day["2024-02-28"])
        assert by_day["2024-03-01"] == 2
        assert by_day["2024-06-01"] == -1
        assert survey_waves(tables, "2023-01-01").pairs.empty

    def test_a_third_wave_is_no_first_survey_and_must_name_the_first(self, source):
        third = [("13", "A", "2024-04-01", None, None, 3.0, 3, None),
                 ("14", "A", "2024-04-02", None, None, 3.0, 3, "1-2")]  # fmt: skip
        waves = survey_waves(source([*FEEDBACK, *third]), "2024-05-31")
        assert waves.pairs.feedback_id.tolist() == ["1", "2", "3"]
        said = waves.unmatched.set_index("feedback_id").reason
        assert said["13"] == "names no first survey"
        assert "name the first" in said["14"]

    def test_every_fault_is_named_at_once(self, source):
        bad = [("1", "A", "2024-04-01", None, None, 9.0, 1, None),
               ("15", "A", "2024-04-01", None, None, 2.0, 0, None)]  # fmt: skip
        with pytest.raises(WavesError) as error:
            survey_waves(source([*FEEDBACK, *bad]), "2024-05-31")
        for words in ("1 outside 1 to 5, such as 9 in 1", "such as 0 in 15", "1 repeated"):
            assert words in str(error.value)
        assert survey_waves(source([*FEEDBACK, *bad]), "2024-03-31").pairs.shape[0] == 3

    def test_row_order_does_not_matter(self, source):
        first = survey_waves(source(), "2024-05-31")
        again = survey_waves(source(FEEDBACK[::-1]), "2024-05-31")
        pd.testing.assert_frame_equal(first.pairs, again.pairs)
        pd.testing.assert_frame_equal(first.unmatched, again.unmatched)

    def test_scores_by_customer(self, source):
        pairs = survey_waves(source(), "2024-05-31").pairs
        found = wave_scores(pairs)
        assert found.customer_id.tolist() == ["A", "B"]
        assert found["first"].tolist() == [2.0, 2.0]
        assert found.second.tolist() == [4.0, 2.0]
        later = wave_scores(pairs, "2024-04-01")
        assert later.second.isna().tolist() == [True, False]

    def test_a_panel_of_two_waves(self, source):
        asked = SimpleNamespace(unit_type=None, starts_on=START)
        rows = survey_panel(source(), asked, "2024-05-31")
        assert rows.unit_id.tolist() == ["A", "A", "B", "B"]
        assert rows.period.dt.strftime("%m-%d").tolist() == ["03-31", "04-01"] * 2
        assert rows.value.fillna(-1).tolist() == [2.5, -1, 2, 2]
        begun = pd.DataFrame({"unit_id": ["B"], "starts_on": [asked.starts_on]})
        assert waves_gate(read_panel(rows, begun, 0)).passed
        asked.unit_type = "rep"
        with pytest.raises(WavesError, match="by customer, not by rep"):
            survey_panel(source(), asked, "2024-05-31")

    def test_each_customer_has_its_own_start_on_the_two_days_of_all(self, write_source):
        rows = [
            (f"{name}{wave}", name, day, None, None, 3.0, wave, f"{name}1" if wave == 2 else None)
            for name, days in {
                "A": ("2024-04-01", "2024-04-02"), "B": ("2024-03-01", "2024-04-01"),
                "C": ("2024-04-01", "2024-04-02"), "D": ("2024-03-01", "2024-04-01"),
                "E": ("2024-03-01", "2024-04-01"), "F": ("2024-04-01", "2024-04-02"),
            }.items()
            for wave, day in enumerate(days, 1)
        ]  # fmt: skip
        starts = pd.to_datetime(["2024-04-02", "2024-04-02", "2024-04-01", None, None])
        units = pd.DataFrame({"strategy_id": "S", "unit_id": list("ABCDE"), "starts_on": starts})
        tables = connect(write_source(feedback=feedback(rows), strategy_units=units))
        asked = second_survey("2024-04-01")
        found = survey_panel(tables, asked, "2024-05-31")
        begun = units.assign(starts_on=starts).fillna({"starts_on": START})
        begun = begun[begun.unit_id != "C"]
        assert found[found.value.notna()].groupby("unit_id").size().to_dict() == {
            "A": 2, "B": 1, "D": 2, "E": 2,
        }  # fmt: skip
        assert not waves_gate(read_panel(found, begun, 0)).passed
        assert waves_gate(read_panel(found, aligned_starts(begun, asked), 0)).passed
        asked.metric = "sales"
        assert aligned_starts(begun, asked) is begun

    def test_answers_count_until_the_strategy_ends(self, source):
        asked = second_survey("2024-04-01", ends_on=pd.Timestamp("2024-05-01"))
        rows = survey_panel(source(), asked, "2024-12-31")
        assert rows.value.fillna(-1).tolist() == [2.5, -1, 2, 2]
        asked.ends_on = pd.Timestamp("2024-04-15")
        with pytest.raises(WavesError, match="all 2 answers came after 2024-04-15"):
            survey_panel(source(), asked, "2024-12-31")

    def test_without_the_table(self, write_source):
        customers = pd.DataFrame({"customer_id": ["A"], "region_id": ["N"]})
        with pytest.raises(WavesError, match="feedback"):
            survey_waves(connect(write_source(customers=customers)), "2024-05-31")


START = pd.Timestamp("2024-04-01")


def second_survey(starts_on, ends_on=pd.NaT):
    return SimpleNamespace(
        strategy_id="S", metric=SECOND_SURVEY, unit_type="customer", ends_on=ends_on,
        starts_on=pd.Timestamp(starts_on),
    )  # fmt: skip


class TestLooks:
    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "as_of", "months", "until"),
        [("2024-07-01", None, "2024-07-30", 0, "2024-06-30"),
         ("2024-07-01", None, "2024-07-31", 1, "2024-07-31"),
         ("2024-07-15", None, "2025-01-20", 6, "2025-01-14"),
         ("2024-01-31", None, "2024-03-15", 1, "2024-02-28"),
         ("2024-07-01", "2024-12-20", "2025-06-30", 5, "2024-12-20"),
         ("2024-07-01", "2024-12-20", "2024-12-19", 5, "2024-11-30"),
         ("2024-07-01", "2024-07-20", "2025-06-30", 1, "2024-07-20"),
         ("2024-07-01", "2024-06-20", "2025-06-30", 0, "2024-06-20")],
    )  # fmt: skip
    def test_months_in_which_answers_arrived(self, starts_on, ends_on, as_of, months, until):
        asked = second_survey(starts_on, pd.Timestamp(ends_on))
        found = survey_periods(asked, as_of)
        assert len(found) == months
        assert found[:1].tolist() == [asked.starts_on][:months]
        assert answers_until(asked, as_of) == pd.Timestamp(until)

    def test_answers_between_two_looks_wait_for_the_next(self, write_source):
        tables = connect(write_source(feedback=feedback(FEEDBACK)))
        asked = second_survey("2024-02-15")
        on_day, later = (survey_panel(tables, asked, day) for day in ("2024-05-14", "2024-06-13"))
        pd.testing.assert_frame_equal(on_day, later)
        after = survey_panel(tables, asked, "2024-06-14")
        assert not after.equals(later)

    def test_looking_every_month_keeps_the_error_rate(self):
        params, asked = StrategyParams(planned_looks=(6, 12)), second_survey("2024-01-01")
        days = [pd.Timestamp("2024-01-01") + pd.DateOffset(months=n, days=-1) for n in range(1, 13)]
        looks = [looks_of((), survey_periods(asked, day), 0, params).now for day in days]
        assert [n for n, look in enumerate(looks, 1) if look.decides] == [6, 12]
        rng, treated, alarms = np.random.default_rng(0), np.arange(100) < 40, 0
        for _trial in range(400):
            change, month = rng.normal(0, 1, 100), rng.integers(1, 13, 100)
            alarms += any(
                paired_fit(
                    np.zeros(100), np.where(month <= n, change, np.nan), treated, look.confidence
                ).low > 0
                for n, look in enumerate(looks, 1) if look.decides
            )  # fmt: skip
        assert alarms <= 0.045 * 400


def loop(sizes, change=1.0, twice=True):
    """Return feedback of each kind: so many customers, each asked once and answered once more."""
    rows = []
    for kind, n in sizes.items():
        for i in range(n):
            one = f"{kind}{i}"
            rows.append((one, one, "2024-01-05", kind, None, 2.0 + i % 2, 1, None))
            if twice:
                rows.append((f"{one}-2", one, "2024-03-05", kind, None, 2 + i % 2 + change, 2, one))
    return rows


class TestLoop:
    @pytest.fixture
    def found(self, write_source):
        def rows(of, day="2024-12-31"):
            table = feedback(of)
            customers = pd.DataFrame({"customer_id": table.customer_id.unique(), "region_id": "N"})
            source = write_source(feedback=table, customers=customers)
            return survey_rows(connect(source), day, StrategyParams())

        return rows

    def test_counts_and_the_paired_test_by_hand(self, found):
        extra = [(x, x, "2024-02-01", None, None, 5.0, 1, None) for x in "XYZ"]
        whole = found([*loop({"product": 8, "service": 6}), *extra]).iloc[0]
        steps = whole[["collected", "analysed", "improved", "scored_twice", "verified"]]
        assert steps.tolist() == [17, 14, 14, 14, 14]
        assert (whole.share_verified, whole.mean_change) == (1, 1)
        assert whole.p_value == pytest.approx(2 / 2**14)
        assert (whole.first_score, whole.first_of_others) == (2.5, 5.0)

    def test_surveys_of_one_customer_go_together(self, found):
        rows = loop({"product": 8})
        many = [(f"{i}", *row[1:7], row[7] and f"{i - 1}") for i, row in enumerate(rows * 5)]
        whole = found(many).iloc[0]
        assert (whole.scored_twice, whole.customers) == (40, 8)
        assert whole.p_value == pytest.approx(2 / 2**8)

    def test_small_groups_are_put_together_and_nothing_can_be_worked_out(self, found):
        rows = found(loop({"product": 9, "service": 6, "sales": 2, "other": 1}))
        kinds = rows[rows.by == "kind"].set_index("group")
        assert kinds.collected.to_dict() == {"product": 9, "service": 6, "(other)": 3}
        once = loop({"service": 6, "sales": 7})
        thin = [row for row in once if row[6] == 1 or row[0] in ("sales0-2", "sales1-2")]
        thin += [row for row in once if row[0].startswith("service") and row[6] == 2]
        kinds = found([*loop({"product": 9}), *thin])
        kinds = kinds[kinds.by == "kind"].set_index("group")
        assert kinds.mean_change.notna().to_dict() == {
            "product": True, "service": False, "sales": False,
        }  # fmt: skip
        assert "fewer than 3 customers" in kinds.reason["sales"]
        assert kinds[["improved", "scored_twice", "customers"]].notna().all(axis=1).to_dict() == {
            "product": True, "service": False, "sales": False,
        }  # fmt: skip

    def test_one_customer_in_three_hidden_groups_is_still_one(self, found):
        rows = loop({"service": 10})
        for kind in ("product", "sales", "other"):
            rows += [(f"{kind}{i}", f"service{i}", "2024-01-05", kind, None, 4.0, 1, None)
                     for i in range(5)]  # fmt: skip
            rows += loop_of_one(kind, "H")
        kinds = found(rows)
        kinds = kinds[kinds.by == "kind"].set_index("group")
        assert kinds.scored_twice.isna().all()
        assert kinds.share_verified.isna().all()
        assert kinds.collected["service"] == 10
        few = found([*loop({"service": 10}), *(r for k in "xyz" for r in loop_of_one(k, "H"))])
        assert "kind" not in set(few.by)

    def test_whole_of_too_few_says_nothing_but_how_many_were_collected(self, found):
        rows = found([*loop({"product": 2}), *loop({"service": 5}, twice=False)])
        assert rows.scored_twice.fillna(0).eq(0).all()
        said = str(surveys_said(rows))
        assert said.startswith("7 first surveys; fewer than 3 customers")

    @pytest.mark.parametrize("seed", range(8))
    def test_nothing_of_few_customers_is_shown_or_left_over(self, seed):
        pairs, least = (
            random_pairs(seed, 3 + seed, 0.3 + seed / 16),
            StrategyParams().min_group_units,
        )
        found = loop_rows(pairs, StrategyParams())
        parts = {
            "collected": pairs["first"].notna(), "improved": pairs.second_on.notna(),
            "scored_twice": pairs.change.notna(), "first_of_others": pairs.change.isna(),
        }  # fmt: skip
        for by, rows in found.groupby("by"):
            names = pairs.assign(all="all")[by].astype(object).fillna("(not recorded)")
            names = names.where(names.isin(rows.group), "(other)")
            for column, part in parts.items():
                held = names.isin(rows.group[rows[column].notna()])
                counts = pairs[part & held].groupby(names[part & held]).customer_id.nunique()
                left = pairs[part & ~held].customer_id.nunique()
                assert (counts >= least).all(), (by, column)
                assert by == "all" or left == 0 or left >= least or found[column].isna()[0]

    def test_not_enough_is_said(self, found, write_source):
        alone = found(loop({"product": 4}, twice=False))
        assert len(alone) == 1
        assert "no survey was answered" in str(surveys_said(alone))
        assert surveys_shown(alone).columns.tolist() == ["reason"]
        faulty = found([*loop({"product": 4}), ("z", "Z", "2024-02-01", None, None, 9.0, 1, None)])
        assert "feedback.score: 1 outside 1 to 5" in faulty.reason[0]
        without = connect(
            write_source(customers=pd.DataFrame({"customer_id": ["A"], "region_id": "N"}))
        )
        assert "feedback" in survey_rows(without, "2024-12-31", StrategyParams()).reason[0]
        lost = ("z", "Z", "2024-02-01", None, None, 3.0, 2, None)
        used = str(surveys_said(found([*loop({"product": 4}), lost])))
        assert "not used, 1 second surveys: names no first survey (1)" in used
        few = found(loop({"product": 3}))
        assert "Too few customers" in str(surveys_said(few))

    def test_the_demo_company(self, demo):
        rows = survey_rows(demo, "2025-12-31", StrategyParams())
        whole, said = rows.iloc[0], str(surveys_said(rows))
        assert whole.low > 0
        assert "low scores come back by themselves" in said
        for by, part in rows.groupby("by"):
            assert part.collected.sum() == whole.collected, by
        assert surveys_shown(rows).by.unique().tolist() == ["all", "kind"]
        assert surveys_shown(rows, ["east"]).group.iloc[-1] == "east"


def loop_of_one(kind, customer):
    return [(f"{kind}-{customer}", customer, "2024-01-05", kind, None, 1.0, 1, None),
            (f"{kind}-{customer}-2", customer, "2024-03-05", kind, None, 5.0, 2,
             f"{kind}-{customer}")]  # fmt: skip


def random_pairs(seed, n, answered):
    """Return first surveys of n customers, some answered and some of these scored, as pairs."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(n, 4 * n))
    change = np.where(rng.random(size) < 0.9, rng.integers(-2, 3, size), np.nan)
    again = rng.random(size) < answered
    pairs = pd.DataFrame(
        {
            "customer_id": [f"C{i}" for i in np.r_[:n, rng.integers(0, n, size - n)]],
            "kind": rng.choice(["a", "b", "c", "d", None], size, p=[0.5, 0.2, 0.15, 0.1, 0.05]),
            "dimension": rng.choice(["x", "y"], size), "channel": "m",
            "first": 3.0, "change": np.where(again, change, np.nan),
            "second_on": pd.to_datetime(np.where(again, "2024-08-01", None)),
        }
    )  # fmt: skip
    regions = pd.Series(rng.choice(["N", "S", "W"], n), index=[f"C{i}" for i in range(n)])
    return pairs.assign(
        second=pairs["first"] + pairs.change, region=pairs.customer_id.map(regions),
        verified=(pairs.change > 0).astype(float).where(pairs.change.notna()),
    )  # fmt: skip


def improved(seed=1, effect=0.8, low_first=False, n=120):
    """Return feedback of customers asked twice around 2024-07-01, and 40 of them improved for."""
    rng = np.random.default_rng(seed)
    usual = rng.normal(3.4, 0.7, n)
    first = np.clip(np.round(usual + rng.normal(0, 0.7, n)), 1, 5)
    treated = np.argsort(first if low_first else rng.random(n), kind="stable")[:40]
    gain = np.where(np.isin(np.arange(n), treated), effect, 0.0)
    second = np.clip(np.round(usual + gain + rng.normal(0, 0.7, n)), 1, 5)
    rows = []
    for i in range(n):
        rows.append((f"{i}", f"H{i}", "2024-06-01", "service", None, first[i], 1, None))
        rows.append((f"{i}-2", f"H{i}", "2024-09-01", "service", None, second[i], 2, f"{i}"))
    return feedback(rows), [f"H{i}" for i in treated]


class TestSecondSurvey:
    @pytest.fixture
    def reviewed(self, write_source):
        def review(rows, treated, starts=pd.NaT, **changes):
            strategy = {
                "strategy_id": "S6", "name": "S6", "metric": "second_survey", "min_effect": 0.05,
                "starts_on": pd.Timestamp("2024-07-01"), "unit_type": "customer",
            }  # fmt: skip
            source = write_source(
                feedback=rows,
                customers=pd.DataFrame(
                    {"customer_id": rows.customer_id.unique(), "region_id": "N"}
                ),
                strategies=pd.DataFrame([strategy | changes]),
                strategy_units=pd.DataFrame(
                    {"strategy_id": "S6", "unit_id": treated, "starts_on": pd.to_datetime(starts)}
                ),
            )
            return review_strategies(connect(source), "2024-12-31", StrategyParams())

        return review

    def test_a_strategy_is_judged_on_pairs_beside_the_loop(self, reviewed):
        found = reviewed(*improved())
        effect = found.effects.iloc[0]
        assert effect.verdict == "worked"
        assert effect.design == "paired surveys with comparison units"
        assert found.loop().shape[0] == 1
        assert "120 of 120 first surveys were asked again" in str(found.loop_words())
        assert "surveys" in found.tables()

    def test_low_first_scores_that_come_back_are_not_called_worked(self, reviewed):
        effect = reviewed(*improved(effect=0.0, low_first=True)).effects.iloc[0]
        assert effect.relative_low > 0
        assert effect.verdict == "cannot_tell"
        assert "come back by themselves" in effect.reasons

    def test_answers_of_the_satisfied_alone_are_not_called_worked(self, reviewed):
        rows, treated = improved(effect=0.0)
        second = rows[rows.wave == 2].set_index("answers_id")
        first = rows[rows.wave == 1].set_index("feedback_id")
        rose = second.score > first.score.reindex(second.index)
        own = second.customer_id.isin(treated)
        heard = second.feedback_id[~own | rose]
        effect = reviewed(rows[(rows.wave == 1) | rows.feedback_id.isin(heard)], treated)
        effect = effect.effects.iloc[0]
        assert effect.relative_low > 0
        assert effect.verdict == "cannot_tell"
        assert "of 40 treated units gave both values: who answers may differ" in effect.reasons

    def test_what_is_no_survey_is_said(self, reviewed):
        rows, treated = improved()
        assert "not by rep" in reviewed(rows, treated, unit_type="rep").effects.reasons[0]
        washed = reviewed(rows, treated, washout_periods=1).effects.reasons[0]
        assert "without wash-out" in washed
        faulty = rows.assign(score=rows.score.where(rows.index > 0, 9.0))
        assert "feedback.score" in reviewed(faulty, treated).effects.reasons[0]

    def test_one_unit_a_day_later_blocks_nothing(self, reviewed):
        rows, treated = improved()
        starts = [pd.NaT] * 39 + [pd.Timestamp("2024-07-02")]
        effect = reviewed(rows, treated, starts=starts).effects.iloc[0]
        assert (effect.verdict, effect.n_treated) == ("worked", 40)

    def test_looks_are_the_months_in_which_answers_arrived(self, reviewed):
        found = reviewed(*improved())
        assert "at 6 periods after the start" in found.plans.looks.iloc[0]

    def test_surveys_are_not_judged_as_flows(self, reviewed):
        rows, treated = improved()
        rows = rows[(rows.wave == 1) | (rows.index % 10 > 2)]
        found = reviewed(rows, treated)
        checks, said = " ".join(found.gates.check), found.effects.reasons.iloc[0]
        assert "Spring Festival" not in checks and "working days" not in checks
        assert "came, went" not in checks and "stopped later" not in said

    def test_wash_out_is_said_alone(self, reviewed):
        effect = reviewed(*improved(), washout_periods=1).effects.iloc[0]
        assert "without wash-out" in effect.reasons
        assert "8 are needed" not in effect.reasons
