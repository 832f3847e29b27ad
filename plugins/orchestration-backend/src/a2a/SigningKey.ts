import { AgentCard, canonicalizeAgentCard } from '@a2a-js/sdk';
import canonicalize from 'canonicalize';
import {
  calculateJwkThumbprint,
  exportJWK,
  FlattenedSign,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose';
import type { Knex } from 'knex';
import type { KeyRing } from '../checkpoints/KeyRing';

const TABLE = 'orchestration_a2a_keys';
const ALGORITHM = 'ES256';

/**
 * The key that signs the cards of all agents. Peers pin it, so it is made once and kept in
 * the database, where all processes find it.
 */
export class SigningKey {
  /** The public part, as a key set gives it out. */
  readonly publicJwk: JWK;
  readonly #privateKey: CryptoKey;

  static async create(options: {
    knex: Knex;
    keys: KeyRing;
  }): Promise<SigningKey> {
    const { knex, keys } = options;
    const first = () => knex(TABLE).orderBy(['created_at', 'kid']).first();
    let row = await first();
    if (!row) {
      const pair = await generateKeyPair(ALGORITHM, { extractable: true });
      const jwk = await exportJWK(pair.privateKey);
      const kid = await calculateJwkThumbprint(jwk);
      const { key_id: keyId, data } = keys.seal(
        ['a2a', kid],
        Buffer.from(JSON.stringify(jwk)),
      );
      await knex(TABLE).insert({
        kid,
        key_id: keyId,
        jwk: data,
        created_at: Date.now(),
      });
      // Another process may have been faster; then its key is everybody's.
      row = await first();
    }
    const { kid, key_id: keyId, jwk } = row;
    const opened = keys.open(['a2a', kid], { key_id: keyId, data: jwk });
    return SigningKey.#of(JSON.parse(opened.toString('utf8')), kid);
  }

  static async #of(jwk: JWK, kid: string): Promise<SigningKey> {
    const { kty, crv, x, y } = jwk;
    return new SigningKey(
      { kty, crv, x, y, kid, alg: ALGORITHM, use: 'sig' },
      (await importJWK(jwk, ALGORITHM)) as CryptoKey,
    );
  }

  private constructor(publicJwk: JWK, privateKey: CryptoKey) {
    this.publicJwk = publicJwk;
    this.#privateKey = privateKey;
  }

  /**
   * The card as JSON, signed twice: over what the specification signs, and over what the
   * SDK for JavaScript makes of a card, which leaves out how to authenticate. A client is
   * content with one of them.
   *
   * @param jku - where the key set is
   */
  async sign(card: AgentCard, jku: string): Promise<object> {
    const json = AgentCard.toJSON(card) as object;
    const payloads = [canonicalize(json)!, canonicalizeAgentCard(card)];
    const signatures = await Promise.all(
      payloads.map(payload =>
        new FlattenedSign(new TextEncoder().encode(payload))
          .setProtectedHeader({
            alg: ALGORITHM,
            kid: this.publicJwk.kid,
            typ: 'JOSE',
            jku,
          })
          .sign(this.#privateKey),
      ),
    );
    return {
      ...json,
      signatures: signatures.map(({ protected: header, signature }) => ({
        protected: header,
        signature,
      })),
    };
  }
}
