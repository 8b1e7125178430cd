"""The bound volume as a clerk reads it: contents that tell the truth, a number on every page, nothing lost or cut."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tracemalloc
from collections.abc import Callable
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from models import font_file
from models.office.workbook_data import Record
from models.programme.loader import load_pack
from models.programme.pack import BoundVolume, Pack
from workers.volume import kai, pen
from workers.volume.bind import Bound, Papers, Whose, bind

PACK = load_pack("zhongshan")
ON = date(2026, 7, 2)
ANSWERS: dict[str, Any] = {
    "claim": ("level_6",),
    "field:name": "欧阳䶮",
    "field:employer": "中山市样例机械有限公司",
    "field:id_kind": "passport",
    "field:passport_number": "E12345678",
    "field:birth_date": "1971-06-30",
    "field:achievements": "主持高速注塑机研发，获发明专利3项。",
    "field:certified_before": False,
}


def picture(size: tuple[int, int] = (1600, 1200), colour: str = "grey") -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def papers(**pages: int) -> list[Papers]:
    return [Papers(title, [picture] * count) for title, count in pages.items()]


def bound(*given: Papers, answers: dict[str, Any] | None = None, pack: Pack = PACK, opinion: str = "") -> Bound:
    record = Record("a" * 32, "BL-2345-678T", "submitted", ("level_6",), answers or ANSWERS, "1", ON, opinion=opinion)
    whose = Whose("市人社局审批服务办公室", "2026年度", ON, picture((660, 960), "blue"))
    return bind(pack, record, whose, given)


def pages_of(volume: Bound, tmp_path: Path) -> list[str]:
    """The text of each page, without blanks."""
    path = tmp_path / "volume.pdf"
    path.write_bytes(volume.data)
    out = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True).stdout
    return ["".join(page.split()) for page in out.decode().split("\f")[:-1]]


def test_the_contents_name_the_page_on_which_each_part_begins(tmp_path: Path) -> None:
    volume = bound(*papers(身份证=2, 学历证书=1, 主要业绩成果材料=5))
    pages = pages_of(volume, tmp_path)
    assert len(pages) == volume.pages == 2 + 1 + 8
    contents = dict(re.findall(r"\d+\.(\D+?)(\d+)(?=\d\.|第|$)", pages[1].removeprefix("目录")))
    assert contents == {
        PACK.workbooks.person_form().title: "3",
        "身份证": "4",
        "学历证书": "6",
        "主要业绩成果材料": "7",
    }
    for title, number in contents.items():
        assert title in pages[int(number) - 1], f"{title} begins on page {number}"
        assert number == "3" or title not in pages[int(number) - 2], f"{title} does not begin earlier"


def test_every_page_has_its_number_and_their_number(tmp_path: Path) -> None:
    pages = pages_of(bound(*papers(身份证=2, 合同=3)), tmp_path)
    for number, text in enumerate(pages, start=1):
        assert f"第{number}页共{len(pages)}页" in text


def test_the_cover_says_whose_it_is_and_that_two_copies_are_handed_in(tmp_path: Path) -> None:
    cover = pages_of(bound(*papers(合同=1)), tmp_path)[0]
    for words in (
        PACK.workbooks.bound_volume().title,
        "欧阳䶮",
        "BL-2345-678T",
        "一式两份",
        "2026年度",
        "2026年7月2日",
    ):
        assert words in cover, words


def test_a_document_of_several_pages_counts_them(tmp_path: Path) -> None:
    pages = pages_of(bound(*papers(合同=3)), tmp_path)
    assert ["合同（1/3）" in pages[3], "合同（2/3）" in pages[4], "合同（3/3）" in pages[5]] == [True] * 3


def test_the_form_is_the_notice_s_with_what_the_person_said(tmp_path: Path) -> None:
    form = pages_of(bound(opinion="材料齐全。"), tmp_path)[2]
    for row in PACK.workbooks.person_form().grid:
        for cell in row:
            for line in cell.label.split("\n"):
                assert cell.sources == ("document:portrait",) or "".join(line.split()) in form, cell.label
    for words in ("护照", "E12345678", "1971年6月", "主持高速注塑机研发", "材料齐全。", "评委会主任签名："):
        assert words in form, words


def test_papers_without_a_page_are_not_in_the_contents() -> None:
    volume = bound(Papers("荣誉证书", []), *papers(合同=1))
    assert [entry.title for entry in volume.entries] == [PACK.workbooks.person_form().title, "合同"]


@pytest.mark.parametrize("text", ["成果。" * 166, "成\n" * 249 + "果"], ids=["one paragraph", "250 lines"])
def test_the_longest_achievements_stay_whole_on_one_page(tmp_path: Path, text: str) -> None:
    volume = bound(answers={**ANSWERS, "field:achievements": text})
    form = pages_of(volume, tmp_path)[2]
    assert volume.entries[0].pages == 1
    assert form.count("成") - form.count("成果和贡献") - form.count("主要业绩、成果") >= text.count("成") - 1


def test_contents_longer_than_a_page_go_on_and_stay_right(tmp_path: Path) -> None:
    volume = bound(*papers(**{f"材料{chr(0x4E00 + n)}": 1 for n in range(60)}))
    pages = pages_of(volume, tmp_path)
    assert pages[1].startswith("目录") and pages[2].startswith("目录") and pages[3].startswith("目录")
    last = volume.entries[-1]
    assert last.title in pages[last.first - 1] and last.first == len(pages)
    assert f"61.{last.title}{last.first}" in pages[3]


def test_a_pack_without_a_layout_of_its_form_gets_label_and_value_in_rows(tmp_path: Path) -> None:
    pack = load_pack("hengyang-2015")
    books = pack.workbooks.model_copy(update={"volume": BoundVolume(title="申报册", clause="附件1")})
    pack = pack.model_copy(update={"workbooks": books})
    answers = {"field:name": "李样例", "field:employer": "样例农技站"}
    pages = pages_of(bound(*papers(合同=2), answers=answers, pack=pack), tmp_path)
    form = "".join(pages[2:-2])
    assert "现工作单位样例农技站" in form and pack.workbooks.person_form().opinion in form
    assert "企业性质" not in form, "a block in which the person had nothing to say is left out"
    with pytest.raises(LookupError):
        bound(pack=load_pack("hengyang-2015"))


def test_the_font_is_ours_and_embedded(tmp_path: Path) -> None:
    assert hashlib.sha256(font_file.FILE.read_bytes()).hexdigest() == font_file.SHA256
    (tmp_path / "v.pdf").write_bytes(bound().data)
    listed = subprocess.run(["pdffonts", str(tmp_path / "v.pdf")], check=True, capture_output=True).stdout.decode()
    fonts = listed.splitlines()[2:]
    assert fonts and all("BoleKai" in line and re.search(r"yes yes yes", line) for line in fonts), listed


def test_names_of_rare_characters_are_shown_and_what_no_font_has_is_marked() -> None:
    assert kai.printable("䶮㛃𬭎𫖯囍") == "䶮㛃𬭎𫖯囍"
    assert kai.printable("\U0003134a") == kai.MISSING
    assert kai.printable("☐☑") == "□☑"


def test_words_and_numbers_are_not_broken_and_punctuation_does_not_begin_a_line() -> None:
    lines = pen.wrap("联系电话13800000000，邮箱li@example.com。", 80, 10)
    assert "13800000000" in "".join(line for line in lines if "138" in line)
    assert not any(line.startswith(("，", "。")) for line in lines)
    assert pen.wrap("", 80, 10) == [""]
    assert "".join(pen.wrap("a" * 100, 50, 10)) == "a" * 100


def test_pictures_are_opened_one_after_the_other() -> None:
    """Memory grows by the copies that the volume holds, never by the pictures themselves (6 MB each when open)."""
    photos = [picture((1200, 1600), f"#{number:02x}80a0") for number in range(40)]
    kai.ready()

    def peak(count: int) -> int:
        opened: list[Callable[[], bytes]] = [partial(bytes, photo) for photo in photos[:count]]
        tracemalloc.start()
        bound(Papers("材料", opened))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(2), peak(40)
    copied = len(pen.copy(photos[0]))
    assert many - few <= 38 * 5 * copied + 1_000_000
