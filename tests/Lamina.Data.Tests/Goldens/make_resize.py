"""Makes the resize goldens with Pillow (Debian: apt-get install python3-pil, run with /usr/bin/python3).

Each case is NAME.src (bytes, height x width x channels) and NAME.dst (little-endian float32, resized in Pillow's
mode "F", which does not round). resize.txt lists: name, source height, width, channels, box left, top, right, bottom,
height, width.
"""

import array
import pathlib
import random

from PIL import Image

here = pathlib.Path(__file__).parent / "resize"
here.mkdir(exist_ok=True)
random.seed(20121)

CASES = [  # name, (h, w, c), box or None, (h, w)
    ("up", (28, 28, 1), None, (64, 64)),
    ("up_odd", (7, 11, 3), None, (19, 16)),
    ("down", (53, 37, 3), None, (20, 17)),
    ("down_far", (61, 47, 1), None, (5, 3)),
    ("mixed", (19, 40, 3), None, (31, 23)),
    ("same", (9, 13, 3), None, (9, 13)),
    ("one", (1, 1, 3), None, (4, 5)),
    ("to_one", (12, 9, 3), None, (1, 1)),
    ("box", (40, 50, 3), (6.25, 3.5, 43.75, 33.5), (21, 30)),
    ("box_up", (16, 12, 1), (2.5, 1.25, 9.0, 12.75), (33, 29)),
]

lines = []
for name, (height, width, channels), box, (to_height, to_width) in CASES:
    # Edges, ramps and noise: each shows another mistake.
    data = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                ramp = (x * 5 + y * 3 * (c + 1)) % 256
                edge = 255 if (x // 4 + y // 5) % 2 else 0
                data.append((ramp, edge, random.randrange(256))[(x + y + c) % 3])
    planes = []
    for c in range(channels):
        plane = Image.frombytes("L", (width, height), bytes(data[c::channels])).convert("F")
        planes.append(plane.resize((to_width, to_height), Image.BILINEAR, box=box).getdata())
    out = array.array("f", [planes[c][i] for i in range(to_height * to_width) for c in range(channels)])
    (here / f"{name}.src").write_bytes(bytes(data))
    (here / f"{name}.dst").write_bytes(out.tobytes())
    left, top, right, bottom = box or (0, 0, width, height)
    lines.append(f"{name} {height} {width} {channels} {left} {top} {right} {bottom} {to_height} {to_width}\n")
(here / "resize.txt").write_text("".join(lines))
