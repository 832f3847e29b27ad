/**
 * Evaluation sets of the example company.
 *
 * @packageDocumentation
 */

export {};
