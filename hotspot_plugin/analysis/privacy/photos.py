"""Photos without what a camera writes into them: place, time, owner, device, thumbnail.

The picture itself is not touched, so that nothing is lost by a second compression: the parts
of the file that are no picture are left out. How the picture is to be turned (Exif tag 0x0112)
is kept, in a block that holds nothing else. JPEG: ISO/IEC 10918-1, Exif 2.32; PNG: W3C PNG 3;
WebP: RFC 9649.
"""

from __future__ import annotations

import struct
import zlib

from ..errors import HotspotError

ENDINGS = {"jpeg": ".jpg", "png": ".png", "webp": ".webp"}
_PNG = b"\x89PNG\r\n\x1a\n"
#: parts of a PNG that change what is seen
_SEEN = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs", b"cICP"}


class PhotoError(HotspotError):
    """A photo that cannot be cleaned for sure."""


def kind_of(data: bytes) -> str:
    """Return jpeg, png or webp by the file's first bytes, else ""."""
    if data[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if data[:8] == _PNG:
        return "png"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def strip(data: bytes) -> tuple[bytes, str]:
    """Return the photo without its metadata, and the ending of its file name.

    Raises
    ------
    PhotoError
        For another format, or a file that is damaged: what cannot be read cannot be cleaned.
    """
    kind = kind_of(data)
    if not kind:
        raise PhotoError("photo of a format that cannot be cleaned (JPEG, PNG and WebP can)")
    try:
        clean = {"jpeg": _jpeg, "png": _png, "webp": _webp}[kind](data)
    except (struct.error, IndexError, ValueError, zlib.error) as error:
        raise PhotoError("damaged photo") from error
    return clean, ENDINGS[kind]


def orientation(data: bytes) -> int:
    """Return how a photo is to be turned, 1 to 8; 1 where it does not say."""
    try:
        kind = kind_of(data)
        if kind == "jpeg":
            blocks = [body[6:] for marker, body in _segments(data)[0] if marker == 0xE1 and body[:6] == b"Exif\0\0"]
        elif kind == "png":
            blocks = [body for name, body in _chunks(data) if name == b"eXIf"]
        else:
            blocks = [body[6:] if body[:6] == b"Exif\0\0" else body for name, body in _riff(data) if name == b"EXIF"]
    except (struct.error, IndexError, ValueError):
        return 1
    return _tag(blocks[0]) if blocks else 1


def _tag(tiff: bytes) -> int:
    """Return the orientation of a TIFF block's first directory."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    start = struct.unpack_from(order + "I", tiff, 4)[0]
    if start + 2 > len(tiff):
        return 1
    for k in range(struct.unpack_from(order + "H", tiff, start)[0]):
        at = start + 2 + 12 * k
        if at + 12 > len(tiff):
            return 1
        if struct.unpack_from(order + "H", tiff, at)[0] == 0x0112:
            value = struct.unpack_from(order + "H", tiff, at + 8)[0]
            return value if 1 <= value <= 8 else 1
    return 1


def _turned(value: int) -> bytes:
    """Return a TIFF block that says nothing but how the picture is to be turned."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, value, 0, 0)


def _segments(data: bytes) -> tuple[list, bytes]:
    """Return (marker, body) of a JPEG's parts before the picture, and the picture to its end mark."""
    parts: list = []
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker = data[at + 1]
        size = struct.unpack_from(">H", data, at + 2)[0]
        if size < 2 or at + 2 + size > len(data):
            raise ValueError("segment beyond the file")
        if marker == 0xDA:
            return parts, _picture(data, at)
        parts.append((marker, data[at + 4:at + 2 + size]))
        at += 2 + size


def _picture(data: bytes, at: int) -> bytes:
    """Return the scans from ``at`` to the end mark; tables between scans stay, comments and blocks go."""
    out: list = []
    while True:
        marker = data[at + 1]
        if data[at] != 0xFF:
            raise ValueError("no marker")
        if marker == 0xD9:
            return b"".join([*out, b"\xff\xd9"])
        size = struct.unpack_from(">H", data, at + 2)[0]
        end = at + 2 + size
        if marker == 0xDA:
            while True:
                end = data.find(b"\xff", end)
                if end < 0 or end + 1 >= len(data):
                    raise ValueError("no end mark")
                if data[end + 1] != 0 and not 0xD0 <= data[end + 1] <= 0xD7 and data[end + 1] != 0xFF:
                    break
                end += 1 if data[end + 1] == 0xFF else 2
        if marker != 0xFE and not 0xE0 <= marker <= 0xEF:
            out.append(data[at:end])
        at = end


def _jpeg(data: bytes) -> bytes:
    parts, picture = _segments(data)
    turn = orientation(data)
    out = [b"\xff\xd8"]
    if turn != 1:
        body = b"Exif\0\0" + _turned(turn)
        out.append(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
    for marker, body in parts:
        if marker == 0xE0 and body[:5] == b"JFIF\0":
            body = body[:12] + b"\0\0"  # without its thumbnail
        elif marker == 0xE2 and body[:12] == b"ICC_PROFILE\0":
            pass
        elif marker == 0xEE and body[:5] == b"Adobe":
            body = body[:12]
        elif marker == 0xFE or 0xE0 <= marker <= 0xEF:
            continue
        out.append(b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body)
    return b"".join([*out, picture])


def _chunks(data: bytes) -> list:
    at, out = 8, []
    while True:
        size, name = struct.unpack_from(">I4s", data, at)
        if at + 12 + size > len(data):
            raise ValueError("chunk beyond the file")
        out.append((name, data[at + 8:at + 8 + size]))
        if name == b"IEND":
            return out
        at += 12 + size


def _png(data: bytes) -> bytes:
    turn = orientation(data)
    out = [_PNG]
    for name, body in _chunks(data):
        if name in _SEEN:
            out.append(_chunk(name, body))
        if name == b"IHDR" and turn != 1:
            out.append(_chunk(b"eXIf", _turned(turn)))
    return b"".join(out)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _riff(data: bytes) -> list:
    at, out = 12, []
    last = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= last:
        name, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > len(data):
            raise ValueError("chunk beyond the file")
        out.append((name, data[at + 8:at + 8 + size]))
        at += 8 + size + size % 2
    return out


def _webp(data: bytes) -> bytes:
    turn = orientation(data)
    out = []
    for name, body in _riff(data):
        if name == b"VP8X":
            # the flags say whether Exif (8) and XMP (4) follow
            body = bytes([(body[0] & ~0x0C) | (8 if turn != 1 else 0)]) + body[1:]
        elif name not in (b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"):
            continue
        out.append(name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2))
    if turn != 1:
        tag = _turned(turn)
        out.append(b"EXIF" + struct.pack("<I", len(tag)) + tag + b"\0" * (len(tag) % 2))
    inside = b"WEBP" + b"".join(out)
    return b"RIFF" + struct.pack("<I", len(inside)) + inside
