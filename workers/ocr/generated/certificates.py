"""Title, skill and award certificates of invented people, each in the older and the newer form."""

from __future__ import annotations

from random import Random

from workers.ocr.generated.people import arabic_day, chinese_day, code, company, day, person
from workers.ocr.generated.sheet import RED, Colour, Face, Sheet

FINE = 7.0
TITLE_LAYOUTS = ("booklet", "electronic", "examination")
SKILL_LAYOUTS = ("qualification", "level")
AWARD_LAYOUTS = ("honour", "prize")
TITLES = {
    "助理工程师": "初级",
    "工程师": "中级",
    "高级工程师": "副高级",
    "正高级工程师": "正高级",
    "农艺师": "中级",
    "高级讲师": "副高级",
    "主管护师": "中级",
    "副主任医师": "副高级",
    "一级教师": "中级",
    "高级会计师": "副高级",
    "工艺美术师": "中级",
}
_KNOWN = ("机械设计 建筑施工 电气自动化 种植 内科护理", "计算机应用 化工工艺 给水排水 会计 陶瓷工艺")
_CRAFTS = ("电工 焊工 钳工 汽车维修工 中式烹调师 育婴员", "数控车工 茶艺师 保育师 起重装卸机械操作工")
SPECIALITIES, TRADES = tuple(" ".join(_KNOWN).split()), tuple(" ".join(_CRAFTS).split())
# The level in the older wording, and in the newer one.
LEVELS = (
    ("五级", "初级", "五级/初级工"),
    ("四级", "中级", "四级/中级工"),
    ("三级", "高级", "三级/高级工"),
    ("二级", "技师", "二级/技师"),
    ("一级", "高级技师", "一级/高级技师"),
)

Drawn = tuple[Sheet, dict[str, str]]


def title(random: Random, layout: str, face: Face | None = None) -> Drawn:
    """A certificate of a professional title."""
    draw = {"booklet": _title_booklet, "electronic": _title_electronic, "examination": _title_exam}[layout]
    return draw(random, face)


def skill(random: Random, layout: str, face: Face | None = None) -> Drawn:
    """A certificate of a trade's skill level."""
    return {"qualification": _skill_old, "level": _skill_new}[layout](random, face)


def award(random: Random, layout: str, face: Face | None = None) -> Drawn:
    """A certificate of an honour or a prize."""
    return {"honour": _honour, "prize": _prize}[layout](random, face)


def _title_booklet(random: Random, face: Face | None) -> Drawn:
    granted, called = day(random, 2002, 2020), random.choice(tuple(TITLES))
    someone, number = person(random, granted, (23, 55)), f"{random.choice('ABCZ')}{code(random, 11)}"
    what = random.choice(SPECIALITIES)
    body = f"{someone.province}人力资源和社会保障厅"
    sheet = _blank(190, 130, (244, 246, 240), (60, 110, 90), face)
    sheet.line(95, 8, 95, 122, (180, 190, 180))
    sheet.portrait(34, 22, 30, 40, random)
    sheet.text(20, 84, "专业技术资格证书", 6.4, bold=True)
    sheet.text(20, 104, f"证书编号：{number}", 4.2)
    sheet.text(20, 113, f"身份证号：{someone.id_number}", 4.2)
    when = f"{granted.year}年{granted.month}月" if random.random() < 0.5 else chinese_day(granted, day=False)
    rows = (
        ("姓　　名：", someone.name),
        ("性　　别：", someone.sex_word),
        ("出生年月：", f"{someone.birth.year}年{someone.birth.month}月"),
        ("专业名称：", what),
        ("资格名称：", called),
        (random.choice(("授予时间：", "评审时间：", "取得时间：")), when),
    )
    below = sheet.labelled(103, 26, rows, 4.8, 11.5, 27)
    sheet.fitted(103, below + 3, f"发证单位：{body}", 4.4, 78)
    sheet.seal(160, below - 1, 13)
    truth = {"name": someone.name, "id_number": someone.id_number, "title": called, "speciality": what}
    return sheet, truth | {"issued_on": f"{granted:%Y-%m}", "issuer": body, "number": number}


def _title_electronic(random: Random, face: Face | None) -> Drawn:
    granted, called = day(random, 2017, 2026), random.choice(tuple(TITLES))
    someone, number = person(random, granted, (23, 55)), f"{granted.year}{code(random, 10)}"
    what, body = random.choice(SPECIALITIES), f"{someone.city or someone.province}人力资源和社会保障局"
    sheet = _blank(210, 297, (252, 252, 250), (50, 90, 150), face)
    sheet.text(105, 52, f"{someone.province}职称证书", 13, anchor="ms", bold=True)
    sheet.portrait(145, 76, 32, 44, random)
    rows = (
        ("姓　　名：", someone.name),
        ("性　　别：", someone.sex_word),
        ("身份证号：", someone.id_number),
        ("职称名称：", called),
        ("专　　业：", what),
        ("级　　别：", TITLES[called]),
        ("取得方式：", random.choice(("评审", "初定", "考试"))),
        ("取得时间：", arabic_day(granted)),
        ("评审组织：", f"{someone.province}工程系列职称评审委员会"),
        ("证书编号：", number),
        ("发证机关：", body),
    )
    sheet.labelled(34, 84, rows, 5.2, 13.5, 34)
    sheet.seal(140, 216, 18)
    sheet.text(34, 262, "在线验证请扫描二维码，或登录查询网站输入证书编号和姓名", 4.2)
    truth = {"name": someone.name, "id_number": someone.id_number, "title": called, "level": TITLES[called]}
    return sheet, truth | {"speciality": what, "issued_on": granted.isoformat(), "issuer": body, "number": number}


def _title_exam(random: Random, face: Face | None) -> Drawn:
    granted, number = day(random, 2012, 2025), code(random, 19)
    someone = person(random, granted, (23, 55))
    called = random.choice(("一级注册建造师", "注册安全工程师", "经济专业技术资格", "会计专业技术资格", "社会工作师"))
    level, what = random.choice(("初级", "中级")), random.choice(SPECIALITIES)
    sheet = _blank(210, 148, (248, 246, 238), RED, face)
    sheet.text(105, 30, called, 9.5, anchor="ms", bold=True)
    sheet.text(105, 39, "Professional Qualification Certificate", 4, anchor="ms")
    sheet.portrait(22, 52, 30, 40, random)
    rows = (
        ("姓　　名 Full Name：", someone.name),
        ("证件号码 ID No.：", someone.id_number),
        ("级　　别 Level：", level),
        ("专　　业 Speciality：", what),
        ("批准日期 Approval Date：", arabic_day(granted)),
        ("管 理 号 File No.：", number),
    )
    sheet.labelled(66, 58, rows, 4.6, 10.5, 56)
    sheet.seal(172, 104, 13)
    sheet.text(66, 130, "本证书表明持证人通过国家统一组织的考试，取得相应资格。", 4)
    truth = {"name": someone.name, "id_number": someone.id_number, "level": level, "speciality": what}
    return sheet, truth | {"title": called, "issued_on": granted.isoformat(), "number": number}


def _skill_old(random: Random, face: Face | None) -> Drawn:
    granted, (rank, name, _) = day(random, 2004, 2020), random.choice(LEVELS)
    someone = person(random, granted, (19, 55))
    number, trade = code(random, 16), random.choice(TRADES)
    sheet = _blank(190, 130, (240, 246, 244), (60, 110, 150), face)
    sheet.line(95, 8, 95, 122, (180, 190, 180))
    sheet.portrait(34, 18, 28, 38, random)
    sheet.text(16, 72, "中华人民共和国职业资格证书", 5.4, bold=True)
    when = f"{granted.year}年{granted.month:02d}月{granted.day:02d}日"
    left = (("姓　　名", someone.name), ("性　　别", someone.sex_word), ("出生日期", f"{someone.birth:%Y年%m月%d日}"))
    sheet.labelled(16, 84, left, 4.2, 9, 24)
    sheet.text(16, 112, "文化程度　高中", 4.2)
    sheet.text(101, 24, "发证日期", 4.4)
    sheet.text(126, 24, when, 4.4)
    sheet.text(101, 34, f"证书编号 {number}", 4.4)
    sheet.text(101, 44, f"身份证号 {someone.id_number}", 4.4)
    sheet.text(101, 56, "职业（工种）及等级", 4.4)
    sheet.text(108, 66, f"{trade} {rank}/{name}", 4.8)
    sheet.text(101, 78, f"理论知识考试成绩 {random.randint(60, 99)}", 4.2)
    sheet.text(101, 88, f"操作技能考核成绩 {random.randint(60, 99)}", 4.2)
    sheet.text(101, 98, f"评定成绩 {random.choice(('合格', '良好'))}", 4.2)
    body = f"{someone.province}职业技能鉴定中心"
    sheet.fitted(101, 112, f"{random.choice(('职业技能鉴定机构', '发证机关'))}：{body}", 4.2, 80)
    sheet.seal(165, 108, 12)
    truth = {"name": someone.name, "id_number": someone.id_number, "trade": trade, "level": f"{rank}/{name}"}
    return sheet, truth | {"issued_on": granted.isoformat(), "issuer": body, "number": number}


def _skill_new(random: Random, face: Face | None) -> Drawn:
    granted, (_, _, level) = day(random, 2020, 2026), random.choice(LEVELS)
    someone = person(random, granted, (19, 55))
    trade = random.choice(TRADES)
    number, body = f"{random.choice('SY')}0000{code(random, 17)}", company(random, someone)
    sheet = _blank(210, 148, (250, 248, 240), (150, 120, 60), face)
    sheet.text(105, 28, "职业技能等级证书", 10, anchor="ms", bold=True)
    sheet.text(105, 37, "Certificate of Occupational Skill Level", 4, anchor="ms")
    sheet.portrait(162, 48, 28, 38, random)
    rows = (
        ("姓　　名：", someone.name),
        ("证件类型：", "居民身份证"),
        ("证件号码：", someone.id_number),
        ("职业名称：", trade),
        ("工种/职业方向：", "——"),
        ("职业技能等级：", level),
        ("证书编号：", number),
    )
    sheet.labelled(24, 52, rows, 4.6, 9.6, 36)
    sheet.text(24, 126, f"机构名称：{body}", 4.4)
    sheet.text(24, 135, f"发证日期：{arabic_day(granted, gap=' ')}", 4.4)
    sheet.seal(96, 124, 12)
    truth = {"name": someone.name, "id_number": someone.id_number, "trade": trade, "level": level}
    return sheet, truth | {"issued_on": granted.isoformat(), "issuer": body, "number": number}


def _honour(random: Random, face: Face | None) -> Drawn:
    granted = day(random, 2008, 2026)
    someone = person(random, granted, (23, 58))
    number, body = f"{granted.year}{code(random, 4)}", f"{someone.city or someone.province}人民政府"
    what = random.choice(("技术能手", "先进工作者", "劳动模范", "科技特派员先进个人", "最美教师"))
    sheet = _blank(260, 180, (252, 248, 240), RED, face)
    sheet.emblem(130, 24, 9)
    sheet.text(130, 56, "荣 誉 证 书", 15, RED, anchor="ms", bold=True)
    polite = "女士" if someone.sex == "female" else "先生"
    sheet.text(38, 80, f"{someone.name} {random.choice(('同志', '同志', polite))}：", 8)
    body_text = f"　　在{granted.year - 1}年度工作中成绩突出，被评为“{what}”，特发此证，以资鼓励。"
    sheet.paragraph(38, 97, 184, body_text, 7.6, 13.5)
    if random.random() < 0.6:
        sheet.text(38, 150, f"证书编号：{number}", 5)
        given = {"number": number}
    else:
        given = {}
    sheet.text(222, 138, body, 7, anchor="rs")
    sheet.text(222, 151, random.choice((chinese_day, arabic_day))(granted), 6.6, anchor="rs")
    sheet.seal(192, 138, 16)
    return sheet, {"name": someone.name, "issued_on": granted.isoformat(), "issuer": body} | given


def _prize(random: Random, face: Face | None) -> Drawn:
    granted = day(random, 2008, 2026)
    someone = person(random, granted, (23, 58))
    number, body = f"{granted.year}-J-{code(random, 3)}-R0{random.randint(1, 9)}", f"{someone.province}人民政府"
    sheet = _blank(210, 297, (252, 248, 240), RED, face)
    sheet.emblem(105, 44, 12)
    sheet.text(105, 84, "科学技术进步奖", 12, RED, anchor="ms", bold=True)
    sheet.text(105, 102, "证　书", 12, RED, anchor="ms", bold=True)
    sheet.text(40, 126, "为表彰科学技术进步奖获得者，特颁发此证书。", 5.6)
    rows = (
        ("项目名称：", f"{random.choice(SPECIALITIES)}关键技术研究与应用"),
        ("奖励等级：", random.choice(("一等奖", "二等奖", "三等奖"))),
        ("获 奖 者：", someone.name),
        ("证书号：", number),
    )
    sheet.labelled(40, 148, rows, 5.8, 15, 34)
    sheet.text(170, 234, body, 6.4, anchor="rs")
    sheet.text(170, 248, arabic_day(granted), 6.2, anchor="rs")
    sheet.seal(146, 236, 18)
    return sheet, {"name": someone.name, "issued_on": granted.isoformat(), "issuer": body, "number": number}


def _blank(width: float, height: float, paper: Colour, edge: Colour, face: Face | None) -> Sheet:
    sheet = Sheet(width, height, FINE, paper, face)
    sheet.waves((236, 232, 220), 4.0, 2.0)
    sheet.frame(6, edge, 1.0)
    return sheet
