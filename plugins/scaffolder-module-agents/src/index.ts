/**
 * Form fields that pick models, tools and autonomy.
 *
 * @packageDocumentation
 */

export {};
