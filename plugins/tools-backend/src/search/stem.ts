const VOWEL = /[aeiouy]/;

/**
 * Reduces an English word to a stem, so that "shipments" finds "shipment" and
 * "refunded" finds "refund". Lighter than Porter's algorithm on purpose: words
 * in tool names are short, and a stem too far joins what should stay apart.
 */
export function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word)) {
    return word;
  }
  return undouble(dropEnding(dropPlural(word)));
}

function dropPlural(word: string): string {
  if (word.endsWith('ies') && word.length > 4) {
    return `${word.slice(0, -3)}y`;
  }
  if (/(ss|x|z|ch|sh)es$/.test(word)) {
    return word.slice(0, -2);
  }
  return /[^su]s$/.test(word) ? word.slice(0, -1) : word;
}

function dropEnding(word: string): string {
  for (const ending of ['ations', 'ation', 'ing', 'ed', 'er', 'ly', 'ment']) {
    const rest = word.slice(0, -ending.length);
    if (word.endsWith(ending) && rest.length >= 3 && VOWEL.test(rest)) {
      return rest;
    }
  }
  return word;
}

/** "cancell" and "cancel", "invoice" and "invoic" are one. */
function undouble(word: string): string {
  const single = word.replace(/([b-df-hj-np-tv-z])\1$/, '$1');
  return single.length > 3
    ? single.replace(/[ei]$/, '').replace(/y$/, 'i')
    : single;
}
