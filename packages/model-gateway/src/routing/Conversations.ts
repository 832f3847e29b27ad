import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ComplexityTier } from '../directory/model';
import type { Account, CallSettings, Clock } from '../ports';
import type { JsonObject } from '../providers/ModelProvider';

const REMEMBER_MS = 24 * 3_600_000;
const MAX_CONVERSATIONS = 50_000;
/** The beginning of a text is enough to know a conversation by. */
const MAX_CHARS = 2_000;

/** Where a conversation went. */
export interface Known {
  model: string;
  /** The hardest that was asked in it. */
  tier: ComplexityTier;
}

/**
 * Which model each conversation began with. Going on with it saves the provider's
 * prompt cache and the reader a change of tone.
 */
export class Conversations {
  readonly #known: LRUCache<string, Known>;

  constructor(options: { clock: Clock }) {
    this.#known = new LRUCache({
      max: MAX_CONVERSATIONS,
      ttl: REMEMBER_MS,
      updateAgeOnGet: true,
      // It takes a time of 0 for none.
      perf: { now: () => options.clock.now() + 1 },
    });
  }

  get(key: string): Known | undefined {
    return this.#known.get(key);
  }

  set(key: string, known: Known): void {
    this.#known.set(key, known);
  }
}

/**
 * What a conversation in a route is known by: the session that the caller names,
 * or else its beginning, which clients send again with every turn.
 */
export function conversationKey(options: {
  route: string;
  account: Account;
  settings?: CallSettings;
  body: JsonObject;
}): string {
  const { account, body, route, settings } = options;
  const who = JSON.stringify([
    route,
    account.agentRef,
    account.userRef,
    account.keyId,
  ]);
  const what = settings?.sessionId
    ? `session ${settings.sessionId}`
    : beginningOf(body.messages);
  return hash('sha1', `${who}\n${what}`, 'base64url');
}

function beginningOf(messages: unknown): string {
  if (!Array.isArray(messages)) {
    return '';
  }
  let system = '';
  for (const message of messages as Array<JsonObject | null>) {
    if (message?.role === 'user') {
      return `${system}\n${textOf(message.content)}`;
    }
    system ||= textOf(message?.content);
  }
  return system;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') {
    return content.slice(0, MAX_CHARS);
  }
  const part = Array.isArray(content)
    ? content.find(item => typeof item?.text === 'string')
    : undefined;
  return part ? String(part.text).slice(0, MAX_CHARS) : '';
}
