"""People, places and bodies that do not exist, from a seed: what stands on generated papers.

Region codes have a real province and a district part that is not assigned: the number is valid, nobody has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from models.programme import idnumber

_SINGLE = "王李张刘陈杨黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
_SURNAMES = (*_SINGLE, "欧阳", "司马", "上官", "诸葛", "尉迟")
_GIVEN = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌浩凯健俊帆旭龙林远志建国文海山松芳娜敏静丽艳娟霞秀燕玲桂英慧巧美兰红梅"
_GIVEN += "洁莹雪琳晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵璐翀炜烨堃喆昊旻垚珺"
_DOTTED = (
    ("阿依古丽·买买提", "维吾尔"),
    ("艾合买提·吐尔逊", "维吾尔"),
    ("迪丽娜尔·阿不都热合曼", "维吾尔"),
    ("叶尔兰·哈布丁", "哈萨克"),
    ("古丽米热·艾尼瓦尔", "柯尔克孜"),
    ("扎西·次仁", "藏"),
    ("巴图·敖其尔", "蒙古"),
    ("阿米娜·沙比尔", "乌孜别克"),
)
# The fifty-six as they stand on the card: without 族.
_GROUPS = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎",
    "傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯",
    "阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺",
)
ETHNICITIES = tuple(" ".join(_GROUPS).split())
# Province, its number with an unassigned district, and invented cities and counties in it.
_PLACES = (
    ("湖南省", "430499", ("江渚市", "云溪市", "临澧市")),
    ("广东省", "440199", ("海晏市", "南平洲市", "新塘市")),
    ("云南省", "530199", ("滇水市", "红石州", "苍山市")),
    ("江苏省", "320199", ("吴江浦市", "清河市", "东湖市")),
    ("四川省", "510199", ("锦江市", "岷山市", "龙泉州")),
    ("新疆维吾尔自治区", "650199", ("天泉市", "白杨市", "葱岭州")),
    ("广西壮族自治区", "450199", ("漓水市", "青秀市", "红河市")),
    ("内蒙古自治区", "150199", ("草原市", "白音市", "西拉木伦旗")),
    ("黑龙江省", "230199", ("松江市", "北林市", "黑水市")),
    ("北京市", "110199", ("",)),
    ("上海市", "310199", ("",)),
)
_DISTRICTS = ("临江区", "石鼓岭区", "新桥区", "白沙县", "永兴坝县", "高新区", "城东区", "南溪县")
_STREETS = ("解放路", "人民东路", "迎宾大道", "湘江北路", "工业街", "文化巷", "青年路", "建设西路", "滨河大道")
_VILLAGES = ("白石镇红旗村", "青山乡大塘村", "龙口镇新屋组村", "河西镇柳林村", "双桥乡牛角坪村")
_ESTATES = ("锦绣花园", "阳光小区", "教师新村", "滨江一号", "机械厂宿舍", "")
_TRADES = ("精工机械", "华岭新材料", "天泽生物", "明远电子", "瑞丰农业", "安澜建设", "启航软件", "恒泰化工")
_FORMS = ("有限公司", "股份有限公司", "有限责任公司", "科技有限公司", "集团有限公司")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist. `ethnicity` as on an ID card, without 族."""

    name: str
    sex: str
    ethnicity: str
    birth: date
    address: str
    id_number: str
    province: str
    city: str

    @property
    def sex_word(self) -> str:
        return "男" if self.sex == "male" else "女"


def person(random: Random, on: date = date(2026, 7, 1), ages: tuple[int, int] = (20, 60)) -> Person:
    """Somebody whose age on that day lies between the two."""
    name, ethnicity = _name(random)
    province, region, cities = random.choice(_PLACES)
    city = random.choice(cities)
    birth = on - timedelta(days=random.randrange(ages[0] * 366, ages[1] * 366))
    sequence = random.randrange(500) * 2
    sex = random.choice(("male", "female"))
    number = idnumber.make(region, birth, sequence + (sex == "male"))
    return Person(name, sex, ethnicity, birth, _address(random, province, city), number, province, city)


def _name(random: Random) -> tuple[str, str]:
    if random.random() < 0.12:
        return random.choice(_DOTTED)
    ethnicity = "汉" if random.random() < 0.5 else random.choice(ETHNICITIES)
    return random.choice(_SURNAMES) + "".join(random.sample(_GIVEN, random.choice((1, 2, 2, 2)))), ethnicity


def _address(random: Random, province: str, city: str) -> str:
    place = f"{province}{city}{random.choice(_DISTRICTS)}"
    if random.random() < 0.35:
        return f"{place}{random.choice(_VILLAGES)}第{random.randrange(1, 20)}组{random.randrange(1, 300)}号"
    street = f"{place}{random.choice(_STREETS)}{random.randrange(1, 900)}号"
    estate = random.choice(_ESTATES)
    if not estate:
        return street
    block, door = random.randrange(1, 40), random.randrange(101, 3299)
    unit = f"{random.randrange(1, 5)}单元" if random.random() < 0.5 else ""
    return f"{street}{estate}{block}栋{unit}{door}室"


def company(random: Random, someone: Person) -> str:
    """An employer in the person's province."""
    return f"{someone.city or someone.province}{random.choice(_TRADES)}{random.choice(_FORMS)}"


def school(random: Random, someone: Person) -> str:
    """A university or college."""
    kind = random.choice(("理工大学", "工业大学", "师范大学", "农业大学", "科技学院", "工程职业技术学院"))
    return _short(someone.province) + kind


def signature(random: Random) -> str:
    """A name of two or three characters."""
    return random.choice(_SINGLE) + "".join(random.sample(_GIVEN, random.choice((1, 2))))


def _short(province: str) -> str:
    return province[:3] if province.startswith(("内蒙古", "黑龙江")) else province[:2]


def day(random: Random, first: int, last: int) -> date:
    """A day in the years from `first` to `last`."""
    return date(random.randint(first, last), 1, 1) + timedelta(days=random.randrange(365))


_DIGITS = "〇一二三四五六七八九"
_TENS = ("", "十", "二十", "三十")


def chinese_day(when: date, *, day: bool = True) -> str:
    """「二〇一九年六月三十日」; without `day` 「二〇一九年六月」."""
    year = "".join(_DIGITS[int(digit)] for digit in str(when.year))
    return f"{year}年{chinese_number(when.month)}月" + (f"{chinese_number(when.day)}日" if day else "")


def chinese_number(number: int) -> str:
    """1 to 39 as in a date."""
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (_DIGITS[ones] if ones else "")


def arabic_day(when: date, *, gap: str = "") -> str:
    """「2019年6月30日」, with `gap` around the numbers as forms print it."""
    return gap.join((str(when.year), "年", str(when.month), "月", str(when.day), "日"))


def code(random: Random, digits: int) -> str:
    """A number without meaning."""
    return "".join(str(random.randrange(10)) for _ in range(digits))
