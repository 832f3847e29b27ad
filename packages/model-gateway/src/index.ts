/**
 * The model gateway as a framework-free Node library.
 *
 * @packageDocumentation
 */

export {};
