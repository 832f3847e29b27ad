/**
 * The default policy of Agent Portal.
 *
 * @packageDocumentation
 */

export {};
