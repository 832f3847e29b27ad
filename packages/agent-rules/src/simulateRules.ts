import { sumKey, type CallHistory, type Windows } from './CallHistory';
import { toUnits } from './decimal';
import type { RuleSettings } from './environment';
import type { HistoryNeeds, Rule, RuledTool } from './Rule';
import { RuleEngine, type RuledCall, type RuleHit } from './RuleEngine';

const HOUR_MS = 3_600_000;

/**
 * A call of an agent as it was recorded.
 *
 * @public
 */
export interface RecordedCall {
  callId: string;
  /** Milliseconds, UTC. */
  at: number;
  agent: RuledCall['agent'];
  toolRef: string;
  /** Absent when they were not kept. */
  args?: Record<string, unknown>;
  /** For whom it was, with the groups that the person is in now. */
  person?: RuledCall['person'];
  runId?: string;
  sessionId?: string;
  /** Whether it reached the tool, and whether it ended well. */
  reached: boolean;
  ok: boolean;
}

/** @public */
export interface Simulation {
  /** All calls. */
  calls: number;
  /** Those whose arguments are known and whose tool is still there. */
  judged: number;
  wouldRefuse: number;
  /** A page of those that would have been refused, the newest first. */
  items: Array<{ call: RecordedCall; refusedBy: RuleHit[] }>;
}

/** What had been called before each call. */
class ReplayedHistory {
  readonly #byRun = new Map<string, RecordedCall[]>();
  readonly #bySession = new Map<string, RecordedCall[]>();
  readonly #byAgent = new Map<string, RecordedCall[]>();

  add(call: RecordedCall): void {
    push(this.#byRun, call.runId, call);
    push(this.#bySession, call.sessionId ?? call.runId, call);
    push(this.#byAgent, call.agent.ref, call);
  }

  /** With the call itself, as when it was made. */
  before(call: RecordedCall, needs: HistoryNeeds): CallHistory {
    const { runId, sessionId, agent } = call;
    const run = this.#byRun.get(runId ?? '') ?? [];
    const session = this.#bySession.get(sessionId ?? runId ?? '') ?? [];
    const hour: RecordedCall[] = [];
    const ofAgent = this.#byAgent.get(agent.ref) ?? [];
    for (let i = ofAgent.length - 1; i >= 0; i--) {
      if (ofAgent[i].at <= call.at - HOUR_MS) {
        break;
      }
      hour.push(ofAgent[i]);
    }
    const windows = (count: (calls: RecordedCall[]) => number): Windows => ({
      run: count(run),
      session: count(session),
      hour: count(hour),
    });
    const own = (toolRef: string) => (toolRef === call.toolRef ? [call] : []);
    return {
      calls: new Map(
        needs.calls.map(ref => [
          ref,
          windows(
            calls =>
              calls.filter(({ toolRef }) => toolRef === ref).length +
              own(ref).length,
          ),
        ]),
      ),
      succeeded: new Map(
        needs.calls.map(ref => [
          ref,
          windows(
            calls =>
              calls.filter(({ toolRef, ok }) => ok && toolRef === ref).length,
          ),
        ]),
      ),
      sums: new Map(
        needs.sums.map(({ toolRef, path }) => [
          sumKey(toolRef, path),
          windows(calls =>
            [...calls, ...own(toolRef)]
              .filter(each => each.toolRef === toolRef)
              .reduce((sum, { args }) => sum + unitsAt(args, path), 0),
          ),
        ]),
      ),
    };
  }
}

/**
 * Replays calls with rules that were not there then. What would have been refused does
 * not count in the history of what came after.
 *
 * @param options.calls - the oldest first
 * @public
 */
export function simulateRules(options: {
  rules: Rule[];
  tools: RuledTool[];
  calls: RecordedCall[];
  settings: RuleSettings;
  page: { limit: number; offset: number };
}): Simulation {
  const { calls, page } = options;
  const tools = new Map(options.tools.map(tool => [tool.ref, tool]));
  // As if they were in force, because that is the question.
  const engine = new RuleEngine(
    options.rules.map(rule =>
      rule.mode === 'log' ? { ...rule, mode: 'enforce' } : rule,
    ),
    options.settings,
  );
  const past = new ReplayedHistory();
  const refused: Simulation['items'] = [];
  let judged = 0;
  for (const call of calls) {
    const { agent, toolRef, args } = call;
    const tool = tools.get(toolRef);
    let allowed = true;
    if (tool && args) {
      judged += 1;
      const needs = engine.needsOf(agent.ref, tool);
      const verdict = engine.judge({
        agent,
        tool,
        args,
        now: call.at,
        ...(call.person && { person: call.person }),
        ...(needs && { history: past.before(call, needs) }),
      });
      allowed = verdict.allowed;
      if (!allowed) {
        refused.push({ call, refusedBy: verdict.refusedBy });
      }
    }
    if (allowed && call.reached) {
      past.add(call);
    }
  }
  engine.close();
  return {
    calls: calls.length,
    judged,
    wouldRefuse: refused.length,
    items: refused.reverse().slice(page.offset, page.offset + page.limit),
  };
}

/**
 * The number at a path of arguments in ten-thousandths; 0 where there is none. One below
 * zero counts as 0, because it would make room in a sum for more than its limit.
 *
 * @public
 */
export function unitsAt(
  args: Record<string, unknown> | undefined,
  path: string,
): number {
  const value = path
    .split('.')
    .reduce<unknown>(
      (at, field) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, field)
          ? (at as Record<string, unknown>)[field]
          : undefined,
      args,
    );
  const units = typeof value === 'number' ? toUnits(value) ?? 0 : 0;
  return Math.max(0, units);
}

function push(
  map: Map<string, RecordedCall[]>,
  key: string | undefined,
  call: RecordedCall,
) {
  if (key !== undefined) {
    const calls = map.get(key) ?? [];
    calls.push(call);
    map.set(key, calls);
  }
}
