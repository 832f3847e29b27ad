import type { Knex } from 'knex';
import type { NameIds, TraceWrite } from './TraceWriter';

/** Added where an agent's own token says whose a trace is; what the portal says counts before that. */
export const SAID_BY_AGENT = 2 ** 52;

/** A trace that is in the store. */
export interface KnownTrace {
  id: number | string;
  trace_id: Buffer;
  sender: string;
  agent: number | null;
  agent_key: number | string | null;
  spans: number;
}

/** A trace to which spans are added, with what is about to be written of it. */
export interface BegunTrace {
  id?: number | string;
  sender: string;
  agent: number | null;
  /** Not the portal said whose it is, but an agent, of itself. */
  isSaidByAgent: boolean;
  spans: number;
  /** Of those that are about to be written. */
  spanIds: Set<string>;
  parentIds: Set<string>;
}

/** @param known - what is in the store of it, if anything is */
export function begunTrace(
  known: KnownTrace | undefined,
  { onlyAgentRef, sender, spans }: TraceWrite,
  ids: NameIds,
): BegunTrace {
  const agentRef = spans.find(span => span.agentRef)?.agentRef;
  return {
    ...(known ?? { sender, agent: ids.of('agent', agentRef), spans: 0 }),
    isSaidByAgent: known
      ? known.agent_key !== null && Number(known.agent_key) >= SAID_BY_AGENT
      : onlyAgentRef !== undefined,
    spanIds: new Set(),
    parentIds: new Set(),
  };
}

/**
 * How spans come into a trace.
 *
 * - `home`: they are of whoever's trace it is, or of the portal, and say what it is.
 * - `guest`: they are added, and say nothing about the trace.
 * - `caller`: what began the trace was called from one of them, so it is theirs from now on.
 * - `stranger`: they do not belong to it.
 */
export type Place = 'home' | 'guest' | 'caller' | 'stranger';

/**
 * An agent's token adds to its own trace. The number of a span, which nobody has but who was called from it,
 * shows that two agents work on one trace, in whatever order they tell of it: the trace is the caller's, and
 * whoever was called is a guest, also if it came first. So nobody reads the spans of others by sending some.
 */
export async function placeOf(
  tx: Knex.Transaction,
  trace: BegunTrace,
  { onlyAgentRef, sender, spans }: TraceWrite,
  ids: NameIds,
): Promise<Place> {
  if (
    onlyAgentRef === undefined ||
    (trace.agent !== null && trace.agent === ids.of('agent', onlyAgentRef))
  ) {
    return 'home';
  }
  if (trace.sender === sender) {
    return 'guest';
  }
  const own = spans.map(({ spanId }) => spanId);
  const awaited = await among(tx, trace, 'parent_id', own);
  const known = await among(tx, trace, 'span_id', [
    ...own,
    ...spans.flatMap(({ parentId }) => parentId ?? []),
  ]);
  if ([...awaited].some(id => !known.has(id))) {
    return trace.isSaidByAgent ? 'caller' : 'guest';
  }
  return isHung(spans, known) ? 'guest' : 'stranger';
}

/** Whether all of them hang, from span to span, on one that is there. */
function isHung(
  spans: TraceWrite['spans'],
  known: ReadonlySet<string>,
): boolean {
  const below = Map.groupBy(spans, ({ parentId }) => parentId ?? '');
  const hung = new Set<string>();
  const next = [...known];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    for (const { spanId } of below.get(id) ?? []) {
      if (!hung.has(spanId)) {
        hung.add(spanId);
        next.push(spanId);
      }
    }
  }
  return spans.every(({ spanId }) => hung.has(spanId));
}

/** Which of these ids spans of a trace have, or name as their parents. */
async function among(
  tx: Knex.Transaction,
  trace: BegunTrace,
  column: 'span_id' | 'parent_id',
  wanted: string[],
): Promise<Set<string>> {
  const begun = column === 'span_id' ? trace.spanIds : trace.parentIds;
  const found = new Set(wanted.filter(id => begun.has(id)));
  for (let at = 0; trace.id !== undefined && at < wanted.length; at += 500) {
    const rows: Buffer[] = await tx('spans')
      .where('trace', trace.id)
      .whereIn(
        column,
        wanted.slice(at, at + 500).map(id => Buffer.from(id, 'hex')),
      )
      .distinct()
      .pluck(column);
    rows.forEach(id => found.add(id.toString('hex')));
  }
  return found;
}
