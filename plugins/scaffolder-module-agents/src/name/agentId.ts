const LONGEST = 63;
const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** An id made of a title: `Order desk, EU` becomes `order-desk-eu`. */
export function idFromTitle(title: string): string {
  return title
    .normalize('NFKD')
    .replace(/\p{Diacritic}/gu, '')
    .toLocaleLowerCase('en-US')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, LONGEST)
    .replace(/-+$/, '');
}

/** What is wrong with an id, in a sentence, or `undefined`. */
export function problemWithId(id: string | undefined): string | undefined {
  if (!id) {
    return 'Give it an id, for example order-desk.';
  }
  if (id.length > LONGEST) {
    return `Keep the id under ${LONGEST + 1} characters; it has ${id.length}.`;
  }
  return ID.test(id)
    ? undefined
    : 'Use lower-case letters and digits with single dashes between them, starting with a letter, for example order-desk.';
}
