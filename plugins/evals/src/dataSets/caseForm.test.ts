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
  });

  it('makes an id out of a question', () => {
    expect(idOf('  Où est la commande NH-10042 ?')).toBe(
      'ou-est-la-commande-nh-10042',
    );
  });
});
