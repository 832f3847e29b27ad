import type { AgentQuotas } from '@agentportal/plugin-agents-common';
import type {
  RunUsage,
  StepUsage,
} from '@agentportal/plugin-orchestration-common';
import { RunFailure } from './RunFailure';
import { LoopDetector } from './LoopDetector';

/** Limits of a run after defaults; money in nano-USD. */
export interface RunLimits {
  maxTokens: number;
  maxCostNanoUsd: number;
  maxDurationSeconds: number;
  maxToolCalls: number;
  maxSteps: number;
}

/** An agent's own quotas, and the defaults where it has none. */
export function resolveLimits(
  quotas: AgentQuotas | undefined,
  defaults: RunLimits,
): RunLimits {
  return {
    maxTokens: quotas?.maxTokens ?? defaults.maxTokens,
    maxCostNanoUsd:
      quotas?.maxCostUsd === undefined
        ? defaults.maxCostNanoUsd
        : Math.round(quotas.maxCostUsd * 1e9),
    maxDurationSeconds:
      quotas?.maxDurationSeconds ?? defaults.maxDurationSeconds,
    maxToolCalls: quotas?.maxToolCalls ?? defaults.maxToolCalls,
    maxSteps: quotas?.maxSteps ?? defaults.maxSteps,
  };
}

/**
 * Counts what an agent uses and stops it at its limits. An agent that was
 * handed work spends from its own budget and from the one that handed it over.
 */
export class Budget {
  readonly #limits: RunLimits;
  readonly #parent: Budget | undefined;
  readonly #loops: LoopDetector;
  readonly #usage: RunUsage = {
    inputTokens: 0,
    outputTokens: 0,
    costNanoUsd: 0,
    modelCalls: 0,
    toolCalls: 0,
  };

  static create(options: {
    limits: RunLimits;
    loopThreshold: number;
    parent?: Budget;
  }): Budget {
    return new Budget(options);
  }

  private constructor(options: {
    limits: RunLimits;
    loopThreshold: number;
    parent?: Budget;
  }) {
    this.#limits = options.limits;
    this.#parent = options.parent;
    this.#loops = LoopDetector.create(options.loopThreshold);
  }

  get limits(): RunLimits {
    return this.#limits;
  }

  get usage(): RunUsage {
    return { ...this.#usage };
  }

  /** Throws when no model call is left. Counts the call. */
  beginModelCall(): void {
    this.#checkSpent();
    this.#checkSteps();
    this.#count('modelCalls');
  }

  /** Throws when no tool call is left, or the calls go in circles. Counts it. */
  beginToolCall(toolName: string, args: unknown): void {
    this.#checkSpent();
    this.#checkSteps();
    this.#checkToolCalls();
    this.#loops.record(toolName, args);
    this.#count('toolCalls');
  }

  /** Adds what a model call has used. */
  spend(usage: StepUsage): void {
    this.#usage.inputTokens += usage.inputTokens;
    this.#usage.outputTokens += usage.outputTokens;
    this.#usage.costNanoUsd += usage.costNanoUsd;
    this.#parent?.spend(usage);
  }

  #count(what: 'modelCalls' | 'toolCalls'): void {
    this.#usage[what] += 1;
    if (this.#parent) {
      this.#parent.#count(what);
    }
  }

  #checkSpent(): void {
    const { maxTokens, maxCostNanoUsd } = this.#limits;
    const tokens = this.#usage.inputTokens + this.#usage.outputTokens;
    if (tokens >= maxTokens) {
      throw exceeded(
        `Stopped after ${format(
          tokens,
        )} tokens; the limit of this agent is ${format(maxTokens)}`,
        'maxTokens',
      );
    }
    if (
      this.#usage.costNanoUsd > 0 &&
      this.#usage.costNanoUsd >= maxCostNanoUsd
    ) {
      throw exceeded(
        `Stopped after a cost of ${usd(
          this.#usage.costNanoUsd,
        )}; the limit of this agent is ${usd(maxCostNanoUsd)}`,
        'maxCostUsd',
      );
    }
    if (this.#parent) {
      this.#parent.#checkSpent();
    }
  }

  #checkSteps(): void {
    const steps = this.#usage.modelCalls + this.#usage.toolCalls;
    if (steps >= this.#limits.maxSteps) {
      throw exceeded(
        `Stopped after ${counted(steps, 'step')}, the limit of this agent`,
        'maxSteps',
      );
    }
    if (this.#parent) {
      this.#parent.#checkSteps();
    }
  }

  #checkToolCalls(): void {
    const { toolCalls } = this.#usage;
    if (toolCalls >= this.#limits.maxToolCalls) {
      throw exceeded(
        `Stopped after ${counted(
          toolCalls,
          'tool call',
        )}, the limit of this agent`,
        'maxToolCalls',
      );
    }
    if (this.#parent) {
      this.#parent.#checkToolCalls();
    }
  }
}

/** The failure of a run that took too long. */
export function durationExceeded(seconds: number): RunFailure {
  return exceeded(
    `Stopped after ${counted(seconds, 'second')}, the limit of this agent`,
    'maxDurationSeconds',
  );
}

function exceeded(what: string, quota: string): RunFailure {
  return new RunFailure(
    'QuotaExceeded',
    `${what}. Ask for less at once, or ask the agent's owner to raise ${quota}.`,
  );
}

function format(value: number): string {
  return value.toLocaleString('en-US');
}

function counted(value: number, noun: string): string {
  return `${format(value)} ${noun}${value === 1 ? '' : 's'}`;
}

function usd(nano: number): string {
  return `$${(nano / 1e9).toLocaleString('en-US', {
    minimumFractionDigits: 2,
    maximumFractionDigits: 9,
  })}`;
}
