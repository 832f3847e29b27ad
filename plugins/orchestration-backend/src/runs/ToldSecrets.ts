import {
  type GuardConfig,
  inspect,
  type Inspection,
  type InspectionTask,
  mayHoldSecret,
  TOLD_SECRET,
  Tokens,
  replaceParts,
} from '@agentportal/guard';
import { createWorkerPool } from '@agentportal/plugin-agents-node';

/** What is longer is looked at in a process of its own: some milliseconds here. */
const INLINE_CHARACTERS = 4_000;
const CPU_MS = 3_000;
const HEAP_MB = 256;
/** Of one who asks, waiting to be looked at. */
const MAX_OF_PARTY = 20;

/**
 * Hides secrets in what people write before anything of it is kept, by the tokens that both
 * gateways know: tools get the values, and models and readers of the run do not.
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
   * A text with tokens of a conversation in the place of secrets.
   *
   * @param by - who wrote it
   * @throws when it could not be looked at, so that it must not be kept
   */
  async hide(
    text: string,
    { by, sessionId }: { by: string; sessionId: string },
  ): Promise<string> {
    if (!mayHoldSecret(text)) {
      return text;
    }
    const task: InspectionTask = {
      texts: [text],
      injections: false,
      secrets: true,
      personalData: false,
    };
    const [{ parts }] = await (text.length <= INLINE_CHARACTERS
      ? inspect(task)
      : this.#pool.run(task, { parties: [{ ref: by, max: MAX_OF_PARTY }] }));
    const tokens = new Tokens(this.#secret, sessionId);
    return replaceParts(text, parts, (_, value) =>
      tokens.tokenOf(TOLD_SECRET, value),
    );
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
