import {
  isChineseResidentId,
  isFrenchNir,
  isGermanTaxId,
  isIban,
  isLuhn,
  isSpanishId,
} from './checksums';

/**
 * What kinds of personal data are found.
 *
 * @public
 */
export const PERSONAL_DATA = [
  'email',
  'phone',
  'iban',
  'card',
  'de-tax-id',
  'cn-resident-id',
  'es-dni',
  'fr-nir',
] as const;

/** @public */
export type PersonalDataKind = (typeof PERSONAL_DATA)[number];

/**
 * A part of a text that is not for everybody.
 *
 * @public
 */
export interface SensitivePart {
  /** A kind of personal data, `secret`, or a `link` or `image` that carries words away. */
  kind: PersonalDataKind | 'secret' | 'link' | 'image';
  /** First character. */
  start: number;
  /** The one after the last. */
  end: number;
}

interface Pattern {
  kind: PersonalDataKind;
  pattern: RegExp;
  /** Given the characters of a match without what separates them. */
  check?: (compact: string) => boolean;
  /** Words near a match without which a number may be anything. */
  near?: RegExp;
}

/** How many characters before a match are looked at for words. */
const NEAR = 40;

// Every repetition is bounded, so that time grows with the text alone.
const PATTERNS: Pattern[] = [
  {
    kind: 'email',
    pattern:
      /(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}(?![\w-])/gi,
  },
  {
    kind: 'iban',
    pattern: /(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Z0-9])/gi,
    check: isIban,
  },
  {
    kind: 'cn-resident-id',
    pattern: /(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dX](?![\dA-Z])/gi,
    check: isChineseResidentId,
  },
  {
    kind: 'fr-nir',
    pattern:
      /(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\d)/gi,
    check: isFrenchNir,
  },
  {
    kind: 'card',
    pattern: /(?<![\d.-])[2-6](?:[ -]?\d){12,18}(?![\d.-]?\d)/g,
    check: isLuhn,
  },
  {
    kind: 'es-dni',
    pattern:
      /(?<![A-Z0-9])(?:\d{8}|[XYZ]\d{7})[ -]?[A-HJ-NP-TV-Z](?![A-Z0-9])/gi,
    check: isSpanishId,
  },
  {
    kind: 'de-tax-id',
    pattern: /(?<![\d.-])\d{2} ?\d{3} ?\d{3} ?\d{3}(?![\d.-])/g,
    check: isGermanTaxId,
    near: /steuer|tax|idnr|iin|tin\b/i,
  },
  {
    kind: 'phone',
    pattern:
      /(?<![\w+]|\d )(?:\+|00)[1-9]\d{0,2}(?:[ ./()-]{0,2}\d){6,12}(?![\w-])/g,
  },
  {
    kind: 'phone',
    pattern:
      /(?<![\w.+-])(?:\(?0\d{1,4}\)?|1[3-9]\d|[6-9]\d{2})(?:[ ./-]?\d){6,9}(?![\w.-])/g,
    near: /phone|mobile|call|fax|tel|handy|anruf|m[oó]vil|llam|portable|appel|电话|手机|致电/i,
  },
];

/**
 * Finds personal data whose form shows what it is: numbers by their check digits, national
 * phone numbers by a word before them. Names and addresses are not found.
 *
 * @returns parts in their order, none of which overlap
 * @public
 */
export function findPersonalData(
  text: string,
  options: { kinds?: readonly PersonalDataKind[] } = {},
): SensitivePart[] {
  const { kinds = PERSONAL_DATA } = options;
  const parts: SensitivePart[] = [];
  for (const { check, kind, near, pattern } of PATTERNS) {
    if (!kinds.includes(kind)) continue;
    for (const match of text.matchAll(pattern)) {
      const start = match.index;
      const end = start + fittingLength(match[0], kind, check);
      const fits =
        end > start &&
        (!near || near.test(text.slice(Math.max(0, start - NEAR), start)));
      if (fits && !parts.some(part => part.start < end && start < part.end)) {
        parts.push({ kind, start, end });
      }
    }
  }
  return parts.sort((a, b) => a.start - b.start);
}

/** An IBAN may run into the next word, so that shorter ones are tried. */
function fittingLength(
  match: string,
  kind: PersonalDataKind,
  check?: (compact: string) => boolean,
): number {
  if (!check) {
    return match.length;
  }
  for (let end = match.length; end > 14; end--) {
    if (
      /[^ -]/.test(match[end - 1]) &&
      check(match.slice(0, end).replace(/[ -]/g, ''))
    ) {
      return end;
    }
    if (kind !== 'iban') break;
  }
  return match.length <= 14 && check(match.replace(/[ -]/g, ''))
    ? match.length
    : 0;
}
