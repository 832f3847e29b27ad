import {
  type GuardConfig,
  inspect,
  type Inspection,
  type InspectionTask,
  mapStrings,
  mayHoldSecret,
  TOLD_SECRET,
  Tokens,
  replaceParts,
} from '@agentportal/guard';
import { createWorkerPool } from '../workers/createWorkerPool';

/** What is longer is looked at in a process of its own: some milliseconds here. */
const INLINE_CHARACTERS = 4_000;
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
   * @throws when it could not be looked at, so that it must not be kept
   */
  async hide<T>(
    value: T,
    { by, sessionId }: { by: string; sessionId: string },
  ): Promise<T> {
    const hidden = new Map<string, string>();
    mapStrings(value, text => {
      if (mayHoldSecret(text)) hidden.set(text, text);
      return text;
    });
    const tokens = new Tokens(this.#secret, sessionId);
    for (const text of hidden.keys()) {
      const parts = await this.#find(text, by);
      hidden.set(
        text,
        replaceParts(text, parts, (_, secret) =>
          tokens.tokenOf(TOLD_SECRET, secret),
        ),
      );
    }
    return hidden.size
      ? mapStrings(value, text => hidden.get(text) ?? text)
      : value;
  }

  async #find(text: string, by: string): Promise<Inspection['parts']> {
    const task: InspectionTask = {
      texts: [text],
      injections: false,
      secrets: true,
      personalData: false,
    };
    const [{ parts }] = await (text.length <= INLINE_CHARACTERS
      ? inspect(task)
      : this.#pool.run(task, { parties: [{ ref: by, max: MAX_OF_PARTY }] }));
    return parts;
  }

  /** A text as its author wrote it in a conversation. */
  reveal(text: string, sessionId: string): string {
    const tokens = new Tokens(this.#secret, sessionId);
    return replaceParts(text, tokens.findTold(text), ({ value }) => value);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
