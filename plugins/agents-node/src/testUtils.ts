/**
 * For tests of backends in which agents act.
 *
 * @packageDocumentation
 */
export { identityClientOf } from './identities/identityClientOf';
export { delegationTokens } from './identities/delegationTokens';
export { passTime } from './identities/passTime';
