/**
 * Golden-path actions that write and register an agent.
 *
 * @packageDocumentation
 */

export {};
