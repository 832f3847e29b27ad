import type { Knex } from 'knex';

/** What was seen first of a peer, and is held against what it says later. */
export interface PinnedPeer {
  cardUrl: string;
  /** Thumbprint of the key that signed its card; `undefined` when nothing did. */
  keyThumbprint?: string;
  priceNanoUsd: number;
  cardDigest: string;
}

const TABLE = 'orchestration_a2a_peers';

/** What is remembered of agents that live elsewhere. */
export class PeerStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async get(agentRef: string): Promise<PinnedPeer | undefined> {
    const row = await this.#knex(TABLE).where('agent_ref', agentRef).first();
    return (
      row && {
        cardUrl: row.card_url,
        keyThumbprint: row.key_thumbprint ?? undefined,
        priceNanoUsd: Number(row.price_nano_usd),
        cardDigest: row.card_digest,
      }
    );
  }

  async put(agentRef: string, peer: PinnedPeer): Promise<void> {
    await this.#knex(TABLE)
      .insert({
        agent_ref: agentRef,
        card_url: peer.cardUrl,
        key_thumbprint: peer.keyThumbprint ?? null,
        price_nano_usd: peer.priceNanoUsd,
        card_digest: peer.cardDigest,
        seen_at: Date.now(),
      })
      .onConflict('agent_ref')
      .merge();
  }
}
