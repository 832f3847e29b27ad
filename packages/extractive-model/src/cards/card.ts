import { readSlots, type Schema, type Slot } from '../slots/slot';
import {
  actsOf,
  languageOf,
  makes,
  onlyLooks,
  type Language,
} from '../text/lexicon';
import { leadOf } from '../text/reading';
import {
  humanise,
  splitIdentifier,
  stemOf,
  stemsOf,
  wordsOf,
} from '../text/words';
import type { ToolDefinition } from '../wire/request';

/** A tool as the model sees it: what it is for, in stems with weights, and what it takes. */
export interface ToolCard {
  name: string;
  /** The name for people, without the server's prefix. */
  label: string;
  description: string;
  language: Language;
  slots: Slot[];
  /** How strongly each stem speaks for this tool. */
  stems: ReadonlyMap<string, number>;
  /** Stems of the things that it is about: its name and the head of its description. */
  subject: ReadonlySet<string>;
  /** The verb that its name or description begins with, with its particle. */
  verb: string;
  /** Groups of acts that the verb belongs to. */
  acts: ReadonlySet<number>;
  changes: boolean;
  /** True for another agent, which reads its task itself and says itself what it cannot do. */
  isAgent: boolean;
  /** True for tools that look through text and whose search words must be given. */
  searches: boolean;
}

const WEIGHTS = {
  name: 3,
  head: 2,
  description: 1.2,
  slot: 1.2,
  choice: 1.2,
  detail: 0.6,
};
const MOST_DESCRIPTION = 2_000;

/** The part of a name that names the tool: `server.tool` and `server__tool` lose their server. */
export function localName(name: string): string {
  return name.split(/\.|__|\//).at(-1) || name;
}

const baseOf = (word: string) => [
  word,
  word.replace(/s$/, ''),
  word.replace(/es$/, ''),
  word.replace(/ies$/, 'y'),
];
/** Acts whose names are things as well: a wire, an order, a run. */
const NOUN_TOO =
  /^(?:wire|free|book|order|issue|run|permit|plan|record|report|track|schedule|transfer|return|note|mark|flag|post|share|start|stop|play|drop|hold|lock|open|close|quote|trade|text|mail|email|message|label|tag|link|pair|lease|rent|loan|end|file|reset|release|ping|alert|notice|log|place|request|claim|move|raise|plot|turn|switch|change|set|sale|purchase|buy|sign|repair|fix|charge|refund|ticket|appeal|trigger|load|deploy|release|check)$/;
const looksOnly = (acts: ReadonlySet<number>) => [...acts].every(onlyLooks);

/** What the tool does: the verb in front of its name, else the one in front of its description. */
function verbOf(
  name: string,
  lead: string,
): { verb: string; acts: Set<number>; changes: boolean } {
  const { lower, rest } = leadOf(localName(name));
  const [bare] = lower.split('-');
  const words = wordsOf(lead.slice(0, 200));
  const [head = '', second = ''] = words.map(word => word.lower);
  const told = (word: string) =>
    baseOf(word)
      .map(base => actsOf(base))
      .find(Boolean);
  const first = told(head) ?? told(`${head}-${second}`);
  // "Moves or renames a file"
  const other = /^(?:or|and)$/.test(second) && told(words[2]?.lower ?? '');
  const headActs = first && other ? new Set([...first, ...other]) : first;
  const han = words
    .slice(0, 6)
    .map(word => /\p{Script=Han}/u.test(word.lower) && actsOf(word.lower))
    .find(acts => acts);
  const nameActs = new Set([...(actsOf(lower) ?? []), ...(actsOf(bare) ?? [])]);
  const acts = new Set([...nameActs, ...(headActs ?? []), ...(han || [])]);
  // "Rolls all pods", "Waters a plant": a verb, though no lexicon knows it; "Free slots of a day" is none
  const acting =
    (/s$/.test(head) &&
      /^(?:an?|the|one|all|its|their|every|some)$/.test(second)) ||
    (head === bare && /^(?:an?|the|one|all)$/.test(second));
  const verb = nameActs.size || acting ? lower : '';
  if (nameActs.size && looksOnly(nameActs))
    return { verb, acts, changes: false };
  if (headActs) {
    const mixed = [...headActs].some(onlyLooks) && !looksOnly(headActs);
    const changes = mixed ? nameActs.size > 0 || acting : !looksOnly(headActs);
    return { verb: verb || (rest.length ? lower : head), acts, changes };
  }
  if (acting) return { verb, acts, changes: true };
  if (han) return { verb, acts, changes: !looksOnly(han) };
  // over a description that names a thing, the name says more only when it cannot be a noun
  const changes =
    nameActs.size > 0 && !looksOnly(nameActs) && !NOUN_TOO.test(bare);
  return {
    verb: changes ? verb : '',
    acts: changes ? acts : new Set(),
    changes,
  };
}

/** Another agent that is asked says itself what it found or did. */
const ASKS_AGENT = /^(?:handoff|transfer|delegate)_to_/;
/** How work is handed over tells nothing of who does it. */
const HANDS_OVER = /^(?:hands?|pass(?:es)?|delegates?|transfers?)\b/i;

/** Whether a tool of this name hands work to another agent. */
export function asksAgent(name: string): boolean {
  return ASKS_AGENT.test(localName(name));
}

/** Reads a tool definition once. */
export function readTool(definition: ToolDefinition): ToolCard {
  const { name } = definition.function;
  const description = (definition.function.description ?? '').slice(
    0,
    MOST_DESCRIPTION,
  );
  const slots = readSlots((definition.function.parameters ?? {}) as Schema);
  const stems = new Map<string, number>();
  const subject = new Set<string>();
  const language = languageOf(
    description.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [],
    description,
  );
  const add = (text: string, weight: number) => {
    for (const stem of stemsOf(text, language))
      stems.set(stem, Math.max(stems.get(stem) ?? 0, weight));
  };
  const isAgent = asksAgent(name) && slots.some(slot => slot.kind === 'task');
  const sentences = description.split(/(?<=[.!?。])\s*|\n+/);
  if (isAgent && sentences.length > 1 && HANDS_OVER.test(sentences[0]))
    sentences.shift();
  const [lead = '', ...rest] = sentences;
  const own = splitIdentifier(localName(name));
  const { verb, acts, changes } = isAgent
    ? { verb: '', acts: new Set<number>(), changes: false }
    : verbOf(own.join('_'), lead);
  // `issue_refund`: people call the act by what it makes
  if ([...acts].some(makes))
    actsOf(own.at(-1)!.toLowerCase())?.forEach(group => acts.add(group));
  add(splitIdentifier(name).join(' '), WEIGHTS.head);
  add(own.join(' '), WEIGHTS.name);
  add(lead, WEIGHTS.head);
  // of an agent each sentence counts in full, such as every question that it answers
  for (const text of isAgent ? rest : [rest.join(' ')])
    add(text, isAgent ? WEIGHTS.head : WEIGHTS.description);
  const verbStems = new Set(verb.split('-').map(word => stemOf(word)));
  for (const stem of [
    ...stemsOf(own.join(' ')),
    ...stemsOf(lead, language).slice(0, 8),
  ])
    if (!verbStems.has(stem)) subject.add(stem);
  for (const slot of slots.flatMap(item => [
    item,
    ...(item.members ?? []),
    ...(item.item ? [item.item, ...(item.item.members ?? [])] : []),
  ])) {
    add(slot.name, WEIGHTS.slot);
    add(slot.description, WEIGHTS.detail);
    for (const value of (slot.schema.enum ?? []).slice(0, 60))
      add(String(value).replace(/_/g, ' ').slice(0, 60), WEIGHTS.choice);
  }
  const destructive =
    /\b(?:destructive|irreversible|permanently|real money)\b/i.test(
      description,
    );
  return {
    name,
    label: humanise(own.join(' ')).toLowerCase(),
    description,
    language,
    slots,
    stems,
    subject,
    verb,
    acts,
    changes: changes || (destructive && !verb && !isAgent),
    isAgent,
    searches: slots.some(slot => slot.kind === 'query' && slot.required),
  };
}
