import type {
  CaseResult,
  Comparison,
  Evaluation,
  Gate,
} from '@agentportal/plugin-evals-common';

const SHOWN = 20;

/** What an evaluation came to, as Markdown for a pipeline's page. */
export function summaryOf(of: {
  evaluation: Evaluation;
  comparison?: Comparison;
  gate?: Gate;
  results: CaseResult[];
}): string {
  const { comparison, evaluation, gate, results } = of;
  const { counts, passRate, latencyMs, costNanoUsd } = evaluation;
  const wrong = results.filter(({ outcome }) => outcome === 'failed');
  const lines = [
    `## ${evaluation.label}: ${counts.passed} of ${counts.cases} right`,
    '',
    `${evaluation.agentRef}, version ${evaluation.dataSetVersion} of "${
      evaluation.dataSetTitle ?? evaluation.dataSetId
    }".`,
    ...(passRate
      ? [
          `Right: ${percent(passRate.value)} (${percent(
            passRate.low,
          )} to ${percent(passRate.high)}).`,
        ]
      : []),
    ...(counts.incomplete
      ? [`${counts.incomplete} came to nothing and count as neither.`]
      : []),
    ...(latencyMs
      ? [`Half took up to ${latencyMs.p50} ms, 95 % up to ${latencyMs.p95} ms.`]
      : []),
    ...(costNanoUsd !== undefined
      ? [`Cost: ${(costNanoUsd / 1e9).toFixed(4)} USD.`]
      : []),
    ...(evaluation.reason ? [`It stopped: ${evaluation.reason}`] : []),
    '',
  ];
  if (comparison) {
    const { cases, verdict } = comparison;
    lines.push(
      '### Against the version in force',
      '',
      verdict.sentence,
      '',
      `Worse ${cases.worse}, better ${cases.better}, same ${cases.same}.`,
      '',
    );
  }
  if (gate) {
    lines.push('### Gate', '', gate.sentence, '');
    lines.push(...gate.reasons.slice(1).map(reason => `- ${reason}`));
  }
  if (wrong.length) {
    lines.push(
      '### Wrong',
      '',
      '| case | question | why |',
      '| --- | --- | --- |',
      ...wrong
        .slice(0, SHOWN)
        .map(
          result =>
            `| ${result.caseId} | ${cell(result.ask)} | ${cell(
              whyOf(result),
            )} |`,
        ),
      ...(wrong.length > SHOWN
        ? ['', `And ${wrong.length - SHOWN} more.`]
        : []),
      '',
    );
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The results in the form of JUnit, which pipelines show as tests. */
export function junitOf(evaluation: Evaluation, results: CaseResult[]): string {
  const count = (outcome: string) =>
    results.filter(result => result.outcome === outcome).length;
  const skipped = results.length - count('passed') - count('failed');
  const cases = results.map(result => {
    const ms = result.trials.reduce(
      (sum, { latencyMs = 0 }) => sum + latencyMs,
      0,
    );
    const open = `    <testcase classname="${xml(
      evaluation.agentRef,
    )}" name="${xml(result.caseId)}" time="${ms / 1000}"`;
    if (result.outcome === 'passed') {
      return `${open}/>`;
    }
    const tag = result.outcome === 'failed' ? 'failure' : 'skipped';
    return `${open}>\n      <${tag} message="${xml(
      whyOf(result),
    )}"/>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="${xml(
      evaluation.dataSetTitle ?? evaluation.dataSetId,
    )}" tests="${results.length}" failures="${count(
      'failed',
    )}" skipped="${skipped}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** The first thing that was not passed. */
function whyOf({ outcome, trials }: CaseResult): string {
  const check = trials
    .flatMap(({ checks }) => checks)
    .find(each => each.outcome === outcome);
  return check ? `${check.evaluator}: ${check.reason ?? outcome}` : outcome;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** What others wrote stays in its cell, and is text and no markup. */
function cell(text: string): string {
  return text
    .slice(0, 200)
    .replace(/\s+/g, ' ')
    .replace(/[\\|<>[\]`*_!@#]/g, sign => `\\${sign}`);
}

/** As attributes of XML 1.0 take it. */
function xml(text: string): string {
  return text
    .slice(0, 1_000)
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"'\n\r\t]/g, sign => `&#${sign.charCodeAt(0)};`);
}
