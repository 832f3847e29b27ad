import type { HumanDuration } from '@backstage/types';

export interface Config {
  evals?: {
    /** How many questions each process has agents answer at a time. 2 by default. */
    questionsAtOnce?: number;

    /**
     * Services that may begin evaluations, such as pipelines, each for a person. At each question
     * that person must be allowed to ask it.
     */
    services?: Array<{
      /** Subject of its token, as `backend.auth.externalAccess` names it. */
      subject: string;
      /** Entity ref of the person. */
      person: string;
    }>;

    judge?: {
      /** The model that judges answers, as an entity ref. Without one, cases that ask for a judge wait. */
      model: string;
      /** The most sensitive class of data of agents whose answers it may see. `internal` by default. */
      upTo?: 'public' | 'internal' | 'confidential' | 'restricted';
    };

    drafts?: {
      /**
       * The model that drafts changed instructions out of what agents do wrong, as an entity ref. Without one people
       * write them. What it writes is a proposal and changes nothing.
       */
      model: string;
      /** The most sensitive class of data of agents whose failures it may see. `internal` by default. */
      upTo?: 'public' | 'internal' | 'confidential' | 'restricted';
      /** How often it may be asked on a day, UTC. 20 by default. */
      perDay?: number;
    };

    /**
     * What agents must pass before what was changed in them is published. The first that fits
     * an agent counts. A data set in a file may ask for more as `spec.gate`.
     */
    gates?: Array<{
      /** Which agents; all unless given. */
      for?: {
        /** The highest tier of their tools. */
        riskTier?: Array<
          'read' | 'write' | 'external' | 'critical' | 'forbidden'
        >;
        lifecycle?: string[];
        agentRef?: string[];
      };
      /** The share of right answers that is to be shown, for example 0.8. */
      atLeast: number;
      /** How sure it must be. 0.95 by default. */
      confidence?: number;
      /** How many cases there must be. 20 by default. */
      minimumCases?: number;
      /** How old the evaluation may be. 30 days by default. */
      maxAge?: string | HumanDuration;
    }>;

    retention?: {
      /** How long evaluations are kept; the newest of each agent and data set stays. 180 days by default. */
      evaluations?: string | HumanDuration;
      /** How long experiments are kept after they have ended. 400 days by default. */
      experiments?: string | HumanDuration;
      /** How long ratings, comments, and reviews of conversations are kept. 400 days by default. */
      feedback?: string | HumanDuration;
    };

    /**
     * What agents are held to, in place of the set that comes with the plugin. Its file
     * `assets/scorecard.yaml` has the form; `$include` takes one in.
     */
    scorecard?: {
      checks: Array<{
        id: string;
        title: string;
        why: string;
        fix: string;
        level: 'bronze' | 'silver' | 'gold';
        fact: string;
        atLeast?: number;
        atMost?: number;
        samples?: number;
        confidence?: number;
        severe?: boolean;
        applies?: { lifecycle?: string[]; riskTier?: string[] };
      }>;
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
      /** Failed runs of an agent that are chosen in a day, and runs with findings of the guard. 20 by default. */
      failedPerDay?: number;
    };

    /** What an agent has to show before people are asked whether it may call a tool without an approval. */
    autonomy?: {
      /** The share of its calls that people approve unchanged, as a lower bound. 0.95 for `write` and 0.98 for `external` by default. */
      target?: { write?: number; external?: number };
      /** How sure that must be. 0.95 by default. */
      confidence?: number;
      /** How many decisions there must be, 30 by default; the target asks for more where it is high. */
      minimumDecisions?: number;
      /** Days between the first decision that counts and the proposal. 14 by default. */
      minimumDays?: number;
      /** Different people who decided. 2 by default. */
      minimumDeciders?: number;
      /** Share of the calls of an earned tool about which people are asked still. 0.05 by default. */
      askedShare?: number;
      /** Days after which a decision does not count any more. 365 by default, and at most `retention.feedback` and `retention.experiments`; approvals are kept for as long as `agents.retention` says. */
      lookBackDays?: number;
    };

    alarms?: {
      /** Days in which an agent that has not changed may have one alarm. 30 by default. */
      falseAlarmDays?: number;
    };

    experiments?: {
      /** Hours that a ramp stays at a share at least. 24 by default. */
      stepHours?: number;
      /** People whom each version has answered before anything is concluded from means, 30 by default; fewer are too few for the intervals to be right. */
      peoplePerArm?: number;
      /** Days after which an experiment ends undecided. 60 by default. */
      maxDays?: number;
    };
  };
}
