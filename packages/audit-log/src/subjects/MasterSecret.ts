import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomFillSync,
} from 'node:crypto';
import { decode, encode, sha256 } from '../encoding';
import { LogSigner } from '../heads';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Random bytes are asked for in large pieces; each is costly, however short. */
const POOL = Buffer.alloc(341 * NONCE_BYTES);
let used = POOL.length;

function nextNonce(): Buffer {
  if (used === POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  used += NONCE_BYTES;
  return Buffer.from(POOL.subarray(used - NONCE_BYTES, used));
}

/** AES-256-GCM as nonce, ciphertext and tag in one text. Source: NIST SP 800-38D. */
export function encrypt(key: Buffer, data: Buffer, context: string): string {
  const nonce = nextNonce();
  // Node makes a key of bytes several times faster if it is told to.
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce);
  cipher.setAAD(Buffer.from(context));
  const text = cipher.update(data);
  return encode(
    Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()]),
  );
}

/** @throws Error when the key is another one, or anything was altered */
export function decrypt(key: Buffer, sealed: string, context: string): Buffer {
  const bytes = decode(sealed);
  const decipher = createDecipheriv(
    'aes-256-gcm',
    createSecretKey(key),
    bytes.subarray(0, NONCE_BYTES),
    { authTagLength: TAG_BYTES },
  );
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([
    decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
    decipher.final(),
  ]);
}

/**
 * The one secret of a log, from which everything secret is derived: what wraps the
 * keys of persons, what finds a person, and what signs. Source: RFC 5869.
 *
 * @public
 */
export class MasterSecret {
  readonly #wrapKey: Buffer;
  readonly #lookupKey: Buffer;
  /** Names the secret without telling it. */
  readonly id: string;
  /** Signs heads and exports. */
  readonly signer: LogSigner;

  constructor(secret: Buffer) {
    if (secret.length < 32) {
      throw new RangeError(
        `The secret of an audit log has ${secret.length} bytes and needs at least 32; make one with "openssl rand -base64 32".`,
      );
    }
    const derive = (purpose: string) =>
      Buffer.from(hkdfSync('sha256', secret, '', `audit-log ${purpose}`, 32));
    this.#wrapKey = derive('wrapping of keys');
    this.#lookupKey = derive('look-up of persons');
    this.id = encode(sha256(derive('name'))).slice(0, 16);
    this.signer = LogSigner.fromSeed(derive('signing'));
  }

  /** Encrypts the key of a person for storage. */
  wrap(subject: string, key: Buffer): string {
    return encrypt(this.#wrapKey, key, subject);
  }

  /** @throws Error when it was wrapped with another secret, or altered */
  unwrap(subject: string, wrapped: string): Buffer {
    return decrypt(this.#wrapKey, wrapped, subject);
  }

  /** By which a person is found among subjects without being named there. */
  lookupOf(tenant: string, personRef: string): string {
    return createHmac('sha256', this.#lookupKey)
      .update(`${tenant}\n${personRef}`)
      .digest('base64url');
  }
}
