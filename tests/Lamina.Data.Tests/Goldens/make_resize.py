"""Makes the resize goldens with Pillow (Debian: apt-get install python3-pil, run with /usr/bin/python3).

Each case is NAME.src (bytes, height x width x channels) and NAME.dst (little-endian float32, resized in Pillow's
mode "F", which does not round). resize.txt lists: name, source height, width, channels, box left, top, right, bottom,
height, width. crop.txt lists images whose short side is resized, then the centre cut out, as torchvision's Resize and
CenterCrop do it with Pillow: name, source height, width, channels, short side, height, width.
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

CROPS = [  # name, (h, w, c), short side, (h, w)
    ("crop_wide", (50, 67, 3), 32, (24, 24)),
    ("crop_high", (67, 45, 1), 40, (33, 40)),
    ("crop_up", (15, 22, 3), 37, (30, 21)),
]


def picture(height, width, channels):
    """Edges, ramps and noise: each shows another mistake."""
    data = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                ramp = (x * 5 + y * 3 * (c + 1)) % 256
                edge = 255 if (x // 4 + y // 5) % 2 else 0
                data.append((ramp, edge, random.randrange(256))[(x + y + c) % 3])
    return bytes(data)


def save(name, shape, change):
    """Writes a picture and what becomes of each of its channels."""
    height, width, channels = shape
    data = picture(height, width, channels)
    planes = []
    for c in range(channels):
        planes.append(change(Image.frombytes("L", (width, height), data[c::channels]).convert("F")))
    pixels = planes[0].width * planes[0].height
    values = [plane.getdata() for plane in planes]
    out = array.array("f", [values[c][i] for i in range(pixels) for c in range(channels)])
    (here / f"{name}.src").write_bytes(data)
    (here / f"{name}.dst").write_bytes(out.tobytes())


lines = []
for name, (height, width, channels), box, (to_height, to_width) in CASES:
    save(
        name,
        (height, width, channels),
        lambda plane: plane.resize((to_width, to_height), Image.BILINEAR, box=box),
    )
    left, top, right, bottom = box or (0, 0, width, height)
    lines.append(f"{name} {height} {width} {channels} {left} {top} {right} {bottom} {to_height} {to_width}\n")
(here / "resize.txt").write_text("".join(lines))

lines = []
for name, (height, width, channels), side, (to_height, to_width) in CROPS:
    shorter = min(height, width)
    tall, wide = int(side * height / shorter), int(side * width / shorter)
    top, left = round((tall - to_height) / 2.0), round((wide - to_width) / 2.0)
    save(
        name,
        (height, width, channels),
        lambda plane: plane.resize((wide, tall), Image.BILINEAR).crop((left, top, left + to_width, top + to_height)),
    )
    lines.append(f"{name} {height} {width} {channels} {side} {to_height} {to_width}\n")
(here / "crop.txt").write_text("".join(lines))
