"""Read base.yaml and profiles; refuse what is unknown, naming file and key."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import yaml
from pydantic import ValidationError

from insights.params.errors import ParamsError
from insights.params.sections import Params
from insights.words import _, meant, speak

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # without its C library PyYAML reads the same, ten times slower
    from yaml import SafeLoader  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parents[3]
PARAMS = ROOT / "params"


def load_yaml(path: Path) -> Any:
    """Return what a yaml file holds, lists as tuples; a syntax error names file and line."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        return _tuples(yaml.load(text, Loader=_NoDuplicates))
    except FileNotFoundError:
        raise ParamsError(_("{path}: no such file").format(path=path)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(
            _("{path}: not readable yaml: {error}").format(path=path, error=error)
        ) from None


class _NoDuplicates(SafeLoader):
    """Refuses a key that stands twice in one mapping: the last would win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping; ``YAMLError`` names a repeated key and its line."""
        keys = [self.construct_object(key, deep=deep) for key, _value in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            line = node.start_mark.line + 1
            words = _("below line {line}: {keys} stands twice")
            raise yaml.YAMLError(words.format(line=line, keys=", ".join(twice)))
        return super().construct_mapping(node, deep=deep)


def load_params(profile: str | Path = "base") -> Params:
    """Which knobs hold? Defaults, overlaid by a profile of ``params/`` or a yaml file.

    From here on this process speaks the language of the knobs, ``reading.language``. Raises
    ``ParamsError`` naming the file and every unknown key or wrong type at once.
    """
    params = _loaded(profile)
    speak(params.reading.language)
    return params


def _loaded(profile: str | Path) -> Params:
    base_path = PARAMS / "base.yaml"
    base = _plain_values(base_path)
    path = _profile_path(profile)
    if path == base_path:
        return _validated(base, base_path)
    changes = load_yaml(path) or {}
    _refuse_non_sections(changes, path)
    _validated(changes, path)
    merged = {
        name: {**base.get(name, {}), **(changes.get(name) or {})} for name in {*base, *changes}
    }
    return _validated(merged, path)


def load_base_entries() -> dict[str, dict[str, dict[str, Any]]]:
    """Return base.yaml as written: section -> key -> {value, unit, reason, source}."""
    return load_yaml(PARAMS / "base.yaml")


def load_region_file(path: Path) -> dict[str, Any]:
    """Return a papermill parameter file, refusing a region that yaml read as a number."""
    values = load_yaml(path)
    if not isinstance(values.get("region"), str):
        raise ParamsError(
            _(
                '{path}: region: {value!r} is not text; write it in quotes, e.g. region: "0012"'
            ).format(path=path, value=values.get("region"))
        )
    return values


def params_key(params: object) -> str:
    """Return a short hash of a params object, the same for equal values."""
    return hashlib.sha256(repr(params).encode()).hexdigest()[:16]


def _profile_path(profile: str | Path) -> Path:
    text = str(profile)
    if text.endswith((".yaml", ".yml")):
        path = Path(text)
        return path if path.is_absolute() else ROOT / path
    path = PARAMS / f"{text}.yaml"
    if not path.exists():
        known = sorted(p.stem for p in PARAMS.glob("*.yaml") if p.stem != "headers")
        raise ParamsError(
            _("{path}: no such profile; known: {known}").format(path=path, known=", ".join(known))
        )
    return path


def _plain_values(path: Path) -> dict[str, dict[str, Any]]:
    entries = load_yaml(path)
    return {
        section: {key: entry["value"] for key, entry in keys.items()}
        for section, keys in entries.items()
    }


def _refuse_non_sections(changes: Any, path: Path) -> None:
    if not isinstance(changes, dict):
        raise ParamsError(_("{path}: expected sections with keys").format(path=path))
    flat = [name for name, keys in changes.items() if not isinstance(keys, dict | None)]
    if flat:
        raise ParamsError(
            _("{path}: {names}: expected keys below the section").format(
                path=path, names=", ".join(map(str, flat))
            )
        )


def _validated(values: dict[str, Any], path: Path) -> Params:
    classes = get_type_hints(Params)
    faults = [_unknown(str(name), list(classes)) for name in values if name not in classes]
    sections = {}
    for name in values.keys() & classes.keys():
        try:
            given = {str(key): value for key, value in (values[name] or {}).items()}
            sections[name] = classes[name](**given)
        except ValidationError as error:
            known = [item.name for item in fields(classes[name])]
            faults += [_fault(name, item, known) for item in error.errors()]
    if faults:
        raise ParamsError(_("{path}: {faults}").format(path=path, faults="; ".join(sorted(faults))))
    return Params(**sections)


def _fault(section: str, item: Any, known: list[str]) -> str:
    if not item["loc"]:
        return _("{section}: {message}").format(section=section, message=item["msg"])
    key = str(item["loc"][0])
    if item["type"] == "unexpected_keyword_argument":
        return _unknown(key, known, f"{section}.")
    return _("{section}.{key}: {message}, not {value!r}").format(
        section=section, key=key, message=item["msg"], value=item["input"]
    )


def _unknown(key: str, known: list[str], prefix: str = "") -> str:
    hint = meant(key, known) or _("known: {known}").format(known=", ".join(known))
    return _("{prefix}{key}: unknown key; {hint}").format(prefix=prefix, key=key, hint=hint)


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    return value
