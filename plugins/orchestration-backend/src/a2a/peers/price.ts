import type { AgentCard } from '@a2a-js/sdk';
import { z } from 'zod/v4';
import { PeerError } from './PeerError';

/** The extension by which a card states what a call costs; ours, for want of a standard. */
export const PRICE_EXTENSION = 'https://agentportal.dev/a2a/price/v1';

const priceSchema = z.object({
  unit: z.literal('call'),
  currency: z.literal('USD'),
  /** Decimal, such as "0.02", with nine places at most: integer nano-USD then. */
  price: z.string().regex(/^\d{1,6}(\.\d{1,9})?$/),
  validUntil: z.iso.datetime({ offset: true }).optional(),
});

/**
 * What one call costs, in nano-USD; 0 where a card states no price.
 *
 * @throws PeerError for a price that is not understood: nobody would count it
 */
export function priceOf(card: AgentCard, now = Date.now()): number {
  const extension = card.capabilities?.extensions.find(
    ({ uri }) => uri === PRICE_EXTENSION,
  );
  if (!extension) {
    return 0;
  }
  const parsed = priceSchema.safeParse(extension.params);
  if (!parsed.success) {
    throw new PeerError(
      'states a price that the portal does not understand; it counts US dollars per call',
    );
  }
  const { price, validUntil } = parsed.data;
  if (validUntil && Date.parse(validUntil) < now) {
    throw new PeerError(`states a price that ended on ${validUntil}`);
  }
  const [whole, fraction = ''] = price.split('.');
  return Number(whole) * 1e9 + Number(fraction.padEnd(9, '0'));
}
