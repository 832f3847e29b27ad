import {
  type GuardConfig,
  inspect,
  type Inspection,
  type InspectionTask,
  mapStrings,
  mayHoldSecret,
  nameToldSecrets,
  TOLD_SECRET,
  Tokens,
  replaceParts,
} from '@agentportal/guard';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import {
  createWorkerPool,
  WorkerLimitError,
  WorkerOverloadedError,
} from '../workers/createWorkerPool';

/** What is longer is looked at in a process of its own: some milliseconds here. */
const INLINE_CHARACTERS = 4_000;
/** A text of a few characters takes as long as one of so many. */
const LEAST_CHARACTERS = 1_000;
const CPU_MS = 3_000;
const HEAP_MB = 256;
/** Of one who asks, waiting to be looked at. */
const MAX_OF_PARTY = 20;

/**
 * Hides secrets in what people write before anything of it is kept, by the tokens that both
 * gateways know: tools get the values, and models and readers of the run do not.
 *
 * @public
 */
export class ToldSecrets {
  readonly #secret: Buffer;
  readonly #pool = createWorkerPool<InspectionTask, Inspection[]>({
    name: 'The guard of questions',
    filename: require.resolve('@agentportal/guard/worker'),
    maxProcesses: 1,
    cpuMs: CPU_MS,
    maxHeapMb: HEAP_MB,
    maxQueue: 200,
  });

  constructor(config: Pick<GuardConfig, 'secret'>) {
    this.#secret = config.secret;
  }

  /**
   * A value of JSON with tokens of a conversation in the place of secrets.
   *
   * @param by - who wrote it
   * @throws InputError or ServiceUnavailableError when it could not be looked at, so that it must not be kept
   */
  async hide<T>(
    value: T,
    { by, sessionId }: { by: string; sessionId: string },
  ): Promise<T> {
    const found = new Set<string>();
    const names = new Set<string>();
    JSON.stringify(value, (name, each) => {
      if (mayHoldSecret(name)) names.add(name);
      if (typeof each === 'string' && mayHoldSecret(each)) found.add(each);
      return each;
    });
    names.forEach(name => found.add(name));
    if (found.size === 0) {
      return value;
    }
    const texts = [...found];
    const inspections = await this.#inspect(texts, by);
    const tokens = new Tokens(this.#secret, sessionId);
    const hidden = new Map(
      texts.map((text, i) => [
        text,
        replaceParts(text, inspections[i].parts, (_, secret) =>
          tokens.tokenOf(TOLD_SECRET, secret),
        ),
      ]),
    );
    // No gateway looks for tokens in names.
    if ([...names].some(name => hidden.get(name) !== name)) {
      throw new InputError(
        'The name of a field holds a secret. Write it as the value of one, where it is hidden.',
      );
    }
    return mapStrings(value, text => hidden.get(text) ?? text);
  }

  async #inspect(texts: string[], by: string): Promise<Inspection[]> {
    const task: InspectionTask = {
      texts,
      injections: false,
      secrets: true,
      personalData: false,
    };
    const cost = texts.reduce(
      (sum, { length }) => sum + Math.max(length, LEAST_CHARACTERS),
      0,
    );
    if (cost <= INLINE_CHARACTERS) {
      return inspect(task);
    }
    try {
      return await this.#pool.run(task, {
        parties: [{ ref: by, max: MAX_OF_PARTY }],
      });
    } catch (error) {
      if (error instanceof WorkerLimitError) {
        throw new InputError(
          'This holds more that could be a secret than can be looked at, so it is not kept. Write less of it.',
        );
      }
      if (error instanceof WorkerOverloadedError) {
        throw new ServiceUnavailableError(error.message);
      }
      throw error;
    }
  }

  /**
   * A value of JSON in which people read that a secret was told, and nothing stands for it: of what
   * no tool needs, such as a reason.
   *
   * @throws InputError or ServiceUnavailableError, as of `hide`
   */
  async leaveOut<T>(value: T, { by }: { by: string }): Promise<T> {
    return nameToldSecrets(await this.hide(value, { by, sessionId: '' }));
  }

  /** A value of JSON as its author wrote it in a conversation. */
  reveal<T>(value: T, sessionId: string): T {
    const tokens = new Tokens(this.#secret, sessionId);
    return mapStrings(value, text =>
      replaceParts(text, tokens.findTold(text), part => part.value),
    );
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
