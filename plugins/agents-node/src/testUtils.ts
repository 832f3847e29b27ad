/**
 * For tests of backends in which agents act.
 *
 * @packageDocumentation
 */
export { identityClientOf } from './identities/identityClientOf';
