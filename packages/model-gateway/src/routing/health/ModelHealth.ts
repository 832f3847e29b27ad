import {
  inputTokens,
  outputTokens,
  type TokenUsage,
} from '../../usage/tokenUsage';
import { Breaker } from '../breaker/Breaker';
import { LatencyWindow } from './LatencyWindow';
import { RecentCalls } from './RecentCalls';

const ALPHA = 0.2;

/** What was seen of one model: how fast, how long, how dear, how reliable. */
export class ModelHealth {
  readonly provider: string;
  readonly breaker = new Breaker();
  readonly recent = new RecentCalls();
  /** Of streams, to the first chunk. */
  readonly firstByte = new LatencyWindow();
  /** Of whole answers, to their end. */
  readonly whole = new LatencyWindow();
  /** Milliseconds since the epoch. */
  lastCallAt = 0;
  lastSuccessAt = -Infinity;
  /** Moving means. */
  tokensPerSecond?: number;
  outputTokens?: number;
  /** Part of the input that came from the provider's prompt cache, from 0 to 1. */
  cacheHitRate?: number;

  constructor(provider: string) {
    this.provider = provider;
  }

  answered(usage: TokenUsage): void {
    const input = inputTokens(usage);
    this.outputTokens = moved(this.outputTokens, outputTokens(usage));
    if (input > 0) {
      this.cacheHitRate = moved(this.cacheHitRate, usage.cacheRead / input);
    }
  }

  streamed(tokens: number, ms: number): void {
    // A handful of tokens in one packet says nothing about speed.
    if (tokens >= 16 && ms >= 20) {
      this.tokensPerSecond = moved(this.tokensPerSecond, (tokens * 1000) / ms);
    }
  }
}

function moved(mean: number | undefined, value: number): number {
  return mean === undefined ? value : mean + ALPHA * (value - mean);
}
