"""The resident identity card (GA 448, GA 461): its front with the holder, its back with the issuer and the dates.

Labels are small, coloured and often not read; so each value is looked for by its label first, else by what it looks
like and by where it stands. A reader says what stands there; it never decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from models.documents.reading import Found
from workers.ocr.lines import Line, Row, found, rows
from workers.ocr.values import FOREVER, HAN, NAME, Printed, dates, id_number, plain

_SEX = re.compile("(男|女)")
_FOLK = re.compile(f"(?:[男女]民?族?|民族|族)[^{HAN}]{{0,2}}([{HAN}]{{1,5}})$")  # a gap may be read as a sign
_ADDRESS_LABEL = re.compile("^(?:住址|佳址|住扯|住|址)")
_NUMBER_LABEL = re.compile("公?民?身份号码|公民身|份号码")
_SHORT_LABELS = re.compile("姓名|性别|民族|出生|住址|公民身份号码")
_OTHER_PAPERS = re.compile("证书|毕业|学[历位]|职称|资格|合同|身份证号|证件号|户口|护照")
_ISSUER = re.compile(f"[{HAN}]{{2,24}}公安(?:[{HAN}]{{0,8}}[局处]|厅)[{HAN}]{{0,10}}")
_ISSUER_LABEL = re.compile("^签?发机关")
_UNTIL = re.compile(r"[\-—–~至到一]+\s*(长期|长[\u4e00-\u9fff]|[\u4e00-\u9fff]期)")
_FOLKS = re.compile(
    "(?:汉|蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|"
    "达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|"
    "赫哲|门巴|珞巴|基诺|穿青人)族?"
)


def front_likeness(lines: Sequence[Line]) -> float:
    """0 to 1: how much the writing looks like the front of an identity card."""
    text = plain("".join(line.text for line in lines))
    marks = ("姓名", "性别", "民族", "出生", "住址", "公民身份号码")
    seen = sum(mark in text for mark in marks) / len(marks)
    if "公民身份号码" not in text and _OTHER_PAPERS.search(text):  # they have a name, a sex and a number as well
        return seen / 3
    return min(1.0, seen + (0.3 if id_number(lines) else 0.0))


def back_likeness(lines: Sequence[Line]) -> float:
    """0 to 1: how much the writing looks like the back of an identity card."""
    text = plain("".join(line.text for line in lines))
    marks = {"居民身份证": 0.4, "签发机关": 0.3, "有效期限": 0.3, "公安": 0.2}
    return min(1.0, sum(share for mark, share in marks.items() if mark in text))


def read_front(lines: Sequence[Line]) -> Mapping[str, Found]:
    """What the front shows: name sex ethnicity birth_date address id_number, whichever could be read."""
    table = rows(lines)
    shown: dict[str, Found] = {}
    birth_row = _birth(table, shown)
    sex_row = _sex_and_folk(table, shown)
    printed = Printed(_value(shown, "birth_date"), _value(shown, "sex"))
    number = id_number(lines, printed)
    number_row = _row_of_number(table, number)
    if number is not None:
        shown["id_number"] = number
    _name(table, sex_row if sex_row is not None else birth_row, shown)
    _address(table, birth_row, number_row, shown)
    return shown


def read_back(lines: Sequence[Line]) -> Mapping[str, Found]:
    """What the back shows: issuer valid_from valid_until (`FOREVER` for 长期), whichever could be read."""
    shown: dict[str, Found] = {}
    for row in rows(lines):
        text = plain(row.text)
        if issuer := _ISSUER.search(_ISSUER_LABEL.sub("", text)):
            shown.setdefault("issuer", row.found(issuer.group(), issuer.group()))
        stands = list(dates(_ISSUER_LABEL.sub("", text)))
        if stands and len(stands[0][1]) == 10:
            _validity(row, text, stands, shown)
    return shown


def _validity(row: Row, text: str, stands: Sequence[tuple[str, str]], shown: dict[str, Found]) -> None:
    shown.setdefault("valid_from", row.found(*stands[0]))
    if len(stands) > 1 and len(stands[1][1]) == 10:
        shown.setdefault("valid_until", row.found(*stands[1]))
    elif until := _UNTIL.search(text):
        shown.setdefault("valid_until", row.found(until.group(1), FOREVER if until.group(1) == "长期" else None))


def _value(shown: Mapping[str, Found], name: str) -> str | None:
    return shown[name].value if name in shown else None


def _birth(table: Sequence[Row], shown: dict[str, Found]) -> int | None:
    """The row with the date of birth: the first that has a whole date and is not the number's."""
    for at, row in enumerate(table):
        text = plain(row.text)
        for stands, value in dates(text):
            digits = sum(character.isdigit() for character in text)
            if len(value) == 10 and digits <= 8:
                shown["birth_date"] = row.found(stands, value)
                return at
    return next((at for at, row in enumerate(table) if "出生" in row.text), None)


def _sex_and_folk(table: Sequence[Row], shown: dict[str, Found]) -> int | None:
    for at, row in enumerate(table):
        text = plain(row.text)
        labelled = "性别" in text or "民族" in text
        alone = re.match("性.{0,2}[男女]|别?[男女]", text)
        if not (labelled or alone):
            continue
        if sex := _SEX.search(text):
            shown["sex"] = row.found(sex.group(1), "male" if sex.group(1) == "男" else "female")
        if (folk := _FOLK.search(text)) and _FOLKS.fullmatch(folk.group(1)):
            shown["ethnicity"] = row.found(folk.group(1), folk.group(1).removesuffix("族"))
        return at
    return None


def _row_of_number(table: Sequence[Row], number: Found | None) -> int | None:
    for at, row in enumerate(table):
        if (number is not None and number.text in plain(row.text)) or _NUMBER_LABEL.search(row.text):
            return at
    return None


def _name(table: Sequence[Row], below: int | None, shown: dict[str, Found]) -> None:
    """Beside its label, or else the last row above sex and birth that can be a name."""
    for row in table[:below]:
        text = plain(row.text)
        label = re.search("姓名", text)
        if label and (name := NAME.fullmatch(text[label.end() :])):
            shown["name"] = row.found(name.group(), name.group())
            return
    for row in reversed(table[:below] if below is not None else ()):
        text = re.sub("^(?:[姓性]名?|名)(?=..)", "", plain(row.text))  # nobody is called 姓
        if NAME.fullmatch(text) and not _SHORT_LABELS.search(text) and not text.startswith("性"):
            shown["name"] = row.found(text, text)
            return


def _address(table: Sequence[Row], birth: int | None, number: int | None, shown: dict[str, Found]) -> None:
    """The rows from the label (or from below the birth date) to the number."""
    labelled = next((at for at, row in enumerate(table) if "住址" in row.text), None)
    start = labelled if labelled is not None else (None if birth is None else birth + 1)
    if start is None:
        return
    parts: list[str] = []
    lines: list[Line] = []
    for row in table[start:number]:
        text = _ADDRESS_LABEL.sub("", plain(row.text))
        if _NUMBER_LABEL.search(text) or not re.search(f"[{HAN}]{{2}}|号|室", text):
            continue
        parts.append(text)
        lines += row.lines
    if parts:
        address = "".join(parts)
        shown["address"] = found(lines, address, address)
