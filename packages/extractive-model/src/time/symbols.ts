/** What a word says about time, in all languages of the lexicon. */
export type Symbol =
  | { is: 'number'; value: number; ordinal: boolean }
  | { is: 'unit'; unit: Unit }
  | { is: 'weekday'; value: number }
  | { is: 'month'; value: number }
  | { is: 'day'; offset: number }
  | { is: 'date'; year: number; month: number; day: number }
  | { is: 'clock'; minutes: number }
  | { is: 'hours' | 'quarter' | 'half'; value: number }
  | { is: 'part'; value: Part }
  | { is: Mark };

export type Unit =
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'weekend'
  | 'month'
  | 'quarter'
  | 'year';
export type Part = 'morning' | 'noon' | 'afternoon' | 'evening' | 'night';
type Mark =
  | 'last'
  | 'this'
  | 'next'
  | 'since'
  | 'until'
  | 'before'
  | 'after'
  | 'from'
  | 'to'
  | 'between'
  | 'and'
  | 'in'
  | 'ago'
  | 'end'
  | 'begin'
  | 'sofar'
  | 'am'
  | 'pm'
  | 'skip'
  | 'other';

/** A symbol with its place in the text. */
export type Placed = Symbol & { start: number; end: number; text: string };

const table = new Map<string, Symbol>();
const put = (words: string, symbol: Symbol) => {
  for (const word of words.split(/\s+/)) table.set(word, symbol);
};
const marks: Partial<Record<Mark, string>> = {
  last: 'last past previous recent letzte letzten letzter letztes letztem vergangene vergangenen vergangener vergangenes vorige voriger vorigen voriges 上 上个 上一 去 过去 最近 dernier dernière derniers dernières passé passée pasado pasada pasados pasadas último última últimos últimas',
  this: 'this current 今 diese dieser diesen dieses diesem laufende laufenden 这 这个 本 当前 ce cette cet este esta',
  next: 'next coming following nächste nächsten nächster nächstes nächstem kommende kommenden kommender kommendes 下 明 下个 下一 未来 接下来 prochain prochaine prochains prochaines próximo próxima próximos próximas',
  since: 'since starting seit ab 自 自从 从 depuis desde',
  until: "until till by through bis 截至 直到 jusque jusqu jusqu'à hasta",
  before: 'before vor avant antes 之前 以前',
  after: 'after nach après después 之后 以后',
  from: 'from von vom du',
  to: 'to al au 到 至',
  between: 'between zwischen entre 之间',
  and: 'and und et y 和 与',
  in: 'in within during for innerhalb binnen dans en pendant durante',
  ago: 'ago earlier 前 hace',
  end: 'end ende fin final 底 末',
  begin: 'beginning start anfang début principios 初',
  sofar: 'ytd mtd 至今 以来',
  am: 'am a.m 上午 早上 凌晨',
  pm: 'pm p.m 下午 晚上 傍晚',
  skip: "the of on at im am um den dem der des die das le la les los las el de del der à a l d um 的 个 在 份 th st nd rd o'clock",
};
for (const [mark, words] of Object.entries(marks))
  put(words, { is: mark as Mark });
const units: Record<Unit, string> = {
  minute: 'minute minutes min mins minuten 分钟 minuto minutos',
  hour: 'hour hours hrs hr stunde stunden 小时 heure heures hora horas',
  day: 'day days tag tage tagen 天 日 jour jours día días dia dias',
  week: 'week weeks woche wochen 周 星期 礼拜 semaine semaines semana semanas',
  weekend: 'weekend wochenende 周末 week-end finde',
  month: 'month months monat monate monaten monats 月 个月 mois mes meses',
  quarter:
    'quarter quarters quartal quartals quartale 季度 trimestre trimestres',
  year: 'year years jahr jahre jahren jahres 年 an ans année années año años',
};
for (const [unit, words] of Object.entries(units))
  put(words, { is: 'unit', unit: unit as Unit });
const weekdays = [
  'sunday sun sonntag sonntags 周日 周天 星期日 星期天 dimanche domingo',
  'monday mon montag montags 周一 星期一 lundi lunes',
  'tuesday tue tues dienstag dienstags 周二 星期二 mardi martes',
  'wednesday wed mittwoch mittwochs 周三 星期三 mercredi miércoles',
  'thursday thu thur thurs donnerstag donnerstags 周四 星期四 jeudi jueves',
  'friday fri freitag freitags 周五 星期五 vendredi viernes',
  'saturday sat samstag samstags sonnabend 周六 星期六 samedi sábado',
];
weekdays.forEach((words, value) => put(words, { is: 'weekday', value }));
const months = [
  'january jan januar jänner janvier enero',
  'february feb februar février febrero',
  'march mar märz mars marzo',
  'april apr avril abril',
  'may mai mayo',
  'june jun juni juin junio',
  'july jul juli juillet julio',
  'august aug août agosto',
  'september sep sept septembre septiembre',
  'october oct oktober okt octobre octubre',
  'november nov novembre noviembre',
  'december dec dezember dez décembre diciembre',
];
months.forEach((words, value) => put(words, { is: 'month', value }));
const days: [number, string][] = [
  [-2, 'vorgestern 前天 avant-hier anteayer'],
  [-1, 'yesterday gestern 昨天 昨日 hier ayer'],
  [0, "today heute 今天 今日 aujourd'hui hoy"],
  [1, 'tomorrow tmrw tmr morgen 明天 明日 demain mañana'],
  [2, 'übermorgen 后天 après-demain'],
];
for (const [offset, words] of days) put(words, { is: 'day', offset });
const parts: Record<Part, string> = {
  morning: 'morning früh vormittag matin 早晨',
  noon: 'noon midday mittag midi mediodía 中午',
  afternoon: 'afternoon nachmittag après-midi tarde',
  evening: 'evening abend abends soir noche',
  night: 'night nacht nuit 夜里 夜',
};
for (const [part, words] of Object.entries(parts))
  put(words, { is: 'part', value: part as Part });
put('tonight 今晚', { is: 'day', offset: 0 });
put('昨晚', { is: 'day', offset: -1 });
put('明晚', { is: 'day', offset: 1 });

const cardinals = [
  'zero null 零',
  'one a an ein eine einem einen 一 un une una uno',
  'two zwei 二 两 deux dos couple',
  'three drei 三 trois tres',
  'four vier 四 quatre cuatro',
  'five fünf 五 cinq cinco',
  'six sechs 六 seis',
  'seven sieben 七 sept siete',
  'eight acht 八 huit ocho',
  'nine neun 九 neuf nueve',
  'ten zehn 十 dix diez',
  'eleven elf 十一 onze once',
  'twelve zwölf 十二 douze doce',
];
const cardinalWords = new Map<string, number>();
cardinals.forEach((words, value) => {
  for (const word of words.split(' ')) cardinalWords.set(word, value);
});
for (const [word, value] of [
  ['fourteen', 14],
  ['vierzehn', 14],
  ['fifteen', 15],
  ['quinze', 15],
  ['quince', 15],
  ['twenty', 20],
  ['zwanzig', 20],
  ['thirty', 30],
  ['dreißig', 30],
  ['sixty', 60],
  ['ninety', 90],
] as const)
  cardinalWords.set(word, value);
const ordinals = new Map<string, number>();
[
  'first erste ersten erstes 第一 premier première primer primero',
  'second zweite zweiten zweites 第二 deuxième segundo',
  'third dritte dritten drittes 第三 troisième tercer tercero',
  'fourth vierte vierten viertes 第四 quatrième cuarto',
].forEach((words, index) => {
  for (const word of words.split(' ')) ordinals.set(word, index + 1);
});

/** The number that a word stands for, in any language of the lexicon. */
export function numberWord(lower: string): number | undefined {
  return cardinalWords.get(lower);
}

/** The place in a row that a word such as "third" stands for. */
export function ordinalWord(lower: string): number | undefined {
  return lower === 'second' ? undefined : ordinals.get(lower);
}

function dateSymbol(
  year: number,
  month: number,
  day: number,
): Symbol | undefined {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31
    ? { is: 'date', year, month: month - 1, day }
    : undefined;
}

/** Reads one written-together stretch: 2026-04-01, 1.10.2026, 14:30, 3pm, Q2, 24th, 7. */
function written(text: string): Symbol | undefined {
  const lower = text.toLowerCase();
  let match =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:t(\d{1,2}):(\d{2}).*)?$/.exec(
      lower,
    );
  if (match) return dateSymbol(+match[1], +match[2], +match[3]);
  match = /^(\d{4})-(\d{2})$/.exec(lower);
  if (match && +match[2] >= 1 && +match[2] <= 12)
    return { is: 'date', year: +match[1], month: +match[2] - 1, day: 0 };
  match = /^(\d{1,2})([./])(\d{1,2})[./](\d{4}|\d{2})$/.exec(lower);
  if (match) {
    const year = +match[4] < 100 ? 2000 + +match[4] : +match[4];
    const american = match[2] === '/' && +match[3] > 12;
    return american
      ? dateSymbol(year, +match[1], +match[3])
      : dateSymbol(year, +match[3], +match[1]);
  }
  match = /^(\d{1,2}):(\d{2})(?::\d{2})?(am|pm)?$/.exec(lower);
  if (match && +match[1] < 24 && +match[2] < 60) {
    const hour = match[3]
      ? (+match[1] % 12) + (match[3] === 'pm' ? 12 : 0)
      : +match[1];
    return { is: 'clock', minutes: hour * 60 + +match[2] };
  }
  match = /^(\d{1,2})(am|pm|uhr|h)$/.exec(lower);
  if (match && +match[1] < 25 && (match[2] !== 'h' || +match[1] > 24))
    return {
      is: 'clock',
      minutes:
        (/[ap]m/.test(match[2])
          ? (+match[1] % 12) + (match[2] === 'pm' ? 12 : 0)
          : +match[1]) * 60,
    };
  match = /^(q(?=[1-4])|h(?=[12]))([1-4])$/.exec(lower);
  if (match)
    return { is: match[1] === 'q' ? 'quarter' : 'half', value: +match[2] };
  match = /^(\d{1,4})(st|nd|rd|th|er|e)?$/.exec(lower);
  if (match)
    return { is: 'number', value: +match[1], ordinal: Boolean(match[2]) };
  return undefined;
}

const LONGEST_HAN = 3;
const PIECE =
  /[\p{Script=Han}]+|\d[\d./:-]*(?:st|nd|rd|th|am|pm|uhr|t\d{1,2}:\d{2}\S*)?|[\p{L}\p{M}]+(?:['’.-][\p{L}\p{M}]+)*\d?|[–—-]/giu;

function hanSymbols(run: string, start: number): Placed[] {
  const found: Placed[] = [];
  for (let at = 0; at < run.length; ) {
    let length = Math.min(LONGEST_HAN, run.length - at);
    let symbol: Symbol | undefined;
    for (; length > 0; length--) {
      const piece = run.slice(at, at + length);
      const number = cardinalWords.get(piece);
      if (number !== undefined)
        symbol = { is: 'number', value: number, ordinal: false };
      symbol ??= ordinals.has(piece)
        ? { is: 'number', value: ordinals.get(piece)!, ordinal: true }
        : table.get(piece);
      if (piece === '号') symbol = { is: 'unit', unit: 'day' };
      if (piece === '点' || piece === '时') symbol = { is: 'hours', value: 0 };
      if (piece === '半') symbol = { is: 'hours', value: 30 };
      if (symbol) break;
    }
    length = Math.max(1, length);
    found.push({
      ...(symbol ?? { is: 'other' }),
      start: start + at,
      end: start + at + length,
      text: run.slice(at, at + length),
    } as Placed);
    at += length;
  }
  return found;
}

/** The text as what its words say about time; everything else is `other`. */
export function symbolsOf(text: string): Placed[] {
  const found: Placed[] = [];
  for (const match of text.matchAll(PIECE)) {
    const start = match.index;
    if (/^\p{Script=Han}/u.test(match[0])) {
      found.push(...hanSymbols(match[0], start));
      continue;
    }
    const whole = match[0].replace(/[./:-]+$/, '');
    const dotted =
      match[0].length > whole.length && match[0][whole.length] === '.';
    const lower = whole.toLowerCase().replace(/’/g, "'");
    let symbol: Symbol | undefined = written(whole);
    if (symbol?.is === 'number' && dotted)
      symbol = { ...symbol, ordinal: true };
    const range = /^(\d{1,2})-(\d{1,2})$/.exec(whole);
    if (range) {
      const middle = start + range[1].length;
      found.push(
        {
          is: 'number',
          value: +range[1],
          ordinal: false,
          start,
          end: middle,
          text: range[1],
        },
        { is: 'to', start: middle, end: middle + 1, text: '-' },
        {
          is: 'number',
          value: +range[2],
          ordinal: false,
          start: middle + 1,
          end: start + whole.length,
          text: range[2],
        },
      );
      continue;
    }
    if (!symbol && ordinals.has(lower))
      symbol = { is: 'number', value: ordinals.get(lower)!, ordinal: true };
    // "march" and "may" are months only as names are written, or after a word that leads to one
    const asName =
      !/^(?:may|march|mar|sat|sun|mon|dec|sept)$/.test(lower) ||
      /^\p{Lu}/u.test(whole) ||
      /^(?:in|since|until|last|next|during|of)$/i.test(
        found.at(-1)?.text ?? '',
      );
    symbol ??= asName ? table.get(lower) : undefined;
    const number = cardinalWords.get(lower);
    if (!symbol && number !== undefined)
      symbol = { is: 'number', value: number, ordinal: false };
    if (!symbol && /^[–—-]$/.test(match[0])) symbol = { is: 'to' };
    if (!symbol && /^(?:uhr|h)$/.test(lower))
      symbol = { is: 'hours', value: 0 };
    found.push({
      ...(symbol ?? { is: 'other' }),
      start,
      end: start + (whole.length || 1),
      text: whole,
    } as Placed);
  }
  return found;
}
