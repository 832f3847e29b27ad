import {
  cohenKappa,
  upperBound,
  type EvalCase,
  type JudgeReviewRequest,
  type MakeCaseRequest,
  type Review,
  type ReviewList,
  type ReviewsQuery,
} from '@agentportal/plugin-evals-common';
import type { Run } from '@agentportal/plugin-orchestration-common';
import { audited } from '@agentportal/plugin-agents-node';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import { agentRefOf, type EvalsAccess } from '../permissions/EvalsAccess';
import { personOf } from '../permissions/personOf';
import type { Conversations } from './Conversations';
import type { FeedbackStore } from './FeedbackStore';
import type { ReviewStore } from './ReviewStore';
import { withoutSecrets } from './withoutSecrets';

const DEFAULT_LIMIT = 25;
const CONFIDENCE = 0.95;
const DAY_MS = 86_400_000;
/** The time of which a guarantee speaks. */
const GUARANTEE_DAYS = 90;
/** Of a run, what a case may hold. */
const MAX_ASK = 8_000;
const MAX_CALLS = 20;

const HIDDEN =
  'You may not read this conversation, or it is gone. Those who own the agent may read it, and the person who asked.';

/** What is used of the data sets of the portal. */
export interface CaseBook {
  /** The agent that a data set asks. */
  agentOf(
    credentials: BackstageCredentials,
    dataSetId: string,
  ): Promise<string>;
  addCase(
    credentials: BackstageCredentials,
    dataSetId: string,
    added: EvalCase,
  ): Promise<unknown>;
}

/** Conversations that people look at: who may, and what comes of it. */
export class Reviews {
  readonly #access: EvalsAccess;
  readonly #auditor: AuditorService;
  readonly #cases: CaseBook;
  readonly #conversations: Conversations;
  readonly #feedback: FeedbackStore;
  readonly #store: ReviewStore;

  constructor(options: {
    access: EvalsAccess;
    auditor: AuditorService;
    cases: CaseBook;
    conversations: Conversations;
    feedback: FeedbackStore;
    store: ReviewStore;
  }) {
    this.#access = options.access;
    this.#auditor = options.auditor;
    this.#cases = options.cases;
    this.#conversations = options.conversations;
    this.#feedback = options.feedback;
    this.#store = options.store;
  }

  async list(
    credentials: BackstageCredentials,
    query: ReviewsQuery & { limit?: number } = {},
  ): Promise<ReviewList> {
    const { limit = DEFAULT_LIMIT, cursor, agentRef: text, ...more } = query;
    const agentRef = text && agentRefOf(text);
    if (agentRef) {
      await this.#access.requireRead(credentials, agentRef);
    }
    const agentRefs = agentRef
      ? undefined
      : await this.#access.readableOf(credentials, () => this.#store.agents());
    const filter = { ...more, ...(agentRef && { agentRef }) };
    const [page, pairs, guarantee] = await Promise.all([
      this.#store.list(filter, { limit, cursor }, agentRefs),
      this.#store.verdictPairs({ agentRef: filter.agentRef }, agentRefs),
      agentRef ? this.#guarantee(agentRef) : undefined,
    ]);
    const { count, same, kappa } = cohenKappa(pairs);
    return {
      ...page,
      items: await this.#withFeedback(page.items),
      agreement: {
        conversations: count,
        ...(count > 0 && { same }),
        ...(kappa !== undefined && { kappa }),
      },
      ...(guarantee && { guarantee }),
    };
  }

  /** With question and answer for those who may read the conversation. */
  async get(credentials: BackstageCredentials, id: string): Promise<Review> {
    const [review] = await this.#withFeedback([
      await this.#readable(credentials, id),
    ]);
    const run = await this.#conversation(credentials, review.runId);
    return run
      ? {
          ...review,
          ask: run.input.message,
          ...(run.output && { answer: run.output.message }),
        }
      : { ...review, hidden: HIDDEN };
  }

  async judge(
    credentials: BackstageCredentials,
    id: string,
    { verdict, failure, note: text }: JudgeReviewRequest,
  ): Promise<Review> {
    const by = personOf(credentials, 'Conversations are judged by people');
    await audited(
      this.#auditor,
      {
        eventId: 'review-judge',
        severityLevel: 'medium',
        meta: { reviewId: id, verdict },
        by: { credentials },
      },
      async () => {
        const { runId } = await this.#managed(credentials, id);
        if (!(await this.#conversation(credentials, runId))) {
          throw new NotAllowedError(`${HIDDEN} So you cannot judge it.`);
        }
        const note = await withoutSecrets(text);
        await this.#store.judge(id, by, {
          verdict,
          ...(failure && { failure }),
          ...(note && { note }),
        });
      },
    );
    return this.get(credentials, id);
  }

  /**
   * Makes a case of a conversation: the question and the calls as they were. What a right
   * answer has, a person says.
   */
  async makeCase(
    credentials: BackstageCredentials,
    id: string,
    { dataSetId, case: given }: MakeCaseRequest,
  ): Promise<Review> {
    await audited(
      this.#auditor,
      {
        eventId: 'review-case',
        severityLevel: 'medium',
        meta: { reviewId: id, dataSetId },
        by: { credentials },
      },
      () => this.#makeCase(credentials, id, { dataSetId, case: given }),
    );
    return this.get(credentials, id);
  }

  async #makeCase(
    credentials: BackstageCredentials,
    id: string,
    { dataSetId, case: given }: MakeCaseRequest,
  ): Promise<void> {
    const review = await this.#managed(credentials, id);
    const agentRef = await this.#cases.agentOf(credentials, dataSetId);
    if (agentRef !== review.agentRef) {
      throw new InputError(
        `The data set asks ${agentRef}, and this conversation was with ${review.agentRef}. Choose a data set of that agent.`,
      );
    }
    const added =
      given ??
      caseOf(await this.#conversations.read(credentials, review.runId));
    await this.#cases.addCase(credentials, dataSetId, added);
    await this.#store.noteCase(id, { dataSetId, caseId: added.id });
  }

  /** The run, unless the caller may not read it or it is gone. */
  async #conversation(
    credentials: BackstageCredentials,
    runId: string,
  ): Promise<Run | undefined> {
    try {
      return await this.#conversations.read(credentials, runId);
    } catch (error) {
      if (error instanceof NotFoundError || error instanceof NotAllowedError) {
        return undefined;
      }
      throw error;
    }
  }

  async #readable(
    credentials: BackstageCredentials,
    id: string,
  ): Promise<Review> {
    const review = await this.#store.get(id);
    const [allowed] = review
      ? await this.#access.readable(credentials, [review.agentRef])
      : [];
    if (!review || !allowed) {
      throw new NotFoundError(`There is no review ${id} that you may read.`);
    }
    return review;
  }

  async #managed(
    credentials: BackstageCredentials,
    id: string,
  ): Promise<Review> {
    const review = await this.#readable(credentials, id);
    await this.#access.requireManage(credentials, review.agentRef);
    return review;
  }

  async #withFeedback(reviews: Review[]): Promise<Review[]> {
    const said = await this.#feedback.ofRuns(reviews.map(each => each.runId));
    return reviews.map(review => {
      const feedback = said.get(review.runId);
      return { ...review, ...(feedback && { feedback }) };
    });
  }

  async #guarantee(
    agentRef: string,
  ): Promise<NonNullable<ReviewList['guarantee']>> {
    const since = Date.now() - GUARANTEE_DAYS * DAY_MS;
    const counts = (await this.#store.sampledSince(since, agentRef)).get(
      agentRef,
    ) ?? { judged: 0, bad: 0, waiting: 0 };
    const { judged, bad, waiting } = counts;
    if (judged === 0) {
      return {
        ...counts,
        sentence: waiting
          ? `Nothing can be said yet: ${waiting} conversations that were drawn at random wait to be judged, the oldest first.`
          : `Nothing can be said: no conversation of the last ${GUARANTEE_DAYS} days was drawn at random.`,
      };
    }
    const atMost = upperBound(bad, judged, CONFIDENCE);
    return {
      ...counts,
      atMost,
      confidence: CONFIDENCE,
      sentence: `Less than ${(Math.ceil(atMost * 1_000) / 10).toFixed(
        1,
      )} % of its conversations are bad, 95 % sure: ${bad} of ${judged} that were drawn at random were.`,
    };
  }
}

/** A case that a person goes on with. */
export function caseOf(run: Run): EvalCase {
  // Also those that failed: to look for what is not there may be right.
  const calls = run.steps.filter(
    ({ kind, name }) => kind === 'tool' && name.includes('.'),
  );
  if (calls.length === 0) {
    throw new InputError(
      'The agent called no tool in this conversation, so there is nothing to hold it to yet. Send a case that says what a right answer has.',
    );
  }
  return {
    id: `run-${run.id.slice(0, 8)}`,
    ask: run.input.message.slice(0, MAX_ASK),
    origin: `run ${run.id}`,
    calls: calls.slice(0, MAX_CALLS).map(({ name, input }) => ({
      tool: name,
      ...(isObject(input) && { arguments: input }),
    })),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
