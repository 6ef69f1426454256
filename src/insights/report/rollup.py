"""Do the regions add up to the company? The sums of a pack's reports, held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pandas as pd

from insights.report.manifest import Manifest
from insights.tables import ALL, leaves, region_name
from insights.tables.totals import NOWHERE
from insights.words import _, listing, punctuated, readable_name

Amount = int | Decimal
Results = Mapping[tuple[str, str], Mapping[str, object]]


@dataclass(frozen=True)
class Total:
    """A count, or money in yuan, of a whole and of its leaf regions together.

    ``outside``: what the whole holds that belongs to none of its leaf regions; ``strays`` say
    where. ``quarrels`` name the regions of which the whole's report and their own differ.
    """

    analysis: str
    name: str
    region_name: str
    whole: Amount
    parts: Amount
    outside: Amount = 0
    strays: tuple[str, ...] = ()
    quarrels: tuple[str, ...] = ()

    @property
    def difference(self) -> Amount:
        """Return the whole less its regions."""
        return self.whole - self.parts

    @property
    def agrees(self) -> bool:
        """Say whether whole and regions agree, in all and in every region."""
        return self.difference == 0 and not self.strays and not self.quarrels

    @property
    def contradicts(self) -> bool:
        """Say whether reports contradict each other, beyond rows that are in no region."""
        return self.difference != self.outside or bool(self.quarrels)

    @property
    def shown(self) -> tuple[str, str, str]:
        """Return whole, regions and difference as people write them."""
        return plain_amount(self.whole), plain_amount(self.parts), plain_amount(self.difference)

    @property
    def why(self) -> str:
        """Return the reasons in words."""
        words = _("no region accounts for {value}")
        left = self.difference - self.outside
        rest = [words.format(value=plain_amount(left))] if left and not self.quarrels else []
        return "; ".join(listing(list(said)) for said in (self.strays, self.quarrels, rest) if said)


@dataclass(frozen=True)
class RollUp:
    """Every sum that could be checked, how many regions they span, and what could not be."""

    totals: tuple[Total, ...]
    regions: int
    unchecked: tuple[str, ...]

    @property
    def differing(self) -> tuple[Total, ...]:
        """Return the sums that do not agree."""
        return tuple(total for total in self.totals if not total.agrees)

    @property
    def contradicts(self) -> bool:
        """Say whether reports contradict each other, beyond rows that are in no region."""
        return any(total.contradicts for total in self.totals)

    def __str__(self) -> str:
        count = len(self.totals)
        if not count:
            return _("No sum could be checked.")
        if not self.differing:
            words = _("{n} sums of {m} analyses agree to the cent over {regions} regions.")
            analyses = {total.analysis for total in self.totals}
            return words.format(n=count, m=len(analyses), regions=self.regions)
        return _("{n} of {all} sums over {regions} regions do not agree:").format(
            n=len(self.differing), all=count, regions=self.regions
        )


@dataclass(frozen=True)
class _Reported:
    """What a report says of each total: in all, and by region of the rows behind it."""

    in_all: Mapping[str, Amount | None]
    by_region: Mapping[str, Mapping[str, Amount | None]]


Reports = Mapping[tuple[str, str], _Reported]


@dataclass(frozen=True)
class _Family:
    """A whole (``all`` or a group) of one analysis, and its leaf regions."""

    analysis: str
    region: str
    leaves: tuple[str, ...]
    names: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.names[self.region]


def roll_up(manifest: Manifest, results: Results, tree: pd.DataFrame) -> RollUp:
    """Hold ``all`` and every group of a pack against its leaf regions, to the cent.

    ``results``: the content of the result.json of each report, by analysis and region; ``tree`` as
    ``Tables.regions``. A whole whose regions are not all there is not checked, and is named.
    """
    reports = {key: told for key, one in results.items() if (told := _reported(one)) is not None}
    checked, unchecked = [], []
    for family in _families(manifest, tree):
        if gap := _gap(family, manifest, reports):
            unchecked.append(punctuated(f"{readable_name(family.analysis)} · {family.name}: {gap}"))
        else:
            checked.append(family)
    return RollUp(
        totals=tuple(total for family in checked for total in _totals(family, reports)),
        regions=len({leaf for family in checked for leaf in family.leaves}),
        unchecked=tuple(unchecked),
    )


def plain_amount(value: Amount) -> str:
    """Return a count, or an amount with its cents, with separators."""
    return f"{value:,.2f}" if isinstance(value, Decimal) else f"{value:,}"


def _families(manifest: Manifest, tree: pd.DataFrame) -> list[_Family]:
    """Return the wholes of the pack, ``all`` first; a region that has none below it is none."""
    wholes = {ALL, *tree.parent_id.dropna()}
    names = dict(zip(tree.region_id, tree.region_name, strict=True))
    names[ALL] = region_name(tree, ALL)
    keys = [key for key in manifest.entries if key[1] in wholes]
    found = [
        _Family(analysis, region, tuple(leaves(tree, region)), names)
        for analysis, region in sorted(keys, key=lambda key: (key[0], key[1] != ALL, key[1]))
    ]
    return [family for family in found if family.leaves]


def _reported(result: Mapping[str, object]) -> _Reported | None:
    """Read the sums of a result.json; None where it holds none, or others than a sum can be."""
    whole, parts = result.get("totals"), result.get("totals_by_region")
    if not isinstance(whole, dict) or not isinstance(parts, dict) or set(whole) != set(parts):
        return None
    try:
        by_region = {
            name: {region: _amount(value) for region, value in held.items()}
            for name, held in parts.items()
        }
        return _Reported({name: _amount(value) for name, value in whole.items()}, by_region)
    except (TypeError, AttributeError, InvalidOperation):
        return None


def _amount(value: object) -> Amount | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if not isinstance(value, str):
        raise TypeError(value)
    amount = Decimal(value)
    if not amount.is_finite():
        raise TypeError(value)
    return amount


def _gap(family: _Family, manifest: Manifest, reports: Reports) -> str:
    """Say why a whole cannot be held against its regions; nothing where it can."""
    if manifest.entries[family.analysis, family.region].error:
        return _("its own report failed")
    whole = reports.get((family.analysis, family.region))
    if whole is None:
        return _("its report holds no sums")
    if not whole.in_all:
        return _("nothing in it adds up over regions")
    return "; ".join(
        words.format(names=listing([family.names[region] for region in regions]))
        for words, regions in _lacking(family, manifest, reports, set(whole.in_all))
        if regions
    )


def _lacking(
    family: _Family, manifest: Manifest, reports: Reports, names: set[str]
) -> list[tuple[str, list[str]]]:
    """Return the leaf regions whose sums are not at hand, by what is wrong with their report."""
    entries = {region: manifest.entries.get((family.analysis, region)) for region in family.leaves}
    failed = [region for region, entry in entries.items() if entry and entry.error]
    absent = [region for region, entry in entries.items() if entry is None]
    made = [region for region in family.leaves if region not in {*failed, *absent}]
    told = {region: reports.get((family.analysis, region)) for region in made}
    other = [region for region, one in told.items() if one is None or set(one.in_all) != names]
    return [
        (_("reports that failed: {names}"), failed),
        (_("regions that are not in this pack: {names}"), absent),
        (_("reports that do not hold the same sums: {names}"), other),
    ]


def _totals(family: _Family, reports: Reports) -> list[Total]:
    whole = reports[family.analysis, family.region]
    parts = {region: reports[family.analysis, region].in_all for region in family.leaves}
    return [
        _total(family, name, reports, {region: part[name] for region, part in parts.items()})
        for name in whole.in_all
    ]


def _total(
    family: _Family, name: str, reports: Reports, parts: Mapping[str, Amount | None]
) -> Total:
    whole = reports[family.analysis, family.region]
    zero = _zero([whole.in_all[name], *parts.values()])
    own = {region: value or zero for region, value in whole.by_region[name].items()}
    here = {region: value or zero for region, value in parts.items()}
    strays = {one: value for one, value in own.items() if one not in here and value}
    return Total(
        analysis=family.analysis,
        name=name.replace("_", " "),
        region_name=family.name,
        whole=whole.in_all[name] or zero,
        parts=sum(here.values(), zero),
        outside=sum(strays.values(), zero),
        strays=tuple(_stray_words(family.names, *stray) for stray in strays.items()),
        quarrels=(*_quarrels(family, own, here, zero), *_slips(family, name, reports)),
    )


def _zero(values: list[Amount | None]) -> Amount:
    money = any(isinstance(value, Decimal) for value in values)
    return Decimal("0.00") if money else 0


def _stray_words(names: Mapping[str, str], region: str, value: Amount) -> str:
    """Say what the whole holds in a place that is none of its leaf regions."""
    words = _("{value} in region {name}, which the table regions does not hold")
    if region == NOWHERE:
        words = _("{value} without a region")
    elif region in names:
        words = _("{value} booked on {name} itself, above the regions")
    return words.format(value=plain_amount(value), name=names.get(region, region))


def _quarrels(
    family: _Family, own: Mapping[str, Amount], here: Mapping[str, Amount], zero: Amount
) -> list[str]:
    """Say of which regions their own report and the whole's differ."""
    words = _("{name}: {part} in its own report, {told} of it in that of {whole}")
    return [
        words.format(
            name=family.names[region],
            part=plain_amount(part),
            told=plain_amount(own.get(region, zero)),
            whole=family.name,
        )
        for region, part in here.items()
        if part != own.get(region, zero)
    ]


def _slips(family: _Family, name: str, reports: Reports) -> list[str]:
    """Say which regions' own reports hold what is not theirs."""
    words = _("{name}: its own report holds {value} of {other}")
    held = {region: reports[family.analysis, region].by_region[name] for region in family.leaves}
    return [
        words.format(name=family.names[region], value=plain_amount(value), other=other or "–")
        for region, parts in held.items()
        for other, value in parts.items()
        if other != region and value
    ]
