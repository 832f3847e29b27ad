import {
  type CallHistory,
  type HistoryNeeds,
  type Rule,
  RuleEngine,
  type RuledTool,
  sumKey,
  toUnits,
  unitsAt,
} from '@agentportal/agent-rules';
import {
  type AgentsOperations,
  builtInLimit,
} from '@agentportal/plugin-agents-common';
import {
  type AgentCallDecision,
  type Clearances,
  decideAgentCall,
} from '@agentportal/plugin-agents-node';
import { requireRef } from '../identities/agentRef';
import type { AgentRecords } from '../identities/AgentRecords';
import type { KnownTools } from './KnownTools';
import { personOf } from './personOf';
import type { Rules } from './Rules';

/** A question about a call that nobody makes. */
export type DecisionQuestion =
  AgentsOperations['Decide']['requestBody']['content']['application/json']['items'][number];

/** Answers what would be decided, by the same function that decides at the doors. */
export class WhatIf {
  readonly #rules: Rules;
  readonly #records: AgentRecords;
  readonly #tools: KnownTools;
  readonly #clearances: Clearances;
  #engine?: { version: string; engine: RuleEngine };

  constructor(options: {
    rules: Rules;
    records: AgentRecords;
    tools: KnownTools;
    clearances: Clearances;
  }) {
    this.#rules = options.rules;
    this.#records = options.records;
    this.#tools = options.tools;
    this.#clearances = options.clearances;
  }

  async decide(questions: DecisionQuestion[]): Promise<AgentCallDecision[]> {
    const now = Date.now();
    const agentRefs = questions.map(({ agentRef }) =>
      requireRef('agentRef', agentRef, 'Agent'),
    );
    const people = questions.flatMap(({ personRef }) => personRef ?? []);
    const [records, ownershipOf, tools] = await Promise.all([
      this.#records.read(agentRefs, now),
      this.#records.ownershipOf(people),
      this.#tools.all(),
    ]);
    // Last, so that nobody else closes it before it is used.
    const engine = await this.#current();
    const toolsByRef = new Map(tools.map(tool => [tool.ref, tool]));
    return questions.map((question, i) => {
      const { personRef, args } = question;
      const record = records.get(agentRefs[i])!;
      const person = personRef ? ownershipOf(personRef) : undefined;
      const standing = this.#records.standingOf(
        record,
        now,
        person ? { person } : {},
      );
      const tool = toolsByRef.get(question.toolRef.toLocaleLowerCase('en-US'));
      if (!standing.allowed) {
        return refused(
          'state',
          standing.reason ?? `There is no ${record.ref}.`,
        );
      }
      if (!tool) {
        return refused(
          'tool',
          `There is no ${question.toolRef}. The list of tools has their names.`,
        );
      }
      const agent = this.#records.identityOf(record, now);
      return decideAgentCall(engine, {
        // Nobody tries here about which calls of earned tools people are asked, nor reads by what it is drawn.
        agent: {
          ...agent,
          earned: agent.earned?.map(each => ({
            ...each,
            ...{ id: '', askedShare: 0 },
          })),
        },
        tool,
        now: question.at ? Date.parse(question.at) : now,
        ...(args && { args }),
        ...(person && {
          person: {
            ...personOf(person),
            clearance: this.#clearances.of(person.ownershipRefs),
          },
        }),
        history: historyOf(question, tool, engine.needsOf(record.ref, tool)),
        provenance: question.provenance,
      });
    });
  }

  async #current(): Promise<RuleEngine> {
    const { version, rules, ...settings } = await this.#rules.effective();
    if (this.#engine?.version !== version) {
      this.#engine?.engine.close();
      this.#engine = {
        version,
        engine: new RuleEngine(rules as Rule[], settings),
      };
    }
    return this.#engine.engine;
  }
}

function refused(limit: string, reason: string): AgentCallDecision {
  return {
    allowed: false,
    reason,
    ruleIds: [builtInLimit(limit)],
    logOnly: [],
  };
}

/** What went before as the question tells it, all of it a moment ago. */
function historyOf(
  { session, args }: DecisionQuestion,
  tool: RuledTool,
  needs: HistoryNeeds | undefined,
): CallHistory {
  const all = (value: number) => ({ run: value, session: value, hour: value });
  const before = (ref: string) => session?.calls?.[ref] ?? 0;
  const { calls = [], sums = [] } = needs ?? {};
  return {
    // The call itself is counted, as at the doors.
    calls: new Map(
      calls.map(ref => [ref, all(before(ref) + (ref === tool.ref ? 1 : 0))]),
    ),
    succeeded: new Map(calls.map(ref => [ref, all(before(ref))])),
    sums: new Map(
      sums.map(({ toolRef, path }) => [
        sumKey(toolRef, path),
        all(
          (toUnits(session?.sums?.[toolRef]?.[path] ?? 0) ?? 0) +
            (toolRef === tool.ref ? unitsAt(args, path) : 0),
        ),
      ]),
    ),
  };
}
