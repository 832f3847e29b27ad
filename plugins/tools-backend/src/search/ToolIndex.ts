import type { ToolRecord } from '../registry/records';
import { compare } from '../registry/ToolStore';
import { exactForms, tokenize, words } from './tokenize';

// Saturation and length normalisation of BM25, at their customary values.
const K1 = 1.2;
const B = 0.75;

/** How much a word counts by where it stands. */
const WEIGHTS = {
  name: 3,
  title: 2.5,
  description: 1.5,
  server: 1,
  parameter: 1,
  parameterText: 0.6,
} as const;

/** How much the very form of a word adds to its stem. */
const EXACT_FORM = 0.3;

/** A prefix that is still being typed counts less than a word. */
const PREFIX_DISCOUNT = 0.6;

interface Entry {
  tool: ToolRecord;
  /** Weighted frequency by stem. */
  terms: Map<string, number>;
  length: number;
}

/**
 * Ranks tools by a sentence (BM25 with weighted fields). In memory, because a
 * registry holds thousands of tools and not millions.
 */
export class ToolIndex {
  readonly #entries: Entry[];
  readonly #documents = new Map<string, number>();
  readonly #averageLength: number;

  constructor(tools: ToolRecord[]) {
    this.#entries = tools.map(entryOf);
    let total = 0;
    for (const entry of this.#entries) {
      total += entry.length;
      for (const term of entry.terms.keys()) {
        this.#documents.set(term, (this.#documents.get(term) ?? 0) + 1);
      }
    }
    this.#averageLength = total / Math.max(1, this.#entries.length);
  }

  /** The tools that match, the best first; equals in order of their names. */
  search(query: string): ToolRecord[] {
    const terms = [...new Set([...tokenize(query), ...exactForms(query)])];
    const prefix = unfinishedWord(query);
    return this.#entries
      .map(entry => ({
        tool: entry.tool,
        score: this.#score(entry, terms, prefix),
      }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || compare(a.tool.name, b.tool.name))
      .map(({ tool }) => tool);
  }

  #score(entry: Entry, terms: string[], prefix: string | undefined): number {
    let score = 0;
    for (const term of terms) {
      score += this.#weigh(entry, term);
    }
    if (score === 0 && prefix) {
      for (const term of entry.terms.keys()) {
        if (term.startsWith(prefix)) {
          score = Math.max(score, PREFIX_DISCOUNT * this.#weigh(entry, term));
        }
      }
    }
    return score;
  }

  #weigh(entry: Entry, term: string): number {
    const frequency = entry.terms.get(term);
    if (!frequency) {
      return 0;
    }
    const documents = this.#documents.get(term) ?? 0;
    const idf = Math.log(
      1 + (this.#entries.length - documents + 0.5) / (documents + 0.5),
    );
    const norm = K1 * (1 - B + (B * entry.length) / this.#averageLength);
    return (idf * frequency * (K1 + 1)) / (frequency + norm);
  }
}

/** Words of tools that did not change since the last index. */
const entries = new WeakMap<ToolRecord, Entry>();

function entryOf(tool: ToolRecord): Entry {
  let entry = entries.get(tool);
  if (!entry) {
    entry = describe(tool);
    entries.set(tool, entry);
  }
  return entry;
}

function describe(tool: ToolRecord): Entry {
  const terms = new Map<string, number>();
  let length = 0;
  const add = (text: string, weight: number) => {
    for (const term of tokenize(text)) {
      terms.set(term, (terms.get(term) ?? 0) + weight);
      length += 1;
    }
    for (const form of exactForms(text)) {
      terms.set(form, (terms.get(form) ?? 0) + weight * EXACT_FORM);
    }
  };
  add(tool.toolName, WEIGHTS.name);
  add(tool.title, WEIGHTS.title);
  add(tool.description, WEIGHTS.description);
  add(tool.serverRef.split('/').at(-1) ?? '', WEIGHTS.server);
  const properties = tool.inputSchema.properties;
  if (properties && typeof properties === 'object') {
    for (const [name, property] of Object.entries(properties)) {
      add(name, WEIGHTS.parameter);
      const text = (property as { description?: unknown } | null)?.description;
      add(typeof text === 'string' ? text : '', WEIGHTS.parameterText);
    }
  }
  return { tool, terms, length };
}

/** The last word of a query without a space behind it: someone is typing. */
function unfinishedWord(query: string): string | undefined {
  if (/\s$/.test(query)) {
    return undefined;
  }
  const last = words(query).at(-1);
  return last && last.length >= 2 ? last : undefined;
}
