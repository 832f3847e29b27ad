/**
 * The Agents page and the overview of an agent.
 *
 * @packageDocumentation
 */

export {};
