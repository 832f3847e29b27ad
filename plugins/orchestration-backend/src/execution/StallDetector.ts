import { hash } from 'node:crypto';
import type { ToolCallKey } from './LoopDetector';
import { RunFailure } from './RunFailure';

/** Of so many characters an error is compared; they say what it is at their beginning. */
const ERROR_CHARACTERS = 2_000;
/** So many tools are named in a sentence. */
const NAMED = 3;

/** A call of a tool that has ended. */
export interface EndedToolCall extends ToolCallKey {
  /** What the model was told; left out where that is not known whole. */
  answer?: string;
  hasFailed: boolean;
  /** Whether it only reads. A call that does something is progress, whatever it answers. */
  isRead: boolean;
  /** What is the same for all calls that a model asked for at once. */
  round?: number;
}

/**
 * Notices an agent that calls tools with ever other arguments and learns nothing from it: page after
 * page that is the same, ids that are made up, two searches in turn. An answer that the tool has not
 * given in this run before is news, and so is a call that did something. An error is news once,
 * whatever arguments it repeats. Calls that were asked for at once are one round, because the
 * model could not know of any of them what the others would bring.
 */
export class StallDetector {
  readonly #threshold: number;
  readonly #seen = new Set<string>();
  /** Those that brought nothing new since something last did. */
  readonly #idle = new Set<string>();
  #idleRounds = 0;
  #hasCalls = false;
  #hasNews = false;

  /**
   * @param threshold - after how many rounds in a row without news the agent is stopped
   * @param calls - those that were made already, in order, when a run goes on
   */
  constructor(threshold: number, calls: EndedToolCall[] = []) {
    this.#threshold = threshold;
    calls.forEach((call, i) => {
      if (i > 0 && call.round !== calls[i - 1].round) {
        this.#endRound();
      }
      this.learn(call);
    });
  }

  /** Looks at what a call brought. */
  learn(call: EndedToolCall): void {
    const digest = digestOf(call);
    const isNews = digest === undefined || !this.#seen.has(digest);
    if (digest !== undefined) {
      this.#seen.add(digest);
    }
    this.#hasCalls = true;
    this.#hasNews ||= isNews;
    this.#idle.add(call.name);
  }

  /** Before the model is asked again. Throws where it was asked too often for nothing. */
  nextRound(): void {
    this.#endRound();
    if (this.#idleRounds >= this.#threshold) {
      const names = [...this.#idle];
      const more = names.length > NAMED ? ' and others' : '';
      throw new RunFailure(
        'LoopDetected',
        `Stopped because the last ${
          this.#idleRounds
        } rounds of tool calls brought nothing new: ${names
          .slice(0, NAMED)
          .join(
            ', ',
          )}${more} answered what was known already, whatever the agent asked. What it did and found out before is kept. Ask for something more exact, or ask the agent's owner to look at its instructions.`,
      );
    }
  }

  #endRound(): void {
    if (this.#hasNews) {
      this.#idleRounds = 0;
      this.#idle.clear();
    } else if (this.#hasCalls) {
      this.#idleRounds += 1;
    }
    this.#hasCalls = false;
    this.#hasNews = false;
  }
}

/** What is the same of two calls that brought the same; undefined where one always brings something. */
function digestOf({
  name,
  args,
  answer,
  hasFailed,
  isRead,
}: EndedToolCall): string | undefined {
  if (answer === undefined || !(hasFailed || isRead)) {
    return undefined;
  }
  return hash(
    'sha256',
    hasFailed
      ? `${name} failed ${withoutWordsOf(
          args,
          answer.slice(0, ERROR_CHARACTERS),
        )}`
      : `${name} ${answer}`,
  );
}

function withoutWordsOf(args: unknown, text: string): string {
  const known = new Set(wordsOf(JSON.stringify(args) ?? ''));
  return wordsOf(text)
    .filter(word => !known.has(word))
    .join(' ');
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u);
}
