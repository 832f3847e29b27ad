import {
  type ApprovalGrant,
  type ApprovalOutcome,
  ApprovalRequestsClient,
  type NewQuestion,
} from '@agentportal/plugin-agents-common';
import {
  createPluginAsker,
  type PluginAsker,
} from '@agentportal/plugin-agents-node';
import type {
  AuthService,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import { retryWrite } from '../workers/retryWrite';
import { waitForPeople } from './interrupts';
import { waitOut } from './waitOut';

const TIMEOUT_MS = 10_000;
/** What the agents plugin is asked about at once. */
const BATCH = 500;

/** What runs ask of the approvals in the agents plugin. */
export class RunApprovals {
  readonly #client: ApprovalRequestsClient;
  readonly #ask: PluginAsker;
  readonly #logger: LoggerService;

  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    logger: LoggerService;
  }) {
    this.#client = new ApprovalRequestsClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch },
    });
    this.#ask = createPluginAsker({
      auth: options.auth,
      pluginId: 'agents',
      timeoutMs: TIMEOUT_MS,
      away: 'The agents plugin does not answer, so nobody knows what people have decided. Try again in a moment.',
      answers: [InputError, NotAllowedError, NotFoundError],
    });
    this.#logger = options.logger;
  }

  /** What became of requests, by id; those that are not there any more are left out. */
  async outcomes(ids: string[]): Promise<Map<string, ApprovalOutcome>> {
    const found = new Map<string, ApprovalOutcome>();
    for (let i = 0; i < ids.length; i += BATCH) {
      const batch = ids.slice(i, i + BATCH);
      const items = await this.#ask(by =>
        this.#client.queryApprovals(batch, by),
      );
      items.forEach(item => found.set(item.id, item));
    }
    return found;
  }

  /** What became of a request that this run may have made before its process stopped. */
  async outcomeOf(requestKey: string): Promise<ApprovalOutcome | undefined> {
    const [outcome] = await this.#ask(by =>
      this.#client.queryApprovals({ requestKeys: [requestKey] }, by),
    );
    return outcome;
  }

  /**
   * The grant of an approved call.
   *
   * @throws NotAllowedError in a sentence, when there is none
   */
  grant(id: string): Promise<ApprovalGrant> {
    return this.#ask(by => this.#client.mintGrant(id, by));
  }

  /**
   * The answer of people to a question, or why there is none.
   *
   * @throws GraphInterrupt while they have not answered
   */
  async ask(
    question: NewQuestion,
    signal: AbortSignal,
  ): Promise<{ values?: JsonObject; refusal?: string }> {
    return waitOut(async () => {
      const { title } = question;
      const ticket = await this.#ask(by =>
        this.#client.askQuestion(question, by),
      );
      if (ticket.status === 'pending') {
        const { askedOf, expiresAt, id } = ticket;
        throw waitForPeople({
          approvalId: id,
          kind: 'question',
          title,
          expiresAt,
          askedOf,
        });
      }
      const outcome = (await this.outcomes([ticket.id])).get(ticket.id);
      return outcome?.values
        ? { values: outcome.values as JsonObject }
        : { refusal: outcome?.reason ?? ticket.reason };
    }, signal);
  }

  /** Takes requests back of a run that has ended. Never throws: they end by themselves. */
  async withdraw(
    ids: string[],
    reason: string,
    retry: Parameters<typeof retryWrite>[1],
  ): Promise<void> {
    await Promise.all(
      ids.map(async id => {
        try {
          await retryWrite(
            () => this.#ask(by => this.#client.withdraw(id, reason, by)),
            retry,
          );
        } catch (error) {
          this.#logger.warn(
            `The approval ${id} could not be withdrawn, and expires by itself: ${error}`,
          );
        }
      }),
    );
  }
}
