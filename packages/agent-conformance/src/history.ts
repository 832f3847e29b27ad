import fc from 'fast-check';
import { AGENTS, type Company, TOOLS } from './company';
import { FORGERIES } from './forgeries';
import { type AgentSpec, LEVELS } from './rows/AgentRows';

const MINUTE = 60_000;
/** A token of the portal itself that is over; only the portal could make it. */
export const EXPIRED = 'the end of its life behind it';

/**
 * Something that happens. Work is named by its number in the history; a number that is too large
 * counts from the start again.
 */
export type Event =
  | {
      type: 'delegate';
      agent: string;
      person?: string;
      terms: WantedTerms & { life: number };
    }
  | {
      type: 'handOff';
      from: number;
      agent: string;
      person?: string;
      terms: WantedTerms & { life?: number };
    }
  | { type: 'end'; work: number }
  | { type: 'suspend' | 'resume'; agent: string }
  | { type: 'grant' | 'withdraw'; agent: string; permission: string }
  | { type: 'wait'; ms: number }
  | { type: 'ask'; as: Asker; permission: number };

/** Who asks: somebody with a token of theirs, or with one that is forged or of nobody. */
export type Asker =
  | { type: 'work'; work: number }
  | { type: 'agent'; agent: string }
  | { type: 'unknown' }
  | { type: 'forged'; forgery: string; subject: string; work: number };

interface WantedTerms {
  autonomy?: (typeof LEVELS)[number];
  tools?: string[];
}

export interface History {
  agents: AgentSpec[];
  events: Event[];
}

/** Histories in a company. */
export function histories(company: Company): fc.Arbitrary<History> {
  const people = Object.keys(company.people);
  const names = company.permissions.map(({ name }) => name);
  const agent = fc.constantFrom<string>(...AGENTS);
  const person = fc.option(fc.constantFrom(...people), { nil: undefined });
  const permission = fc.constantFrom(...names);
  const work = fc.nat({ max: 5 });
  const terms = {
    autonomy: fc.option(fc.constantFrom(...LEVELS), { nil: undefined }),
    tools: fc.option(fc.subarray<string>([...TOOLS]), { nil: undefined }),
  };
  const life = fc.integer({ min: 1, max: 60 }).map(n => n * MINUTE);
  const asker: fc.Arbitrary<Asker> = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ type: fc.constant('work' as const), work }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('agent' as const), agent }),
    },
    fc.constant({ type: 'unknown' as const }),
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('forged' as const),
        forgery: fc.constantFrom(...FORGERIES, EXPIRED),
        subject: fc.constantFrom<string>(...people, ...AGENTS),
        work,
      }),
    },
  );
  const event: fc.Arbitrary<Event> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('delegate' as const),
        agent,
        person,
        terms: fc.record({ ...terms, life }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant('handOff' as const),
        from: fc.nat({ max: 2 }),
        agent,
        // Mostly for whom it was; somebody else is what must be refused.
        person: rarely(fc.constantFrom(...people)),
        terms: fc.record({
          autonomy: rarely(fc.constantFrom(...LEVELS)),
          tools: rarely(fc.subarray<string>([...TOOLS])),
          life: rarely(life),
        }),
      }),
    },
    fc.record({ type: fc.constant('end' as const), work }),
    fc.record({
      type: fc.constantFrom('suspend' as const, 'resume' as const),
      agent,
    }),
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constantFrom('grant' as const, 'withdraw' as const),
        agent,
        permission,
      }),
    },
    fc.record({ type: fc.constant('wait' as const), ms: life }),
    {
      weight: 8,
      arbitrary: fc.record({
        type: fc.constant('ask' as const),
        as: asker,
        permission: fc.nat({ max: names.length - 1 }),
      }),
    },
  );
  return fc.record({
    agents: fc.tuple(
      ...AGENTS.map(ref =>
        fc.record({
          ref: fc.constant<string>(ref),
          identity: fc.constantFrom('own' as const, 'person' as const),
          autonomy: fc.constantFrom(...LEVELS),
          handoffs: fc.subarray<string>([...AGENTS], { minLength: 1 }),
        }),
      ),
    ),
    events: fc.array(event, { minLength: 2, maxLength: 14 }),
  });
}

/** Mostly not given. */
function rarely<T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: values },
  );
}
