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
    };
  };
}
