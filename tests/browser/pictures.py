"""Pictures made small: the colours of a screenshot reduced to a palette, as PNG (W3C, third edition).

A browser writes a picture with all the colours of its smoothed letters, three times as large as it has to be.
"""

import base64
import struct
import zlib

from playwright.async_api import BrowserContext

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PALETTE = 3
"""The colour type of a picture whose pixels are places in a palette."""
COLORS_MAX = 256
REDUCE = """async ([picture, most]) => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + picture)).blob());
  const { width, height } = image, drawing = new OffscreenCanvas(width, height).getContext("2d");
  drawing.drawImage(image, 0, 0);
  const colors = new Uint32Array(drawing.getImageData(0, 0, width, height).data.buffer), counts = new Map();
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1);
  const often = [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one));
  const parts = (color) => [color & 255, (color >> 8) & 255, (color >> 16) & 255];
  const palette = often.slice(0, most).map(parts), places = new Map();
  for (const color of often) {
    const far = palette.map((one) => parts(color).reduce((sum, part, at) => sum + (part - one[at]) ** 2, 0));
    places.set(color, far.indexOf(Math.min(...far)));
  }
  const text = Array.from(colors, (color) => String.fromCharCode(places.get(color))).join("");
  return { width, height, palette, pixels: btoa(text) };
}"""
"""Keeps the colours that are used most, and gives every other the nearest of them."""


async def reduced(context: BrowserContext, picture: bytes) -> bytes:
    """Return a PNG with fewer colours, in a palette. Its pixels are read by a browser."""
    page = await context.new_page()  # an empty one: the workbench's own pages may fetch nothing but from the ledger
    read = await page.evaluate(REDUCE, [base64.b64encode(picture).decode(), COLORS_MAX])
    await page.close()
    width, height, palette = read["width"], read["height"], read["palette"]
    pixels = base64.b64decode(read["pixels"])
    lines = b"".join(b"\0" + pixels[start : start + width] for start in range(0, width * height, width))
    header = struct.pack(">IIBBBBB", width, height, 8, PALETTE, 0, 0, 0)
    colors = b"".join(bytes(color) for color in palette)
    return SIGNATURE + b"".join(
        (
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", colors),
            _chunk(b"IDAT", zlib.compress(lines, zlib.Z_BEST_COMPRESSION)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
