"""Makes colors.json: a picture, and what Pillow's ImageEnhance and Python's colorsys make of its colours.

Run with Debian's python3-pil: /usr/bin/python3 make_colors.py. Pillow rounds to bytes, hence the tests' tolerance of a
level; colorsys computes in doubles, one pixel at a time.
"""

import colorsys
import json
import pathlib
import random

from PIL import Image, ImageEnhance

HEIGHT, WIDTH = 7, 9
random.seed(1989)
source = [random.randrange(256) for _ in range(HEIGHT * WIDTH * 3)]
# Black, white, greys and pure colours are where hue and saturation go wrong.
source[:27] = [0, 0, 0, 255, 255, 255, 90, 90, 90, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0, 0, 255, 255, 255, 0, 255]
picture = Image.frombytes("RGB", (WIDTH, HEIGHT), bytes(source))
grey = picture.convert("L")

cases = []


def add(change, channels, factor, values):
    cases.append({"change": change, "channels": channels, "factor": factor, "values": [round(v, 4) for v in values]})


for factor in (0.0, 0.35, 1.0, 1.6):
    for change, enhance in (
        ("brightness", ImageEnhance.Brightness),
        ("contrast", ImageEnhance.Contrast),
        ("saturation", ImageEnhance.Color),
    ):
        add(change, 3, factor, list(enhance(picture).enhance(factor).tobytes()))
        if change != "saturation":
            add(change, 1, factor, list(enhance(grey).enhance(factor).tobytes()))
for turn in (-0.5, -0.21, 0.0, 0.1, 0.43):
    values = []
    for i in range(0, len(source), 3):
        h, s, v = colorsys.rgb_to_hsv(*(c / 255 for c in source[i : i + 3]))
        values += [255 * c for c in colorsys.hsv_to_rgb((h + turn) % 1, s, v)]
    add("hue", 3, turn, values)

golden = {"source": source, "grey": list(grey.tobytes()), "cases": cases}
(pathlib.Path(__file__).parent / "colors.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
