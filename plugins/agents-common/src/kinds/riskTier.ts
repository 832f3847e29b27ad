/**
 * What a tool can do to the world, from harmless to never.
 *
 * `read` changes nothing; `write` changes data of our own in a way that can be
 * undone; `external` reaches beyond our own systems; `critical` destroys or
 * spends; `forbidden` may be known but never called.
 *
 * @public
 */
export type RiskTier = 'read' | 'write' | 'external' | 'critical' | 'forbidden';

/**
 * All risk tiers, the mildest first.
 *
 * @public
 */
export const RISK_TIERS: readonly RiskTier[] = [
  'read',
  'write',
  'external',
  'critical',
  'forbidden',
];

/**
 * How far an agent may go without asking a person.
 *
 * @public
 */
export type Autonomy = 'copilot' | 'supervised' | 'autopilot';

/**
 * All levels of autonomy, the most careful first.
 *
 * @public
 */
export const AUTONOMY_LEVELS: readonly Autonomy[] = [
  'copilot',
  'supervised',
  'autopilot',
];
