"""The font that Bole draws Chinese in, vendored so that no machine's fonts decide what a volume or a mark shows.

Bole Kai is LXGW WenKai Regular 1.250 (SIL Open Font License 1.1, `font/OFL.txt`) without hinting and layout tables; how
it was made is in `font/README.md`. It holds every character of GBK and the rarer ones of names and places in the
national list 通用规范汉字表.
"""

from __future__ import annotations

import hashlib
import lzma
from pathlib import Path

FILE = Path(__file__).with_name("font") / "bole-kai.ttf.xz"
SHA256 = "4e0d8023e9ff3f75f699d5e29ce9c69507c3d9e2dfdcb7bc7fe88a0e16de6439"


def data() -> bytes:
    """The font's file, unpacked (15 MB, half a second). Raises ValueError where it is not the one that was reviewed."""
    packed = FILE.read_bytes()
    if hashlib.sha256(packed).hexdigest() != SHA256:
        raise ValueError(f"{FILE.name} is not the font that was vendored")
    return lzma.decompress(packed)
