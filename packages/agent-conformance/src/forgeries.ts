import { createHmac, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/**
 * A token that a portal must refuse, and what is wrong with it.
 *
 * @public
 */
export interface Forgery {
  name: string;
  token: string;
}

type Json = Record<string, unknown>;

/** What a forger has: a good token of somebody, the public keys, and keys of their own. */
interface Material {
  header: Json;
  payload: Json;
  parts: string[];
  publicKey: JWK;
  own: { key: CryptoKey; jwk: JWK };
}

const encode = (value: Json) =>
  Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (text: string): Json =>
  JSON.parse(Buffer.from(text, 'base64url').toString());

const unsigned =
  (alg: string) =>
  ({ header, payload }: Material) =>
    `${encode({ ...header, alg })}.${encode(payload)}.`;

/** The public key, which everybody has, taken for a shared secret. */
const withPublicKey =
  (alg: string, hash: string, secret: (key: JWK) => string) =>
  ({ header, payload, publicKey }: Material) => {
    const input = `${encode({ ...header, alg })}.${encode(payload)}`;
    const mac = createHmac(hash, secret(publicKey)).update(input);
    return `${input}.${mac.digest('base64url')}`;
  };

const signedByForger =
  (more: (material: Material) => Json = () => ({})) =>
  (material: Material) =>
    new SignJWT(material.payload)
      .setProtectedHeader({
        ...material.header,
        alg: 'ES256',
        ...more(material),
      })
      .sign(material.own.key, { crit: { acme: true } });

const MAKERS: Record<string, (material: Material) => string | Promise<string>> =
  {
    'no algorithm': unsigned('none'),
    'no algorithm, in capitals': unsigned('NONE'),
    'no algorithm, with the signature of another token': material =>
      unsigned('none')(material) + material.parts[2],
    'the public key as a secret, as JSON': withPublicKey(
      'HS256',
      'sha256',
      JSON.stringify,
    ),
    'the public key as a secret, its coordinates': withPublicKey(
      'HS512',
      'sha512',
      ({ x, n }) => x ?? n ?? '',
    ),
    'an empty secret': withPublicKey('HS256', 'sha256', () => ''),
    'another subject under the signature': ({ parts, payload }) =>
      `${parts[0]}.${encode(payload)}.${parts[2]}`,
    "the signature of a forger's key, under the key id of the portal":
      signedByForger(),
    "a forger's key that the token brings along": signedByForger(({ own }) => ({
      jwk: own.jwk,
    })),
    "a forger's key at an address that the token names": signedByForger(() => ({
      kid: 'forger',
      jku: 'http://127.0.0.1:9/jwks.json',
    })),
    'a key id that is a path': signedByForger(() => ({
      kid: '../../../../dev/null',
    })),
    'a header that nobody understands': signedByForger(() => ({
      acme: 1,
      crit: ['acme'],
    })),
    'the type of the token of a plugin': ({ header, payload, parts }) =>
      `${encode({ ...header, typ: 'vnd.backstage.plugin' })}.${encode(
        payload,
      )}.${parts[2]}`,
    'the type of a token for cookies': ({ header, payload, parts }) =>
      `${encode({ ...header, typ: 'vnd.backstage.limited-user' })}.${encode(
        payload,
      )}.${parts[2]}`,
    'no type, and the audience of another service': ({
      header: { typ, ...header },
      payload,
      parts,
    }) =>
      `${encode(header)}.${encode({ ...payload, aud: 'elsewhere' })}.${
        parts[2]
      }`,
    'no signature at all': ({ parts, payload }) =>
      `${parts[0]}.${encode(payload)}`,
    'four parts': ({ parts, payload }) =>
      `${parts[0]}.${encode(payload)}.${parts[2]}.${parts[2]}`,
    'a longer life under the signature': ({ parts }) =>
      `${parts[0]}.${encode({ ...decode(parts[1]), exp: 4_102_444_800 })}.${
        parts[2]
      }`,
  };

/** Names of the forgeries that need nothing but what everybody has. */
export const FORGERIES = Object.keys(MAKERS);

let own: Promise<Material['own']> | undefined;

/** Makes one of {@link FORGERIES}. */
export async function forge(
  name: string,
  options: { token: string; subject: string; publicKey: JWK },
): Promise<string> {
  own ??= generateKeyPair('ES256').then(async ({ privateKey, publicKey }) => ({
    key: privateKey,
    jwk: await exportJWK(publicKey),
  }));
  const parts = options.token.split('.');
  const payload = decode(parts[1]);
  return MAKERS[name]({
    header: decode(parts[0]),
    payload: {
      ...payload,
      jti: randomUUID(),
      sub: options.subject,
      ent: [options.subject],
    },
    parts,
    publicKey: options.publicKey,
    own: await own,
  });
}

/**
 * Tokens that a portal must refuse, made of a good one and of what everybody can read. Show them
 * to the doors of your portal, over HTTP: each must answer 401.
 *
 * @param options - `token` is a good Backstage token of anybody, `subject` whom the forged ones
 *   say to be of (somebody else), `publicKey` one of `/api/auth/.well-known/jwks.json`
 * @public
 */
export function forgeries(options: {
  token: string;
  subject: string;
  publicKey: JWK;
}): Promise<Forgery[]> {
  return Promise.all(
    FORGERIES.map(async name => ({ name, token: await forge(name, options) })),
  );
}
