import { createHash } from 'node:crypto';
import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type {
  ListRunsQuery,
  OrchestrationClient,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import type { RiskTier } from '@agentportal/plugin-agents-common';
import type { ToolsClient } from '@agentportal/plugin-tools-common';
import type { Knex } from 'knex';
import type { NewReview, ReviewStore } from './ReviewStore';

const POSITIONS = 'evals_positions';
const PAGE = 100;
/** A run that ended before may be written later than one that ended after. */
const OVERLAP_MS = 60_000;
const DAY_MS = 86_400_000;

/** What a draw reads about runs, and about agents. */
interface ReviewDrawOptions {
  knex: Knex;
  reviews: ReviewStore;
  runs: Pick<OrchestrationClient, 'listRuns'>;
  askOrchestration: PluginAsker;
  /** The highest risk tier of the tools of some agents; of those that it knows. */
  tiersOf: (agentRefs: string[]) => Promise<Map<string, RiskTier>>;
  /** Share of conversations that is drawn, by risk tier, and where that is not known. */
  shares: Partial<Record<RiskTier, number>> & { unknown: number };
  /** How many failed runs of an agent are chosen in a day, and findings; an outage fails thousands alike. */
  failedPerDay: number;
  tools: Pick<ToolsClient, 'listGuardFindings'>;
  askTools: PluginAsker;
}

/**
 * Chooses conversations for people to look at, as runs end: those that failed, those in which
 * the guard found something, and some drawn at random. One replica at a time does it; whoever
 * does it again chooses the same.
 */
export class ReviewDraw {
  readonly #o: ReviewDrawOptions;

  constructor(options: ReviewDrawOptions) {
    this.#o = options;
  }

  async look(signal?: AbortSignal, now = Date.now()): Promise<void> {
    // One that is away does not keep the other waiting.
    const looks = await Promise.allSettled([
      this.#follow('reviews', now, signal, (since, cursor) =>
        this.#ended(since, cursor, now),
      ),
      this.#follow('guard', now, signal, (since, cursor) =>
        this.#guarded(since, cursor, now),
      ),
    ]);
    for (const each of looks) {
      if (each.status === 'rejected') {
        throw each.reason;
      }
    }
  }

  /** Reads page by page what was written since, and keeps how far that was. */
  async #follow(
    position: string,
    now: number,
    signal: AbortSignal | undefined,
    read: (
      since: string,
      cursor: string | undefined,
    ) => Promise<{ last?: string; nextCursor?: string }>,
  ): Promise<void> {
    const { knex } = this.#o;
    const known = await knex(POSITIONS).where({ id: position }).first('at');
    if (!known) {
      // What has been before the portal had reviews is not looked through.
      await knex(POSITIONS)
        .insert({ id: position, at: now })
        .onConflict('id')
        .ignore();
      return;
    }
    const since = new Date(Number(known.at) - OVERLAP_MS).toISOString();
    let cursor: string | undefined;
    do {
      const page = await read(since, cursor);
      if (page.last) {
        const at = Date.parse(page.last);
        await knex(POSITIONS)
          .where({ id: position })
          .andWhere('at', '<', at)
          .update({ at });
      }
      cursor = page.nextCursor;
    } while (cursor && !signal?.aborted);
  }

  async #ended(
    finishedSince: string,
    cursor: string | undefined,
    now: number,
  ): Promise<{ last?: string; nextCursor?: string }> {
    const { askOrchestration, runs } = this.#o;
    const query: ListRunsQuery = {
      ...{ finishedSince, cursor, limit: PAGE },
      status: ['succeeded', 'failed'],
    };
    const { items, nextCursor } = await askOrchestration(by =>
      runs.listRuns(query, by),
    );
    await this.#choose(items, now);
    return { last: items.at(-1)?.finishedAt, nextCursor };
  }

  async #guarded(
    from: string,
    cursor: string | undefined,
    now: number,
  ): Promise<{ last?: string; nextCursor?: string }> {
    const { askTools, failedPerDay, reviews, tools } = this.#o;
    const { items, nextCursor } = await askTools(by =>
      tools.listGuardFindings({ from, cursor, limit: PAGE }, by),
    );
    const byAgent = Map.groupBy(items, ({ agentRef }) => agentRef);
    const today = await reviews.countSince('guard', midnightOf(now), [
      ...byAgent.keys(),
    ]);
    await reviews.add(
      [...byAgent].flatMap(([agentRef, found]) =>
        [...new Set(found.flatMap(({ runId }) => runId ?? []))]
          .slice(0, Math.max(0, failedPerDay - (today.get(agentRef) ?? 0)))
          .map(runId => ({ runId, agentRef, reason: 'guard' as const })),
      ),
      now,
    );
    return { last: items.at(-1)?.foundAt, nextCursor };
  }

  async #choose(runs: RunSummary[], now: number): Promise<void> {
    const { failedPerDay, reviews, shares, tiersOf } = this.#o;
    const agentRefs = [...new Set(runs.map(({ agentRef }) => agentRef))];
    const [tiers, failedToday, there] = await Promise.all([
      tiersOf(agentRefs),
      reviews.countSince('failed', midnightOf(now), agentRefs),
      reviews.idsOfRuns(runs.map(({ id }) => id)),
    ]);
    const chosen: NewReview[] = [];
    for (const { id: runId, agentRef, status, rehearsal } of runs) {
      if (rehearsal) {
        continue;
      }
      const share = shares[tiers.get(agentRef)!] ?? shares.unknown;
      const sampled = placeOf(runId) < share;
      const failed = failedToday.get(agentRef) ?? 0;
      const isChosen =
        status === 'failed' && (there.has(runId) || failed < failedPerDay);
      if (isChosen || sampled) {
        const reason = isChosen ? 'failed' : 'sampled';
        chosen.push({ runId, agentRef, reason, sampled });
        if (isChosen && !there.has(runId)) {
          failedToday.set(agentRef, failed + 1);
        }
      }
    }
    await reviews.add(chosen, now);
  }
}

/** When the UTC day began. */
function midnightOf(now: number): number {
  return Math.floor(now / DAY_MS) * DAY_MS;
}

/** Where a run stands between 0 and 1; nobody chooses it, and it is the same each time. */
function placeOf(runId: string): number {
  const digest = createHash('sha256').update(`review ${runId}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}
