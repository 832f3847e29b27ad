import {
  createCipheriv,
  createDecipheriv,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

/** First byte of what is sealed this way. */
const SEALED = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals what is stored, so that the database alone does not tell what was
 * answered.
 */
export class AnswerSeal {
  readonly #key: Buffer;
  /** Key of the digests by which answers are found. */
  readonly digestSecret: string;

  constructor(secret: string) {
    this.#key = derive(secret, 'seal');
    this.digestSecret = derive(secret, 'digest').toString('base64');
  }

  /** @param id - of the entry; what is sealed for one opens for no other */
  seal(id: string, plain: Buffer): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.from(id));
    const text = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(SEALED), nonce, cipher.getAuthTag(), text]);
  }

  /** Nothing when it was sealed with another secret, or was changed. */
  open(id: string, stored: Buffer): Buffer | undefined {
    if (stored[0] !== SEALED) {
      return undefined;
    }
    const tagAt = 1 + NONCE_BYTES;
    const textAt = tagAt + TAG_BYTES;
    try {
      const cipher = createDecipheriv(
        'aes-256-gcm',
        this.#key,
        stored.subarray(1, tagAt),
        { authTagLength: TAG_BYTES },
      );
      cipher.setAAD(Buffer.from(id));
      cipher.setAuthTag(stored.subarray(tagAt, textAt));
      return Buffer.concat([
        cipher.update(stored.subarray(textAt)),
        cipher.final(),
      ]);
    } catch {
      return undefined;
    }
  }
}

function derive(secret: string, purpose: string): Buffer {
  return Buffer.from(
    hkdfSync(
      'sha256',
      secret,
      'agent-portal answer cache',
      `answer cache: ${purpose}`,
      32,
    ),
  );
}
