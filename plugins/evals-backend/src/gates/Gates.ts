import {
  casesNeeded,
  type Gate,
  type GateDataSet,
  lowerBound,
} from '@agentportal/plugin-evals-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { DataSetRow, DataSetStore } from '../dataSets/DataSetStore';
import type { AgentTiers } from '../evaluations/AgentTiers';
import type { EvaluationStore } from '../evaluations/EvaluationStore';
import { type EvaluationRow, toEvaluation } from '../evaluations/rows';
import {
  type SaidAgent,
  subjectDigest,
  type Subjects,
} from '../evaluations/Subjects';
import { agentRefOf, type EvalsAccess } from '../permissions/EvalsAccess';
import type { GateRule, GateTerms } from './GateTerms';

const DEFAULT_MAX_AGE_MS = 30 * 86_400_000;
const DAY_MS = 86_400_000;

type Terms = GateTerms & { maxAgeMs: number };

/** Says whether agents pass what the operator, or a data set in Git, asks of agents like them. */
export class Gates {
  readonly #o: {
    access: EvalsAccess;
    dataSets: DataSetStore;
    evaluations: EvaluationStore;
    rules: GateRule[];
    subjects: Subjects;
    tiers: Pick<AgentTiers, 'of'>;
  };

  constructor(options: {
    access: EvalsAccess;
    dataSets: DataSetStore;
    evaluations: EvaluationStore;
    rules: GateRule[];
    subjects: Subjects;
    tiers: Pick<AgentTiers, 'of'>;
  }) {
    this.#o = options;
  }

  /**
   * @param evaluationId - judged in place of the newest ones of what the file of the agent says
   */
  async get(
    credentials: BackstageCredentials,
    text: string,
    evaluationId?: string,
  ): Promise<Gate> {
    const { access, evaluations, subjects } = this.#o;
    const agentRef = agentRefOf(text);
    await access.requireRead(credentials, agentRef);
    const agent = await subjects.said(agentRef);
    const sets = await this.#setsOf(agentRef);
    const terms = await this.#termsFor(agent, sets);
    if (!terms) {
      return {
        agentRef,
        required: false,
        passed: true,
        sentence: 'It may be published without an evaluation.',
        reasons: [],
      };
    }
    let judged: EvaluationRow[];
    const reasons: string[] = [];
    if (evaluationId !== undefined) {
      const given = await evaluations.get(evaluationId);
      if (given.agent_ref !== agentRef) {
        throw new InputError(`The evaluation is not one of ${agentRef}.`);
      }
      judged = [given];
      const set = sets.find(({ id }) => id === given.data_set_id);
      if (!set) {
        reasons.push(
          'Its data set does not count: where an agent has sets in files, those do.',
        );
      } else {
        reasons.push(...whyStale(given, set, terms));
      }
      if (given.status !== 'completed') {
        reasons.push(`The evaluation is ${given.status}.`);
      }
      // What a candidate leaves out is the agent's, which may be another by now.
      const digest = subjectDigest(
        agent,
        given.candidate ? JSON.parse(given.candidate) : undefined,
        await subjects.inForce(agentRef),
      );
      if (digest !== given.subject_digest) {
        reasons.push(
          'The agent has changed since, and with it what was judged.',
        );
      }
    } else {
      const digest = subjectDigest(agent, undefined, 'file');
      const found = await Promise.all(
        sets.map(async set => ({
          set,
          row: await evaluations.newestOf(
            {
              agent_ref: agentRef,
              subject_digest: digest,
              data_set_id: set.id,
            },
            ['completed'],
          ),
        })),
      );
      if (!sets.length) {
        reasons.push('It has no data set.');
      }
      for (const { set, row } of found) {
        reasons.push(
          ...(row
            ? whyStale(row, set, terms)
            : [
                `What its file says now was not asked the questions of "${set.title}".`,
              ]),
        );
      }
      judged = found.flatMap(({ row }) => row ?? []);
    }
    const dataSets = await Promise.all(
      judged.map(row => this.#dataSet(row, terms)),
    );
    return decide(agentRef, terms, { judged, dataSets }, reasons);
  }

  /** How what is judged did on a data set, in all its evaluations: whoever evaluates again until it passes gains nothing. */
  async #dataSet(
    row: EvaluationRow,
    { maxAgeMs }: Terms,
  ): Promise<GateDataSet> {
    const { agent_ref, cases, data_set_id, data_set_version } = row;
    const { evaluations, right } = await this.#o.evaluations.pooled(
      {
        ...{ agent_ref, data_set_id, data_set_version },
        subject_digest: row.subject_digest,
      },
      Date.now() - maxAgeMs,
    );
    const title = row.data_set_title;
    return { dataSetId: data_set_id, title, cases, right, evaluations };
  }

  /** Files are reviewed, so where an agent has them, what people made in the portal does not count. */
  async #setsOf(agentRef: string): Promise<DataSetRow[]> {
    const filled = await this.#o.dataSets.filledOf(agentRef);
    const files = filled.filter(({ entity_ref }) => entity_ref !== null);
    return files.length ? files : filled;
  }

  /** The first gate of the operator that fits, or stricter where a data set asks for it. */
  async #termsFor(
    agent: SaidAgent,
    sets: DataSetRow[],
  ): Promise<Terms | undefined> {
    const { rules, tiers } = this.#o;
    const needsTier = rules.some(rule => rule.for.riskTier);
    const tier = needsTier ? await tiers.of(agent.ref) : undefined;
    const fits = ({ for: of }: GateRule) =>
      (!of.agentRef ||
        of.agentRef.some(ref => ref.toLowerCase() === agent.ref)) &&
      (!of.lifecycle || of.lifecycle.includes(agent.lifecycle ?? '')) &&
      (!of.riskTier || (tier !== undefined && of.riskTier.includes(tier)));
    const all: Terms[] = [
      ...rules.filter(fits).slice(0, 1),
      ...sets.flatMap(({ gate }) =>
        gate
          ? [
              {
                ...(JSON.parse(gate) as GateTerms),
                maxAgeMs: DEFAULT_MAX_AGE_MS,
              },
            ]
          : [],
      ),
    ];
    return all.length
      ? {
          atLeast: Math.max(...all.map(each => each.atLeast)),
          confidence: Math.max(...all.map(each => each.confidence)),
          minimumCases: Math.max(...all.map(each => each.minimumCases)),
          maxAgeMs: Math.min(...all.map(each => each.maxAgeMs)),
        }
      : undefined;
  }
}

function whyStale(
  row: EvaluationRow,
  set: DataSetRow,
  { maxAgeMs }: Terms,
): string[] {
  const days = Math.round(maxAgeMs / DAY_MS);
  return [
    ...(row.data_set_version !== set.version
      ? [
          `"${set.title}" has version ${set.version} by now, and version ${row.data_set_version} was asked.`,
        ]
      : []),
    ...(Number(row.created_at) < Date.now() - maxAgeMs
      ? [`The evaluation is older than ${days} days.`]
      : []),
  ];
}

function decide(
  agentRef: string,
  terms: Terms,
  { dataSets, judged }: { dataSets: GateDataSet[]; judged: EvaluationRow[] },
  reasons: string[],
): Gate {
  const { atLeast, confidence, minimumCases } = terms;
  const cases = dataSets.reduce((sum, set) => sum + set.cases, 0);
  const right = dataSets.reduce((sum, set) => sum + set.right, 0);
  // The bound is of whole cases; a third of one is none.
  const passed = Math.floor(right + 1e-9);
  const often = Math.max(0, ...dataSets.map(set => set.evaluations));
  const inAll =
    often > 1 ? ` on average over all of up to ${often} evaluations` : '';
  // What came to nothing is not known to be right.
  const bound = cases ? lowerBound(passed, cases, confidence) : undefined;
  const all = [...reasons];
  if (judged.length && cases < minimumCases) {
    all.push(`${cases} cases were asked, and ${minimumCases} are the least.`);
  }
  if (bound !== undefined && bound < atLeast) {
    const needed = casesNeeded(atLeast, cases - passed, confidence);
    all.push(
      `${tenths(right)} of ${cases} were right${inAll}, which shows ${percent(
        bound,
      )} at least and not ${percent(atLeast)}${
        Number.isFinite(needed)
          ? `; with as many wrong it would take ${needed} cases`
          : ''
      }.`,
    );
  }
  for (const set of dataSets.length > 1 ? dataSets : []) {
    if (set.right < atLeast * set.cases) {
      all.push(
        `Of "${set.title}" ${tenths(set.right)} of ${
          set.cases
        } were right, and each data set has to reach ${percent(
          atLeast,
        )} by itself.`,
      );
    }
  }
  const isPassed = judged.length > 0 && all.length === 0;
  const [newest] = [...judged].sort(
    (a, b) => Number(b.created_at) - Number(a.created_at),
  );
  return {
    agentRef,
    required: true,
    passed: isPassed,
    sentence: isPassed
      ? `It passes: ${tenths(
          right,
        )} of ${cases} were right${inAll}, at least ${percent(
          bound!,
        )} with ${percent(confidence)} confidence.`
      : `It does not pass: ${all[0] ?? 'it was not evaluated.'}`,
    reasons: all,
    atLeast,
    confidence,
    ...(bound !== undefined && { lowerBound: bound }),
    ...(dataSets.length > 0 && { dataSets }),
    ...(newest && { evaluation: toEvaluation(newest) }),
  };
}

function tenths(count: number): number {
  return Math.floor(count * 10 + 1e-6) / 10;
}

function percent(share: number): string {
  // Rounded down: a bound of 79.96 does not show 80.
  return `${Math.floor(share * 1000) / 10} %`;
}
