"""Makes statistics.json: small pictures with correlated colours, and numpy's mean, deviation and principal components.

Run with Debian's python3-numpy: /usr/bin/python3 make_statistics.py.
"""

import json
import pathlib

import numpy as np

rng = np.random.default_rng(44)
mix = np.array([[40, 0, 0], [30, 25, 0], [20, 10, 12]])
pictures = rng.normal(size=(70, 4, 5, 3)) @ mix.T + [120, 100, 90]
pictures = np.clip(np.round(pictures), 0, 255).astype(np.uint8)
pixels = pictures.reshape(-1, 3).astype(np.float64)
values, vectors = np.linalg.eigh(np.cov(pixels.T, bias=True))
golden = {
    "pictures": [p.ravel().tolist() for p in pictures],
    "mean": (pixels.mean(0) / 255).tolist(),
    "std": (pixels.std(0) / 255).tolist(),
    "image": (pictures.mean(0) / 255).ravel().tolist(),
    "deviations": np.sqrt(values[::-1]).tolist(),
    # Each up to its sign.
    "vectors": vectors.T[::-1].tolist(),
}
(pathlib.Path(__file__).parent / "statistics.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
