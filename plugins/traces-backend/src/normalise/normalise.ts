import { fullRefOf } from '@agentportal/plugin-agents-common';
import type { SpanKind } from '@agentportal/plugin-traces-common';
import type { Attributes, RawSpan } from '../decode/RawSpan';
import { count, NAMES, text } from './attributes';
import { dialectOf, kindOf } from './kindOf';

/** Longer names are cut; none of them is a name. */
const MAX_NAME = 200;
/** More than that for one call is a mistake; in nano-USD. */
const MAX_COST = 1e12;
const MAX_DURATION_US = 400 * 86_400_000_000;

/** A span in the one form that all conventions are brought into. */
export interface NormalSpan {
  traceId: string;
  spanId: string;
  parentId?: string;
  name: string;
  kind: SpanKind;
  /** Microseconds UTC. */
  startUs: number;
  durationUs: number;
  /** Present when it failed. */
  error?: string;
  /** Entity ref that the span claims; who may claim it is decided elsewhere. */
  claimedAgentRef?: string;
  agentName?: string;
  model?: string;
  /** Further names under which a price list may know the model. */
  modelNames: string[];
  provider?: string;
  tool?: string;
  inputTokens?: number;
  outputTokens?: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
  costNanoUsd?: number;
  session?: string;
  /** Whom the span claims to be for. */
  claimedUser?: string;
  runId?: string;
  /** First words of what was asked, where content is kept. */
  title?: string;
  /** The span ended before it began, so its duration is not known. */
  clockSkewed: boolean;
}

/** Brings a span into the one form. Its ids and times have been checked. */
export function normalise(raw: RawSpan): NormalSpan {
  const { attributes, resource } = raw;
  const dialect = dialectOf(attributes);
  const kind = kindOf(attributes, dialect);
  const entity = short(text(attributes, 'traceloop.entity.name'));
  const model = short(text(attributes, ...NAMES.model));
  const cacheReadTokens = count(attributes, ...NAMES.cacheReadTokens);
  const cacheWriteTokens = count(attributes, ...NAMES.cacheWriteTokens);
  const input = count(attributes, ...NAMES.inputTokens);
  const cached = (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0);
  const durationUs = raw.endUs - raw.startUs;
  return {
    traceId: raw.traceId,
    spanId: raw.spanId,
    ...(isId(raw.parentId, 16) &&
      raw.parentId !== raw.spanId && { parentId: raw.parentId }),
    name: short(raw.name) || 'unnamed',
    kind,
    startUs: raw.startUs,
    durationUs: Math.min(MAX_DURATION_US, Math.max(0, durationUs)),
    clockSkewed: durationUs < 0,
    ...defined({
      error: errorOf(raw),
      claimedAgentRef: agentRefOf(attributes) ?? agentRefOf(resource),
      agentName: short(
        text(attributes, ...NAMES.agentName) ??
          (kind === 'agent' ? entity : undefined),
      ),
      model,
      provider: short(text(attributes, ...NAMES.provider)?.toLowerCase()),
      tool:
        short(text(attributes, ...NAMES.tool)) ??
        (kind === 'tool' ? entity ?? toolInName(raw.name) : undefined),
      // By every convention the cached ones are among them; some senders leave them out.
      inputTokens:
        input !== undefined && cached > input ? input + cached : input,
      outputTokens: count(attributes, ...NAMES.outputTokens),
      cacheReadTokens,
      cacheWriteTokens,
      costNanoUsd: costOf(attributes),
      session: short(text(attributes, ...NAMES.session)),
      claimedUser: short(
        text(attributes, ...NAMES.user) ?? text(resource, ...NAMES.user),
      ),
      runId: short(text(attributes, 'agentportal.run_id')),
    }),
    modelNames: model
      ? NAMES.model
          .map(name => attributes[name])
          .filter(
            (name): name is string =>
              typeof name === 'string' && name !== model,
          )
          .map(name => name.slice(0, MAX_NAME))
      : [],
  };
}

/** Whether it is an id of so many hexadecimal digits that are not all zero. */
export function isId(id: string, digits: number): boolean {
  return id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id);
}

function errorOf({ attributes, events, failed }: RawSpan) {
  const type = text(attributes, 'error.type');
  if (!failed && !type) {
    return undefined;
  }
  const exception = events.find(({ name }) => name === 'exception');
  return short(
    type ??
      (exception && text(exception.attributes, 'exception.type')) ??
      'error',
  );
}

function agentRefOf(attributes: Attributes): string | undefined {
  const ref = text(attributes, 'agentportal.agent', 'gen_ai.agent.id');
  return ref === undefined ? undefined : fullRefOf(ref, 'Agent');
}

function toolInName(name: string): string | undefined {
  return short(/^(?:execute_tool|tools\/call) (.+)$/.exec(name)?.[1]);
}

/** Ours in nano-USD, others in USD. */
function costOf(attributes: Attributes): number | undefined {
  const nano = attributes['agentportal.cost_nano_usd'];
  if (typeof nano === 'number') {
    return Number.isSafeInteger(nano) && nano >= 0 && nano < MAX_COST
      ? nano
      : undefined;
  }
  const usd = attributes['llm.cost.total'] ?? attributes['gen_ai.usage.cost'];
  return typeof usd === 'number' && usd >= 0 && usd * 1e9 < MAX_COST
    ? Math.round(usd * 1e9)
    : undefined;
}

function short(name: string | undefined): string | undefined {
  // PostgreSQL knows no text with the character U+0000. Half a pair, as a cut leaves it, is
  // stored as another character and never found again.
  return (
    name?.replaceAll('\u0000', '').slice(0, MAX_NAME).toWellFormed() ||
    undefined
  );
}

function defined<T extends object>(
  facts: T,
): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(facts).filter(([, fact]) => fact !== undefined),
  ) as never;
}
