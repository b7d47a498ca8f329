import type { Day } from '../../src/kernel/calendar.js';
import type { AgeBand } from '../../src/kernel/codes.js';

/**
 * People whose names are written as different people write them. Spellings are listed by hand as they are met on
 * forms, and birthdays are spoilt by rules of their own: nothing here knows how names are matched.
 */
export interface Written {
  /** Whose record this is; two records of one human are to be found, all others are not. */
  human: number;
  name: string;
  kana?: string;
  birthDate?: Day;
  ageBand: AgeBand;
}

/** Parts of names, each with its spellings: Latin first, then kana, then Han. */
interface Culture {
  weight: number;
  familyFirst: boolean;
  family: string[][];
  middle?: string[][];
  given: string[][];
  /** Two family names, the mother's and the father's. */
  twoFamilies?: boolean;
}

const parts = (text: string): string[][] =>
  text
    .trim()
    .split(/\s+/)
    .map((part) => part.split('/'));

const CULTURES: Culture[] = [
  {
    weight: 5,
    familyFirst: true,
    family:
      parts(`Nguyễn/Nguyen/グエン Nguyễn/Nguyen/グエン Nguyễn/Nguyen/グエン Lê/Le/レ Phạm/Pham/ファム Hoàng/Hoang/ホアン
      Huỳnh/Huynh/フイン Vũ/Vu/ヴー/ブー Đặng/Dang/ダン Bùi/Bui/ブイ Đỗ/Do/ドー Hồ/Ho/ホー Ngô/Ngo/ゴー Lý/Ly/リー`),
    middle: parts(
      'Thị/Thi/ティ Thị/Thi/ティ Văn/Van/ヴァン/バン Văn/Van/ヴァン/バン Minh/ミン Thu/トゥ Đức/Duc/ドゥック Ngọc/Ngoc/ゴック Thanh/タイン Hồng/Hong/ホン Quốc/Quoc/クオック Anh/アイン Kim/キム',
    ),
    given:
      parts(`Hoa/ホア Lan/ラン Mai/マイ Hùng/Hung/フン Nam/ナム Linh/リン Hương/Huong/フオン Dũng/Dung/ドゥン Tuấn/Tuan/トゥアン
      Hải/Hai/ハイ Ngọc/Ngoc/ゴック Phương/Phuong/フオン Thảo/Thao/タオ Long/ロン Sơn/Son/ソン Quang/クアン Hà/Ha/ハー
      Bích/Bich/ビック Yến/Yen/イエン Kim/キム Tâm/Tam/タム An/アン Bảo/Bao/バオ Nga/ガー Trinh/チン Tùng/Tung/トゥン Vinh/ヴィン Hạnh/Hanh/ハイン Liên/Lien/リエン Khoa/コア Loan/ロアン Phúc/Phuc/フック Thủy/Thuy/トゥイ Diệp/Diep/ディエップ Sang/サン Tiến/Tien/ティエン Oanh/オアイン Nhung/ニュン Mạnh/Manh/マイン Cường/Cuong/クオン`),
  },
  {
    weight: 3,
    familyFirst: false,
    family:
      parts(`Rahman/Rahaman/Rehman/ラーマン/ラフマン Hossain/Hussain/Hossen/ホセイン/フセイン Islam/Eslam/イスラム Ahmed/Ahmad/Ahamed/アハメド/アフマド
      Khan/カーン Uddin/Uddeen/ウッディン Karim/Kareem/カリム Chowdhury/Choudhury/Chaudhuri/チョウドゥリ Miah/Mia/ミア Sarker/Sarkar/サルカル
      Akter/Akhter/アクテル Begum/Begam/ベグム Sheikh/Shaikh/シェイク Alam/アラム Haque/Hoque/ハク Siddique/Siddiqui/シディク Mollah/Molla/モッラ`),
    middle: parts(
      'Abdul/アブドゥル Al/アル Mohammad/Mohammed/Md/モハメド Kamrul/カムルル Nahid/Naheed/ナヒド Shah/シャー Anwar/Anowar/アンワル Bin/ビン',
    ),
    given:
      parts(`Mohammad/Mohammed/Muhammad/Md/モハメド/モハマド Abdul/アブドゥル Fatima/Fatema/Fatimah/ファティマ Rahim/Raheem/ラヒム
      Yusuf/Yousuf/Yousef/ユスフ Hasan/Hassan/ハサン Nasrin/Nasreen/ナスリン Salma/サルマ Jamal/Jamaal/ジャマル Kamal/カマル
      Rafiq/Rafique/ラフィク Shirin/Shireen/シリン Tariq/Tarek/タリク Omar/Umar/オマル Aisha/Ayesha/アイシャ Ibrahim/Ebrahim/イブラヒム
      Khalid/Khaled/ハリド/カリド Sultana/スルタナ Zahid/Jahid/ザヒド Nurul/Noorul/ヌルル`),
  },
  {
    weight: 3,
    familyFirst: false,
    twoFamilies: true,
    family:
      parts(`Santos/サントス Reyes/レイエス Cruz/クルス Garcia/ガルシア Mendoza/メンドーサ Torres/トーレス Flores/フローレス Ramos/ラモス Silva/シルバ/シルヴァ
      Souza/Sousa/ソウザ Oliveira/オリベイラ/オリヴェイラ Pereira/ペレイラ Lima/リマ Costa/コスタ Ferreira/フェレイラ Gonçalves/Goncalves/ゴンサルベス
      Castillo/カスティージョ Villanueva/ビジャヌエバ Quispe/キスペ Huamán/Huaman/ワマン Rodríguez/Rodriguez/ロドリゲス Bautista/バウティスタ`),
    given:
      parts(`Maria/マリア José/Jose/ホセ João/Joao/ジョアン Ana/アナ Antonio/Antônio/アントニオ Rosa/ロサ Carlos/カルロス Juan/フアン Luis/Luiz/ルイス
      Paulo/パウロ Cristina/Christina/クリスティナ Roberto/ロベルト Marcos/マルコス Elena/Helena/エレナ Fernando/フェルナンド Teresa/テレサ
      Ricardo/リカルド Andréa/Andrea/アンドレア Miguel/ミゲル Isabel/Izabel/イザベル Rafael/ラファエル Beatriz/ベアトリス`),
  },
  {
    weight: 1,
    familyFirst: true,
    family:
      parts(`Satō/Sato/Satoh/Satou/サトウ/佐藤 Suzuki/スズキ/鈴木 Takahashi/タカハシ/高橋/髙橋 Tanaka/タナカ/田中 Itō/Ito/Itoh/イトウ/伊藤 Ōno/Ono/Ohno/オオノ/大野
      Saitō/Saito/Saitoh/サイトウ/斎藤/齋藤 Watanabe/ワタナベ/渡辺/渡邉 Shimizu/Simizu/シミズ/清水 Hamazaki/ハマザキ/浜崎/濱﨑 Sawada/サワダ/沢田/澤田 Fujita/Huzita/フジタ/藤田`),
    given:
      parts(`Tarō/Taro/Tarou/タロウ/太郎 Kyōko/Kyoko/キョウコ/京子 Yūko/Yuko/Yuuko/ユウコ/裕子 Tsuyoshi/Tuyosi/ツヨシ/剛 Jun'ichi/Junichi/ジュンイチ/純一 Shinji/Sinzi/シンジ/真二
      Chihiro/Tihiro/チヒロ/千尋 Hanako/ハナコ/花子 Ryūichi/Ryuichi/リュウイチ/隆一 Shōta/Shota/Shouta/ショウタ/翔太 Mayumi/マユミ/真由美 Kenji/Kenzi/ケンジ/健二`),
  },
  {
    weight: 2,
    familyFirst: false,
    family:
      parts(`Thapa/タパ Gurung/グルン Tamang/タマン Shrestha/シュレスタ Rai/ライ Magar/マガル Sharma/シャルマ Adhikari/アディカリ Bhandari/バンダリ Karki/カルキ
      Lama/ラマ Poudel/Paudel/ポウデル Khadka/カドカ Yadav/ヤダブ/ヤダヴ Perera/ペレラ Fernando/フェルナンド Silva/シルバ Dissanayake/ディサナヤケ`),
    middle: parts(
      'Bahadur/Bahadoor/バハドゥル Kumar/クマール/クマル Kumari/クマリ Prasad/プラサド Devi/デヴィ/デビ Maya/マヤ',
    ),
    given:
      parts(`Suman/スマン Bishnu/Vishnu/ビシュヌ Sita/Seeta/シタ Ram/ラム Krishna/クリシュナ Anil/アニル Sunita/Suneeta/スニタ Dipak/Deepak/ディパク Gita/Geeta/ギタ
      Hari/ハリ Maya/マヤ Prakash/プラカシュ Rajesh/ラジェシュ Sanjay/サンジャイ Nimal/ニマル Kumari/クマリ Dinesh/ディネシュ Bimala/Vimala/ビマラ`),
  },
  {
    weight: 2,
    familyFirst: true,
    family: parts(
      'Wáng/Wang/ワン Lǐ/Li/リー Zhāng/Zhang/チャン Liú/Liu/リュウ Chén/Chen/チェン Yáng/Yang/ヤン Zhào/Zhao/ジャオ Huáng/Huang/ホアン Wú/Wu/ウー Sūn/Sun/スン Lín/Lin/リン',
    ),
    given:
      parts(`Wěi/Wei/ウェイ Fāng/Fang/ファン Nà/Na/ナー Xiùyīng/Xiuying/シュウイン Mǐn/Min/ミン Jìng/Jing/ジン Lì/Li/リー Qiáng/Qiang/チャン Lěi/Lei/レイ Jūn/Jun/ジュン
      Yáng/Yang/ヤン Yàn/Yan/イエン Tāo/Tao/タオ Míng/Ming/ミン Chāo/Chao/チャオ Xiá/Xia/シア Píng/Ping/ピン Xiaoming/シャオミン Jianguo/ジェングオ Meiling/メイリン Haiyan/ハイイエン Wenjie/ウェンジエ Yuhan/ユーハン Zihan/ズーハン Lihua/リーファ Chunmei/チュンメイ Dandan/ダンダン Xuefeng/シュエフォン Guohua/グオファ Yulan/ユーラン Shulan/シューラン Guìyīng/Guiying/グイイン`),
  },
];

/** Numbers that look random and are the same each time (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The age band that a form says, as of 2024-12-16. */
function bandOf(birthDate: Day): AgeBand {
  const age = Math.floor((Date.parse('2024-12-16') - Date.parse(birthDate)) / (365.25 * 86_400_000));
  return age < 6
    ? '0-5'
    : age < 18
      ? '6-17'
      : age < 30
        ? '18-29'
        : age < 50
          ? '30-49'
          : age < 65
            ? '50-64'
            : '65+';
}

interface Human {
  culture: Culture;
  family: string[];
  middle?: string[];
  given: string[];
  birthDate: Day;
}

const KANA = /^[ァ-ヶー]+$/;
const HAN = /\p{Script=Han}/u;
const pad = (number: number): string => String(number).padStart(2, '0');

/** `count` records: an eighth of the humans have two, and hard cases lie among the others. */
export function writtenPeople(count: number, seed: number): Written[] {
  const throwDie = dice(seed);
  const upTo = (most: number): number => Math.floor(throwDie() * most);
  const one = <T>(list: readonly T[]): T => list[upTo(list.length)]!;
  const sometimes = (chance: number): boolean => throwDie() < chance;
  const cultures = CULTURES.flatMap((culture) => Array<Culture>(culture.weight).fill(culture));

  // One in twelve gave the first of January, as papers do where nobody wrote the day down.
  const birthday = (): Day =>
    sometimes(1 / 12)
      ? `${1960 + upTo(45)}-01-01`
      : `${1945 + upTo(75)}-${pad(1 + upTo(12))}-${pad(1 + upTo(28))}`;
  const human = (): Human => {
    const culture = one(cultures);
    return {
      culture,
      family: one(culture.family),
      middle: culture.twoFamilies ? one(culture.family) : culture.middle && one(culture.middle),
      given: one(culture.given),
      birthDate: birthday(),
    };
  };

  const spelt = (part: string[], script: 'latin' | 'kana' | 'han'): string => {
    const own = part.filter((text) =>
      script === 'kana'
        ? KANA.test(text)
        : script === 'han'
          ? HAN.test(text)
          : !KANA.test(text) && !HAN.test(text),
    );
    return one(own.length > 0 ? own : part);
  };
  const joined = ({ culture, family, middle, given }: Human, script: 'latin' | 'kana' | 'han'): string => {
    // A middle name is left out now and then, and words are written in the other order or together.
    const rest = middle && !sometimes(0.03) ? [spelt(middle, script)] : [];
    const first = spelt(family, script);
    const last = spelt(given, script);
    const inOrder = culture.familyFirst ? [first, ...rest, last] : [last, ...rest, first];
    const turned = culture.familyFirst ? [last, first, ...rest] : [first, last, ...rest];
    const words = script === 'latin' && sometimes(0.15) ? turned : inOrder;
    if (script === 'han') return words.join(one(['', ' ', '　']));
    if (script === 'kana') return words.join(one(['・', ' ', '　', '・', ' ', '　', '', '･']));
    const text = words.join(sometimes(0.94) ? ' ' : one(['', '-']));
    return one([text, text, text.toUpperCase(), text.toLowerCase()]);
  };
  const written = (who: Human, number: number): Written => {
    const han = who.family.some((text) => HAN.test(text));
    const script = han && sometimes(0.5) ? 'han' : sometimes(0.25) ? 'kana' : 'latin';
    const name = joined(who, script);
    const withKana = script === 'han' || sometimes(0.3);
    return {
      human: number,
      name,
      ...(withKana && { kana: widthOf(joined(who, 'kana')) }),
      ...told(who.birthDate),
    };
  };
  const widthOf = (kana: string): string =>
    one([kana, kana, kana.replace(/[ァ-ヶ]/g, (each) => String.fromCodePoint(each.codePointAt(0)! - 0x60))]);
  // Birthdays: mostly right; left out, then mostly with an age band in their place, swapped, or one part wrong.
  const told = (birthDate: Day): { birthDate?: Day; ageBand: AgeBand } => {
    const ageBand = bandOf(birthDate);
    const [year, month, day] = birthDate.split('-').map(Number) as [number, number, number];
    const chance = throwDie();
    if (chance < 0.03) return { ageBand: sometimes(0.2) ? 'unknown' : ageBand };
    if (chance < 0.045 && day <= 12) return { ageBand, birthDate: `${year}-${pad(day)}-${pad(month)}` };
    if (chance < 0.055)
      return { ageBand, birthDate: `${year + (sometimes(0.5) ? 1 : -1)}-${pad(month)}-${pad(day)}` };
    if (chance < 0.06) return { ageBand, birthDate: `${year}-${pad(month)}-${pad(1 + upTo(28))}` };
    return { ageBand, birthDate };
  };

  const records: Written[] = [];
  for (let number = 0; records.length < count; number += 1) {
    const who = human();
    records.push(written(who, number));
    const kind = throwDie();
    const another = (change: Partial<Human>) => {
      number += 1;
      records.push(written({ ...who, ...change }, number));
    };
    if (kind < 0.125) records.push(written(who, number));
    // Not the same: brothers and sisters, twins, one birthday, a father's name, and the names that many have.
    else if (kind < 0.2) another({ given: other(who.culture.given, who.given, one), birthDate: birthday() });
    else if (kind < 0.203) another({ given: other(who.culture.given, who.given, one) });
    else if (kind < 0.24) another({ ...human(), birthDate: who.birthDate });
    else if (kind < 0.25) another({ birthDate: birthday() });
  }
  return records.slice(0, count);
}

function other(given: string[][], than: string[], one: <T>(list: readonly T[]) => T): string[] {
  return one(given.filter((part) => part[0] !== than[0]));
}
