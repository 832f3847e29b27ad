import { InputError, toError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];
const LEAST_RSA_BITS = 2_048;
const LEAST_RSA_EXPONENT = 65_537n;

/** What a thumbprint is made of, in this order. Source: RFC 7638 section 3.2. */
const THUMBPRINT_MEMBERS: Record<string, string[]> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/**
 * Reads a public key as people send it. Of what they sent only the key itself is kept.
 *
 * @throws InputError for what is no key, a private one, or a weak one
 */
export function readPublicKey(sent: Record<string, unknown>): {
  jwk: JsonObject;
  keyId: string;
} {
  if (PRIVATE_MEMBERS.some(member => member in sent)) {
    throw new InputError(
      'This key has private parts, which nobody else may see. Make a new pair, and send its public half only.',
    );
  }
  let key: KeyObject;
  try {
    key = createPublicKey({ key: sent, format: 'jwk' });
  } catch (error) {
    throw new InputError(
      `jwk is no public key in the form of RFC 7517: ${toError(error).message}`,
    );
  }
  const weakness = weaknessOf(key);
  if (weakness) {
    throw new InputError(weakness);
  }
  const jwk = key.export({ format: 'jwk' }) as JsonObject;
  const keyId = typeof sent.kid === 'string' ? sent.kid : thumbprintOf(jwk);
  return { jwk: { ...jwk, kid: keyId, use: 'sig' }, keyId };
}

function weaknessOf(key: KeyObject): string | undefined {
  const {
    modulusLength = 0,
    namedCurve = '',
    publicExponent = 0n,
  } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if (modulusLength < LEAST_RSA_BITS) {
        return `An RSA key of ${modulusLength} bits is too short; take ${LEAST_RSA_BITS} or more.`;
      }
      return publicExponent < LEAST_RSA_EXPONENT || publicExponent % 2n === 0n
        ? 'The exponent of this RSA key lets others sign with it; make a new pair with the usual one, 65537.'
        : undefined;
    case 'ec':
      return CURVES.includes(namedCurve)
        ? undefined
        : 'Of elliptic curves take P-256, P-384 or P-521.';
    case 'ed25519':
      return undefined;
    default:
      return `Keys of type ${key.asymmetricKeyType} cannot sign here; take RSA, EC or Ed25519.`;
  }
}

function thumbprintOf(jwk: JsonObject): string {
  const members = THUMBPRINT_MEMBERS[String(jwk.kty)] ?? [];
  const canonical = Object.fromEntries(
    members.map(member => [member, jwk[member]]),
  );
  return createHash('sha256')
    .update(JSON.stringify(canonical))
    .digest('base64url');
}
