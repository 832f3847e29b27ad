import type { RecordedCall } from '@agentportal/agent-rules';
import type { AgentsOperations } from '@agentportal/plugin-agents-common';
import { InputError } from '@backstage/errors';
import type { AgentRecords } from '../identities/AgentRecords';
import type { KnownTools } from './KnownTools';
import { personOf } from './personOf';
import type { Rules } from './Rules';

type Request =
  AgentsOperations['SimulateRules']['requestBody']['content']['application/json'];
type Answer =
  AgentsOperations['SimulateRules']['responses'][200]['content']['application/json'];

/** What a trial replays at most; a page says so when there was more. */
const MAX_CALLS = 20_000;
const PAGE = 1_000;

/** Tries a text of rules on the calls that the tools plugin has recorded. */
export class RuleTrial {
  readonly #rules: Rules;
  readonly #records: AgentRecords;
  readonly #tools: KnownTools;

  constructor(options: {
    rules: Rules;
    records: AgentRecords;
    tools: KnownTools;
  }) {
    this.#rules = options.rules;
    this.#records = options.records;
    this.#tools = options.tools;
  }

  async simulate(request: Request, by: string): Promise<Answer> {
    const { text, agentRef, limit = 25, offset = 0 } = request;
    const from = Date.parse(request.from);
    const to = Date.parse(request.to);
    if (!(from < to)) {
      throw new InputError('The period has to begin before it ends.');
    }
    const { calls, truncated } = await this.#calls({ from, to, agentRef });
    const { problems, simulation } = await this.#rules.replay(
      text,
      calls,
      { limit, offset },
      by,
    );
    const { judged = 0, wouldRefuse = 0, items = [] } = simulation ?? {};
    const more = offset + items.length < wouldRefuse;
    const number = (value: number) => value.toLocaleString('en-US');
    return {
      summary: problems.length
        ? 'The rules have mistakes, so nothing was tried.'
        : `Would have refused ${number(wouldRefuse)} of ${number(
            judged,
          )} calls.${
            judged < calls.length
              ? ` Of ${number(
                  calls.length - judged,
                )} more the arguments are not known.`
              : ''
          }`,
      calls: calls.length,
      judged,
      wouldRefuse,
      truncated,
      problems,
      items: items.map(({ call, refusedBy }) => ({
        callId: call.callId,
        at: new Date(call.at).toISOString(),
        agentRef: call.agent.ref,
        toolRef: call.toolRef,
        ...(call.runId && { runId: call.runId }),
        args: call.args ?? {},
        reasons: refusedBy.map(({ reason }) => reason),
        ruleIds: refusedBy.map(({ ruleId }) => ruleId),
      })),
      ...(more && { nextOffset: offset + items.length }),
    };
  }

  /** The newest calls of agents in a period, the oldest of them first. */
  async #calls(period: { from: number; to: number; agentRef?: string }) {
    const { from, to, agentRef } = period;
    const found = [];
    let cursor: string | undefined;
    do {
      const query = {
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        limit: PAGE,
        ...(agentRef && { agentRef }),
        ...(cursor && { cursor }),
      };
      const page = await this.#tools.ask(by =>
        this.#tools.client.listRecordedCalls(query, by),
      );
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor && found.length < MAX_CALLS);
    // Of agents and people it is not recorded what they were then.
    const [agents, ownershipOf] = await Promise.all([
      this.#records.read(
        found.map(call => call.agentRef),
        Date.now(),
      ),
      this.#records.ownershipOf(found.flatMap(call => call.personRef ?? [])),
    ]);
    const calls = found.reverse().map((call): RecordedCall => {
      const { entity, refs } = agents.get(call.agentRef)!;
      return {
        callId: call.id,
        at: Date.parse(call.startedAt),
        agent: {
          ref: call.agentRef,
          ownerRef: refs?.owner ?? '',
          autonomy: entity?.spec.autonomy ?? '',
          lifecycle: entity?.spec.lifecycle ?? '',
          ...(entity?.spec.dataClassification && {
            classification: entity.spec.dataClassification,
          }),
        },
        toolRef: call.toolRef,
        ...(call.arguments && { args: call.arguments }),
        ...(call.personRef && {
          person: personOf(ownershipOf(call.personRef)),
        }),
        ...(call.runId && { runId: call.runId }),
        ...(call.sessionId && { sessionId: call.sessionId }),
        reached: call.reached,
        ok: call.ok,
      };
    });
    return { calls, truncated: cursor !== undefined };
  }
}
