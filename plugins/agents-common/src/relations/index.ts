/**
 * From an agent to the person who answers for it.
 *
 * @public
 */
export const RELATION_SPONSORED_BY = 'sponsoredBy';

/**
 * From a person to the agents that the person answers for; the reverse of
 * {@link RELATION_SPONSORED_BY}.
 *
 * @public
 */
export const RELATION_SPONSOR_OF = 'sponsorOf';

/**
 * From an agent to an agent that it may hand work to.
 *
 * @public
 */
export const RELATION_DELEGATES_TO = 'delegatesTo';

/**
 * From an agent to an agent that may hand work to it; the reverse of
 * {@link RELATION_DELEGATES_TO}.
 *
 * @public
 */
export const RELATION_DELEGATED_FROM = 'delegatedFrom';

/**
 * From a tool to the API that serves it.
 *
 * @public
 */
export const RELATION_PROVIDED_BY = 'providedBy';

/**
 * From an API to a tool that it serves; the reverse of
 * {@link RELATION_PROVIDED_BY}. Named after upstream's `providesApi`.
 *
 * @public
 */
export const RELATION_PROVIDES_TOOL = 'providesTool';
