"""Makes JPEGs of every usual sampling, and what Pillow makes of one as torchvision's Resize and CenterCrop do.

Run with /usr/bin/python3 (Debian: apt-get install python3-pil). The pictures are noise in all sizes of detail, as photos
are. prepared.ppm is photo.jpg with the short side resized to 128 (BILINEAR, antialiased) and the centre 112x112 cut out.
"""

import pathlib
import random

from PIL import Image

here = pathlib.Path(__file__).parent / "parts"
here.mkdir(exist_ok=True)
random.seed(1989)


def noise(width, height):
    """A sum of enlarged noise, coarse to fine."""
    total = Image.new("RGB", (width, height), (128, 128, 128))
    size = 3
    while size < max(width, height):
        data = bytes(random.randrange(256) for _ in range(size * size * 3))
        layer = Image.frombytes("RGB", (size, size), data).resize((width, height), Image.BICUBIC)
        total = Image.blend(total, layer, 0.35)
        size *= 3
    return total


picture = noise(117, 91)
picture.save(here / "444.jpg", quality=90, subsampling=0)
picture.save(here / "422.jpg", quality=90, subsampling=1)
picture.save(here / "420.jpg", quality=90, subsampling=2)
picture.save(here / "progressive.jpg", quality=90, subsampling=2, progressive=True)
picture.convert("L").save(here / "grey.jpg", quality=90)

photo = noise(250, 188)
photo.save(here / "photo.jpg", quality=90)
photo = Image.open(here / "photo.jpg")
wide = int(128 * photo.width / photo.height)
left, top = round((wide - 112) / 2.0), round((128 - 112) / 2.0)
photo.resize((wide, 128), Image.BILINEAR).crop((left, top, left + 112, top + 112)).save(here / "prepared.ppm")
