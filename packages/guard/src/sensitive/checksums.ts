/** Whether the check digit of a payment card fits. Source: ISO/IEC 7812-1, annex B. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** How long account numbers of countries are. Source: SWIFT IBAN registry. */
const IBAN_LENGTHS: Record<string, number> = {
  AD: 24,
  AE: 23,
  AT: 20,
  BE: 16,
  BG: 22,
  CH: 21,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  EE: 20,
  ES: 24,
  FI: 18,
  FR: 27,
  GB: 22,
  GR: 27,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IS: 26,
  IT: 27,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  MC: 27,
  MT: 31,
  NL: 18,
  NO: 15,
  PL: 28,
  PT: 25,
  RO: 24,
  SA: 24,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  TR: 26,
  UA: 29,
};

/** Source: ISO 13616, remainder 1 of 97. */
export function isIban(text: string): boolean {
  const iban = text.toUpperCase();
  if (IBAN_LENGTHS[iban.slice(0, 2)] !== iban.length) {
    return false;
  }
  let rest = 0;
  for (const sign of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** German tax id: one digit comes twice or three times. Source: ISO 7064 MOD 11,10. */
export function isGermanTaxId(digits: string): boolean {
  const counts = new Map<string, number>();
  for (const digit of digits.slice(0, 10)) {
    counts.set(digit, (counts.get(digit) ?? 0) + 1);
  }
  const repeated = [...counts.values()].filter(count => count > 1);
  if (digits[0] === '0' || repeated.length !== 1 || repeated[0] > 3) {
    return false;
  }
  let product = 10;
  for (const digit of digits.slice(0, 10)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === Number(digits[10]);
}

const CHINESE_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Chinese resident id. Source: GB 11643-1999. */
export function isChineseResidentId(id: string): boolean {
  const month = Number(id.slice(10, 12));
  const day = Number(id.slice(12, 14));
  const sum = CHINESE_WEIGHTS.reduce(
    (total, weight, i) => total + weight * Number(id[i]),
    0,
  );
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 31 &&
    '10X98765432'[sum % 11] === id[17].toUpperCase()
  );
}

/** Spanish DNI, and NIE of foreigners, whose first letter stands for a digit. */
export function isSpanishId(id: string): boolean {
  const number = id
    .toUpperCase()
    .slice(0, -1)
    .replace(/^[XYZ]/, letter => String('XYZ'.indexOf(letter)));
  return (
    'TRWAGMYFPDXBNJZSQVHLCKE'[Number(number) % 23] === id.at(-1)!.toUpperCase()
  );
}

/** French NIR with its key; 2A and 2B are the departments of Corsica. */
export function isFrenchNir(nir: string): boolean {
  const number = nir
    .slice(0, 13)
    .toUpperCase()
    .replace('2A', '19')
    .replace('2B', '18');
  return 97 - Number(BigInt(number) % 97n) === Number(nir.slice(13));
}
