"""Photos lose all that a camera writes and nothing of the picture; Pillow is the independent reader."""

from __future__ import annotations

import io
import struct

import pytest

from hotspot_plugin.analysis.privacy import photos

Image = pytest.importorskip("PIL.Image")
from PIL import ImageOps, PngImagePlugin  # noqa: E402

SECRET = b"SECRET-OWNER"


def picture():
    image = Image.new("RGB", (40, 24))
    image.putdata([(x * 6, y * 10, (x * y) % 256) for y in range(24) for x in range(40)])
    return image


def exif(turn):
    data = Image.Exif()
    data[0x0112] = turn
    data[0x010F] = SECRET.decode()
    data[0x8825] = {1: "N", 2: (52.0, 57.0, 0.0), 3: "W", 4: (1.0, 9.0, 0.0)}
    return data.tobytes()


def jpeg(turn=1, **options):
    out = io.BytesIO()
    picture().save(out, "JPEG", exif=exif(turn), comment=SECRET, icc_profile=b"ICC" * 50, **options)
    data = out.getvalue()
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x>" + SECRET + b"</x>"
    # XMP after the start mark, and a second picture (as phones append) after the end
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp + data[2:] + b"MPF" + SECRET


def png(turn=1):
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    out = io.BytesIO()
    picture().save(out, "PNG", pnginfo=info, exif=exif(turn))
    return out.getvalue() + SECRET


def webp(turn=1):
    out = io.BytesIO()
    picture().save(out, "WEBP", lossless=True, exif=exif(turn), xmp=SECRET)
    return out.getvalue()


CASES = [(jpeg, {}), (jpeg, {"progressive": True}), (png, {}), (webp, {})]


@pytest.mark.parametrize(("make", "options"), CASES)
@pytest.mark.parametrize("turn", [1, 6])
def test_the_picture_stays_and_all_else_goes(make, options, turn):
    data = make(turn, **options)
    assert SECRET in data and photos.orientation(data) == turn
    clean, ending = photos.strip(data)
    assert SECRET not in clean and ending in (".jpg", ".png", ".webp")
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(clean))
    assert before.tobytes() == after.tobytes()
    assert ImageOps.exif_transpose(before).tobytes() == ImageOps.exif_transpose(after).tobytes()
    tags = after.getexif()
    assert set(tags) <= {0x0112} and not tags.get_ifd(0x8825)
    assert photos.orientation(clean) == turn
    assert photos.strip(clean)[0] == clean


@pytest.mark.parametrize("data", [b"", b"\0\0\0\x18ftypheic", b"GIF89a", b"MZ"])
def test_other_formats_are_refused(data):
    with pytest.raises(photos.PhotoError, match="format that cannot be cleaned"):
        photos.strip(data)


@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_a_damaged_photo_is_refused_or_clean(make):
    """Cut off anywhere, nothing hidden may come through."""
    data = make()
    for cut in range(12, len(data), 37):
        try:
            clean, _ = photos.strip(data[:cut])
        except photos.PhotoError:
            continue
        assert SECRET not in clean
