"""What counts as late, lost and lawful. Units and reasons stand in ``params/base.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from insights.params.kinds import STRICT, IsoDate, Positive, Share
from insights.words import _


@dataclass(frozen=True, config=STRICT)
class DelinquencyParams:
    """What counts as late, how it is learnt, and what lateness costs."""

    grace_days: Annotated[int, Field(ge=0)] = 30
    horizons: tuple[Annotated[int, Field(ge=0)], ...] = (30, 90)
    buckets: tuple[int, ...] = (0, 30, 60, 90, 180, 365, 730, 1095)
    min_invoices: Positive = 200
    min_late: Positive = 20
    folds: Positive = 4
    fold_days: Positive = 91
    capture_share: Share = 0.1
    grade_bounds: tuple[float, float, float] = (0.1, 0.3, 0.6)
    prior_invoices: Annotated[float, Field(gt=0)] = 4.0
    snapshot_days: Positive = 30
    loss_given_default: Share = 0.45
    default_days: Positive = 365
    funding_rate: Share = 0.0435
    call_cost: Annotated[float, Field(ge=0)] = 50.0
    legal_minimum: Annotated[float, Field(ge=0)] = 10000.0
    turnover_months: Positive = 3
    dunning_schedule: tuple[tuple[int, str, str], ...] = (
        (-15, "confirm invoice and acceptance", "message"),
        (0, "remind", "message"),
        (15, "call; agree the date of payment", "phone"),
        (30, "call; get a dated promise", "phone"),
        (60, "call; agree a payment plan", "phone"),
        (90, "senior call; hold new credit", "senior"),
    )
    long_term_days: Positive = 90
    long_term_step: tuple[int, str, str] = (-45, "agree the payment run with its finance", "phone")
    legal_step: tuple[int, str, str] = (365, "formal demand; prepare legal action", "legal")
    step_lead_days: Annotated[int, Field(ge=0)] = 7
    repeat_days: Positive = 30
    worklist_days: Annotated[int, Field(ge=0)] = 7
    promise_grace_days: Annotated[int, Field(ge=0)] = 3
    dispute_days: Annotated[int, Field(ge=0)] = 30
    limitation_years: Positive = 3
    limitation_warn_days: Annotated[int, Field(ge=0)] = 180
    acknowledging_results: tuple[str, ...] = ("promise",)
    statement_channels: tuple[str, ...] = ("statement", "对账函")
    demand_results: tuple[str, ...] = ("other",)
    demand_channels: tuple[str, ...] = ("letter", "email", "邮件", "函件", "催款函", "律师函")
    commercial_owner: str = "commercial owner"
    device_owner: str = "device representative"
    provision_basis: Literal["due_date", "invoice_date"] = "due_date"
    provision_rates: tuple[tuple[str, tuple[Share, ...]], ...] | None = None
    forward_looking: Annotated[float, Field(gt=-1)] = 0.0
    forward_looking_reason: str = ""
    roll_months: Positive = 12
    loss_min_items: Positive = 30
    loss_method: Literal["chosen", "flow", "cohort"] = "chosen"
    lgd_min_cases: Positive = 30
    lgd_workout_days: Positive = 365
    allowance_backtest_days: Positive = 365
    tax_loss_years: Positive = 3
    tax_small_years: Positive = 1
    tax_small_amount: Annotated[float, Field(ge=0)] = 50000.0
    tax_small_share: Share = 0.0001
    annual_revenue: Annotated[float, Field(gt=0)] | None = None
    supplier_is_small: bool | None = None
    statutory_from: IsoDate = "2025-06-01"
    statutory_days: Positive = 30
    statutory_longest_days: Positive = 60
    statutory_daily_rate: Share = 0.0005
    lpr_1y: Share = 0.03
    agreed_late_rate: Share | None = None
    seed: int = 20240229

    @model_validator(mode="after")
    def _in_order(self) -> DelinquencyParams:
        for name in ("buckets", "grade_bounds"):
            bounds = getattr(self, name)
            if list(bounds) != sorted(set(bounds)):
                raise ValueError(_("{name} must rise").format(name=name))
        return self

    @model_validator(mode="after")
    def _schedule_in_order(self) -> DelinquencyParams:
        days = [day for day, _step, _channel in self.dunning_schedule]
        if not days or days != sorted(set(days)):
            raise ValueError(_("dunning_schedule must hold steps whose days rise"))
        if not self.long_term_step[0] < days[0] or not days[-1] < self.legal_step[0]:
            raise ValueError(
                _("long_term_step must come before dunning_schedule, legal_step after it")
            )
        return self

    @model_validator(mode="after")
    def _provision_holds(self) -> DelinquencyParams:
        if self.forward_looking != 0 and not self.forward_looking_reason.strip():
            raise ValueError(_("forward_looking is not 0: say why in forward_looking_reason"))
        groups = [group for group, _rates in self.provision_rates or ()]
        if len(groups) != len(set(groups)):
            raise ValueError(_("provision_rates names a group twice"))
        wanted = len({edge for edge in self.buckets if edge > 0}) + 2
        for group, rates in self.provision_rates or ():
            if len(rates) != wanted:
                words = _("provision_rates: {group} has {n} rates; the buckets need {wanted}")
                raise ValueError(words.format(group=group, n=len(rates), wanted=wanted))
        return self

    @model_validator(mode="after")
    def _law_holds(self) -> DelinquencyParams:
        if self.agreed_late_rate is not None and self.agreed_late_rate < self.lpr_1y:
            words = _("agreed_late_rate {rate} is below lpr_1y {lpr}: the law allows no less")
            raise ValueError(words.format(rate=self.agreed_late_rate, lpr=self.lpr_1y))
        return self
