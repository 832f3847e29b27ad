import { InputError } from '@backstage/errors';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST_NAME = 63;

/**
 * Makes sure that a name is good for an entity, a folder and a repository at
 * once; so it can hold no path.
 */
export function checkAgentName(name: string): string {
  if (name.length > LONGEST_NAME || !NAME.test(name)) {
    throw new InputError(
      `"${name.slice(
        0,
        80,
      )}" cannot be the name of an agent: use up to ${LONGEST_NAME} lower-case letters and digits, with single dashes between them, starting with a letter, for example order-desk`,
    );
  }
  return name;
}
