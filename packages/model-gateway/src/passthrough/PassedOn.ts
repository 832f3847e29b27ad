import type { JsonPath } from '../compression/TextSlot';
import type { JsonObject } from '../providers/ModelProvider';
import type { TokenUsage } from '../usage/tokenUsage';
import type { Unit } from '../usage/units';

/**
 * A request that goes to its provider as it came but for the model's name, and
 * whose answer goes to the caller as it comes: what is neither chat nor embeddings.
 */
export interface PassedOn {
  /** At the provider, behind its base URL. */
  path: string;
  contentType: string;
  bytes: number;
  /** The body with the model's name at the provider. */
  bodyFor(modelId: string): string | Buffer;
  /** What it may be paid by besides tokens. */
  unit?: Unit;
  /** The most that it can use. */
  most: TokenUsage;
  /** What it uses by its looks, for the case that nobody tells. */
  likely: TokenUsage;
  /** The request itself says how many units it uses. */
  isCounted: boolean;
  /** So many units are believed that were delivered, though fewer were asked for. */
  believable?: number;
  /** What an answer says that was used; absent parts were not told. */
  readUsage(answer: JsonObject): { tokens?: TokenUsage; units?: number };
  /** What people wrote, for the guard. */
  written: Array<{ path: JsonPath; text: string }>;
  /** Types of answers besides JSON that its caller may get. */
  answers?: RegExp;
}

/** What a provider answers to such a request. */
export type PassedAnswer =
  | { kind: 'json'; text: string; json: JsonObject }
  | { kind: 'bytes'; contentType: string; pieces: AsyncIterable<Buffer> };
