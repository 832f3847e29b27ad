import type { AuditorService } from '@backstage/backend-plugin-api';
import { AuthenticationError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';

const TELL_EVERY_MS = 60_000;
/** Kinds that are told apart in that time; whatever else is refused is told together. */
const MAX_KINDS = 20;
const OTHERS = 'others';

/**
 * Counts requests of whoever did not prove to be an agent, and tells the auditor once a
 * minute, for each client, address and error: without a credential nobody fills a log
 * that forgets nothing.
 */
export class Refusals {
  readonly #auditor: AuditorService;
  #counts = new Map<string, { kind: JsonObject; requests: number }>();

  constructor(auditor: AuditorService) {
    this.#auditor = auditor;
  }

  /** @param kind - has only values that are checked, or that the caller cannot choose */
  add(kind: { error: string; clientId?: string; ip?: string }): void {
    if (this.#counts.size === 0) {
      setTimeout(() => this.#tell(), TELL_EVERY_MS).unref();
    }
    const text = JSON.stringify(kind);
    const isApart = this.#counts.has(text) || this.#counts.size < MAX_KINDS;
    const key = isApart ? text : OTHERS;
    const known = this.#counts.get(key);
    this.#counts.set(key, {
      kind: isApart ? kind : { error: OTHERS },
      requests: (known?.requests ?? 0) + 1,
    });
  }

  async #tell(): Promise<void> {
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    for (const { kind, requests } of counts) {
      const event = await this.#auditor.createEvent({
        eventId: 'agent-token-refused',
        severityLevel: 'medium',
        meta: { ...kind, requests },
      });
      await event.fail({
        error: new AuthenticationError(
          `${requests} requests within a minute did not prove to be an agent.`,
        ),
      });
    }
  }
}
