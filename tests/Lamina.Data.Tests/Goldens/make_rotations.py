"""Makes rotations.json: a picture, and what PyTorch's grid_sample makes of it when it is rotated about its center.

Run with Debian's python3-torch: /usr/bin/python3 make_rotations.py. Angles are counterclockwise, in degrees; padding
"zeros" is the fill "zero", "reflection" with align_corners=False is "reflect". Computed in float64.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

HEIGHT, WIDTH = 6, 9
source = [(37 * i * i + 11 * i) % 256 for i in range(HEIGHT * WIDTH * 3)]
image = torch.tensor(source, dtype=torch.float64).reshape(1, HEIGHT, WIDTH, 3).permute(0, 3, 1, 2)
y, x = torch.meshgrid(
    torch.arange(HEIGHT, dtype=torch.float64), torch.arange(WIDTH, dtype=torch.float64), indexing="ij"
)
y, x = y - (HEIGHT - 1) / 2, x - (WIDTH - 1) / 2

cases = []
for degrees in (0.0, 7.5, -31.0, 90.0, 180.0):
    sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    # The inverse rotation, with rows counted downwards, in the grid's unit: half the image is 1.
    grid = torch.stack([(cos * x - sin * y) / (WIDTH / 2), (sin * x + cos * y) / (HEIGHT / 2)], dim=-1)[None]
    for fill, padding in (("zero", "zeros"), ("reflect", "reflection")):
        out = F.grid_sample(image, grid, mode="bilinear", padding_mode=padding, align_corners=False)
        values = out[0].permute(1, 2, 0).reshape(-1).tolist()
        cases.append({"degrees": degrees, "fill": fill, "values": [round(v, 3) for v in values]})

path = pathlib.Path(__file__).with_name("rotations.json")
path.write_text(json.dumps({"height": HEIGHT, "width": WIDTH, "source": source, "cases": cases}) + "\n")
