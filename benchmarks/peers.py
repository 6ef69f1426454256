"""How others segment customers: each takes the raw frame, chooses k as its users do, and labels.

All but HDBSCAN try k = 2..8. Amounts, counts and days are read as logs except by the naive way;
missing numbers take the median, missing texts the commonest level.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

Method = Callable[[pd.DataFrame], np.ndarray]

CANDIDATES = range(2, 9)
# fpc's documentation calls a mean Jaccard of 0.75 and above stable; half its usual 100 resamples.
BOOTSTRAPS = 50
STABLE = 0.75
CLUSTERBOOT = """
suppressPackageStartupMessages(library(fpc))
where <- commandArgs(trailingOnly = TRUE)
points <- as.matrix(read.csv(where[1], header = FALSE))
for (k in {first}:{last}) {{
  found <- clusterboot(points, B = {bootstraps}, clustermethod = kmeansCBI, krange = k, runs = 5,
                       seed = 1, count = FALSE)
  if (k == {first} || min(found$bootmean) >= {stable}) labels <- found$result$partition
}}
write(labels, where[2], ncolumns = 1)
"""


def naive_rfm(frame: pd.DataFrame) -> np.ndarray:
    """Standard scores of raw recency, frequency and value; k-means; k by silhouette."""
    raw = _filled(frame)[["recency_days", "frequency", "monetary_value"]]
    return _by_silhouette(StandardScaler().fit_transform(raw))


def logged_kmeans(frame: pd.DataFrame) -> np.ndarray:
    """Logs and one-hot levels; k-means; k by silhouette."""
    return _by_silhouette(_matrix(frame))


def famd_kmeans(frame: pd.DataFrame) -> np.ndarray:
    """Five components of prince's factor analysis of mixed data; k-means; k by silhouette."""
    import prince

    logged = _logged(frame)
    model = prince.FAMD(n_components=5, random_state=0).fit(logged)
    return _by_silhouette(model.row_coordinates(logged).to_numpy())


def k_prototypes(frame: pd.DataFrame) -> np.ndarray:
    """kmodes' k-prototypes on logs; k at the elbow of its cost (kinder here than silhouette)."""
    from kmodes.kprototypes import KPrototypes

    logged = _logged(frame)
    numbers, texts = _kinds(logged)
    scores = StandardScaler().fit_transform(logged[numbers])
    mixed = np.column_stack([scores.astype(object), logged[texts].to_numpy(object)])
    places = list(range(len(numbers), mixed.shape[1]))
    fits = [
        KPrototypes(k, init="Cao", n_init=1, random_state=0).fit(mixed, categorical=places)
        for k in CANDIDATES
    ]
    return fits[_elbow(np.array([fit.cost_ for fit in fits]))].labels_


def gmm_full(frame: pd.DataFrame) -> np.ndarray:
    """Normal mixture, full covariances, on logs and one-hot levels; k by BIC."""
    return _by_bic(_matrix(frame), "full")


def gmm_diagonal(frame: pd.DataFrame) -> np.ndarray:
    """Normal mixture, diagonal covariances, on logs and one-hot levels; k by BIC."""
    return _by_bic(_matrix(frame), "diag")


def hdbscan(frame: pd.DataFrame) -> np.ndarray:
    """HDBSCAN on logs and one-hot levels, groups of at least 2 % of rows; the rest is noise."""
    points = _matrix(frame)
    return HDBSCAN(min_cluster_size=max(5, len(points) // 50), copy=True).fit_predict(points)


def clusterboot(frame: pd.DataFrame) -> np.ndarray:
    """R's fpc on logs and one-hot levels: the largest k whose every cluster is stable."""
    script = CLUSTERBOOT.format(
        first=CANDIDATES[0], last=CANDIDATES[-1], bootstraps=BOOTSTRAPS, stable=STABLE
    )
    with tempfile.TemporaryDirectory() as folder:
        points, labels = Path(folder, "points.csv"), Path(folder, "labels.txt")
        np.savetxt(points, _matrix(frame), delimiter=",")
        subprocess.run(
            ["Rscript", "-e", script, str(points), str(labels)], check=True, capture_output=True
        )
        return np.loadtxt(labels, dtype=int)


def present() -> tuple[list[Method], list[str]]:
    """Return the peers that can run here, and in words why others cannot."""
    wanted: list[tuple[Method, str]] = [
        (naive_rfm, ""),
        (logged_kmeans, ""),
        (k_prototypes, _package("kmodes")),
        (famd_kmeans, _package("prince")),
        (gmm_full, ""),
        (gmm_diagonal, ""),
        (hdbscan, ""),
        (clusterboot, _fpc()),
    ]
    methods = [method for method, lacking in wanted if not lacking]
    return methods, [f"{m.__name__} was left out: {why}" for m, why in wanted if why]


def _package(name: str) -> str:
    found = importlib.util.find_spec(name)
    return "" if found else f"{name} is not installed (pip install 'insights[bench]')"


def _fpc() -> str:
    if shutil.which("Rscript") is None:
        return "there is no Rscript on the path"
    tried = subprocess.run(["Rscript", "-e", "library(fpc)"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "R is here without its package fpc"


def _by_silhouette(points: np.ndarray) -> np.ndarray:
    fits = [KMeans(k, n_init=10, random_state=0).fit_predict(points) for k in CANDIDATES]
    return max(fits, key=lambda labels: silhouette_score(points, labels))


def _by_bic(points: np.ndarray, covariance: str) -> np.ndarray:
    fits = [
        GaussianMixture(k, covariance_type=covariance, n_init=3, reg_covar=1e-3, random_state=0)
        for k in CANDIDATES
    ]
    best = min((model.fit(points) for model in fits), key=lambda model: model.bic(points))
    return best.predict(points)


def _matrix(frame: pd.DataFrame) -> np.ndarray:
    logged = _logged(frame)
    numbers, texts = _kinds(logged)
    scores = StandardScaler().fit_transform(logged[numbers])
    return np.column_stack([scores, pd.get_dummies(logged[texts], dtype=float)])


def _logged(frame: pd.DataFrame) -> pd.DataFrame:
    filled = _filled(frame)
    large = [name for name in _kinds(filled)[0] if filled[name].max() > 1]
    return filled.assign(**{name: np.log1p(filled[name].clip(lower=0)) for name in large})


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    numbers, texts = _kinds(frame)
    filled = {name: frame[name].fillna(frame[name].median()) for name in numbers}
    filled |= {name: frame[name].fillna(frame[name].mode()[0]).astype("str") for name in texts}
    return pd.DataFrame(filled)


def _kinds(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    numbers = list(frame.select_dtypes("number"))
    return numbers, [name for name in frame if name not in numbers]


def _elbow(cost: np.ndarray) -> int:
    """Return where the falling curve lies deepest under its chord."""
    chord = np.linspace(cost[0], cost[-1], len(cost))
    return int((chord - cost).argmax())
