/**
 * Models and Cost pages.
 *
 * @packageDocumentation
 */

export {};
