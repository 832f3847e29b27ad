import type { Grade, Outcome } from '@agentportal/plugin-evals-common';
import type { EvalCase } from './dataset';

/** A case with what became of it. */
export interface Result {
  item: EvalCase;
  outcome: Outcome;
  grade: Grade;
}

function share(results: Result[], part: keyof Grade): string {
  if (!results.length) return '-';
  return (
    results.filter(result => result.grade[part]).length / results.length
  ).toFixed(2);
}

function line(name: string, results: Result[]): string[] {
  return [
    name,
    String(results.length),
    share(results, 'tool'),
    share(results, 'arguments'),
    share(results, 'facts'),
    share(results, 'all'),
  ];
}

/** The table of accuracy per agent, the two halves, and the one line that ends a run. */
export function reportOf(results: Result[]): string {
  const agents = [...new Set(results.map(result => result.item.agentRef))];
  const rows = [
    ['agent', 'cases', 'tool', 'arguments', 'facts', 'all'],
    ...agents.map(agent =>
      line(
        agent.replace(/^agent:default\//, ''),
        results.filter(result => result.item.agentRef === agent),
      ),
    ),
    line(
      'questions seen while tuning',
      results.filter(result => !result.item.heldOut),
    ),
    line(
      'held-out questions',
      results.filter(result => result.item.heldOut),
    ),
  ];
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map(row => row[column].length)),
  );
  const table = rows.map(row =>
    row
      .map((cell, column) =>
        column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join('  '),
  );
  return [...table, '', summaryOf(results)].join('\n');
}

/** `accuracy 0.87 (104/120)`. */
export function summaryOf(results: Result[]): string {
  const passed = results.filter(result => result.grade.all).length;
  const accuracy = results.length ? passed / results.length : 0;
  return `accuracy ${accuracy.toFixed(2)} (${passed}/${results.length})`;
}

/** One failed case with what was expected and what came. */
export function explain({ item, outcome, grade }: Result): string {
  const wrong = (['tool', 'arguments', 'facts'] as const).filter(
    part => !grade[part],
  );
  const expected =
    item.without ??
    (item.calls ?? [])
      .map(call => `${call.tool.join('|')} ${JSON.stringify(call.arguments)}`)
      .join('; ');
  const got =
    outcome.failure ??
    (outcome.calls
      .map(call => `${call.tool} ${JSON.stringify(call.arguments)}`)
      .join('; ') ||
      'no call');
  return [
    `FAILED ${item.id} (${wrong.join(', ')}): ${item.turns.join(' / ')}`,
    `  expected ${expected}; facts ${JSON.stringify(item.facts)}`,
    `  got ${got}`,
    `  answer ${outcome.answer.replace(/\s+/g, ' ').slice(0, 400)}`,
  ].join('\n');
}
