/**
 * Every word that says something about time becomes one letter, so that a grammar of time is a handful of patterns
 * over short strings: "the last 7 days" is `_LNU`. Numbers after a colon are the value of the letter.
 */
const WORDS = `
. 一下
L last past previous recent letzte letzten letzter letztes letztem vergangene vergangenen vergangener vergangenes vorige voriger vorigen 上 上个 上一 去 过去 最近 dernier dernière derniers dernières passé passée pasado pasada pasados última último últimas últimos
L:2 vorletzte vorletzten vorletzter vorletztes vorletztem 上上 上上个
X:2 übernächste übernächsten übernächster übernächstes 下下 下下个
S this current diese dieser diesen dieses diesem laufende laufenden 这 这个 本 今 当前 ce cette cet este esta
X next coming following nächste nächsten nächster nächstes nächstem kommende kommenden kommender 下 下个 下一 明 未来 接下来 prochain prochaine prochains próximo próxima próximos próximas
s since starting seit ab 自 自从 从 depuis desde
v until till by through bis 截至 直到 jusque jusqu'à jusqu hasta
b before vor avant antes 之前 以前
f after nach après después 之后 以后
r from von vom
t to al au 到 至
w between zwischen entre 之间
& and und et y 和 与
i in dans en
j within during for innerhalb binnen pendant durante
g ago earlier 前 hace
E end ende fin final 底 末
B beginning start anfang début principios 初
z ytd mtd 至今 以来
m am a.m 上午 凌晨
p pm p.m 下午 晚上
H uhr 点 时
K half hälfte 半
_ the of on at im um am den dem der des die das le la les los las el de del du à a l d 的 个 在 份 日期
h:0 minute minutes min mins minuten 分钟 hour hours hrs stunde stunden 小时 heures horas
U:0 day days tag tage tagen 天 日 号 jour jours día días
U:1 week weeks woche wochen 周 星期 礼拜 semaine semaines semana semanas
U:2 month months monat monate monaten monats 个月 mois mes meses
U:3 quarter quarters quartal quartals quartale 季度 trimestre trimestres
o:2 月
A:4 year years jahr jahre jahren jahres 年 an ans année años año
G:5 weekend wochenende 周末 week-end
P:6 morning früh vormittag matin 早上 早晨
P:12 noon midday mittag midi mediodía 中午
P:13 afternoon nachmittag après-midi tarde
P:18 evening abend abends soir noche
P:21 night nacht nuit 夜里
T:-2 vorgestern 前天 avant-hier anteayer
T:-1 yesterday gestern 昨天 昨日 昨晚 hier ayer
T:0 today tonight heute 今天 今日 今晚 aujourd'hui hoy
T:1 tomorrow tmrw tmr morgen 明天 明日 明晚 demain mañana
T:2 übermorgen 后天 après-demain
D:0 sunday sun sonntag sonntags 周日 周天 星期日 星期天 dimanche domingo
D:1 monday mon montag montags 周一 星期一 lundi lunes
D:2 tuesday tue tues dienstag dienstags 周二 星期二 mardi martes
D:3 wednesday wed mittwoch mittwochs 周三 星期三 mercredi miércoles
D:4 thursday thu thur thurs donnerstag donnerstags 周四 星期四 jeudi jueves
D:5 friday fri freitag freitags 周五 星期五 vendredi viernes
D:6 saturday sat samstag samstags sonnabend 周六 星期六 samedi sábado
M:0 january jan januar jänner janvier enero
M:1 february feb februar février febrero
M:2 march mar märz mars marzo
M:3 april apr avril abril
M:4 may mai mayo
M:5 june jun juni juin junio
M:6 july jul juli juillet julio
M:7 august aug août agosto
M:8 september sep sept septembre septiembre
M:9 october oct oktober okt octobre octubre
M:10 november nov novembre noviembre
M:11 december dec dezember dez décembre diciembre
N:1 one an ein eine einem einen 一 un une una uno
N:2 two zwei 二 两 deux dos couple
N:3 three drei 三 trois tres
N:4 four vier 四 quatre cuatro
N:5 five fünf 五 cinq cinco
N:6 six sechs 六 seis
N:7 seven sieben 七 sept siete
N:8 eight acht 八 huit ocho
N:9 nine neun 九 neuf nueve
N:10 ten zehn 十 dix diez
N:11 eleven elf 十一 onze once
N:12 twelve zwölf 十二 douze doce dozen
N:14 fourteen vierzehn quatorze catorce
N:15 fifteen fünfzehn quinze quince
N:20 twenty zwanzig 二十 vingt veinte
N:30 thirty dreißig 三十 trente treinta
N:60 sixty sechzig soixante sesenta
N:90 ninety neunzig noventa
O:1 first erste ersten erstes erster 第一 premier première primer primero
O:2 second zweite zweiten zweites zweiter 第二 deuxième segundo
O:3 third dritte dritten drittes dritter 第三 troisième tercer tercero
O:4 fourth vierte vierten viertes vierter 第四 quatrième cuarto
`;

/** One word of a text: its letter, its value, and its place. */
export interface TimeWord {
  letter: string;
  value: number;
  text: string;
  start: number;
  end: number;
}

const table = new Map<string, [letter: string, value: number]>();
for (const line of WORDS.trim().split('\n')) {
  const [head, ...words] = line.split(' ');
  const [letter, value = '0'] = head.split(':');
  for (const word of words)
    if (!table.has(word)) table.set(word, [letter, Number(value)]);
}

/** The number that a word stands for, in any language of the lexicon. */
export function numberWord(lower: string): number | undefined {
  const known = table.get(lower);
  return known?.[0] === 'N' ? known[1] : undefined;
}

/** The place in a row that a word such as "third" stands for; "second" is more often a measure. */
export function ordinalWord(lower: string): number | undefined {
  const known = table.get(lower);
  return known?.[0] === 'O' && lower !== 'second' ? known[1] : undefined;
}

const YEAR_FIRST =
  /^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2})(?:t\d{1,2}:\d{2}.*)?)?$/;
const DAY_FIRST = /^(\d{1,2})([./])(\d{1,2})[./](\d{4}|\d{2})$/;
const CLOCK = /^(\d{1,2})(?::(\d{2}))?(?::\d{2})?(am|pm|uhr)?$/;

/** What is written in one go: 2026-04-01, 1.10.2026, 14:30, 3pm, Q2, 24th, 7. */
function written(lower: string): [string, number] | undefined {
  let match = YEAR_FIRST.exec(lower);
  if (match && +match[2] >= 1 && +match[2] <= 12)
    return [
      match[3] ? 'I' : 'J',
      Date.UTC(+match[1], +match[2] - 1, +(match[3] ?? 1)),
    ];
  match = DAY_FIRST.exec(lower);
  if (match) {
    const [a, b, year] = [+match[1], +match[3], +match[4] % 2000];
    // 10/25/2026 can only be American
    const [day, month] = match[2] === '/' && b > 12 ? [b, a] : [a, b];
    return month <= 12 && day <= 31
      ? ['I', Date.UTC(2000 + year, month - 1, day)]
      : undefined;
  }
  match = CLOCK.exec(lower);
  if (match && (match[2] || match[3]) && +match[1] < 25) {
    const half = /[ap]m/.test(match[3] ?? '');
    const hour = half
      ? (+match[1] % 12) + (match[3] === 'pm' ? 12 : 0)
      : +match[1];
    return ['C', hour * 60 + +(match[2] ?? 0)];
  }
  match = /^q([1-4])$/.exec(lower);
  if (match) return ['Q', +match[1]];
  match = /^h([12])$/.exec(lower);
  if (match) return ['F', +match[1]];
  match = /^(\d{1,4})(st|nd|rd|th|er)?$/.exec(lower);
  if (!match) return undefined;
  const value = +match[1];
  if (!match[2] && value >= 1900 && value < 2200) return ['Y', value];
  return [match[2] ? 'O' : 'N', value];
}

const PIECE =
  /\p{Script=Han}+|\d[\d./:]*(?:st|nd|rd|th|am|pm|uhr|t\d{1,2}:\d{2}\S*)?(?:-\d[\d-]*(?:t\d{1,2}:\d{2}\S*)?)?|[\p{L}\p{M}]+(?:['’.-][\p{L}\p{M}]+)*\d*|[–—-]/giu;
const DOUBTFUL = /^(?:may|march|mar|sat|sun|mon|dec|sept)$/;
const LEADS = /^(?:in|since|until|last|next|during|of)$/i;

/** The words of a text as the grammar of time sees them; what says nothing about time is a dot. */
export function timeWords(text: string): TimeWord[] {
  const found: TimeWord[] = [];
  const put = (
    piece: string,
    start: number,
    [letter, value]: [string, number] = ['.', 0],
  ) =>
    found.push({
      letter,
      value,
      text: piece,
      start,
      end: start + piece.length,
    });
  for (const { 0: whole, index } of text.matchAll(PIECE)) {
    if (/^\p{Script=Han}/u.test(whole)) {
      for (let at = 0; at < whole.length; ) {
        let length = Math.min(3, whole.length - at);
        while (length > 1 && !table.has(whole.slice(at, at + length))) length--;
        const piece = whole.slice(at, at + length);
        put(piece, index + at, table.get(piece));
        at += length;
      }
      continue;
    }
    const range = /^(\d{1,2})-(\d{1,2})$/.exec(whole);
    if (range) {
      put(range[1], index, ['N', +range[1]]);
      put('-', index + range[1].length, ['t', 0]);
      put(range[2], index + range[1].length + 1, ['N', +range[2]]);
      continue;
    }
    const piece = whole.replace(/[./:-]+$/, '') || whole;
    const lower = piece
      .toLowerCase()
      .replace(/['’]s$/, '')
      .replace(/’/g, "'");
    let known = /^[–—-]$/.test(whole)
      ? (['t', 0] as [string, number])
      : written(lower);
    if (known?.[0] === 'N' && whole[piece.length] === '.')
      known = ['O', known[1]];
    // "march" and "may" are months only as names are written, or after a word that leads to one
    if (
      !DOUBTFUL.test(lower) ||
      /^\p{Lu}/u.test(piece) ||
      LEADS.test(found.at(-1)?.text ?? '')
    )
      known ??= table.get(lower);
    put(piece, index, known);
  }
  return found;
}
