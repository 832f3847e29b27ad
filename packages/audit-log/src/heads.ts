import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { z } from 'zod/v4';
import {
  bytesSchema,
  canonicalText,
  countSchema,
  decode,
  encode,
  hashSchema,
  sha256,
} from './encoding';

/** So that no signature of one thing is taken for that of another. */
const HEAD = 'agent-portal audit tree head v1\n';
const EXPORT = 'agent-portal audit export v1\n';
/** What PKCS#8 writes before the 32 bytes of an Ed25519 key. Source: RFC 8410. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Half a surrogate pair cannot be signed. */
const nameSchema = z
  .string()
  .min(1)
  .refine(text => text.isWellFormed());

/**
 * Shape of a {@link TreeHead}.
 *
 * @public
 */
export const treeHeadSchema = z.strictObject({
  tenant: nameSchema,
  size: countSchema,
  root: hashSchema,
  time: z.iso.datetime({ precision: 3 }),
  keyId: nameSchema,
  signature: bytesSchema(64),
});

/**
 * What a log was at a time: how many entries, and the root of the tree over them,
 * signed with Ed25519 over its canonical text without the signature.
 *
 * @public
 */
export type TreeHead = z.output<typeof treeHeadSchema>;

/**
 * Shape of a {@link PublicKeys} document.
 *
 * @public
 */
export const publicKeysSchema = z.object({
  keys: z
    .array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        kid: z.string().min(1),
        x: bytesSchema(32),
      }),
    )
    .min(1),
});

/**
 * Public keys as a JSON Web Key Set. Source: RFC 7517, RFC 8037.
 *
 * @public
 */
export type PublicKeys = z.output<typeof publicKeysSchema>;

/**
 * Signs tree heads and exports.
 *
 * @public
 */
export class LogSigner {
  readonly #key: KeyObject;
  /** The key that goes with the signatures. */
  readonly publicKey: PublicKeys['keys'][number];

  private constructor(key: KeyObject) {
    this.#key = key;
    const { x } = createPublicKey(key).export({ format: 'jwk' });
    this.publicKey = {
      kty: 'OKP',
      crv: 'Ed25519',
      kid: encode(sha256(decode(x!))).slice(0, 16),
      x: x!,
    };
  }

  /** @param seed - the 32 bytes of an Ed25519 private key */
  static fromSeed(seed: Buffer): LogSigner {
    return new LogSigner(
      createPrivateKey({
        key: Buffer.concat([PKCS8_PREFIX, seed]),
        format: 'der',
        type: 'pkcs8',
      }),
    );
  }

  /** Signs what a log is now. */
  signHead(head: Omit<TreeHead, 'keyId' | 'signature'>): TreeHead {
    const signed = { ...head, keyId: this.publicKey.kid };
    return { ...signed, signature: this.#sign(HEAD + canonicalText(signed)) };
  }

  /** Signs the digest of an export. */
  signExport(digest: Buffer): { keyId: string; signature: string } {
    return {
      keyId: this.publicKey.kid,
      signature: this.#sign(EXPORT + encode(digest)),
    };
  }

  #sign(text: string): string {
    return encode(sign(null, Buffer.from(text), this.#key));
  }
}

/**
 * Knows signatures by their public keys.
 *
 * @public
 */
export class LogVerifier {
  readonly #keys: Map<string, KeyObject>;

  constructor(publicKeys: PublicKeys) {
    this.#keys = new Map(
      publicKeys.keys.map(key => [
        key.kid,
        createPublicKey({ key, format: 'jwk' }),
      ]),
    );
  }

  /** Whether one of the keys signed this head. */
  isHeadSigned({ signature, ...signed }: TreeHead): boolean {
    return this.#verify(signed.keyId, HEAD + canonicalText(signed), signature);
  }

  /** Whether one of the keys signed an export with this digest. */
  isExportSigned(
    digest: Buffer,
    { keyId, signature }: { keyId: string; signature: string },
  ): boolean {
    return this.#verify(keyId, EXPORT + encode(digest), signature);
  }

  #verify(keyId: string, text: string, signature: string): boolean {
    const key = this.#keys.get(keyId);
    return (
      key !== undefined &&
      verify(null, Buffer.from(text), key, decode(signature))
    );
  }
}
