import { readDataset } from './dataset';
import { reportOf } from './report';

const [item, declined] = readDataset(
  `agent: agent:default/clerk
cases:
  - { id: one, ask: 'how many?', tool: shop.find, facts: ['4'] }
  - { id: two, ask: 'sing', decline: true }`,
  'clerk.yaml',
);

describe('the report', () => {
  it('ends with the accuracy of all', () => {
    const results = [
      {
        item,
        outcome: { calls: [], answer: '' },
        grade: { tool: true, arguments: true, facts: true, all: true },
      },
      {
        item: declined,
        outcome: { calls: [], answer: '' },
        grade: { tool: true, arguments: true, facts: false, all: false },
      },
    ];
    expect(reportOf(results).split('\n').at(-1)).toBe('accuracy 0.50 (1/2)');
  });
});

describe('a dataset', () => {
  it('is refused with the place of the mistake', () => {
    expect(() =>
      readDataset(
        'agent: agent:default/x\ncases: [{ id: a, ask: hm, tool: x.y, decline: true }]',
        'x.yaml',
      ),
    ).toThrow(/x\.yaml: Case 1 \("a"\).*only one of/);
  });
});
