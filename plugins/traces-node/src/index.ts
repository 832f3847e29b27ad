/**
 * How plugins of the portal hand on what they did as spans.
 *
 * @packageDocumentation
 */
export { type PortalSpan, SpanExporter } from './SpanExporter';
