"""Makes interpolation.json with Pillow (Debian: apt-get install python3-pil, run with /usr/bin/python3): a picture resized
by each of its filters in mode "F", which neither rounds nor cuts off."""

import json
import pathlib
import random

from PIL import Image

random.seed(20122)
(HEIGHT, WIDTH) = (11, 9)
# Noise, and flat parts between edges, where bicubic and Lanczos overshoot.
PIXELS = [random.randrange(256) if y < 5 else 255 * (x // 3 % 2) for y in range(HEIGHT) for x in range(WIDTH)]
FILTERS = {
    "Nearest": Image.Resampling.NEAREST,
    "Box": Image.Resampling.BOX,
    "Bilinear": Image.Resampling.BILINEAR,
    "Bicubic": Image.Resampling.BICUBIC,
    "Lanczos": Image.Resampling.LANCZOS,
}

image = Image.frombytes("L", (WIDTH, HEIGHT), bytes(PIXELS)).convert("F")
cases = []
for name, kind in FILTERS.items():
    for height, width in ((17, 20), (4, 3), (11, 5), (23, 9)):
        values = [round(v, 4) for v in image.resize((width, height), kind).getdata()]
        cases.append({"filter": name, "height": height, "width": width, "values": values})
content = {"height": HEIGHT, "width": WIDTH, "pixels": PIXELS, "cases": cases}
(pathlib.Path(__file__).parent / "interpolation.json").write_text(json.dumps(content) + "\n")
