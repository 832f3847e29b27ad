import { InputError } from '@backstage/errors';
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A secret, and the name under which rows remember it. */
export interface CheckpointKey {
  /** At most 64 characters; never given to another secret. */
  id: string;
  /** At least 32 characters, such as of `openssl rand -base64 32`. */
  secret: string;
}

/** Bytes as they lie in a row. */
export interface Sealed {
  key_id: string | null;
  data: Buffer;
}

/**
 * Seals what is stored with the first of its keys and opens it with the one that
 * the row names, so a key is replaced by putting a new one before it. A ring
 * without keys stores in the open. Source: NIST SP 800-38D, RFC 5869.
 */
export class KeyRing {
  readonly #keys: Map<string, KeyObject>;
  readonly #current?: string;
  readonly #digestKey?: KeyObject;

  constructor(keys: CheckpointKey[]) {
    const ids = new Set(keys.map(({ id }) => id));
    if (
      ids.size < keys.length ||
      keys.some(({ id }) => !/^.{1,64}$/.test(id))
    ) {
      throw new InputError(
        'Each key for checkpoints needs an id of its own, of 1 to 64 characters.',
      );
    }
    const weak = keys.find(({ secret }) => secret.length < 32);
    if (weak) {
      throw new InputError(
        `The checkpoint key "${weak.id}" needs a secret of at least 32 characters; make one with "openssl rand -base64 32".`,
      );
    }
    this.#keys = new Map(
      keys.map(({ id, secret }) => [id, derive(secret, 'seal')]),
    );
    this.#current = keys[0]?.id;
    this.#digestKey = keys[0] && derive(keys[0].secret, 'digest');
  }

  /** @param place - names the row; what is sealed for one opens for no other */
  seal(place: string[], plain: Uint8Array): Sealed {
    if (this.#current === undefined) {
      return { key_id: null, data: Buffer.from(plain) };
    }
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(
      'aes-256-gcm',
      this.#keys.get(this.#current)!,
      nonce,
    );
    cipher.setAAD(Buffer.from(JSON.stringify(place)));
    const text = Buffer.concat([cipher.update(plain), cipher.final()]);
    return {
      key_id: this.#current,
      data: Buffer.concat([nonce, cipher.getAuthTag(), text]),
    };
  }

  /**
   * Rows in the open are read also where there are keys: they are of before the
   * keys, and a run that waits for a person must go on.
   */
  open(place: string[], { key_id: keyId, data }: Sealed): Buffer {
    if (keyId === null) {
      return data;
    }
    const key = this.#keys.get(keyId);
    if (!key) {
      throw new Error(
        `A checkpoint is sealed with the key "${keyId}", which is not configured; put it back behind the keys that are.`,
      );
    }
    const textAt = NONCE_BYTES + TAG_BYTES;
    try {
      const cipher = createDecipheriv(
        'aes-256-gcm',
        key,
        data.subarray(0, NONCE_BYTES),
        { authTagLength: TAG_BYTES },
      );
      cipher.setAAD(Buffer.from(JSON.stringify(place)));
      cipher.setAuthTag(data.subarray(NONCE_BYTES, textAt));
      return Buffer.concat([
        cipher.update(data.subarray(textAt)),
        cipher.final(),
      ]);
    } catch {
      throw new Error(
        `A checkpoint does not open with its key "${keyId}": the row was altered, or the key has another secret than when it was written.`,
      );
    }
  }

  /** A digest that tells nothing of the contents to those who lack the key. */
  blind(digest: Buffer): string {
    return this.#digestKey
      ? createHmac('sha256', this.#digestKey).update(digest).digest('base64url')
      : digest.toString('base64url');
  }
}

function derive(secret: string, purpose: string): KeyObject {
  return createSecretKey(
    Buffer.from(
      hkdfSync(
        'sha256',
        secret,
        '',
        `agent-portal checkpoints: ${purpose}`,
        32,
      ),
    ),
  );
}
