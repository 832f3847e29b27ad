import type { AgentQuotas } from './AgentEntity';

/**
 * What all triggers of an agent have, see {@link AgentTrigger}.
 *
 * @public
 */
export type AgentTriggerBase = {
  /** Unique among the triggers of the agent; what is paused and counted goes by it. */
  name: string;
  /**
   * What the agent is told. `{{ event.a.b }}` stands for what the event has there;
   * nothing else is worked out.
   */
  message: string;
  /** What happens while a run that the trigger started is under way; `skip` if not given. */
  ifRunning?: 'skip' | 'queue' | 'cancel';
  /** Runs that it may start in a day (UTC); 200 if not given. */
  maxPerDay?: number;
  /** Limits of each run, within those of the agent. */
  quotas?: AgentQuotas;
  /** After so many failures in a row it is switched off; 5 if not given. */
  offAfterFailures?: number;
};

/**
 * At which values of an event a trigger starts a run: by path in it, one value or
 * several of which one must be there.
 *
 * @public
 */
export type AgentTriggerFilter = Record<
  string,
  string | number | boolean | Array<string | number | boolean>
>;

/**
 * What starts runs of an agent without a person.
 *
 * @public
 */
export type AgentTrigger = AgentTriggerBase &
  (
    | {
        type: 'schedule';
        /** Five fields: minute, hour, day of month, month, day of week. */
        cron: string;
        /** IANA name; `UTC` if not given. */
        timeZone?: string;
        /** What becomes of times at which the portal was away; `once` if not given. */
        catchUp?: 'skip' | 'once' | 'all';
        /** With `catchUp: all`, the latest so many; 10 if not given. */
        catchUpMax?: number;
      }
    | {
        type: 'webhook';
        filter?: AgentTriggerFilter;
      }
    | {
        type: 'event';
        /** Topic of Backstage's events that the operators have opened for triggers. */
        topic: string;
        filter?: AgentTriggerFilter;
      }
    | {
        type: 'catalog';
        /** Which changes; all of them if not given. */
        on?: Array<'added' | 'changed' | 'removed'>;
        /** As in filters of the catalog, such as `kind: Component`. */
        filter: Record<string, string | string[]>;
      }
    | {
        type: 'run';
        /** Refs of agents of the same owner, whose runs are waited for. */
        agents: string[];
        /** How they ended; `succeeded` if not given. */
        outcomes?: Array<'succeeded' | 'failed' | 'cancelled'>;
      }
    | {
        type: 'threshold';
        metric: 'cost' | 'failureRate';
        /** Of this agent, or of all agents of its owner; `agent` if not given. */
        of?: 'agent' | 'owner';
        /** US dollars, or per cent of the runs. */
        over: number;
        /** Over so many days (UTC), today included; 1 if not given. */
        days?: number;
      }
  );

/**
 * What can start runs of an agent without a person.
 *
 * @public
 */
export type AgentTriggerType = AgentTrigger['type'];
