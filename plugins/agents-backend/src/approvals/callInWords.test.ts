import { changesInWords, titleOfCall } from './callInWords';

const title = (
  tool: string,
  args: Parameters<typeof titleOfCall>[2]['args'],
  personRef?: string,
) =>
  titleOfCall(
    'Returns Desk',
    { name: 'a.b', title: tool },
    { args, personRef },
  );

it.each([
  [
    'Issue a refund',
    { invoiceId: '4711', amountEur: 340 },
    'issue a refund of 340 EUR for invoice 4711',
  ],
  [
    'Pay supplier',
    { iban: 'DE1', fee_amount: 5, amount: 9.5, currency: 'CHF' },
    'pay supplier of 9.5 CHF with iban DE1 and fee 5 CHF',
  ],
  [
    'Restart',
    { 'service.id': 'x', force: true },
    'restart for service x with force true',
  ],
  ['Send Report', {}, 'send Report'],
  // No English verb comes first: it stays as its owner wrote it.
  ['Erstattung auslösen', { id: 7 }, 'use “Erstattung auslösen” with id 7'],
  ['Order status', { order_id: 'R-1' }, 'use “Order status” for order R-1'],
  ['返金', { lines: [1], note: { a: 1 } }, 'use “返金”'],
  // No currency, no sum.
  ['Move stock', { amount: 3, per: 2 }, 'move stock with amount 3 and per 2'],
])('%s is a sentence', (tool, args, words) => {
  expect(title(tool, args)).toBe(`Returns Desk wants to ${words}.`);
});

it('says for whom it is done, and at most three arguments, in short', () => {
  expect(
    title(
      'Send message',
      { text: 'a '.repeat(100), to: 'b', cc: 'c', bcc: 'd' },
      'user:default/dana',
    ),
  ).toBe(
    `Returns Desk wants to send message with text ${'a '.repeat(
      30,
    )}…, to b and cc c, on behalf of user:default/dana.`,
  );
});

it('says what somebody changed', () => {
  const before = { amountEur: 340, orderId: 'R-1', lines: [1], note: 'x' };
  expect(changesInWords(before, { ...before, amountEur: 300 })).toBe(
    'with 300 EUR instead of 340 EUR',
  );
  expect(
    changesInWords(before, {
      amountEur: 340,
      orderId: 'R-2',
      lines: [2],
      to: 'me',
    }),
  ).toBe('with order R-2 instead of R-1, other lines, no note and to me');
});
