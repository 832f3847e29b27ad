import type { Knex } from 'knex';
import type { StoredTime } from '../store/times';
import type { AgentDefinition, DecidingAnnotations } from './definition';

const TABLE = 'agent_publications';
const WATCH = 'agent_publication_watch';
const DAY_MS = 86_400_000;

/** What an agent was approved to be last. */
export interface Publication {
  agentRef: string;
  /** Where its file was then; another file of the name is another agent. */
  origin: string;
  digest: string;
  definition: AgentDefinition;
  /** Absent where nobody had to be asked. */
  approvalId?: string;
  /** Milliseconds. */
  publishedAt: number;
}

interface PublicationRow {
  agent_ref: string;
  origin: string;
  owner_ref: string | null;
  digest: string;
  definition: string;
  annotations: string | null;
  approval_id: string | null;
  published_at: StoredTime;
  seen_at: StoredTime;
}

/** Keeps of each agent the one definition that was approved last. */
export class PublicationStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async byRefs(refs: readonly string[]): Promise<Map<string, Publication>> {
    const rows: PublicationRow[] = refs.length
      ? await this.#knex(TABLE).whereIn('agent_ref', refs)
      : [];
    return new Map(rows.map(row => [row.agent_ref, toPublication(row)]));
  }

  /** Writes what people have approved. */
  async approve(publication: Publication): Promise<void> {
    await this.#knex(TABLE)
      .insert(toRow(publication))
      .onConflict('agent_ref')
      .merge();
  }

  /**
   * Writes what nobody had to be asked about, unless something else was approved since it
   * was read what was before.
   */
  async take(
    publication: Publication,
    before: Publication | undefined,
  ): Promise<void> {
    const row = toRow(publication);
    if (before) {
      await this.#knex(TABLE)
        .where({ agent_ref: row.agent_ref, digest: before.digest })
        .update(row);
    } else {
      await this.#knex(TABLE).insert(row).onConflict('agent_ref').ignore();
    }
  }

  /** Those of some that have annotations, also where the file has them no more. */
  async annotated(page: { limit: number; after?: string }) {
    const rows: Pick<PublicationRow, 'agent_ref' | 'annotations'>[] =
      await this.#knex(TABLE)
        .whereRaw("annotations <> '{}'")
        .andWhere('agent_ref', '>', page.after ?? '')
        .orderBy('agent_ref')
        .limit(page.limit)
        .select('agent_ref', 'annotations');
    return rows.map(row => ({
      agentRef: row.agent_ref,
      annotations: JSON.parse(row.annotations!) as DecidingAnnotations,
    }));
  }

  /** Writes the annotations of one that was approved before they were kept. */
  async meetAnnotations(
    agentRef: string,
    annotations: DecidingAnnotations,
  ): Promise<void> {
    await this.#knex(TABLE)
      .where('agent_ref', agentRef)
      .whereNull('annotations')
      .update({ annotations: JSON.stringify(annotations) });
  }

  /** Notes that agents are still there, once a day. */
  async noteSeen(refs: readonly string[], now: number): Promise<void> {
    await this.#knex(TABLE)
      .whereIn('agent_ref', refs)
      .andWhere('seen_at', '<', now - DAY_MS)
      .update({ seen_at: now });
  }

  /** Forgets agents that have been gone for long. */
  async removeUnseenSince(before: number): Promise<void> {
    await this.#knex(TABLE).where('seen_at', '<', before).delete();
  }

  /** Since when people are asked, which is now unless they were before. */
  async begin(now: number): Promise<number> {
    await this.#knex(WATCH)
      .insert({ id: 1, begun_at: now })
      .onConflict('id')
      .ignore();
    const { begun_at } = await this.#knex(WATCH).where('id', 1).first();
    return Number(begun_at);
  }

  /** Nobody is asked any more, so nothing stays approved. */
  async end(): Promise<void> {
    await this.#knex(WATCH).delete();
    await this.#knex(TABLE).delete();
  }
}

function toRow(publication: Publication): PublicationRow {
  const { owner, annotations = {}, ...definition } = publication.definition;
  return {
    agent_ref: publication.agentRef,
    origin: publication.origin,
    owner_ref: owner,
    digest: publication.digest,
    definition: JSON.stringify(definition),
    annotations: JSON.stringify(annotations),
    approval_id: publication.approvalId ?? null,
    published_at: publication.publishedAt,
    seen_at: publication.publishedAt,
  };
}

function toPublication(row: PublicationRow): Publication {
  return {
    agentRef: row.agent_ref,
    origin: row.origin,
    digest: row.digest,
    definition: {
      ...JSON.parse(row.definition),
      ...(row.owner_ref && { owner: row.owner_ref }),
      ...(row.annotations && { annotations: JSON.parse(row.annotations) }),
    },
    ...(row.approval_id && { approvalId: row.approval_id }),
    publishedAt: Number(row.published_at),
  };
}
