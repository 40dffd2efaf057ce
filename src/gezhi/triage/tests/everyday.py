"""Fifty messages in everyday words, each with the kinds that would do; those without are thanks
or say too little.

The first nineteen were sent by somebody who tried the desk out, the others written before
anybody looked what becomes of them. Five of the nineteen were sure and wrong then.
"""

TRIED_OUT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("实验小学门口的路坑坑洼洼，娃娃骑车容易摔倒，能不能补一补", ("traffic.road.broken",)),
    ("巷子里停水三天了，打供水公司电话没人接，做饭都成问题", ("utility.water.cut",)),
    ("楼下烧烤摊半夜两点还在放音响划拳，老人心脏不好根本睡不着", ("env.noise", "env.stall")),
    ("我妈六十多了，养老金两个月没到账，去哪儿问都说不知道", ("labour.pension",)),
    ("取暖费早交了，家里暖气片还是冰的，有个月子里的娃娃", ("utility.heat",)),
    ("院子里有人遛大狗不拴绳，昨天追着娃娃跑，吓哭了", ("env.animal",)),
    ("孩子在学校食堂吃了午饭拉肚子，班里好几个都这样", ("gov.food", "health.epidemic")),
    ("路中间井盖没了，黑咕隆咚一个大窟窿，昨晚有个骑电动车的掉进去摔伤了", ("utility.manhole",)),
    ("单元门口天天有外面的车乱停，救护车都开不进来", ("traffic.park",)),
    ("这儿的灯一个礼拜不亮了，晚上接娃看不见路", ("utility.lamp",)),
    ("谢谢网格员小王，上回我家下水道堵了当天就给通了，给她点个赞", ("gov.suggest",)),
    ("你们到底管不管啊，说了多少回了都没人来", ()),
    ("井盖丢了，有人掉下去了，赶紧盖上！", ("utility.manhole",)),
    ("狗不理包子店的油烟直往我家窗户里灌", ("env.fumes",)),
    ("楼上把我家天花板泡了，找他赔他不认账，两家吵了好几回",
     ("dispute.neighbour", "dispute.damage")),
    ("The bins outside our building have not been emptied for two weeks and there are rats",
     ("env.garbage.exposed",)),
    ("井水有股臭味，烧开了都是黄的，不敢给孩子喝", ("utility.water.quality",)),
    ("对门两口子天天半夜打架，女的喊救命，怕出人命", ("dispute.violence", "safety.fight")),
    ("我想问一下残疾证怎么办，要带啥材料", ("civil.disabled",)),
)  # fmt: skip

WRITTEN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("感谢社区，楼道的灯修好了，晚上回家亮堂堂的", ("gov.suggest",)),
    ("表扬一下修路的师傅，坑都补好了", ("gov.suggest",)),
    ("谢谢，暖气热了", ("gov.suggest",)),
    ("上次说的垃圾已经清走了，给你们点赞", ("gov.suggest",)),
    ("麻烦修一下路灯，谢谢", ("utility.lamp",)),
    ("下水道又堵了，谢谢你们快来通一下", ("utility.drain",)),
    ("隔壁男人又打老婆了，孩子吓得直哭", ("dispute.violence",)),
    ("楼上天天打老婆，女人喊救命", ("dispute.violence", "safety.fight")),
    ("他喝醉了打我，我不敢回家", ("dispute.violence",)),
    ("两口子吵架要离婚，社区能不能来劝劝", ("dispute.family",)),
    ("巷口有人打起来了，一个人头破了", ("safety.fight",)),
    ("幼儿园吃了中午饭，七八个娃都吐了", ("gov.food", "health.epidemic", "edu.kindergarten")),
    ("吃席回来全村十几个人上吐下泻", ("gov.food", "health.epidemic")),
    ("学校食堂的饭太难吃了，菜都是凉的", ("edu.campus", "edu.fee")),
    ("压水井打上来的水发黑，有股味", ("utility.water.quality",)),
    ("井里的水不能喝，一股怪味", ("utility.water.quality",)),
    ("水龙头里出来的水一股漂白粉味，白花花的", ("utility.water.quality",)),
    ("巷子里有股臭味，不知道哪来的", ("env.air", "env.garbage.exposed")),
    ("井盖上有个大洞，黑乎乎的看不见", ("utility.manhole",)),
    ("下水井没盖子，娃娃踩空掉下去了", ("utility.manhole",)),
    ("晚上黑咕隆咚的，啥也看不见", ("utility.lamp",)),
    ("楼下工地的坑没围，昨天有人掉下去了", ("safety.production", "build.site.occupy")),
    ("路上有个红色的车停了三个月没人管", ("traffic.park",)),
    ("早上六点就开始敲敲打打，没法休息", ("env.noise", "build.site.noise")),
    ("楼上的小孩天天蹦，天花板都响", ("dispute.neighbour", "env.noise")),
    ("买的面包长了绿毛", ("gov.food", "dispute.consumer")),
    ("外面的狗天天叫", ("env.animal", "env.noise")),
    ("对面的楼挡住了我家的太阳", ("dispute.neighbour", "build.planning", "build.illegal")),
    ("我家的水表被人撬了", ("utility.water.fee", "safety.theft")),
    ("这个事你们前天说今天来，今天也没来", ()),
    ("黑乎乎的一片", ()),
)  # fmt: skip
