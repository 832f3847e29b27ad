/**
 * The model service: providers, price book and cost ledger behind one OpenAI-compatible door.
 *
 * @packageDocumentation
 */

export {};
