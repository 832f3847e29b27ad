import {
  audited,
  isAgentPrincipal,
  personToErase,
  principalOf,
} from '@agentportal/plugin-agents-node';
import type {
  ErasedFeedback,
  Feedback as Said,
  FeedbackList,
  FeedbackQuery,
  GiveFeedbackRequest,
} from '@agentportal/plugin-evals-common';
import { FINAL_RUN_STATUSES } from '@agentportal/plugin-orchestration-common';
import type {
  AuditorService,
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { ConflictError, InputError, NotAllowedError } from '@backstage/errors';
import { agentRefOf, type EvalsAccess } from '../permissions/EvalsAccess';
import { personOf } from '../permissions/personOf';
import type { Conversations } from './Conversations';
import type { FeedbackStore } from './FeedbackStore';
import type { ReviewStore } from './ReviewStore';
import { withoutSecrets } from './withoutSecrets';

const DEFAULT_LIMIT = 25;

/** What people say of answers: who may say it, and who may read it. */
export class Feedback {
  readonly #access: EvalsAccess;
  readonly #auditor: AuditorService;
  readonly #conversations: Conversations;
  readonly #permissions: PermissionsService;
  readonly #reviews: ReviewStore;
  readonly #store: FeedbackStore;
  readonly #erasers: Array<(person: string) => Promise<number>>;

  /** @param options.erasers - take a person's name from what they judged elsewhere */
  constructor(options: {
    access: EvalsAccess;
    auditor: AuditorService;
    conversations: Conversations;
    permissions: PermissionsService;
    reviews: ReviewStore;
    store: FeedbackStore;
    erasers?: Array<(person: string) => Promise<number>>;
  }) {
    this.#access = options.access;
    this.#auditor = options.auditor;
    this.#conversations = options.conversations;
    this.#permissions = options.permissions;
    this.#reviews = options.reviews;
    this.#store = options.store;
    this.#erasers = options.erasers ?? [];
  }

  /**
   * Keeps what the person for whom a run worked says of its answer. A thumbs-down or a
   * comment has somebody look at the conversation.
   *
   * @throws NotAllowedError when somebody else says it
   */
  async give(
    credentials: BackstageCredentials,
    { runId, rating, comment: text }: GiveFeedbackRequest,
  ): Promise<Said> {
    const by = personOf(credentials, 'Answers are rated by people');
    const run = await this.#conversations.read(credentials, runId);
    if (run.rehearsal) {
      throw new InputError(
        'This run was a rehearsal, in which nobody was answered. Rate the answer of a real one.',
      );
    }
    if ((run.onBehalfOf ?? run.createdBy) !== by) {
      throw new NotAllowedError(
        'An answer is rated by the person who was answered. To judge the conversations of an agent of yours, review them.',
      );
    }
    if (!FINAL_RUN_STATUSES.includes(run.status)) {
      throw new ConflictError(
        'The agent has not answered yet. Rate the answer when it is there.',
      );
    }
    const comment = await withoutSecrets(text);
    const { agentRef } = run;
    const said = await this.#store.put({
      ...{ runId: run.id, agentRef, rating, by },
      ...(comment && { comment }),
    });
    if (rating === 'down' || comment) {
      await this.#reviews.add([
        { runId: run.id, agentRef, reason: 'feedback' },
      ]);
    }
    const [withReview] = await this.#withReviews([said]);
    return withReview;
  }

  async list(
    credentials: BackstageCredentials,
    query: FeedbackQuery & { limit?: number } = {},
  ): Promise<FeedbackList> {
    const { limit = DEFAULT_LIMIT, agentRef: text, ...more } = query;
    const agentRef = text && agentRefOf(text);
    const agentRefs = agentRef
      ? await this.#access.readable(credentials, [agentRef])
      : await this.#access.readableOf(credentials, () => this.#store.agents());
    const principal = principalOf(credentials);
    const person =
      principal.type === 'user' && !isAgentPrincipal(credentials)
        ? principal.userEntityRef
        : undefined;
    const page = await this.#store.list(
      { ...more, limit, ...(agentRef && { agentRef }) },
      agentRefs && { agentRefs, person },
    );
    return { ...page, items: await this.#withReviews(page.items) };
  }

  /** @throws NotAllowedError unless it is about the caller, or the caller erases people */
  async erase(
    credentials: BackstageCredentials,
    personRef: string,
  ): Promise<ErasedFeedback> {
    return audited(
      this.#auditor,
      // Nobody is to be named in what is written about their erasure.
      {
        eventId: 'feedback-erase',
        severityLevel: 'medium',
        meta: {},
        by: { credentials },
      },
      () => this.#erase(credentials, personRef),
      result => ({ ...result }),
    );
  }

  async #erase(
    credentials: BackstageCredentials,
    personRef: string,
  ): Promise<ErasedFeedback> {
    const person = await personToErase(personRef, {
      credentials,
      permissions: this.#permissions,
    });
    let judgements = 0;
    for (const erase of [
      (of: string) => this.#reviews.erase(of),
      ...this.#erasers,
    ]) {
      judgements += await erase(person);
    }
    return { feedback: await this.#store.erase(person), judgements };
  }

  async #withReviews(items: Said[]): Promise<Said[]> {
    const ids = await this.#reviews.idsOfRuns(items.map(item => item.runId));
    return items.map(item => {
      const reviewId = ids.get(item.runId);
      return { ...item, ...(reviewId && { reviewId }) };
    });
  }
}
