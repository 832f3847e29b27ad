import type { HumanDuration } from '@backstage/types';

export interface Config {
  evals?: {
    /** How many questions each process has agents answer at a time. 2 by default. */
    questionsAtOnce?: number;

    judge?: {
      /** The model that judges answers, as an entity ref. Without one, cases that ask for a judge wait. */
      model: string;
    };

    retention?: {
      /** How long evaluations are kept; the newest of each agent and data set stays. 180 days by default. */
      evaluations?: string | HumanDuration;
      /** How long ratings, comments, and reviews of conversations are kept. 400 days by default. */
      feedback?: string | HumanDuration;
    };

    reviews?: {
      /**
       * Share of an agent's conversations that is drawn at random for people to judge, by
       * the highest risk tier of its tools. 0.01, 0.02, 0.05 and 0.1 by default.
       */
      sampled?: {
        read?: number;
        write?: number;
        external?: number;
        critical?: number;
        /** For agents of which the tier is not known. 0.02 by default. */
        unknown?: number;
      };
      /** Failed runs of an agent that are chosen in a day. 20 by default. */
      failedPerDay?: number;
    };
  };
}
