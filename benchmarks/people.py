"""Invented people for `workbooks.py`: the same sixteen columns from the same seed, in any interpreter."""

import random
from collections.abc import Iterator

Person = tuple[int | str, ...]

HEADS = (
    *("序号", "姓名", "性别", "民族", "出生年月", "身份证号码", "手机号码", "工作单位"),
    *("职务", "专业技术职称", "学历", "毕业院校", "所学专业", "专业特长", "工作简历", "备注"),
)
WIDTHS = (6, 10, 6, 8, 10, 22, 14, 30, 10, 16, 14, 20, 26, 14, 50, 40)
SEXES = ("男", "女")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华玉建国"
_PEOPLES = ("汉族", "土家族", "苗族", "瑶族", "侗族")
_UNITS = ("某市人民医院", "某县第一中学", "某区农业技术推广中心", "某某精密机械制造有限公司", "某市建筑设计研究院")
_POSTS = ("科长", "主任", "教师", "技术员", "车间主任")
_TITLES = ("高级工程师", "主任医师", "副教授", "高级技师", "正高级教师", "助理研究员")
_DEGREES = ("大专", "本科", "硕士研究生", "博士研究生")
_SCHOOLS = ("某某大学", "某某农业大学", "某某职业技术学院", "某某师范学院")
_SUBJECTS = ("机械设计制造及其自动化", "临床医学", "农学", "土木工程", "汉语言文学")
_SKILLS = ("数控加工", "水稻育种", "心血管内科", "结构设计", "古籍整理")


def people(count: int, seed: int = 1) -> Iterator[Person]:
    """`count` rows. The numbers have the shape of ID and phone numbers and belong to nobody."""
    pick = random.Random(seed)
    for number in range(1, count + 1):
        year, month = pick.randint(1955, 2000), pick.randint(1, 12)
        unit, title = pick.choice(_UNITS), pick.choice(_TITLES)
        yield (
            number,
            pick.choice(_SURNAMES) + pick.choice(_GIVEN) + (pick.choice(_GIVEN) if pick.random() < 0.7 else ""),
            pick.choice(SEXES),
            pick.choice(_PEOPLES),
            f"{year}.{month:02d}",
            f"00000{pick.randint(1, 9)}{year}{month:02d}{pick.randint(1, 28):02d}{pick.randint(0, 999):03d}X",
            f"100{pick.randint(0, 99_999_999):08d}",
            unit,
            pick.choice(_POSTS),
            title,
            pick.choice(_DEGREES),
            pick.choice(_SCHOOLS),
            pick.choice(_SUBJECTS),
            pick.choice(_SKILLS),
            f"{year + 22}.07—{year + 30}.08 {pick.choice(_UNITS)} {pick.choice(_TITLES)}；其后 {unit} {title}",
            f"获{year + 31}年度{pick.choice('省市县')}级优秀专业技术人才称号",
        )
