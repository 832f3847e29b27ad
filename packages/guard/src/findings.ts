import { createHash } from 'node:crypto';
import weights from './injection/weights.json';
import type { GuardAction } from './policy';

/**
 * Changes with the weights of the model, so that findings can be told apart by it.
 *
 * @public
 */
export const GUARD_VERSION = createHash('sha256')
  .update(weights.buckets)
  .digest('hex')
  .slice(0, 12);

const FOUND: Record<string, [one: string, more: string]> = {
  injection: [
    'a text that tries to give instructions',
    'texts that try to give instructions',
  ],
  secret: ['a secret', 'secrets'],
  'personal-data': ['a piece of personal data', 'pieces of personal data'],
  sensitive: [
    'a secret or piece of personal data',
    'secrets or pieces of personal data',
  ],
  link: [
    'a link that could carry words away',
    'links that could carry words away',
  ],
  'unsafe-content': [
    'a sentence that could hurt people',
    'sentences that could hurt people',
  ],
  topic: [
    'a text about a topic that the agent is not for',
    'texts about topics that the agent is not for',
  ],
  'unsupported-claim': [
    'a figure, date or name that the model was not told',
    'figures, dates or names that the model was not told',
  ],
  failure: [
    'a text that it could not look at',
    'texts that it could not look at',
  ],
};
const DONE: Record<GuardAction, string> = {
  mark: 'It was noted.',
  mask: 'The reader got something else in its place.',
  ask: 'Calls that reach outside wait for people.',
  refuse: 'It was withheld.',
  none: 'Nothing was done.',
};

/**
 * What was found and what was done, in a sentence or two for the audit log and people.
 *
 * @public
 */
export function describeFinding(finding: {
  finds: string;
  action: GuardAction;
  count: number;
}): string {
  const { action, count, finds } = finding;
  const [one, more] = FOUND[finds] ?? ['something', 'things'];
  return `The guard found ${count === 1 ? one : `${count} ${more}`}. ${
    DONE[action]
  }`;
}
