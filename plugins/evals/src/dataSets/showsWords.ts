import { formatCount } from '@agentportal/plugin-agents-react';
import type { DataSet } from '@agentportal/plugin-evals-common';

/** What a data set can tell apart. */
export function showsWords({ caseCount, smallestDifference }: DataSet): string {
  if (caseCount === 0) {
    return 'It has no cases yet.';
  }
  if (smallestDifference === undefined) {
    return `${formatCount(caseCount)} cases.`;
  }
  if (smallestDifference >= 1) {
    return 'So few cases cannot show any difference.';
  }
  const points = Math.ceil(smallestDifference * 100);
  return `This set cannot show less than ${points} ${
    points === 1 ? 'point' : 'points'
  } of difference.`;
}
