"""PP-OCR's two models, as RapidOCR's wheel brings them: where writing stands, and what it says.

Only the models are taken from the wheel. Its own pipeline detects on the full picture, reads crops in padded batches on
every core, and fetches what is missing from the network; the same two models run here on one thread, on a picture of a
chosen size, and nothing is ever fetched. The steps before and after the models (differentiable binarisation,
https://arxiv.org/abs/1911.08947; CTC, greedy) are those that the models were trained for.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from workers.ocr.geometry import Quad, ordered

Picture = npt.NDArray[np.uint8]  # height × width × 3, blue green red, as OpenCV decodes
Text = tuple[str, float, tuple[float, ...]]  # what it says, how sure on the whole, how sure in each character

DETECTOR, RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_MULTIPLE = 32  # the detector halves its picture five times
_STRIP, _OVERLAP = 736 * 416, 64  # pixels that the detector looks at at once; rows that two strips share
_INK, _BOX = 0.3, 0.5  # a pixel is writing; the pixels of a box are so on average
_GROW = 1.6  # boxes are learnt shrunk: area × this / perimeter is given back on each side
_LEAST = 3.0  # pixels of the detector's picture
_MOST = 400  # pieces of writing on a page; more is a texture
_HEIGHT, _WIDEST = 48, 1600  # of a line, as the recogniser wants it


class Missing(Exception):
    """The optional extra ``ocr`` is not installed, or its models are not where they should be."""


class Engine(Protocol):
    """What reads: `find` says where writing stands when the picture's longer side is brought to `side` pixels (never
    enlarged), `read` what stands there."""

    name: str

    def find(self, picture: Picture, side: int) -> list[Quad]: ...
    def read(self, picture: Picture, quads: Sequence[Quad]) -> list[Text]: ...


class PaddleModels:
    """The engine. Loading takes about a second and 130 MB. Raises Missing."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        folder = _models()
        self.name = f"rapidocr {importlib.metadata.version('rapidocr')}"
        self._detector = _session(folder / DETECTOR)
        self._recogniser = _session(folder / RECOGNISER)
        known = self._recogniser.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._characters = ["", *known, " "]  # CTC's blank first, the space last, as the model was trained

    def find(self, picture: Picture, side: int) -> list[Quad]:
        """See `Engine`."""
        height, width = picture.shape[:2]
        scale = min(1.0, side / max(height, width))
        size = tuple(max(_MULTIPLE, round(length * scale / _MULTIPLE) * _MULTIPLE) for length in (width, height))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        return _quads(self._heat(small), width / size[0], height / size[1])

    def _heat(self, picture: Picture) -> npt.NDArray[np.float32]:
        """How likely each pixel is to be writing. A larger picture goes through in strips that overlap, because the
        detector needs 280 MB a megapixel; where strips meet, each has seen what goes on beyond."""
        height, width = picture.shape[:2]
        strip = max(2 * _OVERLAP, _STRIP // width // _MULTIPLE * _MULTIPLE)
        heat = np.empty((height, width), np.float32)
        top = 0
        while True:
            bottom = min(height, top + strip)
            planes = _planes(picture[top:bottom])
            seen = self._detector.run(None, {self._detector.get_inputs()[0].name: planes})[0][0, 0]
            skipped = _OVERLAP // 2 if top else 0
            heat[top + skipped : bottom] = seen[skipped:]
            if bottom == height:
                return heat
            top = bottom - _OVERLAP

    def read(self, picture: Picture, quads: Sequence[Quad]) -> list[Text]:
        """See `Engine`."""
        return [self._read(_straightened(picture, quad)) for quad in quads]

    def _read(self, line: Picture) -> Text:
        width = min(_WIDEST, max(_HEIGHT // 2, round(line.shape[1] * _HEIGHT / line.shape[0])))
        planes = _planes(cv2.resize(line, (width, _HEIGHT)))
        chances = self._recogniser.run(None, {self._recogniser.get_inputs()[0].name: planes})[0][0]
        best, sure = chances.argmax(axis=1), chances.max(axis=1)
        kept = best != 0
        kept[1:] &= best[1:] != best[:-1]
        each = [(self._characters[index], float(chance)) for index, chance in zip(best[kept], sure[kept], strict=True)]
        text = "".join(character for character, _ in each)
        by_character = tuple(chance for character, chance in each for _ in character)
        inked = [chance for character, chance in each if not character.isspace()]
        return text, sum(inked) / len(inked) if inked else 0.0, by_character


def _models() -> Path:
    if importlib.util.find_spec("onnxruntime") is None:
        raise Missing("onnxruntime is not installed")
    found = importlib.util.find_spec("rapidocr")  # looked up, not imported: it would bring what we do not use
    if found is None or found.origin is None:
        raise Missing("rapidocr is not installed")
    folder = Path(found.origin).parent / "models"
    for name in (DETECTOR, RECOGNISER):
        if not (folder / name).is_file():
            raise Missing(f"{name} is not in rapidocr's wheel")
    return folder


def _session(model: Path) -> Any:
    """One thread: a worker is one process on one core, and several threads burn more than they save. The arena keeps
    the memory of one picture for the next; without it half of the time goes into asking the system for memory."""
    try:
        runtime = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise Missing("onnxruntime cannot be loaded") from error
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = True
    options.enable_mem_pattern = False  # pictures differ in size, so there is no pattern
    options.log_severity_level = 4  # its messages may quote what it is given
    return runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _planes(picture: Picture) -> npt.NDArray[np.float32]:
    """One picture as the models want it: -1 to 1, planes, a batch of one."""
    scaled = picture.astype(np.float32) / 127.5 - 1.0
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def _quads(heat: npt.NDArray[np.float32], across: float, down: float) -> list[Quad]:
    """Boxes around what is hot, in pixels of the picture that is `across` and `down` times as large."""
    mask = cv2.dilate((heat > _INK).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in sorted(contours, key=len, reverse=True)[:_MOST]:
        centre, (long, short), angle = cv2.minAreaRect(contour)
        if min(long, short) < _LEAST or _warmth(heat, cv2.boxPoints((centre, (long, short), angle))) < _BOX:
            continue
        grown = long * short * _GROW / (long + short)
        box = cv2.boxPoints((centre, (long + grown, short + grown), angle))
        found.append(ordered((float(x) * across, float(y) * down) for x, y in box))
    return found


def _warmth(heat: npt.NDArray[np.float32], box: npt.NDArray[np.float32]) -> float:
    left, top = np.floor(box.min(axis=0)).astype(int).clip(0)
    right, bottom = np.ceil(box.max(axis=0)).astype(int) + 1
    part = heat[top:bottom, left:right]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(box - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(part, inside)[0]) if inside.any() else 0.0


def _straightened(picture: Picture, quad: Quad) -> Picture:
    """The writing in `quad` cut out and laid straight; writing that runs down is turned to run across."""
    width, height = max(1, round(quad.width)), max(1, round(quad.height))
    onto = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    shift = cv2.getPerspectiveTransform(np.array(quad.corners, np.float32), onto)
    cut = cv2.warpPerspective(picture, shift, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(np.rot90(cut)) if quad.tall else cut
