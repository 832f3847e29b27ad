/**
 * Runs, the run page and chat.
 *
 * @packageDocumentation
 */

export {};
