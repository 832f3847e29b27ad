import { nameToldSecrets } from '@agentportal/guard';
import type { ActionBinding } from '@agentportal/plugin-agents-common';
import type { JsonObject } from '@backstage/types';
import { isDeepStrictEqual } from 'node:util';

const SHOWN_ARGUMENTS = 3;
const SHOWN_LETTERS = 60;
/** Codes of ISO 4217. */
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
const SUMS = ['amount', 'price', 'sum', 'total', 'value'];
const IDS = ['id', 'key', 'number', 'ref'];
/**
 * English verbs with which the titles of tools begin, and that are not nouns as often. A
 * title that begins with another word, or is in another language, is quoted as it is.
 */
const VERBS = new Set(
  `accept activate add adjust append apply approve archive assign attach block book buy cancel close collect compute
  confirm convert create deactivate delete deploy disable download edit enable escalate evict fetch find forward generate
  get give grant hide import increase insert install invite issue join launch make mark merge migrate move notify open
  pause pay post prepare promote propose publish read rebuild redeem reduce refund reject release remind remove rename
  renew reopen replace reply reschedule reserve reset resolve restart restore resume retry reverse revoke run save search
  sell send set share show start stop submit subscribe summarise summarize suspend terminate unblock unlock unpublish
  update upgrade upload validate verify void withdraw write`.split(/\s+/),
);

/** What is said first. */
const ORDER: Array<Phrase['kind']> = ['sum', 'thing', 'other'];

/** What would happen, in a sentence. */
export function titleOfCall(
  agentTitle: string,
  tool: { name: string; title?: string },
  { args, personRef }: Pick<ActionBinding, 'args' | 'personRef'>,
): string {
  const title = tool.title ?? tool.name;
  const [first] = title.split(' ');
  const isDeed = VERBS.has(first.toLowerCase());
  const deed = isDeed
    ? `${first.toLowerCase()}${title.slice(first.length)}`
    : `use “${title}”`;
  const shown = Object.entries(args as JsonObject)
    .flatMap(([name, value]) => phraseOf(name, value, args as JsonObject) ?? [])
    .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
    .slice(0, SHOWN_ARGUMENTS);
  const words = (kind: Phrase['kind']) =>
    shown.filter(each => each.kind === kind).map(inFull);
  const parts = [
    ...words('sum').map(text => `of ${text}`),
    list('for', words('thing')),
    list('with', words('other')),
  ].filter(Boolean);
  return `${agentTitle} wants to ${[deed, ...parts].join(' ')}${
    personRef ? `, on behalf of ${personRef}` : ''
  }.`;
}

/** What somebody changed in the arguments of a call, such as `300 EUR instead of 340 EUR`. */
export function changesInWords(before: JsonObject, after: JsonObject): string {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes = [...names]
    .filter(name => !isDeepStrictEqual(before[name], after[name]))
    .map(name => {
      const noun = nounOf(name);
      const now = phraseOf(name, after[name], after);
      const then = phraseOf(name, before[name], before);
      if (after[name] === undefined) {
        return `no ${noun}`;
      }
      if (!now) {
        return `other ${noun}`;
      }
      return then ? `${inFull(now)} instead of ${then.text}` : inFull(now);
    });
  return list('with', changes);
}

interface Phrase {
  kind: 'sum' | 'thing' | 'other';
  /** A sum of money is known as such. */
  noun?: string;
  text: string;
}

function inFull({ noun, text }: Phrase): string {
  return noun ? `${noun} ${text}` : text;
}

/** An argument as people say it; nothing for lists and objects. */
function phraseOf(
  name: string,
  value: unknown,
  args: JsonObject,
): Phrase | undefined {
  if (!['number', 'string', 'boolean'].includes(typeof value)) {
    return undefined;
  }
  const words = wordsOf(name);
  const last = words[words.length - 1] ?? name;
  const text = shorten(nameToldSecrets(String(value)));
  if (typeof value === 'number') {
    const isUnit = CURRENCIES.has(last.toUpperCase()) && words.length > 1;
    const noun = isUnit ? words.slice(0, -1) : words;
    const currency = isUnit ? last.toUpperCase() : args.currency;
    if (typeof currency === 'string' && SUMS.includes(noun.at(-1)!)) {
      const sum = `${text} ${shorten(currency)}`;
      const of = noun.slice(0, -1).join(' ');
      return of
        ? { kind: 'other', noun: of, text: sum }
        : { kind: 'sum', text: sum };
    }
  }
  if (name === 'currency') {
    return undefined;
  }
  return IDS.includes(last) && words.length > 1
    ? { kind: 'thing', noun: words.slice(0, -1).join(' '), text }
    : { kind: 'other', noun: nounOf(name), text };
}

function nounOf(name: string): string {
  return wordsOf(name).join(' ') || name;
}

/** `invoiceId`, `invoice_id` and `invoice-id` alike. */
function wordsOf(name: string): string[] {
  return name
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .split(/[\s_.-]+/)
    .filter(Boolean)
    .map(word => word.toLowerCase());
}

function list(preposition: string, texts: string[]): string {
  const last = texts.at(-1);
  const all =
    texts.length > 1 ? `${texts.slice(0, -1).join(', ')} and ${last}` : last;
  return all ? `${preposition} ${all}` : '';
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > SHOWN_LETTERS
    ? `${line.slice(0, SHOWN_LETTERS)}…`
    : line;
}
