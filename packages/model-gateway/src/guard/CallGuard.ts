import type { Caller } from '../ports';

/**
 * Looks at what is written to models and at what they answer.
 *
 * @public
 */
export interface CallGuard<TGrant = unknown> {
  /** @returns nothing where nothing is looked for in a call */
  begin(call: GuardableCall<TGrant>): GuardedCall | undefined;
}

/**
 * A call, as a guard gets to know it.
 *
 * @public
 */
export interface GuardableCall<TGrant = unknown> {
  callId: string;
  caller: Caller<TGrant>;
  /** The whole request as it came: what the model is told. */
  text: string;
  /** What the model is told by others than itself: people, operators and tools. */
  told(): ToldTexts;
  /** Puts what was found on the trace of the call. */
  trace(finding: GuardFinding): void;
}

/**
 * What a model is told by others than itself.
 *
 * @public
 */
export interface ToldTexts {
  texts: string[];
  /** Whether results of tools are among them. */
  hasResults: boolean;
}

/**
 * That something was found, without its words.
 *
 * @public
 */
export interface GuardFinding {
  on: 'prompt' | 'answer';
  finds:
    | 'injection'
    | 'secret'
    | 'personal-data'
    | 'link'
    | 'unsafe-content'
    | 'topic'
    | 'unsupported-claim'
    | 'failure';
  action: string;
  count: number;
}

/**
 * What a text of an answer is: for people, the arguments of a call as JSON, or what a call is given
 * as it is.
 *
 * @public
 */
export type AnswerPart = 'text' | 'arguments' | 'input';

/**
 * The guard of one call.
 *
 * @public
 */
export interface GuardedCall {
  /**
   * Says what a model reads in place of what was written. Absent when nothing is looked
   * for; a guard that throws ends the call.
   *
   * @param written - texts of people and programs, the newest last
   * @param isNew - whether the newest has not been answered yet
   */
  prompt?(written: string[], isNew: boolean): Promise<GuardedPrompt>;
  /** Masks a text of the answer; absent when nothing is looked for. */
  answer?(kind: AnswerPart): TextMask;
  /** The kinds of what was hidden so far, in what was written or answered. */
  hidden?(): Array<GuardFinding['finds']>;
  /** The answer has ended, well or not. */
  end(): void;
}

/**
 * What becomes of what was written.
 *
 * @public
 */
export interface GuardedPrompt {
  /** As many as were given; absent when nothing is changed. */
  texts?: string[];
  /** No model is asked, and this sentence is the answer. */
  refusal?: string;
  /** For the caller, a sentence. */
  note?: string;
}

/**
 * Masks a text that comes in pieces.
 *
 * @public
 */
export interface TextMask {
  /** Gives what can be let go. */
  push(piece: string): Promise<string>;
  /** Gives the rest; not called when the answer breaks off. */
  end(): Promise<string>;
}
