/**
 * Runs agents: LangGraph, checkpoints, events and quotas.
 *
 * @packageDocumentation
 */

export {};
