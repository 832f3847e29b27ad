/** The tenant of calls that no agent with an owner makes. */
export const DEFAULT_TENANT = 'default';
