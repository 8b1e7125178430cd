"""Invented people: names, valid ID numbers and telephone numbers that belong to nobody we know of, from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from models.programme import idnumber

SURNAMES = "王李张刘陈杨黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
MALE = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林远志建国文海山松柏"
FEMALE = "芳娜敏静丽艳娟霞秀燕玲桂英华慧巧美兰红梅洁莹雪琳晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵"
# Real province codes with a district part that is not assigned: the number is valid, the person is not anybody.
_REGIONS = ("430499", "430399", "440199", "110199", "310199", "420199")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    name: str
    sex: str
    birth: date
    id_number: str
    phone: str


def person(random: Random, serial: int, on: date) -> Person:
    """A grown-up between 26 and 58. `serial` keeps telephone numbers of one run apart."""
    sex = random.choice(("male", "female"))
    birth = on - timedelta(days=random.randrange(26 * 365, 58 * 365))
    given = MALE if sex == "male" else FEMALE
    name = random.choice(SURNAMES) + "".join(random.sample(given, random.choice((1, 2, 2))))
    sequence = random.randrange(500) * 2 + (1 if sex == "male" else 0)
    number = idnumber.make(random.choice(_REGIONS), birth, sequence)
    return Person(name, sex, birth, number, f"1{random.choice('3578')}{random.randrange(10):d}{serial % 10**8:08d}")
