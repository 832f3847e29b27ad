import { span } from '../__testUtils__/tracesServer';
import { ancestorsOf, spanRows, spanToShow, wordsOf } from './spanRows';

const SPANS = [
  span('root', 0, { kind: 'agent', childCount: 2 }),
  span('plan', 1, { kind: 'workflow', childCount: 1 }),
  span('chat', 2, { kind: 'model', model: 'builtin/extractive' }),
  span('find', 1, { tool: 'orders.find_order' }),
];
const names = (spans: ReadonlyArray<{ name: string }>) =>
  spans.map(({ name }) => name);
const NONE = new Set<string>();

it('leaves out what is below a closed span, and no more', () => {
  expect(
    names(spanRows(SPANS, { closed: new Set(['plan']), words: [] })),
  ).toEqual(['root', 'plan', 'find']);
});

it('shows what was found with all that it is below, closed or not', () => {
  const found = (question: string, closed = NONE) =>
    names(spanRows(SPANS, { closed, words: wordsOf(question) }));
  expect(found('Extractive model', new Set(['root']))).toEqual([
    'root',
    'plan',
    'chat',
  ]);
  expect(found('find_order')).toEqual(['root', 'find']);
  expect(found('extractive tool')).toEqual([]);
});

it('finds the spans that hold another', () => {
  expect(ancestorsOf(SPANS, 'chat')).toEqual(['plan', 'root']);
  expect(ancestorsOf(SPANS, 'root')).toEqual([]);
});

it('begins where it hurts: at the deepest of the first that failed', () => {
  const failed = { status: 'error' } as const;
  expect(
    spanToShow([
      { ...SPANS[0], ...failed },
      SPANS[1],
      { ...SPANS[2], ...failed },
      { ...SPANS[3], ...failed },
    ])?.name,
  ).toBe('chat');
  expect(spanToShow(SPANS)?.name).toBe('root');
});
