"""Messages as people type them, in their own words.

Each stands with the categories that an experienced receptionist would let pass. Those that
say too little have none: the only good answer to them is "I don't know". Written before anybody
looked at the keywords, of which 48 were right then and 12 sure and wrong; the keywords were
widened with them in sight, so they guard what was reached and say little of other messages.
"""

import numpy as np
import pytest

from gezhi.demo.simulation.matters import choose_matter, compose
from gezhi.rulebook import reads as rulebook
from gezhi.triage import reads
from gezhi.triage.rules.kinds import InForce, kind_of, said_of
from gezhi.triage.rules.learning_fit import learn
from gezhi.triage.rules.learning_together import Examples
from gezhi.triage.rules.training import LEAST_OF_EACH
from tests.cast import COUNTY

TYPED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("我家楼下那个大垃圾箱一个礼拜没人来收了，夏天苍蝇嗡嗡的",
     ("env.garbage.exposed", "env.garbage.station")),
    ("装修队把砖头水泥块全扔在我们单元门口不管", ("env.garbage.debris", "env.stuff")),
    ("门前巷子里灯黑了半个月，老人晚上出门看不清", ("utility.lamp",)),
    ("昨晚到现在家里一滴水都没有，也没见通知", ("utility.water.cut",)),
    ("水龙头放出来的水是黄的，还有一股铁锈味", ("utility.water.quality",)),
    ("这个月水费比平时多出三倍，抄表的是不是弄错了", ("utility.water.fee",)),
    ("马路边的水管一直往外冒水，淌了两天了", ("utility.water.pipe",)),
    ("我们这一片又停电了，冰箱里的肉都要坏", ("utility.power.cut",)),
    ("电线杆子斜得厉害，怕是要倒", ("utility.power.line", "utility.cable")),
    ("楼道里闻到煤气味，很呛", ("utility.gas.leak",)),
    ("天然气开户交了钱三个月还没通上", ("utility.gas",)),
    ("暖气片冰凉，娃娃写作业都穿着棉袄", ("utility.heat",)),
    ("下水道返水，厨房地上全是脏水", ("utility.drain",)),
    ("一下大雨桥洞底下就成了池塘，车过不去", ("utility.flood",)),
    ("学校门口的井盖少了一半，娃娃差点踩进去", ("utility.manhole",)),
    ("电梯天天坏，昨天把我妈关在里面四十分钟", ("utility.lift",)),
    ("手机在屋里一点信号都没有，打电话要跑到院子外面", ("utility.telecom",)),
    ("头顶上的网线乱七八糟垂下来，挂到人了", ("utility.cable",)),
    ("路上坑坑洼洼，电动车颠得散架", ("traffic.road.broken", "rural.road")),
    ("路中间突然陷下去一个大洞，边上还在掉土", ("traffic.road.collapse",)),
    ("进村那段土路什么时候能硬化", ("rural.road", "traffic.road.build")),
    ("雪下了两天，坡上结了冰没人撒盐，摔了好几个人", ("traffic.road.snow",)),
    ("十字路口红绿灯不亮了，车都乱走", ("traffic.sign",)),
    ("放学那会儿校门口堵得水泄不通", ("traffic.jam", "safety.campus")),
    ("小汽车停在盲道上，一停就是一天", ("traffic.park",)),
    ("三路公交等一个小时都不来", ("traffic.bus",)),
    ("出租车不打表，张口就要五十", ("traffic.taxi",)),
    ("拉煤的大车半夜超载过村子，把路都压烂了", ("traffic.truck",)),
    ("门口饭馆的油烟直往我家窗户里钻", ("env.fumes",)),
    ("跳广场舞的音响放到夜里十点多，吵得睡不着", ("env.noise",)),
    ("工地半夜两点还在打桩，楼都在抖", ("build.site.noise",)),
    ("拆房子也不洒水，尘土飞得满街都是", ("build.site.dust",)),
    ("卖菜的把人行道全占了，推婴儿车只能走马路", ("env.stall",)),
    ("有人在地里烧玉米秆，满村子都是烟", ("env.burning",)),
    ("上游厂子往河里排黑水，鱼都死了", ("env.water", "env.factory", "env.river")),
    ("养猪场的粪水流到我家地里，臭得没法住", ("env.farm",)),
    ("公厕门锁着，里面也没水", ("env.toilet",)),
    ("谁家的死狗扔在渠边，已经烂了", ("env.animal",)),
    ("邻居在楼顶又盖了一层，把我家的光挡完了",
     ("build.illegal", "dispute.neighbour", "dispute.property")),
    ("物业光收钱不干活，楼道灯坏了也不管", ("build.property", "dispute.property_service")),
    ("新房子一下雨墙就往里渗水", ("build.quality",)),
    ("交了全款两年了还拿不到房产证", ("build.delivery",)),
    ("我家老土房墙裂了一尺宽，怕塌", ("build.dangerous", "safety.geology")),
    ("征了我家两亩地，补偿款一分没见", ("build.demolition", "dispute.demolition")),
    ("工头跑了，我们十几个人八个月的工钱没给", ("labour.wage",)),
    ("在厂里轧伤了手，老板不给认工伤", ("labour.injury",)),
    ("我六十岁了养老金怎么还没发下来", ("labour.pension", "civil.old")),
    ("住院的钱在外地怎么报销", ("labour.medical", "health.fee")),
    ("公司让我天天加班到十点，也不给加班费", ("labour.hours", "labour.wage")),
    ("我妈瘫在床上没人管，能不能办低保", ("civil.minimum", "civil.disabled", "civil.emergency")),
    ("残疾证到哪里去办", ("civil.disabled",)),
    ("孩子户口在村里，能不能上城里的小学", ("edu.enrol",)),
    ("幼儿园一学期又涨了八百块，合理吗", ("edu.kindergarten", "edu.fee", "gov.price")),
    ("补习班收了钱第二天就关门跑了", ("edu.training", "dispute.consumer")),
    ("卫生室的大夫经常不在，老人拿药白跑一趟", ("health.village", "health.service")),
    ("街上那个诊所没挂执照就给人打针", ("health.clinic",)),
    ("超市买的酸奶过期十天了还在卖", ("gov.food", "gov.fake", "dispute.consumer")),
    ("饭馆结账多收了我六十，说是茶位费", ("gov.price", "dispute.consumer")),
    ("办个营业执照跑了五趟，每次都说少材料", ("gov.licence", "gov.window", "gov.conduct")),
    ("村干部把低保给了他自己亲戚", ("gov.conduct", "civil.minimum", "rural.finance")),
    ("村里的账三年没有贴出来过", ("rural.finance",)),
    ("隔壁把墙砌到我家院子里来了，说也不听",
     ("dispute.neighbour", "dispute.property", "rural.homestead")),
    ("浇地的渠堵死了，麦子都旱了", ("rural.irrigation",)),
    ("买的玉米种子不出苗，肯定是假的", ("rural.fake",)),
    ("种粮补贴别人都领了就我家没有", ("rural.subsidy",)),
    ("羊一天死了七八只，是不是得了传染病", ("rural.disease",)),
    ("有人打电话说我中奖让我转钱，转了两千", ("safety.fraud",)),
    ("电动车停在楼下被偷了", ("safety.theft",)),
    ("楼道里堆满电动车还拉线充电，着火了跑都跑不出去", ("safety.fire",)),
    ("后山往下滚石头，下面住着人", ("safety.geology",)),
    ("水库边上没有护栏，娃娃天天去耍水", ("safety.water",)),
    ("男人喝了酒就打我，我怕得很", ("dispute.violence", "dispute.family")),
    ("办事大厅的小姑娘态度很好，表扬一下", ("gov.suggest", "gov.window")),
    ("有没有人管管", ()),
    ("我要投诉", ()),
    ("你好在吗", ()),
    ("那个事情怎么还没有弄好", ()),
    ("请领导来我们这里看一看", ()),
)  # fmt: skip


# Others, told the same way: of the first 104 were 54 right and 15 sure and wrong before danger and
# the keywords were mended with them in sight; of the 90 after them 62 and 9, with that mended.
MORE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("楼道里一股臭鸡蛋味，好像是煤气漏了", ("utility.gas.leak",)),
    ("厨房煤气漏了，我妈晕倒了", ("utility.gas.leak",)),
    ("漏了煤气，满屋子都是味", ("utility.gas.leak",)),
    ("家里天然气灶关了还在嘶嘶响，有股怪味", ("utility.gas.leak",)),
    ("挖掘机把天然气管子挖断了，一直在喷", ("utility.gas.leak",)),
    ("隔壁液化气罐好像在漏，闻着头晕", ("utility.gas.leak",)),
    ("一进楼门就有股煤气的味道", ("utility.gas.leak",)),
    ("邻居家窗户冒黑烟，里面好像烧着了", ("safety.fire.now",)),
    ("后山上起了火，正往村里烧", ("safety.fire.now",)),
    ("我爸突然倒在地上叫不醒", ("health.ambulance",)),
    ("有个老人躺在路边不动了，没人敢扶", ("health.ambulance", "civil.homeless")),
    ("打了120一个小时车还没到", ("health.ambulance",)),
    ("电线让大风刮断了，掉在路上还带着电", ("utility.power.line",)),
    ("变压器着火了，噼里啪啦响", ("safety.fire.now", "utility.power.line")),
    ("孩子被卡在电梯里出不来", ("utility.lift",)),
    ("有娃娃掉到涝池里了", ("safety.water",)),
    ("男的拿刀追着人砍", ("safety.fight",)),
    ("对面楼顶有个姑娘坐在边上想往下跳", ("health.mental",)),
    ("小区下水到堵了粪水都冒出来了", ("utility.drain",)),
    ("化粪池满了，粪水流了一院子", ("utility.drain",)),
    ("小区大门坏了半年，物业说没钱修",
     ("build.property", "dispute.property_service", "build.repairfund")),
    ("一楼把公共绿地围起来当自己家院子", ("build.illegal", "build.property", "build.park")),
    ("房子交了三年外墙砖一块一块往下掉", ("build.quality", "build.dangerous")),
    ("老小区想装个电梯，找谁申请", ("build.oldquarter",)),
    ("申请公租房排了两年还没排上", ("build.affordable",)),
    ("公园里的长椅全断了，没法坐", ("build.park",)),
    ("门口那棵大树快倒了，压着电线", ("build.park", "utility.power.line", "utility.cable")),
    ("店铺的大招牌歪了，风一吹直晃，怕砸着人", ("build.ad",)),
    ("工地的围墙把半条路都占了", ("build.site.occupy",)),
    ("垃圾车一个星期不来，臭气熏天", ("env.garbage.exposed", "env.garbage.station", "env.air")),
    ("楼上养了五六条狗，半夜叫个不停", ("env.animal", "env.noise", "dispute.neighbour")),
    ("清洁工把落叶都扫到下水口里了", ("env.road", "utility.drain")),
    ("楼下KTV唱到凌晨三点", ("env.noise",)),
    ("附近化工厂晚上偷偷放毒气，眼睛都睁不开", ("env.factory", "env.air")),
    ("河里漂了一层塑料袋和烂菜叶", ("env.river", "env.water", "env.garbage.exposed")),
    ("楼道里堆满了破烂，走路都要侧着身子", ("env.stuff", "safety.fire")),
    ("自来水压力小得洗不了澡", ("utility.water.cut",)),
    ("楼上水管裂了，水顺着楼梯往下淌", ("utility.water.pipe", "dispute.neighbour")),
    ("电压忽高忽低，把我家电视烧了", ("utility.power.cut", "utility.power.line")),
    ("供暖季都到了家里才十四度", ("utility.heat",)),
    ("井盖子松了，车一压咣当响", ("utility.manhole",)),
    ("巷子里一到晚上黑咕隆咚，连个灯都没有", ("utility.lamp",)),
    ("光猫一直闪红灯，报修了没人来", ("utility.telecom",)),
    ("学校门口每天接孩子的车乱停，把路堵死了，三轮车都过不去",
     ("traffic.park", "traffic.jam", "safety.campus")),
    ("大货车停在我家门口，出都出不去", ("traffic.park", "traffic.truck")),
    ("校车超员，一车塞了三十多个娃", ("safety.campus",)),
    ("公交司机没等我站稳就开车，把我摔了", ("traffic.bus",)),
    ("跑黑车的在车站门口拽人", ("traffic.illegal",)),
    ("桥上栏杆断了好几根，骑车过去很危险",
     ("traffic.road.broken", "traffic.road.build", "traffic.sign")),
    ("快递说送到了我根本没收到", ("traffic.rail", "dispute.consumer")),
    ("村长把集体的鱼塘包给他小舅子了", ("rural.finance", "gov.conduct", "rural.land.contract")),
    ("我家的承包地被别人种了好几年不还", ("rural.land.contract", "dispute.land")),
    ("今年苹果没人要，烂了一地", ("rural.sell",)),
    ("有人把山上的松树砍了拉走卖", ("rural.forest",)),
    ("想在老院子上翻盖新房，怎么批", ("rural.homestead",)),
    ("打了除草剂，旁边我家的辣椒全死了", ("rural.fake", "dispute.damage")),
    ("机井坏了，地里干得裂口子", ("rural.irrigation",)),
    ("半夜有人撬我家的锁", ("safety.theft",)),
    ("刷单被骗了八千块", ("safety.fraud",)),
    ("楼下棋牌室天天赌到天亮", ("safety.gamble",)),
    ("几个小伙子在广场上打群架", ("safety.fight",)),
    ("我的身份证丢了怎么补", ("safety.police",)),
    ("烟花爆竹店开在居民楼底下", ("safety.production", "safety.fire")),
    ("楼上空调水一直滴到我家窗台", ("dispute.neighbour",)),
    ("借给同学三万块，两年了不还", ("dispute.contract",)),
    ("老人病了三个儿子谁都不养", ("dispute.family", "civil.old")),
    ("邻居家的狗把我腿咬了，不给钱看", ("dispute.damage",)),
    ("健身房倒闭了，会员卡里还有两千块", ("dispute.consumer",)),
    ("我奶奶九十三了，听说有补贴怎么领", ("civil.old",)),
    ("桥底下睡着一个要饭的，冻得直抖", ("civil.homeless",)),
    ("冰雹把果树全打坏了，一年白干", ("civil.disaster",)),
    ("当了十二年兵，退伍安置没落实", ("civil.veteran",)),
    ("家里着了火什么都没了，能不能救济点", ("civil.emergency", "civil.disaster")),
    ("父母都不在了，两个娃跟着奶奶没钱念书", ("civil.child", "edu.aid", "civil.emergency")),
    ("祖坟被施工队挖了", ("civil.funeral", "dispute.damage")),
    ("包工头欠我们工资半年了，电话也不接", ("labour.wage",)),
    ("干了三年公司不给交社保", ("labour.pension", "labour.contract")),
    ("医保卡刷不了，说是停了", ("labour.medical",)),
    ("从脚手架上摔下来腿断了，老板不管", ("labour.injury",)),
    ("厂里说不要我们就不要了，一分钱不赔", ("labour.contract", "dispute.labour")),
    ("老师拿尺子打孩子手，都打肿了", ("edu.teacher",)),
    ("学校食堂饭里吃出虫子", ("edu.campus", "gov.food")),
    ("作业写到十一点还写不完", ("edu.burden",)),
    ("公园的健身器材断了，夹了孩子的手", ("edu.sport",)),
    ("初三的娃在学校被几个人堵着打", ("edu.campus",)),
    ("医院做个感冒检查花了一千多", ("health.fee",)),
    ("村卫生室没有降压药", ("health.village", "health.drug")),
    ("班里好几个孩子得了水痘", ("health.epidemic",)),
    ("给娃打预防针排了三次都没有苗", ("health.vaccine",)),
    ("邻居精神有问题，拿着菜刀在楼道里转", ("health.mental", "safety.fight")),
    ("买的猪肉有股臭味", ("gov.food",)),
    ("加油站的油加完车就坏了", ("gov.fake", "dispute.consumer")),
    ("菜摊的秤有问题，三斤少了半斤", ("gov.market",)),
    ("政务大厅下午三点就不叫号了", ("gov.window",)),
    ("景区门口停车收三十块，太黑了", ("gov.price", "gov.tourism", "traffic.park")),
    ("外卖送来的面里有根头发", ("gov.food",)),
    ("天然气公司漏抄了我家两个月的表", ("utility.gas",)),
    ("去年我爸昏迷住院花了十万，能报多少", ("labour.medical", "health.fee", "civil.emergency")),
    ("建议在河边装防护栏，防止娃娃掉水里", ("safety.water", "gov.suggest")),
    ("养鸡场的鸡粪堆在村口臭得很", ("env.farm",)),
    ("到底有没有人管啊", ()),
    ("昨天说的事今天给个答复", ()),
    ("急急急，快点来人", ()),
    ("太过分了，天理何在", ()),
    ("厨房里有股怪味像煤气，头有点晕", ("utility.gas.leak",)),
    ("煤气罐的阀门坏了一直呲气", ("utility.gas.leak",)),
    ("我家对门天然气好像没关，楼道都能闻见", ("utility.gas.leak",)),
    ("隔壁着火啦快来人", ("safety.fire.now",)),
    ("充电的电瓶车在楼下烧起来了", ("safety.fire.now",)),
    ("有人倒在菜市场门口，脸色发青", ("health.ambulance",)),
    ("孕妇在家要生了，车叫不到", ("health.ambulance",)),
    ("我妈喝了农药", ("health.mental", "health.ambulance")),
    ("电线搭在铁栏杆上，一摸就麻", ("utility.power.line",)),
    ("河里漂着一个人", ("safety.water",)),
    ("我家房梁断了，房顶要掉下来", ("build.dangerous",)),
    ("山坡上的土往下滑，快到院墙了", ("safety.geology",)),
    ("物业把消防通道锁了", ("safety.fire", "build.property")),
    ("开发商说好今年交房又拖到明年", ("build.delivery",)),
    ("楼上装修把承重墙砸了",
     ("build.quality", "build.dangerous", "build.illegal", "build.other")),
    ("物业费一平米涨了五毛没人跟我们商量", ("build.property",)),
    ("公积金怎么取出来还房贷", ("build.fund",)),
    ("拆迁的过渡费一年没发", ("build.demolition",)),
    ("门口贴满了开锁的小广告", ("build.ad",)),
    ("顶楼住户在天台上盖了个玻璃房", ("build.illegal",)),
    ("垃圾桶离我家窗户太近，味道大", ("env.garbage.exposed", "env.garbage.station")),
    ("工地拉土的车一路撒土", ("env.road", "traffic.truck", "build.site.dust")),
    ("公厕没有灯也没有纸", ("env.toilet",)),
    ("早餐店天不亮就放喇叭叫卖", ("env.noise",)),
    ("烧烤摊的烟熏得我们开不了窗", ("env.fumes", "env.stall")),
    ("地里的塑料薄膜没人收，到处飞",
     ("env.garbage.exposed", "env.stuff", "env.other", "rural.other")),
    ("邻居家养鸡，一大早打鸣，味道也大", ("env.animal", "dispute.neighbour")),
    ("河边一股臭鸡蛋味，水是绿的", ("env.water", "env.air", "env.river")),
    ("水龙头放出来有泥沙", ("utility.water.quality",)),
    ("家里水表自己转，没用水也走字", ("utility.water.fee",)),
    ("电表跳得太快，怀疑有问题", ("utility.power.fee",)),
    ("整栋楼一半没电", ("utility.power.cut",)),
    ("暖气管子接头滴水", ("utility.heat", "utility.water.pipe")),
    ("下雨天地下车库全是水，车都泡了", ("utility.flood", "build.property", "utility.drain")),
    ("路边的窨井盖被车压裂了", ("utility.manhole",)),
    ("电梯按键失灵，停在半层", ("utility.lift",)),
    ("村里没有4G信号，学生上不了网课", ("utility.telecom",)),
    ("路两边的线掉得一人高", ("utility.cable", "utility.power.line")),
    ("修了一半的路扔在那儿不管了", ("traffic.road.build", "traffic.road.broken", "rural.road")),
    ("路口没有红绿灯，前天又撞了人", ("traffic.sign", "safety.traffic")),
    ("公交车不让老人刷老年卡", ("traffic.bus", "civil.old")),
    ("滴滴司机绕路多收了二十", ("traffic.taxi",)),
    ("驾校收了钱不安排练车", ("traffic.licence",)),
    ("半挂车天天从村里过，房子都震裂了", ("traffic.truck",)),
    ("村口小桥塌了半边",
     ("traffic.road.collapse", "traffic.road.build", "traffic.road.broken", "rural.road")),
    ("土地确权少量了我家一亩", ("rural.land.contract",)),
    ("村里选举有人发钱拉票", ("rural.finance", "gov.conduct")),
    ("有人在耕地里挖沙", ("rural.land.illegal", "env.river")),
    ("玉米收了没人来收购", ("rural.sell",)),
    ("猪得了怪病，一天死几头", ("rural.disease",)),
    ("农机补贴报上去一年没下来", ("rural.subsidy",)),
    ("有人冒充公安打电话要验证码", ("safety.fraud",)),
    ("隔壁出租屋天天有陌生人进进出出", ("safety.rental", "safety.gamble", "dispute.neighbour")),
    ("电瓶昨晚又被偷了", ("safety.theft",)),
    ("前夫老来家里砸东西威胁我", ("dispute.violence", "safety.fight", "dispute.family")),
    ("法院判了三年钱还没执行到", ("safety.justice",)),
    ("两家为了地边子吵了好几年", ("dispute.land", "dispute.property", "dispute.neighbour")),
    ("买的冰箱坏了商家不给换", ("dispute.consumer",)),
    ("手术后腿瘸了，医院不认", ("dispute.medical",)),
    ("低保半年没发了", ("civil.minimum",)),
    ("轮椅坏了能申请新的吗", ("civil.disabled",)),
    ("农村孤寡老人没人照顾", ("civil.old", "civil.minimum")),
    ("我家门牌号和隔壁一样，快递老送错", ("civil.place",)),
    ("领结婚证要带什么", ("civil.marriage", "gov.info")),
    ("工厂不签合同，说干就干说走就走", ("labour.contract",)),
    ("社保断了两年能补吗", ("labour.pension",)),
    ("在工地摔了，老板只给了医药费", ("labour.injury",)),
    ("招工的收了五百块中介费人就不见了", ("labour.job", "dispute.consumer", "safety.fraud")),
    ("我是代课老师，工资一直不涨", ("edu.pay", "labour.wage")),
    ("幼儿园老师给孩子吃药", ("edu.kindergarten", "edu.teacher")),
    ("划片把我们小区划出去了", ("edu.enrol",)),
    ("学校让买三百多的校服", ("edu.fee",)),
    ("图书馆周末不开门", ("edu.culture",)),
    ("挂号的号全被黄牛抢了", ("health.service",)),
    ("药店卖的药过期了", ("health.drug", "gov.food")),
    ("镇卫生院没有大夫值夜班", ("health.village", "health.service")),
    ("学校好多娃拉肚子", ("health.epidemic", "gov.food", "edu.campus")),
    ("疯子在街上拿石头砸人", ("health.mental", "safety.fight")),
    ("饭馆的菜里有钢丝球", ("gov.food",)),
    ("超市标价八块结账收十块", ("gov.price",)),
    ("直播间买的玉是假的", ("gov.fake", "dispute.consumer")),
    ("导游逼着买东西", ("gov.tourism",)),
    ("银行不给贷款，要这要那", ("gov.business",)),
    ("办事窗口的人在玩手机不理人", ("gov.window", "gov.conduct")),
    ("书记收了两条烟才给办", ("gov.conduct",)),
    ("村里要发展大棚种植，想咨询政策", ("gov.info", "rural.other")),
    ("感谢环卫工人大冬天扫雪", ("gov.suggest",)),
    ("帮我看看", ()),
    ("没人回复我", ()),
    ("我们这里的问题反映好多次了", ()),
)  # fmt: skip


def _judged(
    messages: tuple[tuple[str, tuple[str, ...]], ...], in_force: InForce | None
) -> tuple[int, list[str]]:
    """How many are right or honestly left open, and those that are sure and wrong."""
    book, right, wrong = rulebook.current(COUNTY), 0, []
    for text, good in messages:
        found = kind_of(text, book=book, in_force=in_force)
        right += found.category in good if good else not found.is_sure
        if found.is_sure and found.category not in good:
            wrong.append(f"{text} → {found.category} {found.options[0].words}")
    return right, wrong


@pytest.mark.parametrize("messages", [TYPED, MORE])
def test_most_messages_find_their_kind_or_are_honestly_left_open(county, messages):
    right, wrong = _judged(messages, None)
    assert len(wrong) <= len(messages) * 0.03, wrong
    assert right >= len(messages) * 0.9


@pytest.mark.parametrize("messages", [TYPED, MORE])
def test_what_was_learned_of_cases_all_told_alike_spoils_nothing(county, told_alike, messages):
    """Seen with a model alone: 47 of the first right, 7 sure and wrong."""
    right, wrong = _judged(messages, told_alike)
    assert len(wrong) <= len(messages) * 0.06, wrong
    assert right >= len(messages) * 0.85


@pytest.fixture(scope="module")
def told_alike() -> InForce:
    chance = np.random.default_rng(1)
    texts, kinds = [], []
    for _ in range(1200):
        in_town = bool(chance.random() < 0.4)
        matter = choose_matter(in_town=in_town, chance=chance)
        texts.append(compose(matter, in_town=in_town, chance=chance))
        kinds.append(matter.category)
    book = rulebook.read_files(rulebook.default_files(guess_weekdays=True))
    said = [said_of(text, book) for text in texts]
    return InForce(1, learn(Examples(texts, kinds, said), least=LEAST_OF_EACH)[0])


def test_one_short_word_alone_is_not_sure(county):
    for text in ("在菜市场门口", "粪水到处都是", "去广场那边"):
        found = reads.what(text, county=COUNTY)
        assert found.options
        assert not found.is_sure, text


def test_danger_goes_before_what_was_learned(county, told_alike):
    book = rulebook.current(COUNTY)
    for in_force in (None, told_alike):
        found = kind_of("厨房煤气漏了，我妈晕倒了", book=book, in_force=in_force)
        assert [one.category for one in found.options][:2] == [
            "utility.gas.leak", "health.ambulance",
        ]  # fmt: skip
        assert found.is_sure
        assert found.urgent


def test_what_says_nothing_is_left_open(county):
    for text, good in TYPED + MORE:
        if not good:
            assert not reads.what(text, county=COUNTY).is_sure, text
