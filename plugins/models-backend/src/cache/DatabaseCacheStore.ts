import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type {
  CacheCandidate,
  CacheEntry,
  CacheKey,
  CacheStore,
  TextAnswer,
} from '@agentportal/model-gateway';
import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';
import type { AnswerSeal } from './AnswerSeal';
import { latestPurge, wasPurged } from './purges';
import { ENTRIES } from './tables';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Of a bucket only the newest are compared. */
const MAX_COMPARED = 200;

/** What is in memory of an entry; whether it still holds, the database says. */
interface Opened {
  embedding?: Float32Array;
  answer?: TextAnswer;
}

interface Row {
  id: string;
  model: string;
  cost_nano_usd: number | string;
  created_at: number | string;
}

/**
 * Keeps answers in the plugin's database, for all processes. Every look asks the
 * database what there is, so what was purged or came from another process is
 * known at once; only the contents, which never change, are kept in memory.
 */
export class DatabaseCacheStore implements CacheStore {
  readonly #db: Knex;
  readonly #seal: AnswerSeal;
  readonly #maxPerPartition: number;
  readonly #opened: LRUCache<string, Opened>;

  constructor(options: {
    db: Knex;
    seal: AnswerSeal;
    maxPerPartition: number;
    memoryBytes: number;
  }) {
    this.#db = options.db;
    this.#seal = options.seal;
    this.#maxPerPartition = options.maxPerPartition;
    this.#opened = new LRUCache({
      maxSize: options.memoryBytes,
      sizeCalculation: ({ answer, embedding }) =>
        300 + 2 * (answer?.text.length ?? 0) + (embedding?.byteLength ?? 0),
    });
  }

  async find(
    key: CacheKey,
    now: number,
  ): Promise<{ candidates: CacheCandidate[]; mark: number }> {
    const mark = await latestPurge(this.#db);
    const exact: Row | undefined = await this.#rows(now)
      .where({ question: key.question, partition: key.partition })
      .first();
    if (exact) {
      return { candidates: [toCandidate(exact, true)], mark };
    }
    const near: Row[] = key.bucket
      ? await this.#rows(now)
          .where({ bucket: key.bucket, partition: key.partition })
          .limit(MAX_COMPARED)
      : [];
    const embeddings = await this.#embeddings(near.map(({ id }) => id));
    return {
      candidates: near.map(row => ({
        ...toCandidate(row, false),
        embedding: embeddings.get(row.id),
      })),
      mark,
    };
  }

  async answer(id: string): Promise<TextAnswer | undefined> {
    const known = this.#opened.get(id);
    if (known?.answer) {
      return known.answer;
    }
    const row = await this.#db(ENTRIES).first('answer').where({ id });
    const opened = row && this.#seal.open(`${id} answer`, row.answer);
    if (!opened) {
      return undefined;
    }
    const json = await inflate(opened);
    const answer = JSON.parse(json.toString('utf8')) as TextAnswer;
    this.#opened.set(id, { ...known, answer });
    return answer;
  }

  async put(entry: CacheEntry, mark: number): Promise<void> {
    const id = randomBytes(12).toString('base64url');
    const answer = this.#seal.seal(
      `${id} answer`,
      await deflate(JSON.stringify(entry.answer)),
    );
    const embedding =
      entry.embedding &&
      this.#seal.seal(`${id} embedding`, toBytes(entry.embedding));
    const { madeFor } = entry;
    await this.#db(ENTRIES).insert({
      id,
      partition: entry.partition,
      question: entry.question,
      bucket: entry.bucket ?? null,
      embedding: embedding ?? null,
      answer,
      model: entry.model,
      cost_nano_usd: entry.costNanoUsd,
      input_tokens: entry.inputTokens,
      output_tokens: entry.outputTokens,
      bytes: answer.length + (embedding?.length ?? 0),
      created_at: entry.createdAt,
      // Nobody finds it before it is certain that it may be found.
      expires_at: 0,
      agent_ref: madeFor.agentRef ?? null,
      key_id: madeFor.keyId ?? null,
      user_ref: madeFor.userRef ?? null,
      last_used_at: entry.createdAt,
    });
    if (await wasPurged(this.#db, madeFor, mark)) {
      await this.#db(ENTRIES).where({ id }).delete();
      return;
    }
    // A purge since then has deleted the row, and this does nothing.
    await this.#db(ENTRIES)
      .where({ id })
      .update({ expires_at: entry.expiresAt });
    this.#opened.set(id, { answer: entry.answer, embedding: entry.embedding });
    await this.#makeRoom(id, entry);
  }

  async used(id: string, now: number): Promise<void> {
    await this.#db(ENTRIES)
      .where({ id })
      .update({ last_used_at: now })
      .increment('hits', 1);
  }

  #rows(now: number) {
    return this.#db(ENTRIES)
      .select('id', 'model', 'cost_nano_usd', 'created_at')
      .where('expires_at', '>', now)
      .orderBy('created_at', 'desc');
  }

  /** The answer to the same question that was there before, and the stalest. */
  async #makeRoom(id: string, entry: CacheEntry): Promise<void> {
    const { partition, question } = entry;
    await this.#db(ENTRIES)
      .where({ question, partition })
      .where('created_at', '<=', entry.createdAt)
      .where('expires_at', '>', 0)
      .whereNot({ id })
      .delete();
    const stale = await this.#db(ENTRIES)
      .where({ partition })
      .orderBy('last_used_at', 'desc')
      .offset(this.#maxPerPartition)
      .limit(100)
      .pluck('id');
    if (stale.length > 0) {
      await this.#db(ENTRIES).whereIn('id', stale).delete();
    }
  }

  async #embeddings(ids: string[]): Promise<Map<string, Float32Array>> {
    const found = new Map<string, Float32Array>();
    const missing: string[] = [];
    for (const id of ids) {
      const embedding = this.#opened.get(id)?.embedding;
      if (embedding) {
        found.set(id, embedding);
      } else {
        missing.push(id);
      }
    }
    if (missing.length > 0) {
      const rows = await this.#db(ENTRIES)
        .select('id', 'embedding')
        .whereIn('id', missing)
        .whereNotNull('embedding');
      for (const row of rows) {
        const bytes = this.#seal.open(`${row.id} embedding`, row.embedding);
        if (bytes) {
          const embedding = fromBytes(bytes);
          found.set(row.id, embedding);
          this.#opened.set(row.id, {
            ...this.#opened.get(row.id),
            embedding,
          });
        }
      }
    }
    return found;
  }
}

function toCandidate(row: Row, exact: boolean): CacheCandidate {
  return {
    id: row.id,
    exact,
    model: row.model,
    costNanoUsd: Number(row.cost_nano_usd),
    createdAt: Number(row.created_at),
  };
}

function toBytes(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(4 * vector.length);
  vector.forEach((value, index) => bytes.writeFloatLE(value, 4 * index));
  return bytes;
}

function fromBytes(bytes: Buffer): Float32Array {
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) =>
    bytes.readFloatLE(4 * index),
  );
}
