"""Invented names. They sound like the north-west; the county and its towns exist nowhere."""

import numpy as np

COUNTY = ("稷川县", "稷川")
CODE = "990101"
RIVER = "稷河"
# short name and kind of the eight towns; the first holds the county town
TOWNS = (
    ("稷城", "街道"),
    ("苇塬", "镇"),
    ("柏湾", "镇"),
    ("禾岭", "镇"),
    ("砚川", "镇"),
    ("槐塘", "镇"),
    ("雁坪", "乡"),
    ("鹿崾", "乡"),
)
COMMUNITIES = ("稷阳", "鼓楼巷", "河堤", "槐荫", "塬上", "新桥", "东滩")

_FAMILIES = "张王李赵刘杨马高孙曹郭段祁史雷樊尉巨弥党侯景席郝"
_STEMS = (
    "杏树", "柳泉", "枣林", "石咀", "芦苇", "核桃", "槐树", "椿树", "梨园", "白草", "黑河",
    "红土", "青石", "甘泉", "苜蓿", "荞麦", "糜子", "胡麻", "瓦窑", "油坊", "磨坊", "铁匠",
    "上川", "下川", "南庄", "北庄", "前塬", "后塬", "东沟", "西沟", "双桥", "三岔", "四方",
    "五里", "七里", "十里", "店子", "旧堡", "新堡", "羊圈", "凤鸣", "雁落", "鹿鸣", "野狐",
    "沙棘", "酸枣", "金盆", "银洞", "月亮", "太白", "云台", "兴隆", "永丰", "长宁", "安乐",
)  # fmt: skip
_ENDINGS = ("塬", "沟", "坪", "湾", "咀", "岭", "崖", "堡", "庄", "畔", "坡", "台", "掌", "洼")
_STREETS = (
    "稷川", "向阳", "和顺", "育才", "文昭", "兴农", "迎春", "塬北", "塬南", "长庆", "丰登",
    "泰和", "秋实", "春晖", "麦香", "柏荫", "朝霞", "鼓楼", "书院", "仓门", "盐店", "河堤",
    "滨河", "新桥", "东关", "西关", "北关", "祥云", "康乐", "明礼", "崇德", "尚学", "嘉禾",
)  # fmt: skip
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN_ONE = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红文斌辉鹏"
    "鑫波宁岩瑞晨雪梅婷慧健康亮峰旭浩凯琳琪萍莉"
)
_GIVEN_TWO = "建国志文小晓春秋海永宏俊立新世家成德金玉秀淑桂月喜来宝双庆天育广向彦生林东"


class Names:
    """Hands out names, never one twice."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance
        self._used: set[str] = set()

    def village(self) -> str:
        """A village's short name: 张家塬, 杏树湾, 柳泉."""
        while True:
            ending = self._pick(_ENDINGS)
            form = self._chance.random()
            if form < 0.3:
                name = f"{self._pick(_FAMILIES)}家{ending}"
            elif form < 0.8:
                name = f"{self._pick(_STEMS)}{ending}"
            else:
                name = self._pick(_STEMS)
            if name not in self._used and name[-1] != name[-2]:
                self._used.add(name)
                return name

    def stream(self) -> str:
        """A tributary's name."""
        while True:
            name = self._pick(_STEMS) + self._pick(("河", "沟", "涧"))
            if name not in self._used:
                self._used.add(name)
                return name

    def street(self, *, is_wide: bool, along: bool) -> str:
        """A street's name: roads run along the river, streets across it."""
        kind = ("大道" if is_wide else "路") if along else ("大街" if is_wide else "街")
        while True:
            name = self._pick(_STREETS)
            if name not in self._used:
                self._used.add(name)
                return name + kind

    def person(self) -> str:
        """An invented person's name; two people may share one, as in life."""
        given = self._pick(_GIVEN_ONE)
        if self._chance.random() < 0.72:
            given = self._pick(_GIVEN_TWO) + given
        return self._pick(_SURNAMES) + given

    def _pick(self, words: str | tuple[str, ...]) -> str:
        return words[int(self._chance.integers(len(words)))]
