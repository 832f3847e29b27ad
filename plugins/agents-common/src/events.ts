/**
 * Topic of the events service: entities came or changed that agents, tools and
 * models depend on. The payload is a {@link CatalogChangedPayload}. That an
 * entity has gone is not told, and events may be lost: look again now and then.
 *
 * @public
 */
export const TOPIC_CATALOG_CHANGED = 'agentportal.catalog.changed';

/**
 * Payload of {@link TOPIC_CATALOG_CHANGED}.
 *
 * @public
 */
export type CatalogChangedPayload = {
  entityRefs: string[];
};

/**
 * Topic of the events service: the registry of tools has changed.
 *
 * @public
 */
export const TOPIC_TOOLS_CHANGED = 'agentportal.tools.changed';

/**
 * Topic of the events service: the models that providers offer have changed.
 *
 * @public
 */
export const TOPIC_MODELS_CHANGED = 'agentportal.models.changed';

/**
 * Topic of the events service: a request that people decide was made, decided or is over.
 * The payload is an {@link ApprovalChangedPayload}. Events may be lost: whoever waits asks
 * now and then.
 *
 * @public
 */
export const TOPIC_APPROVALS = 'agents.approvals';

/**
 * Payload of {@link TOPIC_APPROVALS}.
 *
 * @public
 */
export type ApprovalChangedPayload = {
  id: string;
  status: string;
  runId?: string;
};

/**
 * Channel of signals to browsers: something changed about requests that people decide.
 *
 * @public
 */
export const CHANNEL_APPROVALS = 'agents:approvals';
