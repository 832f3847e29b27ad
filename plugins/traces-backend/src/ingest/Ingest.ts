import {
  type AgentOwners,
  createWorkerPool,
  WorkerLimitError,
  WorkerOverloadedError,
  type WorkerPool,
} from '@agentportal/plugin-agents-node';
import { fullRefOf } from '@agentportal/plugin-agents-common';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import type { TracesConfig } from '../config';
import type { ExportResult, ExportTask } from '../decode/readExport';
import type { NormalSpan } from '../normalise/normalise';
import type { SettledSpan, TraceWriter } from '../store/TraceWriter';
import type { Forwarder } from './Forwarder';
import type { Prices } from './Prices';
import type { Sender } from './Senders';
import { addCounts, WriteQueue } from './WriteQueue';

/** Bytes of all requests that are being worked on; what is beyond comes again later. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Of those, what one sender may take up: slow work of one leaves room for others. */
const MAX_SHARE = 0.75;
const CPU_MS = 20_000;
const HEAP_MB = 512;
/** Requests of one sender that may wait. */
const MAX_OF_SENDER = 100;
const MAX_QUEUE = 400;
/** A clock may be ahead by this. */
const AHEAD_US = 10 * 60 * 1e6;

/** There is more to do than can be done; the sender tries again after a while. */
export class IngestOverloadedError extends Error {
  override name = 'IngestOverloadedError';
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Takes exports of spans: decodes them elsewhere, settles whose they are, and writes them. */
export class Ingest {
  readonly #config: TracesConfig;
  readonly #owners: Pick<AgentOwners, 'of'>;
  readonly #prices: Pick<Prices, 'costOf' | 'refresh'>;
  readonly #pool: WorkerPool<ExportTask, ExportResult>;
  readonly #queue: WriteQueue;
  readonly #forwarder: Forwarder;
  #bytes = 0;
  readonly #bytesOf = new Map<string, number>();

  constructor(options: {
    config: TracesConfig;
    writer: TraceWriter;
    owners: Pick<AgentOwners, 'of'>;
    prices: Pick<Prices, 'costOf' | 'refresh'>;
    forwarder: Forwarder;
  }) {
    this.#config = options.config;
    this.#owners = options.owners;
    this.#prices = options.prices;
    this.#forwarder = options.forwarder;
    this.#queue = new WriteQueue(options.writer);
    this.#pool = createWorkerPool({
      name: 'The decoder of spans',
      filename: require.resolve('@agentportal/plugin-traces-backend/worker'),
      maxProcesses: options.config.decoders,
      cpuMs: CPU_MS,
      maxHeapMb: HEAP_MB,
      maxQueue: MAX_QUEUE,
    });
  }

  /**
   * Resolves once the spans are written, with how many were refused, by reason.
   *
   * @throws InputError when the body is no export
   * @throws IngestOverloadedError when too much is being worked on; nothing was taken
   * @throws ServiceUnavailableError when the database is away; what was written by then is
   * known when it comes again
   */
  async take(
    sender: Sender,
    format: ExportTask['format'],
    body: Uint8Array,
  ): Promise<Record<string, number>> {
    const own = this.#bytesOf.get(sender.ref) ?? 0;
    if (
      (this.#bytes > 0 && this.#bytes + body.length > MAX_BYTES) ||
      (own > 0 && own + body.length > MAX_BYTES * MAX_SHARE)
    ) {
      throw new IngestOverloadedError(
        'Too many spans are being written. Send these again in a few seconds.',
        2,
      );
    }
    this.#add(sender.ref, body.length);
    try {
      const { traces, rejected, problem } = await this.#decode(
        sender,
        format,
        body,
      );
      if (problem) {
        throw new InputError(problem);
      }
      const owners = await this.#settleOwners(sender, traces);
      const refused = await this.#write(
        traces.map(({ traceId, spans, details, words }) => ({
          traceId,
          sender: sender.ref,
          ...(sender.agentRef && { onlyAgentRef: sender.agentRef }),
          spans: spans.map(span => this.#settle(sender, span, owners)),
          details,
          ...(words && { words }),
        })),
      );
      addCounts(rejected, refused);
      for (const { forwarded } of traces) {
        if (forwarded) {
          this.#forwarder.add(forwarded);
        }
      }
      return rejected;
    } finally {
      this.#add(sender.ref, -body.length);
    }
  }

  #add(ref: string, bytes: number): void {
    this.#bytes += bytes;
    const own = (this.#bytesOf.get(ref) ?? 0) + bytes;
    if (own > 0) {
      this.#bytesOf.set(ref, own);
    } else {
      this.#bytesOf.delete(ref);
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.#forwarder.close();
  }

  async #decode(
    sender: Sender,
    format: ExportTask['format'],
    body: Uint8Array,
  ): Promise<ExportResult> {
    const now = Date.now() * 1_000;
    try {
      return await this.#pool.run(
        {
          format,
          body,
          keepsContent: this.#config.content,
          maxSpans: this.#config.maxSpansOfRequest,
          earliestUs: now - this.#config.retention.spans * 1_000,
          latestUs: now + AHEAD_US,
          ...(this.#forwarder.isOn && {
            forward: { agentRef: sender.agentRef },
          }),
        },
        { parties: [{ ref: sender.ref, max: MAX_OF_SENDER }] },
      );
    } catch (error) {
      if (error instanceof WorkerOverloadedError) {
        throw new IngestOverloadedError(error.message, 2);
      }
      if (error instanceof WorkerLimitError) {
        throw new InputError(`${error.message} Send fewer spans at once.`);
      }
      throw error;
    }
  }

  async #write(
    writes: Parameters<WriteQueue['write']>[0],
  ): Promise<Record<string, number>> {
    try {
      return await this.#queue.write(writes);
    } catch (error) {
      throw new ServiceUnavailableError(
        'The spans could not be written. Send them again in a few seconds.',
        error,
      );
    }
  }

  async #settleOwners(sender: Sender, traces: ExportResult['traces']) {
    const agents = new Set<string>(sender.agentRef ? [sender.agentRef] : []);
    if (!sender.agentRef) {
      for (const { spans } of traces) {
        for (const { claimedAgentRef } of spans) {
          if (claimedAgentRef) {
            agents.add(claimedAgentRef);
          }
        }
      }
    }
    await this.#prices.refresh();
    return this.#owners.of(agents);
  }

  /** What an agent says of other agents and of persons is no more than a name in its own span. */
  #settle(
    sender: Sender,
    span: NormalSpan,
    owners: Map<string, string>,
  ): SettledSpan {
    const { claimedAgentRef, claimedUser, modelNames, ...rest } = span;
    const agentRef = sender.agentRef ?? claimedAgentRef;
    const ownerRef = agentRef && owners.get(agentRef);
    const userRef = sender.agentRef
      ? sender.personRef
      : claimedUser && fullRefOf(claimedUser, 'User');
    const reckoned =
      span.kind === 'model' && span.costNanoUsd === undefined && span.model
        ? this.#prices.costOf([span.model, ...modelNames], span.provider, span)
        : undefined;
    return {
      ...rest,
      ...(agentRef && { agentRef }),
      ...(ownerRef && { ownerRef }),
      ...(userRef && { userRef }),
      ...(reckoned !== undefined && { costNanoUsd: reckoned, reckoned: true }),
    };
  }
}
