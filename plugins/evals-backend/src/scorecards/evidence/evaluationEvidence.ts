import type { Knex } from 'knex';
import type { Evidence, EvidenceSource } from './Evidence';

const DAY_MS = 86_400_000;
/** What is older says nothing of an agent. */
const DAYS = 400;
/** Evaluations of an agent that its figures show. */
const SHOWN = 30;

interface EvaluatedRow {
  id: string;
  agent_ref: string;
  data_set_id: string;
  passed: number;
  failed: number;
  completed_at: number | string;
}

/**
 * How evaluations of what is in force went: of each agent on the data set that was evaluated last. As for
 * gates, where an agent has sets in files, which are reviewed, those that people made in the portal do not count.
 */
export function evaluationEvidence(options: { knex: Knex }): EvidenceSource {
  const { knex } = options;
  return {
    name: 'evaluations',
    async read(agents, now) {
      const rows: EvaluatedRow[] = await knex('evals_evaluations')
        .where({ status: 'completed' })
        .whereNull('candidate')
        .andWhere('created_at', '>=', now - DAYS * DAY_MS)
        .orderBy('created_at', 'desc')
        .select('id', 'agent_ref', 'data_set_id', 'completed_at')
        .select('passed', 'failed');
      const changed: Array<{ agent_ref: string; at: number | string }> =
        await knex('evals_agent_changes')
          .groupBy('agent_ref')
          .select('agent_ref')
          .max({ at: 'in_force_at' });
      const changedAt = new Map(
        changed.map(({ agent_ref, at }) => [agent_ref, Number(at)]),
      );
      const files: Array<{ id: string; agent_ref: string }> = await knex(
        'evals_data_sets',
      )
        .whereNotNull('entity_ref')
        .andWhere('case_count', '>', 0)
        .select('id', 'agent_ref');
      const filesOf = Map.groupBy(files, file => file.agent_ref);
      const of = Map.groupBy(
        rows.filter(
          row =>
            filesOf
              .get(row.agent_ref)
              ?.some(file => file.id === row.data_set_id) ?? true,
        ),
        row => row.agent_ref,
      );
      const found = new Map<string, Evidence>();
      for (const { ref } of agents) {
        const [newest, ...earlier] = (of.get(ref) ?? []).filter(
          (row, _, [first]) => row.data_set_id === first.data_set_id,
        );
        found.set(ref, {
          evaluation: {
            at: now,
            ...(newest && { newest: { id: newest.id, ...told(newest) } }),
            earlier: earlier.slice(0, SHOWN).map(told),
            ...(changedAt.has(ref) && { changedAt: changedAt.get(ref) }),
            ...(earlier.length > 0 && {
              regressions:
                newest.failed > 0
                  ? await countRegressions(knex, newest.id, earlier[0].id)
                  : 0,
            }),
          },
        });
      }
      return found;
    },
  };
}

/** How many cases failed that were right the time before, word for word. */
async function countRegressions(
  knex: Knex,
  newest: string,
  earlier: string,
): Promise<number> {
  const [{ count }] = await knex('evals_results as now')
    .join('evals_results as before', join =>
      join
        .on('before.case_id', 'now.case_id')
        .andOn('before.case_digest', 'now.case_digest'),
    )
    .where({
      'now.evaluation_id': newest,
      'now.outcome': 'failed',
      'before.evaluation_id': earlier,
      'before.outcome': 'passed',
    })
    // A case was right where it was in all of its trials.
    .whereNotExists(
      knex('evals_results as trial')
        .select(knex.raw('1'))
        .where('trial.evaluation_id', earlier)
        .where('trial.case_id', knex.ref('now.case_id'))
        .whereNot('trial.outcome', 'passed'),
    )
    .countDistinct({ count: 'now.case_id' });
  return Number(count);
}

/** Cases that could not be judged count neither way. */
function told({ passed, failed, completed_at }: EvaluatedRow) {
  return {
    finishedAt: Number(completed_at),
    passed: Number(passed),
    cases: Number(passed) + Number(failed),
  };
}
