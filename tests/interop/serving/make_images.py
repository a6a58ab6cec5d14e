"""Writes dark and light images of noise: PNG files in two class folders."""
import os
import random
import struct
import sys
import zlib

SIZE = 40


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write(path, low):
    rows = b"".join(b"\0" + bytes(low + random.randrange(90) for _ in range(SIZE * 3)) for _ in range(SIZE))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


random.seed(1)
for name, low in (("dark", 0), ("light", 160)):
    folder = os.path.join(sys.argv[1], name)
    os.makedirs(folder)
    for i in range(24):
        write(os.path.join(folder, f"{i}.png"), low)
