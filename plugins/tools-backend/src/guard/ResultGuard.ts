import { createHmac } from 'node:crypto';
import {
  actionOf,
  conversationOf,
  fence,
  type GuardAction,
  type GuardConfig,
  type GuardPolicy,
  inspect,
  type Inspection,
  type InspectionTask,
  mapTexts,
  Tokens,
} from '@agentportal/guard';
import { builtInLimit, type RiskTier } from '@agentportal/plugin-agents-common';
import {
  createWorkerPool,
  type RunContext,
  type WorkerPool,
} from '@agentportal/plugin-agents-node';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { metrics } from '@opentelemetry/api';
import type { CallDecision } from '../gateway/CallAudit';
import type { ToolAnswer } from '../gateway/limitResult';
import type { ToolRecord } from '../registry/records';
import type { GuardFindings } from './GuardFindings';

/** What is longer is looked at in a process of its own: some milliseconds here. */
const INLINE_CHARACTERS = 4_000;
const CPU_MS = 3_000;
const HEAP_MB = 256;
/** What is shorter says nothing. */
const MIN_CHARACTERS = 12;
const REACHES_OUTSIDE: ReadonlySet<RiskTier> = new Set([
  'external',
  'critical',
]);

const counter = metrics
  .getMeter('agentportal.tools')
  .createCounter('agentportal.guard.findings', {
    description:
      'What the guard found in what tools return, and how often it could not look',
  });

/** What was found in an answer, without its words. */
export interface GuardVerdict {
  finds: 'injection' | 'sensitive' | 'failure';
  action: GuardAction;
  /** How often. */
  count: number;
  /** The first of them: by which rule, where in its text, and a keyed digest of it. */
  places?: Array<{
    rule: string;
    hash: string;
    view?: string;
    offset?: number;
  }>;
}

/** Of one kind, told one by one. */
const MAX_PLACES = 20;
/** Of an argument, for people. */
const MAX_EXCERPT = 120;

interface GuardedCall {
  callId: string;
  run: RunContext;
  tool: ToolRecord;
  /** Then it counts for this conversation, and in no figures. */
  isRehearsal?: boolean;
}

/** Looks at what tools return to agents before a model reads it. */
export class ResultGuard {
  readonly #policy: GuardPolicy;
  readonly #findings: GuardFindings;
  readonly #logger: LoggerService;
  readonly #secret: Buffer;
  readonly #pool: WorkerPool<InspectionTask, Inspection[]>;

  constructor(options: {
    config: GuardConfig;
    findings: GuardFindings;
    logger: LoggerService;
    cpuMs?: number;
  }) {
    this.#policy = options.config.policy;
    this.#findings = options.findings;
    this.#logger = options.logger;
    this.#secret = options.config.secret;
    this.#pool = createWorkerPool({
      name: 'The guard',
      filename: require.resolve('@agentportal/guard/worker'),
      maxProcesses: 1,
      cpuMs: options.cpuMs ?? CPU_MS,
      maxHeapMb: HEAP_MB,
      maxQueue: 200,
    });
  }

  /**
   * An answer as the agent gets it, and what was found. A guard that cannot look counts
   * as one that has found an instruction: nothing reaches outside without people.
   */
  async check(
    answer: ToolAnswer,
    call: GuardedCall,
  ): Promise<{ answer: ToolAnswer; verdicts: GuardVerdict[] }> {
    const { run, tool } = call;
    const actionFor = (finds: GuardPolicy[number]['finds']) =>
      actionOf(this.#policy, {
        on: 'result',
        finds,
        agentRef: run.agentRef,
        dataClassification: tool.dataClassification,
      });
    const forInjection = actionFor('injection');
    const forSecret = actionFor('secret');
    const forPersonal = actionFor('personal-data');
    if (
      [forInjection, forSecret, forPersonal].every(action => action === 'none')
    ) {
      return { answer, verdicts: [] };
    }
    let texts: string[];
    let inspections: Inspection[];
    try {
      // What is nested deeper than the stack cannot be looked at.
      texts = textsOf(answer);
      inspections = await this.#inspect(
        {
          texts,
          origin: 'tool',
          injections: forInjection !== 'none',
          secrets: forSecret !== 'none',
          personalData: forPersonal !== 'none',
        },
        [call.run.agentRef, call.tool.serverRef],
      );
    } catch (error) {
      this.#logger.error(
        `The guard could not look at the answer of ${tool.name}`,
        error as Error,
      );
      return {
        answer: (await this.#note(call, 'ask')) ? answer : refused(tool.name),
        verdicts: [counted('failure', 'ask', 1)],
      };
    }

    const verdicts: GuardVerdict[] = [];
    const actions: GuardAction[] = [];
    const injected = inspections.flatMap(({ injection }) => injection ?? []);
    if (injected.length > 0) {
      const action = (await this.#note(call, forInjection))
        ? forInjection
        : 'refuse';
      actions.push(action);
      verdicts.push(
        counted(
          'injection',
          action,
          injected.length,
          injected.map(({ by, excerpt, view }) => ({
            rule: by,
            view,
            hash: this.#hash(excerpt),
          })),
        ),
      );
    }
    const tokens = this.#tokensOf(call);
    const changed = new Map<string, string>();
    const sensitive = new Map<GuardAction, Required<GuardVerdict>['places']>();
    for (const [i, { injection, parts }] of inspections.entries()) {
      let text = texts[i];
      const hidden = parts.filter(
        ({ kind }) => (kind === 'secret' ? forSecret : forPersonal) === 'mask',
      );
      for (const { end, kind, start } of parts) {
        const action = kind === 'secret' ? forSecret : forPersonal;
        actions.push(action);
        sensitive.set(action, [
          ...(sensitive.get(action) ?? []),
          {
            rule: kind,
            offset: start,
            hash: this.#hash(text.slice(start, end)),
          },
        ]);
      }
      text = tokens.mask(text, hidden);
      if (injection && (forInjection === 'mark' || forInjection === 'ask')) {
        text = fence(text, tool.name);
      }
      changed.set(texts[i], text);
    }
    for (const [action, places] of sensitive) {
      if (action !== 'none') {
        verdicts.push(counted('sensitive', action, places.length, places));
      }
    }
    return {
      answer: actions.includes('refuse')
        ? refused(tool.name)
        : withTexts(answer, text => changed.get(text) ?? text),
      verdicts,
    };
  }

  /**
   * Whether one of these texts of a tool's description is an instruction that has nothing
   * to do with the tool.
   */
  async instructionsIn(
    texts: string[],
    tool: Pick<ToolRecord, 'serverRef'>,
  ): Promise<boolean> {
    const inspections = await this.#inspect(
      {
        texts,
        origin: 'tool',
        injections: true,
        secrets: false,
        personalData: false,
      },
      [tool.serverRef],
    );
    return inspections.some(({ injection }) => injection);
  }

  /** Arguments with the values for which a model has only seen tokens. */
  unmask<T>(args: T, call: Pick<GuardedCall, 'run' | 'tool'>): T {
    return this.#tokensOf(call).unmask(args);
  }

  /** What people should know of arguments in which a model has written tokens. */
  explainTokens(
    args: Record<string, unknown>,
    call: Pick<GuardedCall, 'run' | 'tool'>,
  ): string | undefined {
    const told = this.#tokensOf(call).describe(args);
    const names = Object.keys(args).filter(
      name => JSON.stringify(told[name]) !== JSON.stringify(args[name]),
    );
    return names.length > 0
      ? `Where a token stands the tool gets its value: ${names
          .map(name => {
            const value = told[name];
            const text =
              typeof value === 'string' ? value : JSON.stringify(value);
            return `${name} is "${cut(text)}"`;
          })
          .join(', ')}.`
      : undefined;
  }

  #hash(text: string): string {
    return createHmac('sha256', this.#secret)
      .update(text)
      .digest('base64url')
      .slice(0, 16);
  }

  /** Values hold in one run; a secret goes to no other server than the one that told it. */
  #tokensOf({ run, tool }: Pick<GuardedCall, 'run' | 'tool'>): Tokens {
    const scope = conversationOf(run);
    return new Tokens(this.#secret, kind =>
      kind === 'secret' ? `${scope} ${tool.serverRef}` : scope,
    );
  }

  /**
   * What becomes of a call that was allowed: where a tool has given instructions before,
   * calls that reach outside are left to people, unless a person's own words ask for them.
   */
  async restrict<T extends CallDecision>(
    decision: T,
    call: {
      run: RunContext;
      tool: ToolRecord;
      args: Record<string, unknown>;
      provenance?: Record<string, string[]>;
      approved: boolean;
    },
  ): Promise<T> {
    const { approved, args, provenance, run, tool } = call;
    if (
      !decision.allowed ||
      approved ||
      !REACHES_OUTSIDE.has(tool.riskTier) ||
      isSaidByPerson(args, provenance)
    ) {
      return decision;
    }
    const by = await this.#findings.firstToolOf(run);
    return by === undefined
      ? decision
      : {
          ...decision,
          allowed: false,
          approvable: true,
          reason: `What ${by} returned in this conversation tries to give instructions, and ${tool.name} reaches outside. A person has to ask for it in their own words, or to approve it.`,
          ruleIds: [builtInLimit('guard')],
        };
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** @returns false when it cannot be kept, so that the model must not read the answer */
  async #note(call: GuardedCall, action: GuardAction): Promise<boolean> {
    if (action === 'ask') {
      try {
        await this.#findings.add(call.run, {
          callId: call.callId,
          toolName: call.tool.name,
          isRehearsal: call.isRehearsal,
        });
      } catch (error) {
        this.#logger.error(
          'Could not keep what the guard found',
          error as Error,
        );
        return false;
      }
    }
    return true;
  }

  #inspect(task: InspectionTask, partyRefs: string[]): Promise<Inspection[]> {
    const length = task.texts.reduce((sum, text) => sum + text.length, 0);
    return length <= INLINE_CHARACTERS
      ? inspect(task)
      : this.#pool.run(task, {
          parties: partyRefs.map(ref => ({ ref, max: 20 })),
        });
  }
}

function counted(
  finds: GuardVerdict['finds'],
  action: GuardAction,
  count: number,
  places: GuardVerdict['places'] = [],
): GuardVerdict {
  counter.add(1, { on: 'result', finds, action });
  return {
    finds,
    action,
    count,
    ...(places.length > 0 && { places: places.slice(0, MAX_PLACES) }),
  };
}

function cut(text: string): string {
  return text.length > MAX_EXCERPT
    ? `${text.slice(0, MAX_EXCERPT).toWellFormed()}…`
    : text;
}

/** Whether a person has said all that a tool is called with, as far as is known. */
function isSaidByPerson(
  args: Record<string, unknown>,
  provenance: Record<string, string[]> = {},
): boolean {
  const names = Object.keys(args);
  return (
    names.length > 0 &&
    names.every(
      name =>
        Object.hasOwn(provenance, name) && provenance[name].includes('person'),
    )
  );
}

function textsOf(answer: ToolAnswer): string[] {
  const texts = new Set<string>();
  withTexts(answer, text => {
    if (text.length >= MIN_CHARACTERS) texts.add(text);
    return text;
  });
  return [...texts];
}

function withTexts(
  answer: ToolAnswer,
  change: (text: string) => string,
): ToolAnswer {
  return {
    ...answer,
    content: answer.content.map(block => {
      if (block.type === 'text') {
        return { ...block, text: mapTexts(block.text, change) };
      }
      if (block.type === 'resource_link') {
        const { description, name, title } = block;
        return {
          ...block,
          name: change(name),
          ...(title !== undefined && { title: change(title) }),
          ...(description !== undefined && {
            description: change(description),
          }),
        };
      }
      return block.type === 'resource' && 'text' in block.resource
        ? {
            ...block,
            resource: {
              ...block.resource,
              text: mapTexts(block.resource.text, change),
            },
          }
        : block;
    }),
    ...(answer.structuredContent !== undefined && {
      structuredContent: mapTexts(answer.structuredContent, change),
    }),
  };
}

function refused(toolName: string): ToolAnswer {
  return {
    content: [
      {
        type: 'text',
        text: `${toolName} was called. The guard of the portal withholds its answer because of what it holds; a person can call the tool to see it.`,
      },
    ],
    isError: true,
  };
}
