/**
 * The apiVersion of the kinds that Agent Portal adds to the catalog.
 *
 * @public
 */
export const AGENT_PORTAL_API_VERSION = 'agentportal.dev/v1alpha1';
