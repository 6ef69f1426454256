"""Two waves of feedback and their loop: pairs, hidden future, small groups, bad input."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from insights.features.waves import WavesError, survey_panel, survey_waves, wave_scores
from insights.params import StrategyParams
from insights.strategy import review_strategies
from insights.strategy.designs.two_waves import waves_gate
from insights.strategy.panel.outcomes import read_panel
from insights.strategy.reviewing.surveys import survey_rows, surveys_said, surveys_shown
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
        asked = SimpleNamespace(unit_type=None, starts_on=pd.Timestamp("2024-04-01"))
        rows = survey_panel(source(), asked, "2024-05-31")
        assert rows.unit_id.tolist() == ["A", "A", "B", "B"]
        assert rows.period.dt.strftime("%m-%d").tolist() == ["03-31", "04-01"] * 2
        assert rows.value.fillna(-1).tolist() == [2.5, -1, 2, 2]
        begun = pd.DataFrame({"unit_id": ["B"], "starts_on": [asked.starts_on]})
        assert waves_gate(read_panel(rows, begun, 0)).passed
        asked.unit_type = "rep"
        with pytest.raises(WavesError, match="by customer, not by rep"):
            survey_panel(source(), asked, "2024-05-31")

    def test_without_the_table(self, write_source):
        customers = pd.DataFrame({"customer_id": ["A"], "region_id": ["N"]})
        with pytest.raises(WavesError, match="feedback"):
            survey_waves(connect(write_source(customers=customers)), "2024-05-31")


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
        extra = [("x", "X", "2024-02-01", None, None, 5.0, 1, None)]
        whole = found([*loop({"product": 8, "service": 6}), *extra]).iloc[0]
        steps = whole[["collected", "analysed", "improved", "scored_twice", "verified"]]
        assert steps.tolist() == [15, 14, 14, 14, 14]
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
        assert kinds.improved["sales"] == 2

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
        def review(rows, treated, **changes):
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
                strategy_units=pd.DataFrame({"strategy_id": "S6", "unit_id": treated}),
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

    def test_what_is_no_survey_is_said(self, reviewed):
        rows, treated = improved()
        assert "not by rep" in reviewed(rows, treated, unit_type="rep").effects.reasons[0]
        washed = reviewed(rows, treated, washout_periods=1).effects.reasons[0]
        assert "without wash-out" in washed
        faulty = rows.assign(score=rows.score.where(rows.index > 0, 9.0))
        assert "feedback.score" in reviewed(faulty, treated).effects.reasons[0]
