import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import type { EvalsOperations } from '@agentportal/plugin-evals-common';
import type { Feedback } from './Feedback';
import type { Reviews } from './Reviews';

/** Answers the routes of this folder. */
export function feedbackHandlers({
  feedback,
  reviews,
}: {
  feedback: Feedback;
  reviews: Reviews;
}): OperationHandlers<
  Pick<
    EvalsOperations,
    | 'giveFeedback'
    | 'listFeedback'
    | 'eraseFeedback'
    | 'listReviews'
    | 'getReview'
    | 'judgeReview'
    | 'makeCaseOfReview'
  >
> {
  return {
    giveFeedback: ({ credentials, body }) => feedback.give(credentials, body),
    listFeedback: ({ credentials, query }) => feedback.list(credentials, query),
    eraseFeedback: ({ credentials, query }) =>
      feedback.erase(credentials, query.personRef),
    listReviews: ({ credentials, query }) => reviews.list(credentials, query),
    getReview: ({ credentials, path }) => reviews.get(credentials, path.id),
    judgeReview: ({ credentials, path, body }) =>
      reviews.judge(credentials, path.id, body),
    makeCaseOfReview: ({ credentials, path, body }) =>
      reviews.makeCase(credentials, path.id, body),
  };
}
