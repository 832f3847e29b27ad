import { createHash } from 'node:crypto';
import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type {
  ListRunsQuery,
  OrchestrationClient,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import type { RiskTier } from '@agentportal/plugin-agents-common';
import type { Knex } from 'knex';
import type { NewReview, ReviewStore } from './ReviewStore';

const POSITIONS = 'evals_positions';
const POSITION = 'reviews';
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
  /** How many failed runs of an agent are chosen in a day; an outage fails thousands alike. */
  failedPerDay: number;
}

/**
 * Chooses conversations for people to look at, as runs end: those that failed, and some
 * drawn at random. One replica at a time does it; whoever does it again chooses the same.
 */
export class ReviewDraw {
  readonly #o: ReviewDrawOptions;

  constructor(options: ReviewDrawOptions) {
    this.#o = options;
  }

  async look(signal?: AbortSignal, now = Date.now()): Promise<void> {
    const { knex } = this.#o;
    const known = await knex(POSITIONS).where({ id: POSITION }).first('at');
    if (!known) {
      // What has been before the portal had reviews is not looked through.
      await knex(POSITIONS)
        .insert({ id: POSITION, at: now })
        .onConflict('id')
        .ignore();
      return;
    }
    const finishedSince = new Date(Number(known.at) - OVERLAP_MS).toISOString();
    let cursor: string | undefined;
    do {
      const { items, nextCursor } = await this.#ended({
        finishedSince,
        status: ['succeeded', 'failed'],
        limit: PAGE,
        cursor,
      });
      await this.#choose(items, now);
      const last = items.at(-1)?.finishedAt;
      if (last) {
        await knex(POSITIONS)
          .where({ id: POSITION })
          .andWhere('at', '<', Date.parse(last))
          .update({ at: Date.parse(last) });
      }
      cursor = nextCursor;
    } while (cursor && !signal?.aborted);
  }

  #ended(query: ListRunsQuery) {
    const { askOrchestration, runs } = this.#o;
    return askOrchestration(by => runs.listRuns(query, by));
  }

  async #choose(runs: RunSummary[], now: number): Promise<void> {
    const { failedPerDay, reviews, shares, tiersOf } = this.#o;
    const agentRefs = [...new Set(runs.map(({ agentRef }) => agentRef))];
    const midnight = Math.floor(now / DAY_MS) * DAY_MS;
    const [tiers, failedToday, there] = await Promise.all([
      tiersOf(agentRefs),
      reviews.countSince('failed', midnight, agentRefs),
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

/** Where a run stands between 0 and 1; nobody chooses it, and it is the same each time. */
function placeOf(runId: string): number {
  const digest = createHash('sha256').update(`review ${runId}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}
