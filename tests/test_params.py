from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict, fields
from pathlib import Path

import pytest

from insights.params import (
    ROOT,
    Params,
    ParamsError,
    load_base_entries,
    load_params,
    load_region_file,
    params_key,
)


def test_base_equals_the_defaults_of_the_classes():
    assert load_params("base") == Params()


def test_base_holds_every_key_with_unit_reason_and_source():
    entries = load_base_entries()
    wanted = {
        item.name: {key.name for key in fields(getattr(Params(), item.name))}
        for item in fields(Params)
    }
    assert {section: set(keys) for section, keys in entries.items()} == wanted
    for section, keys in entries.items():
        for key, entry in keys.items():
            assert set(entry) == {"value", "unit", "reason", "source"}, f"{section}.{key}"
            assert all(entry[part] for part in ("unit", "reason", "source")), f"{section}.{key}"


def test_a_profile_changes_only_what_it_names():
    base, cautious = asdict(load_params("base")), asdict(load_params("cautious"))
    changed = {
        f"{section}.{key}"
        for section, keys in base.items()
        for key, value in keys.items()
        if cautious[section][key] != value
    }
    assert changed == {"segmentation.min_jaccard", "delinquency.grace_days", "strategy.confidence"}


def test_params_are_frozen():
    with pytest.raises(FrozenInstanceError):
        load_params().segmentation.seed = 1


def test_all_faults_are_named_with_file_and_key(tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "segmentation: {max_segmnts: 6, seed: x}\nstrategy: {confidence: 2}\nnonsense: {}\n"
    )
    with pytest.raises(ParamsError) as caught:
        load_params(path)
    words = str(caught.value)
    assert str(path) in words
    assert "segmentation.max_segmnts: unknown key; did you mean max_segments?" in words
    assert "segmentation.seed: Input should be a valid integer, not 'x'" in words
    assert "strategy.confidence" in words
    assert "nonsense: unknown key" in words


@pytest.mark.parametrize("text", ["segmentation: [", "- a\n- b\n", "just words"])
def test_yaml_that_is_no_profile_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(ParamsError, match=r"broken\.yaml"):
        load_params(path)


def test_a_section_that_is_not_a_mapping_is_refused(tmp_path: Path):
    path = tmp_path / "p.yaml"
    path.write_text("segmentation: 3\n")
    with pytest.raises(ParamsError, match="segmentation"):
        load_params(path)


def test_an_unknown_profile_lists_the_known_ones():
    with pytest.raises(ParamsError, match=r"known: base, cautious"):
        load_params("nobody")


def test_a_region_read_as_a_number_is_refused_with_the_remedy(tmp_path: Path):
    path = tmp_path / "0012.yaml"
    path.write_text("region: 0012\n")
    with pytest.raises(ParamsError, match='region: "0012"'):
        load_region_file(path)


def test_every_shipped_region_file_is_text():
    names = {path.stem for path in (ROOT / "params" / "regions").glob("*.yaml")}
    assert "all" in names and len(names) == 9
    for name in names:
        assert load_region_file(ROOT / "params" / "regions" / f"{name}.yaml")["region"] == name


def test_equal_params_have_equal_keys():
    assert params_key(load_params("base").strategy) == params_key(Params().strategy)
    assert params_key(load_params("cautious").strategy) != params_key(Params().strategy)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("segmentation: {min_segments: 5, max_segments: 3}", "min_segments is above max_segments"),
        ("delinquency: {grade_bounds: [0.6, 0.3, 0.1]}", "grade_bounds must rise"),
        ("segmentation: {seed: 1, seed: 2}", "seed stands twice"),
        ("1: {a: 2}", "1: unknown key"),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, text: str, words: str):
    path = tmp_path / "p.yaml"
    path.write_text(text + "\n")
    with pytest.raises(ParamsError, match=words):
        load_params(path)
