import type { UnitSums } from '@agentportal/plugin-evals-common';
import type { Knex } from 'knex';
import type { Arms, ArmSums } from './metrics';

/** Of each person, what is measured and how often. */
const COLUMNS = {
  failures: { x: 'failed', n: 'runs' },
  feedback: { x: 'up', n: 'rated' },
  latency: { x: 'duration', n: 'runs' },
  cost: { x: 'cost', n: 'runs' },
} as const;

/** In this precision, since squares of nano-USD are beyond what whole numbers of a database hold. */
const asDouble = (sql: string) => `CAST(${sql} AS DOUBLE PRECISION)`;

const SUMS = Object.entries(COLUMNS).flatMap(([metric, { x, n }]) => [
  `SUM(CASE WHEN ${n} > 0 THEN 1 ELSE 0 END) AS ${metric}_units`,
  `SUM(${x}) AS ${metric}_x`,
  `SUM(${n}) AS ${metric}_n`,
  `SUM(${x} * ${x}) AS ${metric}_xx`,
  `SUM(${x} * ${n}) AS ${metric}_xn`,
  `SUM(${n} * ${n}) AS ${metric}_nn`,
]);

const SQL = `
  SELECT candidate, COUNT(*) AS units, SUM(runs) AS runs,
    SUM(CASE WHEN failed > 0 THEN 1 ELSE 0 END) AS failures_hurt,
    SUM(CASE WHEN rated > up THEN 1 ELSE 0 END) AS feedback_hurt,
    ${SUMS.join(', ')}
  FROM (
    SELECT r.candidate AS candidate, r.unit AS unit,
      ${asDouble('COUNT(*)')} AS runs,
      ${asDouble('SUM(r.failed)')} AS failed,
      ${asDouble('SUM(r.duration_ms)')} AS duration,
      ${asDouble('SUM(r.cost_nano_usd)')} AS cost,
      ${asDouble("SUM(CASE WHEN f.rating = 'up' THEN 1 ELSE 0 END)")} AS up,
      ${asDouble('COUNT(f.rating)')} AS rated
    FROM evals_experiment_runs r
    LEFT JOIN evals_feedback f ON f.run_id = r.run_id
    WHERE r.experiment_id = ? AND r.step = ?
    GROUP BY r.candidate, r.unit
  ) people
  GROUP BY candidate`;

/**
 * Sums up what became of the runs of a step, by person first: those of a person are alike. Only one step, because
 * between two of them people change sides and time goes on.
 */
export async function readArms(
  knex: Knex,
  { id, step }: { id: string; step: number },
): Promise<Arms> {
  const answer = await knex.raw(SQL, [id, step]);
  const rows: Array<Record<string, number | string>> = Array.isArray(answer)
    ? answer
    : answer.rows;
  const arm = (candidate: number) =>
    toSums(rows.find(row => Number(row.candidate) === candidate) ?? {});
  return { baseline: arm(0), candidate: arm(1) };
}

function toSums(row: Record<string, number | string>): ArmSums {
  const of = (column: string) => Number(row[column] ?? 0);
  const sums = (metric: keyof typeof COLUMNS): UnitSums => ({
    units: of(`${metric}_units`),
    x: of(`${metric}_x`),
    n: of(`${metric}_n`),
    xx: of(`${metric}_xx`),
    xn: of(`${metric}_xn`),
    nn: of(`${metric}_nn`),
  });
  return {
    units: of('units'),
    runs: of('runs'),
    metrics: {
      failures: sums('failures'),
      feedback: sums('feedback'),
      latency: sums('latency'),
      cost: sums('cost'),
    },
    hurt: { failures: of('failures_hurt'), feedback: of('feedback_hurt') },
  };
}
