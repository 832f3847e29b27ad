/**
 * The apiVersion of the kinds that Agent Portal adds to the catalog.
 *
 * @public
 */
export const AGENT_PORTAL_API_VERSION = 'agentportal.dev/v1alpha1';

/**
 * Annotation that tells whether the server behind a Tool answered lately:
 * `available` or `stale`.
 *
 * @public
 */
export const ANNOTATION_STATUS = 'agentportal.dev/status';

/**
 * Annotation with the UTC time (ISO 8601) at which a Tool or Model was last seen.
 *
 * @public
 */
export const ANNOTATION_LAST_SEEN = 'agentportal.dev/last-seen';
