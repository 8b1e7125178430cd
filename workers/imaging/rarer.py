"""What photos rarely are, through Pillow: PNG, AVIF, HEIC, JPEG in four colours."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
import pi_heif
from PIL import AvifImagePlugin, Image, ImageFile, JpegImagePlugin, PngImagePlugin

from workers.imaging.headers import Format, Header, Upload, check_size, tiff_orientation
from workers.imaging.limits import FULL_SIDE, Refusal
from workers.imaging.pixels import Pixels

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = None  # our own, lower limit is checked from the header
PngImagePlugin.MAX_TEXT_MEMORY = 4 * 1024 * 1024
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pi_heif.options.DECODE_THREADS = 1
pi_heif.register_heif_opener(thumbnails=False)


def through_pillow(data: Upload, form: Format, header: Header) -> tuple[Pixels, tuple[int, int], Header]:
    """Read the header with exactly one decoder, refuse too many pixels or frames, then load before anything else."""
    opened: Image.Image
    if form.name == "JPEG":
        # Not through Image.open: it would hand a photo with an HDR map on as a multi-picture file.
        opened = JpegImagePlugin.JpegImageFile(BytesIO(data))
        opened.draft(None, (FULL_SIDE, FULL_SIDE))
        original = header.size
    else:
        opened = Image.open(BytesIO(header.pixels or data), formats=[form.name])
        original = opened.size
        check_size(original)
    # HEIF may hold several stills (bursts); the primary one is the photo. Elsewhere frames mean an animation.
    if form.name not in ("HEIF", "JPEG") and getattr(opened, "n_frames", 1) > 1:
        raise Refusal("photo.animated")
    opened.load()
    if form.name in ("AVIF", "HEIF"):  # what their own properties leave to be turned stands there after the decoder
        exif = opened.info.get("exif") or b""
        header = Header(orientation=tiff_orientation(exif[6:] if exif[:6] == b"Exif\0\0" else exif))
    if opened.mode in ("P", "1") or opened.mode.startswith("I"):
        opened = _to_rgb(opened)  # these cannot be scaled smoothly
    opened.thumbnail((FULL_SIDE, FULL_SIDE), reducing_gap=2.0)
    rgb = np.asarray(_to_rgb(opened), np.uint8)
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8), original, header


def _to_rgb(opened: Image.Image) -> Image.Image:
    """Plain 8-bit RGB: 16-bit grey scaled and not clipped, transparency laid on white paper."""
    if opened.mode == "RGB":
        return opened
    if opened.mode.startswith("I"):
        return opened.convert("I").point(lambda level: level * (1 / 256)).convert("L").convert("RGB")
    if opened.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in opened.info:
        layer = opened.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        paper.alpha_composite(layer)
        return paper.convert("RGB")
    return opened.convert("RGB")
