import type { EvalCase } from '@agentportal/plugin-evals-common';
import { caseOf, formOf, idOf } from './caseForm';

describe('the form of a case', () => {
  it.each<EvalCase>([
    {
      id: 'parcel',
      ask: 'Where is my parcel?',
      tool: 'logistics.track_shipment',
      arguments: { orderId: 'NH-10042' },
      facts: ['delivered', 42, ['2 May', '2026-05-02']],
      tags: ['orders', 'held-out'],
    },
    // What the fields cannot hold is not lost.
    {
      id: 'odd',
      turns: ['Hello', 'And now?'],
      tool: ['a.b', 'c.d'],
      facts: ['one | two', '007', '1'],
      checks: [{ evaluator: 'matches', value: 'NH-\\d+' }],
    },
    {
      id: 'judged',
      ask: 'May I return it?',
      checks: [
        { evaluator: 'judge', value: 'Is it polite?', atLeast: 0.5 },
        {
          evaluator: 'judge',
          value: 'Is it clear?',
          against: 'Yes, within 30 days.',
        },
      ],
    },
    { id: 'no', ask: 'Delete all orders', decline: true },
  ])('gives $id back as it was', evalCase => {
    expect(caseOf(formOf(evalCase))).toEqual(evalCase);
  });

  it('says which JSON cannot be read', () => {
    const form = formOf({ id: 'a', ask: 'b' });
    expect(() => caseOf({ ...form, arguments: '{' })).toThrow(
      'What the tool is called with is no JSON',
    );
    expect(() => caseOf({ ...form, rest: '[]' })).toThrow('The rest must be');
    expect(() => caseOf({ ...form, against: 'Yes.' })).toThrow('Say what');
  });

  it('has fields for what a judge is asked', () => {
    const check = { evaluator: 'judge' as const, value: 'Is it clear?' };
    const form = formOf({ id: 'a', ask: 'b', checks: [check] });
    expect(form).toMatchObject({
      judge: 'Is it clear?',
      against: '',
      rest: '',
    });
    expect(caseOf({ ...form, against: ' Yes. ' }).checks).toEqual([
      { ...check, against: 'Yes.' },
    ]);
  });

  it('makes an id out of a question', () => {
    expect(idOf('  Où est la commande NH-10042 ?')).toBe(
      'ou-est-la-commande-nh-10042',
    );
  });
});
