import { notBuilt } from '../service/notBuilt';

/** Answers the routes of this folder. */
export const feedbackHandlers = () =>
  notBuilt(
    'giveFeedback',
    'listFeedback',
    'listReviews',
    'getReview',
    'judgeReview',
    'makeCaseOfReview',
  );
