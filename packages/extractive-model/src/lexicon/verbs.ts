import { stemOf, wordsOf } from './words';

const WRITE_VERBS = new Set(
  `create add make open register raise file submit log insert cancel abort revoke withdraw stop void
  delete remove erase drop discard update change edit modify adjust amend correct alter switch replace set
  approve accept confirm authorise authorize sign reject refuse send email notify message mail forward book reserve schedule
  arrange return refund reimburse move transfer relocate issue pay assign unassign enable disable lock unlock start close
  extend renew restock reorder reset rename post publish mark flag resolve escalate grant deploy restart roll
  upload write record release hold request apply restock replenish remind collect leave reschedule redirect reroute order buy turn upgrade downgrade`
    .split(/\s+/)
    .map(stemOf),
);

const READ_VERBS = new Set(
  `find get list search show look lookup read fetch retrieve view check count describe query browse
  summarise summarize report track see tell explain compare calculate compute estimate quote`
    .split(/\s+/)
    .map(stemOf),
);

/** What a person or a tool is about: finding something out, or changing something. */
export type Intent = 'read' | 'write';

/** True when the stem names an act that changes something. */
export function isWriteVerb(stem: string): boolean {
  return WRITE_VERBS.has(stem);
}

/** True when the stem names an act that only looks. */
export function isReadVerb(stem: string): boolean {
  return READ_VERBS.has(stem);
}

const NOUN_TOO = new Set(
  'order book return collect leave refund report track record file schedule issue mark log move release hold post transfer set list view search'.split(
    ' ',
  ),
);

function isBaseForm(lower: string): boolean {
  return (
    !/(?:ed|ing|[^s]s)$/.test(lower) ||
    /^(?:need|feed|bring|discuss)$/.test(lower)
  );
}

/** Openers after which the next verb is what the person wants done. */
const REQUEST =
  /^(?:(?:ok|okay|hi|hello|hey|so|well|yes|now|then|and|also|thanks|thank you|sorry|good morning)[\s,!.]+)*(?:(?:please|pls|plz|kindly)\s+)?(?:(?:can|could|would|will) (?:you|u|we)(?: please| pls| kindly)?\s+|i(?:'d| would)? (?:like|want|need|wanna)(?: you)?(?: to)?\s+|i need (?:you )?to\s+|we (?:need|want|have) (?:[\w-]+ )?to\s+|let'?s\s+|go ahead and\s+|help me(?: to)?\s+|(?:you )?(?:should|must) \s*)?(?:please\s+|to\s+|just\s+|quickly\s+)*/i;

const ENQUIRY =
  /^(?:(?:ok|okay|hi|hello|hey|so|well|now|and|also|then)[\s,!.]+)*(?:what|what's|whats|when|where|who|whom|whose|which|why|how|is|are|was|were|do|does|did|has|have|had|am|can i|may i|could i|should i|should we|can we|must i|is there|any)\b/i;

/**
 * The verb of a request such as "please cancel …" or "I'd like to book …", and undefined for questions
 * ("was it cancelled?", "how do I cancel?") and for noun phrases.
 */
export function requestedVerb(text: string): string | undefined {
  const trimmed = text.trim();
  if (ENQUIRY.test(trimmed)) return undefined;
  const rest = trimmed.replace(REQUEST, '');
  const opened = rest.length < trimmed.length;
  const [first, second] = wordsOf(rest);
  if (!first || !isBaseForm(first.lower)) return undefined;
  // "order 12 is late" and "book prices" open with a noun, "order three chairs" and "book a room" with a verb
  if (NOUN_TOO.has(first.lower) && !opened) {
    if (
      !second ||
      !/^(?:a|an|the|my|our|this|that|these|it|them|\d{1,2}|two|three|four|five|ten)$/.test(
        second.lower,
      )
    )
      return undefined;
  }
  return isWriteVerb(first.stem) || isReadVerb(first.stem)
    ? first.stem
    : undefined;
}

/** True when the text asks whether or how something may be done, rather than for it to be done. */
export function isHowTo(text: string): boolean {
  return /\b(?:how (?:do|can|does|should|would|long|much|many days)|can (?:i|we|someone|people|you) |may (?:i|we)|am i (?:allowed|entitled)|are we allowed|do (?:i|we) (?:get|have to|need)|what happens|is it (?:ok|okay|possible|allowed)|allowed to|entitled to|what(?:'s| is| are) (?:the|our) (?:rule|rules|policy|policies|process|procedure))\b/i.test(
    text,
  );
}

/** What the text asks for. */
export function intentOf(text: string): Intent {
  const verb = requestedVerb(text);
  return verb !== undefined && isWriteVerb(verb) ? 'write' : 'read';
}
