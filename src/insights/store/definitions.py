"""What the columns of the action lists and the headline figures mean."""

from __future__ import annotations

from insights.tables import CANONICAL
from insights.words import N_, _

FIGURES = {
    "customers": N_("Customers of this region."),
    "segments": N_("Groups of customers of like habits; one company-wide model."),
    "value_last_year": N_("What the segmented customers bought in the last year, CNY."),
    "money_at_stake": N_("Sum of the action list's money at stake, CNY."),
    "tier_a_customers": N_("Customers of tier A, approved tiers included."),
    "under_served_a": N_("Tier A, visited less than the policy asks at the team's capacity."),
    "white_space": N_("Purchases expected of customers in products they do not buy yet, CNY."),
    "open_items": N_("Invoices and instalments with something left to pay."),
    "outstanding": N_("All that is open, CNY."),
    "overdue": N_("What is open past its due date, CNY."),
    "expected_late": N_("Open amount x probability of lateness, summed, CNY."),
    "expected_loss": N_("Open amount x chance of default x share lost then, CNY."),
    "cost_of_delay": N_("Cost of funding what is open over the days it is expected to run late."),
    "unallocated": N_("Payments that no invoice has been matched with, CNY."),
    "auc": N_("How well late items are ranked before others: 0.5 is chance, 1 perfect."),
    "auc_naive": N_("The same of the simple rule it is compared with."),
    "brier": N_("Mean squared error of the probabilities: the lower, the better."),
    "brier_naive": N_("The same of the simple rule it is compared with."),
    "dso": N_("Days of sales outstanding."),
    "allowance": N_("Allowance for bad debts on the day of the report, CNY."),
    "cash_expected": N_("Cash expected to come in over the weeks forecast, CNY."),
    "strategies": N_("Strategies begun by the day of the report."),
    "worked": N_("Strategies that worked by a plan locked before their first outcome."),
    "worked_exploratory": N_("Strategies that look as if they worked, without such a plan."),
    "did_not_work": N_("Strategies with the verdict did not work."),
    "cannot_tell": N_("Strategies of which the data cannot tell."),
    "treated_units_here": N_("Units of this region that took part."),
    "comparison_units_here": N_("Units of this region that others are compared with."),
    "sales_this_year": N_("Sales of this year up to the day of the report, CNY."),
    "attainment": N_("Sales of this year over the year's target."),
    "time_progress": N_("Working days passed over the working days of the year."),
    "growth": N_("Sales of this year against the same days of last year."),
    "new_customers": N_("First purchases of this year with a year of data before them."),
    "targets.overdue_customers": N_("Customers with a product whose usual interval is long past."),
    "actions": N_("Things to do: rows of the list of actions."),
    "attainment_uncapped": N_("Visits of this month over its goals, every visit counted."),
    "attainment_capped": N_("The same, no visit counted past a plan's maximum: never above it."),
    "month_passed": N_("Working days of the month that have passed."),
    "core_seen_weekly": N_("Weeks asked in which a core customer was seen face to face."),
    "effective_rate": N_("Visits whose objective was met, over all visits."),
    "full_needs_profile": N_("Records with decision role, pain point, competitors, next action."),
    "full_facts_profile": N_("Records with facts, key points, our actions and assessment."),
    "entered_in_time": N_("Records entered on the day of the visit, by the hour agreed."),
    "calls.overdue_customers": N_("Customers whose next visit, by tier, is past."),
    "over_served_c": N_("Tier C, visited more than the policy asks at the team's capacity."),
    "open_needs": N_("Needs of customers that are not closed."),
    "stalled_customers": N_("Customers visited often in half a year while nothing moved."),
    "planned_visits": N_("Visits planned for next month."),
    "goal_visits": N_("Visits that the policy asks for next month, before capacity."),
    "calls_to_plan": N_("Visits that working days, absences and calls a day leave room for."),
    "customers_below_goal": N_("Pairs of representative and customer planned below the goal."),
    "covered_worth": N_("Worth of customers that the planned visits reach, CNY a month."),
    "gain_over_rule": N_("Worth reached beyond a cut of all goals by the same share."),
    "approved_short": N_("Visits that people approved and that do not fit."),
    "cases": N_("Things to do, of all questions."),
    "targets_cases": N_("Things to do about targets, stock, reorders and trends."),
    "calls_cases": N_("Things to do about calls."),
    "delinquency_cases": N_("Customers to call about what is owed."),
}

COLUMNS = {
    "customer_id": N_("The customer's code in your system."),
    "invoice_id": N_("The invoice's number in your system."),
    "strategy_id": N_("The strategy's code in the register."),
    "segment": N_("Group of customers of like habits."),
    "tier": N_("A, B or C by value and potential; an approved tier stands above it."),
    "action": N_(
        "What to do next: win back, secure, develop, grow, keep or release; the most urgent that "
        "holds."
    ),
    "why": N_("The figures that led to the action."),
    "money_at_stake": N_(
        "CNY a year that the action is about: what was lost, the gap to the potential, or the "
        "share of the value that missing visits stand for."
    ),
    "visits_a_month": N_("Visits made, a month, in the window measured."),
    "policy": N_("Visits a month that the policy asks for this tier."),
    "owner": N_("The role that acts."),
    "rank": N_("1 is first: expected loss and cost of delay together, the most first."),
    "step": N_("The next step of your collection schedule."),
    "channel": N_("How the step is taken."),
    "items": N_("Open invoices and instalments that the row stands for."),
    "amount_open": N_("What is open, CNY."),
    "amount_overdue": N_("What of it is past due, CNY."),
    "amount_at_risk": N_("Open amount x probability of lateness, CNY."),
    "expected_loss": FIGURES["expected_loss"],
    "cost_of_delay": FIGURES["cost_of_delay"],
    "oldest_days": N_("Days past due of the oldest item."),
    "days_past_due": N_("Days since the due date; negative before it."),
    "exposure": N_("What is open of the item, CNY."),
    "probability": N_("Chance that the item stands unpaid past its due date and the grace."),
    "default_probability": N_("Chance that the item is never paid in time to count as good."),
    "loss_given_default": N_("Share that is lost of what defaults."),
    "days_late": N_("Days that the item is expected to stay open late."),
    "reasons": N_("What moves the figure, the strongest first."),
    "last_contact_on": N_("Day of the latest contact."),
    "last_channel": N_("How the latest contact was made."),
    "last_result": N_("What the payer said then."),
    "promised_on": N_("Day for which payment was promised."),
    "promised_amount": N_("How much was promised, CNY."),
    "promise": N_("Whether the promise was kept, was broken, is pending, or named no day."),
    "next_on": N_("Day on which the next step is due."),
    "step_overdue_days": N_("Days since the next step was due."),
    "dispute_days": N_("Days for which the item has been in dispute."),
    "limitation_days": N_("Days until the claim can no longer be enforced; negative once passed."),
    "on_account": N_("Payments of this customer not yet matched with an invoice, CNY."),
    "invoices": N_("The invoices that the row stands for."),
    "design": N_("How the strategy was compared."),
    "n_treated": N_("Units that took part."),
    "n_comparison": N_("Units that they were compared with."),
    "estimate": N_("Effect per unit and period, in the metric's own unit."),
    "low": N_("Lower end of the interval."),
    "high": N_("Upper end of the interval."),
    "relative": N_("Effect as a share of what was expected without the strategy."),
    "p_value": N_("How often chance alone would show as much."),
    "q": N_("The p-value after all strategies of the register were looked at."),
    "detectable": N_("Smallest effect, as a share, that this comparison could tell."),
    "verdict": N_("worked, did_not_work or cannot_tell."),
    "calls.action": N_("What to do next: the first that holds of find a caller, see weekly, change "
                       "the aim, close the need, call, release; or a step with a representative."),
    "calls.value": N_("What the customer bought in the last year, CNY; not what is at stake."),
    "calls.call_on": N_("The next working day on which the customer receives."),
    "rep_id": N_("The representative's code; empty: nobody covers the customer."),
    "region_id": N_("The region's code."),
    "name": N_("Name of the institution; people are not named."),
}  # fmt: skip


def meaning_of_column(table: str, name: str, analysis: str = "") -> str:
    """Return what a column means, in the reader's language; nothing where nobody said.

    An analysis that means its own by a name says so under ``<analysis>.<name>``.
    """
    return _(_own(COLUMNS, name, analysis) or _of_source(table, name))


def meaning_of_figure(name: str, analysis: str = "") -> str:
    """Return what a headline figure means; nothing where nobody said."""
    return _(_own(FIGURES, name, analysis))


def _own(said: dict[str, str], name: str, analysis: str) -> str:
    return said.get(f"{analysis}.{name}", "") or said.get(name, "")


def _of_source(table: str, name: str) -> str:
    """Return what the data dictionary says: of a table of that name, else where all agree."""
    found = {
        one.name: column.meaning
        for one in CANONICAL.values()
        for column in one.columns
        if column.name == name and column.meaning
    }
    if table in found:
        return found[table]
    return next(iter(found.values())) if len(set(found.values())) == 1 else ""
