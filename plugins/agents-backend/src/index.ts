/**
 * The registry of agents: one call for the Agents page, over the catalog.
 *
 * @packageDocumentation
 */

export {};
