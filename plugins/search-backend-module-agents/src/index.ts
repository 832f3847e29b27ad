/**
 * Agents, tools and models in search.
 *
 * @packageDocumentation
 */

export {};
