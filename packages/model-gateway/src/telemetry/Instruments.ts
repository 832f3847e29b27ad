import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  type Attributes,
  type Counter,
  createNoopMeter,
  type Meter,
  metrics,
} from '@opentelemetry/api';
import type { Operation } from '../directory/modelType';
import type { AttemptOutcome } from '../ports';
import {
  cacheReadTokens,
  cacheWriteTokens,
  inputTokens,
  outputTokens,
} from '../usage/tokenUsage';
import { ATTRIBUTE, METRIC } from './names';

/** Seconds, as the conventions advise. */
const DURATIONS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48,
  40.96, 81.92,
];
const FIRST_CHUNK = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5,
  7.5, 10,
];
const TOKENS = Array.from({ length: 14 }, (_, i) => 4 ** i);
/** Our own time is counted in fractions of a millisecond. */
const OVERHEAD = [
  0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
  5,
];
const LOOP_RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;

/** The metrics of one gateway. */
export class Instruments {
  readonly #made: ReturnType<typeof make>;

  private constructor(meter: Meter) {
    this.#made = make(meter);
    observeEventLoop(meter);
  }

  /** `undefined` while nobody collects metrics. */
  static create(name: string): Instruments | undefined {
    const meter = metrics.getMeter(name);
    return meter === createNoopMeter() ? undefined : new Instruments(meter);
  }

  held(nanoUsd: number): void {
    this.#made.held.add(nanoUsd);
  }

  refused(code: string): void {
    this.#made.refusals.add(1, { [ATTRIBUTE.errorType]: code });
  }

  overhead(ms: number, operation: string): void {
    this.#made.overhead.record(ms / 1000, { [ATTRIBUTE.operation]: operation });
  }

  streams(change: 1 | -1): void {
    this.#made.openStreams.add(change);
  }

  /** The end of an attempt; of embeddings there are only two metrics. */
  ended(
    attributes: Attributes,
    outcome: AttemptOutcome,
    operation: Operation,
    stream: boolean,
  ): void {
    const made = this.#made;
    const { usage, durationMs, ttfbMs, errorCode, costNanoUsd } = outcome;
    const saved = outcome.savings?.cacheNanoUsd;
    if (saved !== undefined) {
      // No provider was asked, so it is not one of its calls.
      made.recalled.add(1, attributes);
      made.savedByCache.add(saved, attributes);
      return;
    }
    const timed = errorCode
      ? { ...attributes, [ATTRIBUTE.errorType]: errorCode }
      : attributes;
    made.settled.add(costNanoUsd, attributes);
    if (operation === 'embeddings') {
      made.embeddingsDuration.record(durationMs / 1000, timed);
      made.embeddingsInputPerCall.record(inputTokens(usage), attributes);
      return;
    }
    made.duration.record(durationMs / 1000, timed);
    if (stream && ttfbMs !== undefined) {
      made.timeToFirstChunk.record(ttfbMs / 1000, attributes);
    }
    const unknown = { ...attributes, [ATTRIBUTE.tokenModality]: 'unknown' };
    if (outcome.estimated) {
      // Only what providers tell is counted.
      made.inputTokens.add(0, unknown);
      made.outputTokens.add(0, unknown);
      return;
    }
    const input = inputTokens(usage);
    const output = outputTokens(usage);
    made.inputPerCall.record(input, attributes);
    made.outputPerCall.record(output, attributes);
    addSplit(made.inputTokens, attributes, input, {
      audio: (usage.inputAudio ?? 0) + (usage.cacheReadAudio ?? 0),
      image: (usage.inputImage ?? 0) + (usage.cacheReadImage ?? 0),
    });
    addSplit(made.outputTokens, attributes, output, {
      audio: usage.outputAudio ?? 0,
      image: usage.outputImage ?? 0,
    });
    made.cacheReadTokens.add(cacheReadTokens(usage), unknown);
    made.cacheWriteTokens.add(cacheWriteTokens(usage), unknown);
    made.reasoningTokens.add(usage.reasoning, unknown);
  }
}

/** By modality where the provider split its counts, which few do. */
function addSplit(
  counter: Counter,
  attributes: Attributes,
  all: number,
  parts: { audio: number; image: number },
): void {
  const text = all - parts.audio - parts.image;
  const add = (count: number, modality: string) =>
    counter.add(count, { ...attributes, [ATTRIBUTE.tokenModality]: modality });
  if (text === all) {
    add(all, 'unknown');
    return;
  }
  for (const [modality, count] of Object.entries({ text, ...parts })) {
    if (count > 0) {
      add(count, modality);
    }
  }
}

function make(meter: Meter) {
  const seconds = (name: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, {
      unit: 's',
      advice: { explicitBucketBoundaries },
    });
  const spread = (name: string) =>
    meter.createHistogram(name, {
      unit: '{token}',
      advice: { explicitBucketBoundaries: TOKENS },
    });
  const tokens = (name: string) =>
    meter.createCounter(name, { unit: '{token}' });
  const money = (name: string, description: string) =>
    meter.createCounter(name, { unit: '{nanoUSD}', description });
  return {
    duration: seconds(METRIC.duration, DURATIONS),
    embeddingsDuration: seconds(METRIC.embeddingsDuration, DURATIONS),
    timeToFirstChunk: seconds(METRIC.timeToFirstChunk, FIRST_CHUNK),
    overhead: seconds(METRIC.overhead, OVERHEAD),
    inputPerCall: spread(METRIC.inputPerCall),
    outputPerCall: spread(METRIC.outputPerCall),
    embeddingsInputPerCall: spread(METRIC.embeddingsInputPerCall),
    inputTokens: tokens(METRIC.inputTokens),
    outputTokens: tokens(METRIC.outputTokens),
    cacheReadTokens: tokens(METRIC.cacheReadTokens),
    cacheWriteTokens: tokens(METRIC.cacheWriteTokens),
    reasoningTokens: tokens(METRIC.reasoningTokens),
    held: money(
      METRIC.held,
      'The most that attempts could cost which began, and held on budgets',
    ),
    settled: money(METRIC.settled, 'Cost of attempts that ended'),
    refusals: meter.createCounter(METRIC.refusals, {
      unit: '{call}',
      description: 'Calls that were not answered, by the code of the reason',
    }),
    recalled: meter.createCounter(METRIC.recalled, {
      unit: '{call}',
      description: 'Calls that were answered from memory',
    }),
    savedByCache: money(METRIC.savedByCache, 'Not spent thanks to the memory'),
    openStreams: meter.createUpDownCounter(METRIC.openStreams, {
      unit: '{stream}',
    }),
  };
}

/** How late the event loop is; above some milliseconds the process is too busy. */
function observeEventLoop(meter: Meter): void {
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delay.enable();
  const mean = meter.createObservableGauge(METRIC.eventLoopDelayMean, {
    unit: 's',
  });
  const p99 = meter.createObservableGauge(METRIC.eventLoopDelayP99, {
    unit: 's',
  });
  const late = (nanoseconds: number) =>
    // The histogram counts the resolution itself, and is empty at first.
    Math.max(0, (nanoseconds || 0) / NANOSECONDS - LOOP_RESOLUTION_MS / 1000);
  meter.addBatchObservableCallback(
    result => {
      result.observe(mean, late(delay.mean));
      result.observe(p99, late(delay.percentile(99)));
      delay.reset();
    },
    [mean, p99],
  );
}
