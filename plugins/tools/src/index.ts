/**
 * The tool explorer.
 *
 * @packageDocumentation
 */

export {};
