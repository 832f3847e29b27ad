import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { stringifyError } from '@backstage/errors';
import type { Knex } from 'knex';
import { Asker } from './Asker';
import type { Completion } from './Completion';
import { Questions } from './Questions';

const RENEW_MS = 15_000;

/**
 * Works through the questions of all evaluations, a few at a time in each process. Any
 * replica goes on with what another one has left, so nothing is lost with a process.
 */
export class EvaluationRunner {
  readonly #questions: Questions;
  readonly #asker: Asker;
  readonly #completion: Completion;
  readonly #logger: LoggerService;
  readonly #atOnce: number;
  readonly #closing = new AbortController();
  readonly #working = new Set<Promise<void>>();
  readonly #renewing: NodeJS.Timeout;
  #taking = false;

  constructor(
    options: Omit<ConstructorParameters<typeof Asker>[0], 'questions'> & {
      knex: Knex;
      completion: Completion;
      questionsAtOnce: number;
    },
  ) {
    this.#questions = new Questions({
      knex: options.knex,
      holder: randomUUID(),
    });
    this.#asker = new Asker({ ...options, questions: this.#questions });
    this.#completion = options.completion;
    this.#logger = options.logger;
    this.#atOnce = options.questionsAtOnce;
    this.#renewing = setInterval(() => {
      this.#questions.renew().catch(error => this.#warn(error));
    }, RENEW_MS).unref();
  }

  /** Takes questions for as long as there are some and room for them. */
  async look(): Promise<void> {
    if (this.#taking || this.#closing.signal.aborted) {
      return;
    }
    this.#taking = true;
    try {
      while (
        this.#working.size < this.#atOnce &&
        !this.#closing.signal.aborted
      ) {
        const row = await this.#questions.take();
        if (!row) {
          return;
        }
        const work = this.#work(row).finally(() => {
          this.#working.delete(work);
          this.look().catch(error => this.#warn(error));
        });
        this.#working.add(work);
      }
    } finally {
      this.#taking = false;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#renewing);
    await Promise.allSettled(this.#working);
    await this.#questions.letGo();
  }

  async #work(row: Parameters<Asker['ask']>[0]): Promise<void> {
    try {
      if (await this.#asker.ask(row, this.#closing.signal)) {
        await this.#completion.look(row.evaluation_id);
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) {
        this.#warn(error);
      }
    }
  }

  #warn(error: unknown) {
    this.#logger.warn(`Evaluations wait: ${stringifyError(error)}`);
  }
}
