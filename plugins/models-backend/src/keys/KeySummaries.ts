import type { KeySummary } from '@agentportal/plugin-models-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import type { ModelKey } from './key';
import { toKeySummary } from './keyJson';
import type { KeyRights } from './KeyRights';
import type { KeyStore } from './KeyStore';
import { monthlySpend } from './monthlySpend';

/** Tells what may be shown of keys: a few queries, however many keys there are. */
export class KeySummaries {
  readonly #store: KeyStore;
  readonly #ledger: DatabaseCallLedger;
  readonly #rights: KeyRights;

  constructor(options: {
    store: KeyStore;
    ledger: DatabaseCallLedger;
    rights: KeyRights;
  }) {
    this.#store = options.store;
    this.#ledger = options.ledger;
    this.#rights = options.rights;
  }

  async of(
    keys: ModelKey[],
    credentials: BackstageCredentials,
  ): Promise<KeySummary[]> {
    const ids = keys.map(key => key.id);
    const [secrets, spend, editable] = await Promise.all([
      this.#store.secretsOf(ids),
      monthlySpend(this.#ledger, ids),
      this.#rights.manager(credentials),
    ]);
    return keys.map(key =>
      toKeySummary(key, {
        secrets: secrets.filter(secret => secret.keyId === key.id),
        month: spend.get(key.id) ?? { calls: 0, costNanoUsd: 0 },
        editable: editable(key),
      }),
    );
  }

  async ofOne(
    key: ModelKey,
    credentials: BackstageCredentials,
  ): Promise<KeySummary> {
    const [summary] = await this.of([key], credentials);
    return summary;
  }
}
