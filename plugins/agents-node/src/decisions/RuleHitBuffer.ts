import type { RuleHits } from '@agentportal/plugin-agents-common';

/** Rules of which something is told at once; the rest waits or is only not shown. */
const MAX_RULES = 500;
const MAX_EXAMPLES = 20;

/** Counts what rules matched, and tells it now and then. */
export class RuleHitBuffer {
  readonly #everyMs: number;
  readonly #tell: (hits: RuleHits[]) => Promise<void>;
  #hits = new Map<string, RuleHits>();
  #timer?: NodeJS.Timeout;

  constructor(options: {
    everyMs: number;
    tell: (hits: RuleHits[]) => Promise<void>;
  }) {
    this.#everyMs = options.everyMs;
    this.#tell = options.tell;
  }

  add(hit: {
    ruleId: string;
    mode: RuleHits['mode'];
    agentRef: string;
    toolRef: string;
    runId?: string;
  }): void {
    const { ruleId, mode, ...call } = hit;
    this.#merge({
      ruleId,
      mode,
      count: 1,
      examples: [{ at: new Date().toISOString(), ...call }],
    });
    this.#schedule();
  }

  #merge(hits: RuleHits): void {
    const key = `${hits.mode} ${hits.ruleId}`;
    const known = this.#hits.get(key);
    if (known) {
      known.count += hits.count;
      known.examples = [...known.examples, ...hits.examples].slice(
        -MAX_EXAMPLES,
      );
    } else if (this.#hits.size < MAX_RULES) {
      this.#hits.set(key, hits);
    }
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#flush(), this.#everyMs).unref();
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    const hits = [...this.#hits.values()];
    this.#hits = new Map();
    try {
      await this.#tell(hits);
    } catch {
      // The agents plugin is away, which is told elsewhere.
      hits.forEach(each => this.#merge(each));
      this.#schedule();
    }
  }
}
