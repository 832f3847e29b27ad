import fc from 'fast-check';
import { mintKeyId, mintSecret, readSecret } from './secrets';

describe('secrets', () => {
  it('are read back as what they were made of', () => {
    const id = mintKeyId(Date.now());
    const { digest, ending, text } = mintSecret(id);
    expect(text).toMatch(/^ap_[0-9a-z]{16}_[A-Za-z0-9_-]{43}_[0-9a-f]{8}$/);
    expect(readSecret(text)).toEqual({ keyId: id, digest });
    expect(text.endsWith(ending)).toBe(true);
    expect(text).not.toContain(digest);
  });

  it('are told from a typing error without asking anybody', () => {
    const { text } = mintSecret(mintKeyId(Date.now()));
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom(...'abcdefXYZ0189_-'),
        (at, character) => {
          const typed = text.slice(0, at) + character + text.slice(at + 1);
          expect(typed === text || readSecret(typed) === undefined).toBe(true);
        },
      ),
    );
    expect(readSecret(text.slice(0, -1))).toBeUndefined();
    expect(readSecret(`${text}x`)).toBeUndefined();
  });

  it('have ids that sort by the time of their making', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5e12 }),
        fc.integer({ min: 0, max: 5e12 }),
        (a, b) => {
          fc.pre(a !== b);
          expect(mintKeyId(a) < mintKeyId(b)).toBe(a < b);
        },
      ),
    );
  });
});
