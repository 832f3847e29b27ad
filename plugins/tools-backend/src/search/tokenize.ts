import { stem } from './stem';

const STOP_WORDS = new Set(
  (
    'a an and any are as at be been but by can could did do does for from get ' +
    'give had has have how i if in into is it its let like me my need of on or ' +
    'our please shall should show so some tell than that the their them then ' +
    'there these they this to us want was we were what when where which who ' +
    'whose why will with would you your'
  ).split(' '),
);

/** Words of a text as stems: names in camelCase and snake_case fall apart. */
export function tokenize(text: string): string[] {
  return words(text)
    .filter(word => !STOP_WORDS.has(word))
    .map(stem);
}

/**
 * Words whose stem is another word, in the form in which they stand, marked so
 * that they meet no stem. "invoices" should lead to a list more than to one.
 */
export function exactForms(text: string): string[] {
  return words(text)
    .filter(word => !STOP_WORDS.has(word) && stem(word) !== word)
    .map(word => `=${word}`);
}

/** Words of a text in lower case, without accents. */
export function words(text: string): string[] {
  return (
    text
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .normalize('NFKD')
      .replace(/\p{M}+/gu, '')
      .toLocaleLowerCase('en-US')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
