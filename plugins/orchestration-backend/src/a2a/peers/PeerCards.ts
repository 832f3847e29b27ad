import {
  A2A_PROTOCOL_VERSION,
  A2A_VERSION_HEADER,
  AgentCard,
  canonicalizeAgentCard,
} from '@a2a-js/sdk';
import {
  isLegacyAgentCard,
  parseLegacyAgentCard,
} from '@a2a-js/sdk/compat/v0_3/client';
import type { OwnerNotices } from '@agentportal/plugin-agents-node';
import type { RuntimeAgent } from '@agentportal/plugin-orchestration-node';
import canonicalize from 'canonicalize';
import {
  base64url,
  calculateJwkThumbprint,
  decodeProtectedHeader,
  flattenedVerify,
  type JWK,
} from 'jose';
import { hash } from 'node:crypto';
import { z } from 'zod/v4';
import { PeerError } from './PeerError';
import type { PeerStore, PinnedPeer } from './PeerStore';
import { priceOf } from './price';

/** Each of them may ask the peer for a key. */
const MAX_SIGNATURES = 10;

/** A card that may be acted on. */
export interface Peer {
  card: AgentCard;
  priceNanoUsd: number;
}

/** A card, and the JSON that it came as. */
interface ParsedCard {
  card: AgentCard;
  json: unknown;
}

const keySetSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string() })).max(100),
});

/**
 * Reads the card of an agent that lives elsewhere and decides whether it is the one that
 * was seen before: signed by the same key, and no dearer. Whoever owns the agent says
 * in its entity when that is to change, and is told when it says something else of itself.
 */
export class PeerCards {
  readonly #store: PeerStore;
  readonly #notices: Pick<OwnerNotices, 'send'>;

  constructor(options: {
    store: PeerStore;
    notices: Pick<OwnerNotices, 'send'>;
  }) {
    this.#store = options.store;
    this.#notices = options.notices;
  }

  /** @throws PeerError when it cannot be had or is not to be trusted */
  async read(
    agent: RuntimeAgent,
    cardUrl: URL,
    fetchPeer: typeof fetch,
    signal: AbortSignal,
  ): Promise<Peer> {
    const { ref, spec } = agent;
    const expected = spec.a2a!;
    const parsed = parseCard(
      await readJson(cardUrl, fetchPeer, signal, {
        [A2A_VERSION_HEADER]: A2A_PROTOCOL_VERSION,
      }),
    );
    const { card } = parsed;
    const away = card.supportedInterfaces.find(
      ({ url }) => !URL.canParse(url) || new URL(url).origin !== cardUrl.origin,
    );
    if (away) {
      throw new PeerError(
        'has a card that sends the portal to another origin than its own',
      );
    }
    const keyThumbprint = card.signatures.length
      ? await signerOf(parsed, cardUrl, fetchPeer, signal)
      : undefined;
    const before = await this.#store.get(ref);
    const pinned = before?.cardUrl === cardUrl.href ? before : undefined;
    const key = expected.keyThumbprint ?? pinned?.keyThumbprint;
    if (key && key !== keyThumbprint) {
      throw new PeerError(
        `${
          keyThumbprint
            ? `has a card that another key signed (${keyThumbprint})`
            : 'has a card that nobody signed'
        }; it was ${key}. If that is meant, its owner sets spec.a2a.keyThumbprint`,
      );
    }
    const cardDigest = hash('sha256', canonicalizeAgentCard(card));
    if (expected.cardDigest && expected.cardDigest !== cardDigest) {
      throw new PeerError(
        `has a card that says something else than its owner has agreed to. If that is meant, its owner sets spec.a2a.cardDigest to ${cardDigest}`,
      );
    }
    const priceNanoUsd = priceOf(card);
    const most =
      expected.maxPriceUsd === undefined
        ? pinned?.priceNanoUsd
        : Math.round(expected.maxPriceUsd * 1e9);
    if (most !== undefined && priceNanoUsd > most) {
      throw new PeerError(
        `costs $${priceNanoUsd / 1e9} a call now, more than $${
          most / 1e9
        }. If that is meant, its owner sets spec.a2a.maxPriceUsd`,
      );
    }
    const seen = {
      cardUrl: cardUrl.href,
      keyThumbprint,
      priceNanoUsd:
        expected.maxPriceUsd === undefined
          ? most ?? priceNanoUsd
          : priceNanoUsd,
      cardDigest,
    };
    if (cardDigest !== pinned?.cardDigest) {
      await this.#store.put(ref, seen);
      if (pinned && !expected.cardDigest) {
        await this.#tell(agent, seen);
      }
    }
    return { card, priceNanoUsd };
  }

  async #tell(
    { name, ownerRef, ref, title = name }: RuntimeAgent,
    { cardDigest, cardUrl }: PinnedPeer,
  ): Promise<void> {
    if (ownerRef) {
      // What follows the path may be a key, and this is kept and logged.
      const { origin, pathname } = new URL(cardUrl);
      await this.#notices.send({
        entityRef: ref,
        ownerRef,
        title: `${title} says something else of itself than before`,
        description: `Its card at ${origin}${pathname} has changed, and with it perhaps what it does. Look whether it is still what you want. With spec.a2a.cardDigest: ${cardDigest} it is called only for as long as it says just this; in production that is approved as any change.`,
        scope: `a2a card ${ref}`,
        severity: 'normal',
      });
    }
  }
}

function parseCard(json: unknown): ParsedCard {
  let card: AgentCard;
  try {
    card = isLegacyAgentCard(json)
      ? parseLegacyAgentCard(json)
      : AgentCard.fromJSON(json);
  } catch (error) {
    throw new PeerError('has a card that is no A2A agent card', {
      cause: error,
    });
  }
  if (!card.name || !card.supportedInterfaces.length) {
    throw new PeerError(
      'has a card that is no A2A agent card: it needs a name and supportedInterfaces',
    );
  }
  return { card, json };
}

/**
 * Thumbprint of the key that signed a card. SDKs differ in the bytes that they sign; all
 * of these hold what is acted on here.
 */
async function signerOf(
  { card, json }: ParsedCard,
  cardUrl: URL,
  fetchPeer: typeof fetch,
  signal: AbortSignal,
): Promise<string> {
  if (card.signatures.length > MAX_SIGNATURES) {
    throw new PeerError(
      `has a card with more than ${MAX_SIGNATURES} signatures`,
    );
  }
  const { signatures: _, ...bare } = json as Record<string, unknown>;
  const payloads = [
    canonicalize(bare)!,
    canonicalizeAgentCard(json as AgentCard),
    canonicalizeAgentCard(card),
  ].map(text => base64url.encode(text));
  let cause: unknown;
  for (const { protected: header, signature } of card.signatures) {
    for (const payload of payloads) {
      try {
        const { kid, jku } = decodeProtectedHeader({ protected: header });
        const key = await keyOf(kid, jku, cardUrl, fetchPeer, signal);
        await flattenedVerify({ protected: header, signature, payload }, key);
        return await calculateJwkThumbprint(key);
      } catch (error) {
        signal.throwIfAborted();
        cause = error;
      }
    }
  }
  throw new PeerError(
    'has a card whose signature does not hold: what it says was changed, or the key is not to be had at its origin',
    { cause },
  );
}

async function keyOf(
  kid: string | undefined,
  jku: string | undefined,
  cardUrl: URL,
  fetchPeer: typeof fetch,
  signal: AbortSignal,
): Promise<JWK> {
  const url = new URL(jku ?? '/.well-known/jwks.json', cardUrl);
  const { keys } = keySetSchema.parse(await readJson(url, fetchPeer, signal));
  const key = keys.find(each => each.kid === kid);
  if (!key || key.kty === 'oct') {
    throw new PeerError(`has no public key "${kid}" at ${url.href}`);
  }
  return key as JWK;
}

async function readJson(
  url: URL,
  fetchPeer: typeof fetch,
  signal: AbortSignal,
  headers?: Record<string, string>,
): Promise<unknown> {
  const response = await fetchPeer(url, { headers, signal });
  if (!response.ok) {
    await response.body?.cancel();
    throw new PeerError(`answered HTTP ${response.status} for ${url.pathname}`);
  }
  try {
    return await response.json();
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof PeerError
      ? error
      : new PeerError(`sent something at ${url.pathname} that is no JSON`, {
          cause: error,
        });
  }
}
