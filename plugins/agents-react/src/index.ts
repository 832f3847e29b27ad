/**
 * Components that every Agent Portal plugin shares: faces, badges, money and time.
 *
 * @packageDocumentation
 */

export {};
