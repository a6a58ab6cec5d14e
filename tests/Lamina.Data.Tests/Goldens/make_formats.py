"""Makes image files and the pixels that Pillow reads from them (Debian: apt-get install python3-pil).

Run with /usr/bin/python3. Each case is a file and, beside it, FILE.ppm with the expected red, green, blue.
"""

import pathlib
import struct
import zlib

from PIL import Image, ImageOps

here = pathlib.Path(__file__).parent / "formats"
here.mkdir(exist_ok=True)
WIDTH, HEIGHT = 24, 16


def smooth(width, height):
    """Colours that change slowly, so that JPEG keeps them, and differently towards each side."""
    image = Image.new("RGB", (width, height))
    image.putdata(
        [(40 + x * 200 // width, 230 - y * 200 // height, 60 + (x + y) * 3) for y in range(height) for x in range(width)]
    )
    return image


def expect(name, image=None):
    image = image or ImageOps.exif_transpose(Image.open(here / name))
    image.convert("RGB").save(here / f"{name}.ppm")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, depth, colour_type, rows, before=b"", after=b""):
    """A PNG that Pillow cannot write, by hand, with more chunks before and after the pixels."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour_type, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", body) + after + chunk(b"IEND", b"")
    (here / name).write_bytes(data)


picture = smooth(WIDTH, HEIGHT)

picture.save(here / "rgb.bmp")
expect("rgb.bmp")
picture.convert("L").save(here / "grey.bmp")
expect("grey.bmp")
picture.convert("P", palette=Image.ADAPTIVE, colors=16).save(here / "palette.png")
expect("palette.png")
picture.convert("1").save(here / "bits.png")
expect("bits.png")
picture.convert("L").save(here / "grey.png")
expect("grey.png")
picture.convert("L").save(here / "grey.jpg", quality=95)
expect("grey.jpg")
picture.save(here / "progressive.jpg", quality=95, subsampling=0, progressive=True)
expect("progressive.jpg")
picture.save(here / "lossless.webp", lossless=True)
expect("lossless.webp")

# Alpha is dropped: the colours under transparent pixels stay.
transparent = picture.copy()
transparent.putalpha(Image.linear_gradient("L").resize((WIDTH, HEIGHT)))
transparent.save(here / "rgba.png")
expect("rgba.png")

# The first of three frames.
frames = [picture.convert("P", palette=Image.ADAPTIVE, colors=32)] + [Image.new("P", (WIDTH, HEIGHT))] * 2
frames[0].save(here / "frames.gif", save_all=True, append_images=frames[1:])
expect("frames.gif")

picture.convert("CMYK").save(here / "cmyk.jpg", quality=95)
expect("cmyk.jpg")

pixels = list(picture.getdata())
rows = [pixels[y * WIDTH : (y + 1) * WIDTH] for y in range(HEIGHT)]
png("rgb16.png", 16, 2, [b"".join(bytes([v, 255 - v]) for p in row for v in p) for row in rows])
expect("rgb16.png", picture)
grey = [[p[0] for p in row] for row in rows]
png("grey16.png", 16, 0, [b"".join(bytes([v, 90]) for v in row) for row in grey])
# Pillow's own conversion from 16-bit grey clips at 255, so the expected pixels are the upper bytes.
upper = Image.open(here / "grey16.png")
expected = Image.new("L", (WIDTH, HEIGHT))
expected.putdata([v >> 8 for v in upper.getdata()])
expect("grey16.png", expected)

# Photos that are to be turned: EXIF orientations 1 to 8, of an image whose sides differ.
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    name = f"orientation_{orientation}.jpg"
    picture.save(here / name, quality=95, subsampling=0, exif=exif)
    expect(name)
    name = f"orientation_{orientation}.png"
    picture.save(here / name, exif=exif)
    expect(name)

# The same in PNGs as other programs write them: big-endian, after the pixels, as a LONG among other tags, in grey, and in the
# text chunk of old versions of ImageMagick.
colors = [b"".join(bytes(p) for p in row) for row in rows]
greys = [bytes(p[0] for p in row) for row in rows]
big = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0)
long = b"II*\0" + struct.pack("<IHHHIIHHIII", 8, 2, 0x0100, 3, 1, 24, 0x0112, 4, 1, 8, 0)
text = f"\nexif\n{len(big) + 6:8}\n{(b'Exif' + bytes(2) + big).hex()}\n".encode()
key = b"Raw profile type exif\0"
for name, kind, lines, before, after in [
    ("exif_big.png", 2, colors, chunk(b"eXIf", big), b""),
    ("exif_late.png", 2, colors, b"", chunk(b"eXIf", long)),
    ("exif_grey.png", 0, greys, chunk(b"eXIf", long), b""),
    ("exif_text.png", 2, colors, b"", chunk(b"tEXt", key + text)),
    ("exif_ztxt.png", 2, colors, chunk(b"zTXt", key + b"\0" + zlib.compress(text)), b""),
]:
    png(name, 8, kind, lines, before, after)
    expect(name)
