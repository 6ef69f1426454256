"""Which names were matched, which are asked about, and how much money stands behind them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from insights.words import _

ANSWER = "answer"
OPTIONS = ["position", "rank", "candidate", "candidate_name", "candidate_score"]
CANDIDATES = ["candidate", "candidate_name", "candidate_score"]


@dataclass(frozen=True)
class NameMatches:
    """The outcome of ``match_names``.

    ``names``: a row per distinct name (with place and region_id as the rows told them) with rows,
    amount (CNY), status (matched, doubtful, unmatched, declined), customer_id and customer_name
    (of matched ones only), score 0..1, how (exact, alias, campus, fuzzy), the best other customer
    and its score, and the reason in words. Declined: a person said that no customer is meant.
    ``options``: for doubtful and unmatched names the best candidates, rank 1 the best.
    """

    names: pd.DataFrame
    options: pd.DataFrame

    @property
    def matches(self) -> pd.DataFrame:
        """Return the names that were matched automatically."""
        return self._of("matched")

    @property
    def doubtful(self) -> pd.DataFrame:
        """Return the names that a person must decide."""
        return self._of("doubtful")

    @property
    def unmatched(self) -> pd.DataFrame:
        """Return the names that no customer comes near, and those a person declined."""
        return self._of("unmatched", "declined")

    @property
    def rate_by_rows(self) -> float:
        """Return the share of rows whose name was matched; NaN without rows."""
        return _share(self.matches["rows"].sum(), self.names["rows"].sum())

    @property
    def rate_by_amount(self) -> float:
        """Return the share of money, returns taken as positive; NaN without amounts."""
        return _share(self.matches["amount"].abs().sum(), self.names["amount"].abs().sum())

    def review(self) -> pd.DataFrame:
        """Return the list to fill in: a row per open name, the greatest amount first.

        In ``answer`` a person writes the customer_id that is meant, or "none".
        """
        open_names = self.names[self.names["status"].isin(["doubtful", "unmatched"])]
        size = open_names["amount"].abs().fillna(0.0)
        order = open_names.assign(size=size).sort_values(
            ["size", "rows", "name", "place", "region_id"],
            ascending=[False, False, True, True, True],
        )
        head = order[["name", "place", "region_id", "rows", "amount", "status", "reason"]]
        ranks = sorted(self.options["rank"].unique())
        wide = pd.concat([head.assign(**{ANSWER: ""}), *map(self._option, ranks)], axis=1)
        return wide.reindex(head.index).reset_index(drop=True)

    def __str__(self) -> str:
        """Say how many names were matched, and how much of the rows and of the money."""
        words = _(
            "{matched:,} of {all:,} names matched ({rows} of rows, {amount} of the amount);"
            " {asked:,} to decide, {nearest:,} of them with a likely customer"
        )
        return words.format(
            matched=len(self.matches),
            all=len(self.names),
            rows=_percent(self.rate_by_rows),
            amount=_percent(self.rate_by_amount),
            asked=len(self._of("doubtful", "unmatched")),
            nearest=len(self.doubtful),
        )

    def _of(self, *status: str) -> pd.DataFrame:
        return self.names[self.names["status"].isin(status)].reset_index(drop=True)

    def _option(self, rank: int) -> pd.DataFrame:
        found = self.options[self.options["rank"] == rank].set_index("position")[CANDIDATES]
        return found.add_suffix(f"_{rank}")


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")


def _percent(share: float) -> str:
    return f"{share:.1%}" if share == share else _("not known")
