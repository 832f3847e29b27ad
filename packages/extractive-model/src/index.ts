/**
 * builtin/extractive: a model without a neural network, behind the OpenAI wire format.
 *
 * @packageDocumentation
 */

export {};
