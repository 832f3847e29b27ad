import { assign } from './assign';

const people = Array.from({ length: 20_000 }, (_, i) => `user:default/p${i}`);
const experiment = (id: string, share: number) => ({ id, share, step: 0 });

/** How many of the people get the candidate. */
const candidates = (id: string, share: number) =>
  new Set(
    people.filter(
      who => assign(experiment(id, share), who).arm === 'candidate',
    ),
  );

describe('assign', () => {
  it.each([0.01, 0.1, 0.25, 0.5, 0.9, 1])(
    'gives the candidate to a share of %d of people',
    share => {
      const error = Math.sqrt((share * (1 - share)) / people.length);
      const seen = candidates('one', share).size / people.length;
      expect(Math.abs(seen - share)).toBeLessThanOrEqual(4 * error);
    },
  );

  it('says the same again and again, and takes the candidate from nobody when its share grows', () => {
    const steps = [0.1, 0.25, 0.5, 1].map(share => candidates('one', share));
    expect(candidates('one', 0.25)).toEqual(steps[1]);
    steps.slice(1).forEach((step, before) => {
      expect([...steps[before]].every(who => step.has(who))).toBe(true);
    });
  });

  it('shares people out anew in another experiment', () => {
    const [one, other] = [candidates('one', 0.5), candidates('other', 0.5)];
    const both = [...one].filter(who => other.has(who)).length;
    expect(both / people.length).toBeGreaterThan(0.235);
    expect(both / people.length).toBeLessThan(0.265);
  });

  it('names nobody', () => {
    const units = new Set(
      people.map(who => assign(experiment('one', 0.5), who).unit),
    );
    expect(units.size).toBe(people.length);
    expect([...units].every(unit => /^[0-9a-f]{32}$/.test(unit))).toBe(true);
  });
});
