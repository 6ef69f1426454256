"""Published tables through the designs, and their makers' own software beside ours."""

from __future__ import annotations

import warnings
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from insights.params import StrategyParams
from insights.strategy import compare_strategy
from insights.strategy.designs.group_time import group_time
from insights.strategy.designs.synthetic import synthetic_control, synthetic_did

BEFORE = 19


@pytest.fixture(scope="module")
def smoking():
    """Prop 99: 38 states and California (last), packs a head, 1970 to 2000."""
    pytest.importorskip("synthdid")
    rows = pd.read_csv(str(files("synthdid") / "data" / "california_prop99.csv"), sep=";")
    wide = rows.pivot(index="State", columns="Year", values="PacksPerCapita")
    return pd.concat([wide.drop(index="California"), wide.loc[["California"]]])


def one_treated(n, others=()):
    """Return groups and donors: the last unit, then each of ``others`` as if treated."""
    groups = np.zeros((1 + len(others), n))
    groups[0, -1] = 1
    groups[np.arange(1, len(groups)), list(others)] = 1
    donors = 1 - groups
    donors[:, -1] = 0
    return groups, donors


class TestProposition99:
    def test_published_digits(self, smoking):
        values, (groups, donors) = smoking.to_numpy(), one_treated(39)
        did = synthetic_did(values, groups, donors, BEFORE, "published").effects[0]
        control = synthetic_control(values, groups, donors, BEFORE, False, "published").effects[0]
        change = values[:, BEFORE:].mean(axis=1) - values[:, :BEFORE].mean(axis=1)
        assert round(did, 3) == -15.604
        assert round(control, 1) == -19.6
        assert round(control, 2) == -19.62
        assert round(change[-1] - change[:-1].mean(), 3) == -27.349

    def test_the_exact_weights_are_near_where_the_authors_stop(self, smoking):
        values, (groups, donors) = smoking.to_numpy(), one_treated(39)
        did = synthetic_did(values, groups, donors, BEFORE)
        control = synthetic_control(values, groups, donors, BEFORE, intercept=False)
        assert did.effects[0] == pytest.approx(-15.6054, abs=1e-4)
        assert control.effects[0] == pytest.approx(-19.5136, abs=1e-4)
        early = values[:, :BEFORE]
        walked = synthetic_control(values, groups, donors, BEFORE, False, "published")
        misfit = [
            np.sum((early[-1] - found.unit_weights[0] @ early) ** 2) for found in (control, walked)
        ]
        assert misfit[0] < misfit[1]

    def test_the_same_as_the_authors_and_diff_diff(self, smoking):
        import synthdid

        values, (groups, donors) = smoking.to_numpy(), one_treated(39)
        did = synthetic_did(values, groups, donors, BEFORE, "published")
        control = synthetic_control(values, groups, donors, BEFORE, False, "published")
        theirs = synthdid.synthdid_estimate(values, 38, BEFORE)
        assert did.effects[0] == pytest.approx(float(theirs), abs=1e-8)
        assert did.unit_weights[0, :38] == pytest.approx(theirs.weights.omega, abs=1e-8)
        assert control.effects[0] == pytest.approx(
            float(synthdid.sc_estimate(values, 38, BEFORE)), abs=1e-6
        )
        diff_diff = pytest.importorskip("diff_diff")
        rows = smoking.stack().rename("packs").reset_index()
        rows["on"] = (rows.State == "California").astype(int)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peer = diff_diff.SyntheticDiD(variance_method="placebo", n_bootstrap=5, seed=1).fit(
                rows, outcome="packs", treatment="on", unit="State", time="Year",
                post_periods=list(range(1989, 2001)),
            )  # fmt: skip
        assert did.effects[0] == pytest.approx(peer.att, abs=1e-6)

    def test_placebo_error(self, smoking):
        drawn = np.random.default_rng(1).integers(0, 38, 200)
        found = synthetic_did(smoking.to_numpy(), *one_treated(39, drawn), BEFORE)
        assert 8 < found.effects[1:].std() < 11
        once = synthetic_did(smoking.to_numpy(), *one_treated(39, drawn[:1]), BEFORE)
        assert found.effects[1] == pytest.approx(once.effects[1], abs=1e-9)


class TestSyntheticAtScale:
    def test_thousands_of_units(self):
        rng = np.random.default_rng(0)
        values = rng.normal(100, 20, (2000, 1)) + 10 * rng.normal(size=(2000, 60))
        groups = np.zeros((11, 2000))
        for row in groups:
            row[rng.choice(2000, 20, replace=False)] = 1 / 20
        donors = (groups == 0) * (groups[0] == 0).astype(float)
        found = synthetic_did(values, groups, donors, 40)
        assert found.unit_weights.sum(axis=1) == pytest.approx(np.ones(11))
        assert (found.unit_weights >= 0).all()
        assert (found.unit_weights[donors == 0] == 0).all()
        alone = synthetic_did(values, groups[3:4], donors[3:4], 40)
        assert alone.effects[0] == pytest.approx(found.effects[3], abs=1e-9)


class TestMinimumWage:
    @pytest.fixture(scope="class")
    @classmethod
    def counties(cls):
        moderndid = pytest.importorskip("moderndid")
        held = moderndid.load_mpdta()
        rows = pd.DataFrame({name: held[name].to_numpy() for name in held.columns})
        wide = rows.pivot(index="countyreal", columns="year", values="lemp")
        first = rows.groupby("countyreal")["first.treat"].first().reindex(wide.index).to_numpy()
        return wide.to_numpy(), np.where(first > 0, first - 2003, 5).astype(int)

    def test_published_averages(self, counties):
        found = group_time(*counties, small_sample=False)
        rows = [[one.estimate, one.error] for one in (found.overall, found.dynamic, found.per_unit)]
        expected = [[-0.0400, 0.0120], [-0.0772, 0.0200], [-0.0310, 0.0124]]
        assert np.round(rows, 4).tolist() == expected

    def test_published_effects_by_event_time(self, counties):
        found = group_time(*counties, small_sample=False).by_event
        assert found.event.tolist() == [-3, -2, -1, 0, 1, 2, 3]
        effects = [0.0305, -0.0006, -0.0245, -0.0199, -0.0510, -0.1373, -0.1008]
        errors = [0.0150, 0.0133, 0.0142, 0.0118, 0.0169, 0.0364, 0.0344]
        assert found.estimate.round(4).tolist() == effects
        assert found.error.round(4).tolist() == errors

    def test_small_sample_errors_stay_near(self, counties):
        found = group_time(*counties).per_unit
        assert found.error == pytest.approx(0.0124, abs=0.0003)
        assert found.df > 100

    @pytest.mark.parametrize("against", ["never", "not_yet"])
    def test_the_same_as_moderndid(self, counties, against):
        moderndid = pytest.importorskip("moderndid")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = moderndid.att_gt(
                data=moderndid.load_mpdta(), yname="lemp", tname="year", idname="countyreal",
                gname="first.treat", boot=False,
                control_group={"never": "nevertreated", "not_yet": "notyettreated"}[against],
            )  # fmt: skip
            simple = moderndid.aggte(theirs, type="simple")
        found = group_time(*counties, against=against, small_sample=False).overall
        assert found.estimate == pytest.approx(simple.overall_att, abs=1e-9)
        assert found.error == pytest.approx(simple.overall_se, abs=1e-6)


class TestJobTraining:
    """NSW: a randomised trial, whose before is the same for everybody."""

    @pytest.fixture(scope="class")
    @classmethod
    def trainees(cls):
        return pytest.importorskip("causaldata").nsw_mixtape.load_pandas().data

    @staticmethod
    def asked(rows, before):
        values = pd.DataFrame({1977: before, 1978: rows.re78}).rename_axis("unit_id")
        outcomes = values.reset_index().melt("unit_id", None, "period", "value")
        units = pd.DataFrame({"unit_id": rows.index[rows.treat == 1], "starts_on": 1978})
        outcomes = outcomes.astype({"period": int})
        return compare_strategy(outcomes, units, StrategyParams(two_waves=True))

    def test_difference_of_means(self, trainees):
        found = self.asked(trainees, 0.0)
        on, off = (trainees.re78[trainees.treat == group] for group in (1, 0))
        welch = stats.ttest_ind(on, off, equal_var=False)
        assert round(found.estimate, 1) == 1794.3
        assert found.interval == pytest.approx(tuple(welch.confidence_interval()), rel=1e-5)
        assert round(found.estimate / welch.statistic) == 671

    def test_after_alone_is_refused(self, trainees):
        rows = trainees.assign(unit_id=trainees.index, period=1978, value=trainees.re78)
        units = rows[rows.treat == 1].assign(starts_on=1978)
        found = compare_strategy(rows, units, StrategyParams(two_waves=True))
        assert found.verdict == "cannot_tell"
        assert "keep one period before the start" in found.reasons[0]

    def test_earnings_before_as_the_first_wave(self, trainees):
        found = self.asked(trainees, trainees.re74)
        said = found.estimates.set_index("design").estimate
        assert found.estimate == pytest.approx(1805.8, abs=0.1)
        assert said["equal_first_values"] == pytest.approx(1795.4, abs=0.1)
