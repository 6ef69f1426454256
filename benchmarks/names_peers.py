"""What a plain fuzzy match finds among the same names, and how long ours takes on large masters."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

from insights.ingest.names import match_names
from insights.ingest.names.places import PROVINCE_OF

Nearest = Callable[[list[str], list[str]], tuple[np.ndarray, np.ndarray]]
KINDS = ("中心医院", "中医医院", "妇幼保健院", "儿童医院", "口腔医院", "肿瘤医院", "第一医院")


def wratio(asked: list[str], names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return each name's nearest by WRatio, and its score 0..1."""
    scores = process.cdist(asked, names, scorer=fuzz.WRatio, dtype=np.float32)
    return scores.argmax(axis=1), scores.max(axis=1) / 100


def cosine(asked: list[str], names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return each name's nearest by one to three characters, weighted by rarity."""
    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3)).fit(names)
    scores = (grams.transform(asked) @ grams.transform(names).T).toarray()
    return scores.argmax(axis=1), scores.max(axis=1)


def speed(n: int = 10_500) -> str:
    """Return the time of over 10,000 made-up names against as many made-up masters."""
    kinds = [f"第{number}人民医院" for number in "一二三四五六七八九"] + list(KINDS)
    names = [f"{city}市{kind}" for city in PROVINCE_OF for kind in kinds]
    own = itertools.product("安华平东明康和仁济民同福德新光", repeat=4)
    names += [f"{''.join(part)}医院" for part in itertools.islice(own, n - len(names))]
    master = pd.DataFrame({"customer_id": [f"C{i:05d}" for i in range(n)], "name": names})
    slips = (("医院", "医 院"), ("医院", "医阮"), ("医院", "医院药房"), ("医院", "医"))
    asked = [name.replace(*slips[i % 4]) for i, name in enumerate(names)]
    begun = time.perf_counter()
    found = match_names(pd.DataFrame({"name": asked}), master)
    took = time.perf_counter() - begun
    return f"\n{len(found.names):,} names against {len(master):,} customers: {took:.1f} s"
