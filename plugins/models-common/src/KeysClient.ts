/* eslint-disable new-cap -- openapi-fetch names its methods after the HTTP ones */
import type { Client } from 'openapi-fetch';
import type { paths } from './generated/openapi';
import {
  clientOf,
  init,
  type ModelsClientOptions,
  type ModelsRequestOptions,
  unwrap,
} from './modelsHttp';
import type {
  KeyChange,
  KeyState,
  KeySummary,
  KeyUpdate,
  KeyWithSecret,
  ModelsPage,
  NewKey,
} from './types';

/**
 * Client of the keys with which programs call models.
 *
 * Every method throws Backstage's `ResponseError` when the server refuses.
 *
 * @public
 */
export class KeysClient {
  readonly #client: () => Promise<Client<paths>>;

  constructor(options: ModelsClientOptions) {
    this.#client = clientOf(options);
  }

  /** Keys that the caller may see, the newest first. */
  async listKeys(
    query: {
      /** Only these, at most 100. */
      id?: string[];
      /** Words of the title, the id or the owner. */
      q?: string;
      ownerRef?: string;
      state?: KeyState;
      limit?: number;
      cursor?: string;
    } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<KeySummary> & { mayCreate: boolean }> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/keys', { params: { query }, ...init(options) }),
    );
  }

  /** Makes a key. Its secret is in this answer and in no other. */
  async createKey(
    key: NewKey,
    options?: ModelsRequestOptions,
  ): Promise<KeyWithSecret> {
    const client = await this.#client();
    return unwrap(await client.POST('/keys', { body: key, ...init(options) }));
  }

  async getKey(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<KeySummary> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/keys/{id}', {
        params: { path: { id } },
        ...init(options),
      }),
    );
  }

  /** Changes title, models or expiry. */
  async updateKey(
    id: string,
    key: KeyUpdate,
    options?: ModelsRequestOptions,
  ): Promise<KeySummary> {
    const client = await this.#client();
    return unwrap(
      await client.PATCH('/keys/{id}', {
        params: { path: { id } },
        body: key,
        ...init(options),
      }),
    );
  }

  /**
   * Gives a key a new secret, which is in this answer and in no other.
   *
   * @param rotation - `overlapSeconds` is how long older secrets are good yet;
   * a day unless it is said, and 0 ends them now
   */
  async rotateKey(
    id: string,
    rotation: { overlapSeconds?: number } = {},
    options?: ModelsRequestOptions,
  ): Promise<KeyWithSecret> {
    const client = await this.#client();
    return unwrap(
      await client.POST('/keys/{id}/rotate', {
        params: { path: { id } },
        body: rotation as { overlapSeconds: number },
        ...init(options),
      }),
    );
  }

  /** Ends a key for good, everywhere within a second. */
  async revokeKey(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<KeySummary> {
    const client = await this.#client();
    return unwrap(
      await client.POST('/keys/{id}/revoke', {
        params: { path: { id } },
        ...init(options),
      }),
    );
  }

  /** Who did what with a key, and when, the newest first. */
  async getKeyHistory(
    id: string,
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<KeyChange>> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/keys/{id}/history', {
        params: { path: { id }, query },
        ...init(options),
      }),
    );
  }
}
