import type { AgentQuotas } from '@agentportal/plugin-agents-common';
import type {
  RunUsage,
  StepUsage,
} from '@agentportal/plugin-orchestration-common';
import type { AgentSnapshot } from '../agents/snapshot';
import type { OrchestrationConfig, RunLimits } from '../config';
import { LoopDetector } from './LoopDetector';
import { RunFailure } from './RunFailure';
import { type EndedToolCall, StallDetector } from './StallDetector';

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

/** Of two limits the lower one, and the only one where there is no other. */
export function narrowerQuotas(
  quotas: AgentQuotas = {},
  others: AgentQuotas = {},
): AgentQuotas {
  const narrower = { ...quotas };
  for (const [name, limit] of Object.entries(others)) {
    const key = name as keyof AgentQuotas;
    narrower[key] = Math.min(narrower[key] ?? limit, limit);
  }
  return narrower;
}

/** What a {@link Budget} begins with. */
export interface BudgetOptions {
  limits: RunLimits;
  loopThreshold: number;
  stallThreshold: number;
  /** The one that handed the work over. */
  parent?: Budget;
  /** What was used already, when a run goes on. */
  usage?: RunUsage;
  /** The tool calls that were made already. */
  calls?: EndedToolCall[];
}

/**
 * Counts what an agent uses and stops it at its limits. An agent that was
 * handed work spends from its own budget and from the one that handed it over.
 */
export class Budget {
  readonly #limits: RunLimits;
  readonly #parent: Budget | undefined;
  readonly #loops: LoopDetector;
  readonly #stalls: StallDetector;
  readonly #usage: RunUsage;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: BudgetOptions) {
    this.#limits = options.limits;
    this.#parent = options.parent;
    this.#loops = new LoopDetector(options.loopThreshold, options.calls);
    this.#stalls = new StallDetector(options.stallThreshold, options.calls);
    this.#usage = options.usage
      ? { ...options.usage }
      : {
          inputTokens: 0,
          outputTokens: 0,
          costNanoUsd: 0,
          modelCalls: 0,
          toolCalls: 0,
        };
  }

  get limits(): RunLimits {
    return this.#limits;
  }

  get usage(): RunUsage {
    return { ...this.#usage };
  }

  /** Throws when no model call is left, or the last ones brought nothing new. Counts the call. */
  beginModelCall(): void {
    this.#checkSpent();
    this.#checkSteps();
    this.#stalls.nextRound();
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

  /** Looks at what a tool call brought. */
  endToolCall(call: EndedToolCall): void {
    this.#stalls.learn(call);
  }

  /**
   * Throws when fewer tool calls are left than a model asks for at once, before
   * the first of them is made: half of what was asked for helps nobody.
   */
  requireToolCalls(count: number): void {
    const { modelCalls, toolCalls } = this.#usage;
    const { maxToolCalls, maxSteps } = this.#limits;
    if (count > 1 && toolCalls + count > maxToolCalls) {
      throw exceeded(
        `Stopped because ${counted(
          count,
          'tool call',
        )} at once would pass ${format(maxToolCalls)}, the limit of this agent`,
        'maxToolCalls',
      );
    }
    if (count > 1 && modelCalls + toolCalls + count > maxSteps) {
      throw exceeded(
        `Stopped because ${counted(
          count,
          'tool call',
        )} at once would pass ${format(
          maxSteps,
        )} steps, the limit of this agent`,
        'maxSteps',
      );
    }
    this.#parent?.requireToolCalls(count);
  }

  /** Throws when a call of a known price would pass the limit. */
  requireMoney(costNanoUsd: number): void {
    const left = this.#limits.maxCostNanoUsd - this.#usage.costNanoUsd;
    if (costNanoUsd > left) {
      throw exceeded(
        `Stopped because a call that costs ${usd(costNanoUsd)} would pass ${usd(
          this.#limits.maxCostNanoUsd,
        )}, the limit of this agent`,
        'maxCostUsd',
      );
    }
    this.#parent?.requireMoney(costNanoUsd);
  }

  /** Adds what a model call has used. */
  spend(usage: StepUsage): void {
    this.#usage.inputTokens += usage.inputTokens;
    this.#usage.outputTokens += usage.outputTokens;
    this.#usage.costNanoUsd += usage.costNanoUsd;
    this.#parent?.spend(usage);
  }

  /**
   * Tells that a call is under way whose cost is not known yet. What it gives
   * back is to be called once the cost is spent.
   */
  enter(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const leaveParent = this.#parent?.enter();
    this.#underWay.add(promise);
    return () => {
      this.#underWay.delete(promise);
      resolve();
      leaveParent?.();
    };
  }

  /** Resolves when the cost of all calls is known, also of those given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
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

/** The budget that an agent's quotas give it. */
export function createBudget(
  agent: AgentSnapshot,
  config: OrchestrationConfig,
  begun: Pick<BudgetOptions, 'parent' | 'usage' | 'calls'> = {},
): Budget {
  return new Budget({
    ...begun,
    limits: resolveLimits(agent.spec.quotas, config.defaultLimits),
    // Nodes repeat calls as often as the workflow says, and that has an end.
    loopThreshold: agent.spec.workflow ? Infinity : config.loopThreshold,
    stallThreshold: agent.spec.workflow ? Infinity : config.stallThreshold,
  });
}

/**
 * Counts the time that an agent may take: aborted with a failure when it is over.
 *
 * @param usedMs - what it has taken already, when a run goes on
 */
export function startClock(
  { maxDurationSeconds }: RunLimits,
  usedMs = 0,
): { signal: AbortSignal; stop: () => void } {
  const late = new AbortController();
  const leftMs = maxDurationSeconds * 1_000 - usedMs;
  const timer = setTimeout(
    () => late.abort(durationExceeded(maxDurationSeconds)),
    // Longer than setTimeout can wait is as good as for ever.
    Math.min(Math.max(0, leftMs), 2 ** 31 - 1),
  );
  return { signal: late.signal, stop: () => clearTimeout(timer) };
}

function durationExceeded(seconds: number): RunFailure {
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
