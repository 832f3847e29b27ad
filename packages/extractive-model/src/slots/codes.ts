import type { Mention, Reading } from '../text/reading';
import type { Slot } from './slot';

const KINDS = [
  {
    is: /country|nation|region|market|land/i,
    type: 'region',
    codes:
      'AR AT AU BE BG BR CA CH CL CN CO CZ DE DK EE EG ES FI FR GB GR HK HR HU ID IE IL IN IS IT JP KE KR LT LU LV MA MX MY NG NL NO NZ PE PH PL PT RO RS RU SA SE SG SI SK TH TR TW UA US VN ZA',
  },
  {
    is: /currency|waehrung/i,
    type: 'currency',
    codes:
      'AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF INR JPY KRW MXN NOK NZD PLN RON SEK SGD THB TRY USD ZAR',
  },
  {
    is: /lang/i,
    type: 'language',
    codes:
      'ar cs da de el en es fi fr he hi hu it ja ko nb nl pl pt ro ru sv th tr uk vi zh',
  },
] as const;
const names = new Map<string, Map<string, string>>();

function namesOf(kind: (typeof KINDS)[number]): Map<string, string> {
  let known = names.get(kind.type);
  if (!known) {
    known = new Map();
    for (const language of ['en', 'de', 'fr', 'es', 'zh']) {
      const display = new Intl.DisplayNames(language, { type: kind.type });
      for (const code of kind.codes.split(' '))
        known.set(display.of(code)!.toLowerCase(), code);
    }
    names.set(kind.type, known);
  }
  return known;
}

/** The codes of countries, currencies or languages that a text names in words, for slots that take such codes. */
export function codesNamed(slot: Slot, reading: Reading): Mention[] {
  const kind = KINDS.find(item =>
    item.is.test(`${slot.name} ${slot.description}`),
  );
  if (!kind || !slot.shape) return [];
  const found: Mention[] = [];
  for (const [name, code] of namesOf(kind)) {
    const at = reading.literal(name);
    const value =
      at &&
      [code, code.toLowerCase()].find(text => slot.shape!.accept(text, true));
    if (at && value) found.push({ value, start: at.start, end: at.end });
  }
  return found.sort((a, b) => a.start - b.start);
}
