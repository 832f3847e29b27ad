import fc from 'fast-check';
import type { DataClassification } from '../ports';
import { DataPolicy } from './DataPolicy';

const CLASSES: DataClassification[] = [
  'public',
  'internal',
  'confidential',
  'restricted',
];
const REGIONS = ['eu', 'us', 'local'];

describe('data policy', () => {
  it('says who may not send what where', () => {
    const policy = new DataPolicy({
      rules: [{ classification: 'confidential', regions: ['eu', 'local'] }],
      regions: new Map([['openai', 'us']]),
    });
    const ask = (provider: string, dataClassification?: DataClassification) =>
      policy.refusal({
        provider,
        dataClassification,
        account: { agentRef: 'agent:default/customer-care' },
      });
    expect(ask('openai', 'confidential')).toBe(
      'customer-care handles confidential data, which may be sent only to eu, local; openai is in us.',
    );
    expect(ask('openai', 'restricted')).toContain('restricted data');
    expect(ask('azure', 'confidential')).toContain(
      'nobody has told the region of azure',
    );
    expect(ask('openai', 'internal')).toBeUndefined();
    expect(ask('openai')).toBeUndefined();
  });

  it('never lets stricter data go where freer data may not', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.record({
            classification: fc.constantFrom(...CLASSES),
            regions: fc.subarray(REGIONS),
          }),
          { selector: rule => rule.classification },
        ),
        fc.option(fc.constantFrom(...REGIONS), { nil: undefined }),
        fc.constantFrom(...CLASSES),
        (rules, region, dataClassification) => {
          const policy = new DataPolicy({
            rules,
            regions: new Map(region ? [['p', region]] : []),
          });
          const allowed =
            policy.refusal({
              provider: 'p',
              dataClassification,
              account: {},
            }) === undefined;
          const strictness = CLASSES.indexOf(dataClassification);
          const binding = rules
            .filter(r => CLASSES.indexOf(r.classification) <= strictness)
            .sort(
              (a, b) =>
                CLASSES.indexOf(b.classification) -
                CLASSES.indexOf(a.classification),
            )[0];
          expect(allowed).toBe(
            !binding ||
              (region !== undefined && binding.regions.includes(region)),
          );
        },
      ),
    );
  });
});
