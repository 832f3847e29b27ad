/** What Cedar says about a mistake, and how a person says it: the commonest of those who write their first rules. */
const WORDS: ReadonlyArray<[RegExp, string]> = [
  [
    /^unexpected end of input \(expected `;`.*/s,
    'The rule does not end. Put a semicolon behind its last bracket.',
  ],
  [
    /^unexpected end of input.*/s,
    'The text ends in the middle of a rule. A bracket is not closed, or a semicolon is missing.',
  ],
  [/^'=' is not a valid operator.*/s, 'One "=" compares nothing. Write "==".'],
  [
    /^invalid token.*single quotes.*/s,
    'Words stand in double quotes, not in single ones.',
  ],
  [
    /^invalid token.*/s,
    'This cannot be read. Look for a quote that is not closed.',
  ],
  [
    /^invalid variable: (\S+).*/s,
    'Nothing is called $1 here. A rule speaks of principal, action, resource and context; words stand in double quotes.',
  ],
  [
    /^invalid policy effect: (\S+).*/s,
    'A rule begins with forbid, not with $1.',
  ],
  [
    /^invalid policy condition: (\S+).*/s,
    'A condition begins with when or unless, not with $1.',
  ],
  [
    /^(?:found the variable .* must be used|this policy is missing the `\w+` variable).*/s,
    'Behind forbid stand principal, action and resource, in this order.',
  ],
  [
    /^unexpected token `(\d+)` \(expected identifier\).*/s,
    'Numbers have no decimal point here. Write decimal("3.5") and compare with .greaterThan(…).',
  ],
  [
    /^unexpected token `(and|or|not)`.*/s,
    '"$1" is not known. Write && for and, || for or, ! for not.',
  ],
  [
    /^unexpected token `([^`]+)` \(expected string literal\).*/s,
    'Put $1 in double quotes.',
  ],
  [
    /^unexpected token `([^`]+)`.*/s,
    'This was not expected here: $1. Something before it is missing or misspelt.',
  ],
  [
    /^`(\w+)` is not a valid (?:function|method).*/s,
    'There is nothing called $1(…).',
  ],
];

/** Cedar's message as a sentence that says what to do; as it is where we have none. */
export function inWords(message: string): string {
  const known = WORDS.find(([pattern]) => pattern.test(message));
  return known ? message.replace(known[0], known[1]) : message;
}
