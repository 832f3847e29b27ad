import type {
  Evaluation,
  Proposal,
  ProposalChange,
} from '@agentportal/plugin-evals-common';
import { stringify } from 'yaml';
import type { SaidAgent } from '../evaluations/Subjects';

/**
 * A proposal as what its owner takes into the file of the agent: the fields that differ, and a text for
 * whoever reviews that.
 */
export function changeOf(
  { candidate, cause, draftedBy, reason, title }: Proposal,
  agent: Pick<SaidAgent, 'title' | 'instructions' | 'model'>,
  evaluated: { candidate?: Evaluation; baseline?: Evaluation },
): ProposalChange {
  const { instructions, model } = candidate;
  const yaml = stringify(
    {
      spec: {
        ...(model && { model }),
        ...(instructions && { instructions }),
      },
    },
    { lineWidth: 0, blockQuote: 'literal' },
  );
  const words = cause.words.length ? ` (${cause.words.join(', ')})` : '';
  const lines = [
    ...(reason ? [reason, ''] : []),
    `${cause.count} ${cause.count === 1 ? 'answer' : 'answers'} of ${
      agent.title
    } went wrong in the same way: ${cause.kind}${words}.`,
    ...(draftedBy
      ? ['', `${draftedBy} drafted this change; no person wrote it.`]
      : []),
    ...(model ? ['', `Model: ${agent.model} becomes ${model}.`] : []),
    ...(instructions ? ['', 'The instructions change.'] : []),
    '',
    ...resultsOf(evaluated),
  ];
  return {
    title,
    yaml,
    pullRequest: `${lines.join('\n').trimEnd()}\n`,
  };
}

function resultsOf({
  baseline,
  candidate,
}: {
  candidate?: Evaluation;
  baseline?: Evaluation;
}): string[] {
  if (!candidate || candidate.status !== 'completed') {
    return ['It was not evaluated yet.'];
  }
  const row = (who: string, { counts, latencyMs }: Evaluation) =>
    `| ${who} | ${counts.passed} of ${counts.cases} | ${
      latencyMs ? `${(latencyMs.p50 / 1_000).toFixed(1)} s` : '–'
    } |`;
  return [
    `Evaluated on "${(candidate.dataSetTitle ?? '').replace(
      /[|\n]/g,
      ' ',
    )}", version ${candidate.dataSetVersion}:`,
    '',
    '| | right | median time |',
    '| --- | --- | --- |',
    ...(baseline && baseline.status === 'completed'
      ? [row('In force', baseline)]
      : []),
    row('Proposed', candidate),
    '',
    'Whether the difference is more than chance is on the page of the comparison in the portal.',
  ];
}
