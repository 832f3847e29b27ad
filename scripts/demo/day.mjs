// A day of the example company, as far as its agents have to do with it.

const ELIN = 'user:default/elin.marklund';
const DARIO = 'user:default/dario.conti';
const HENRIK = 'user:default/henrik.dahl';
const PRIYA = 'user:default/priya.raman';
const GUEST = 'user:default/guest';

/** Who asks which agent what. The answers are the portal's own; a thread goes on with the next question. */
export const CONVERSATIONS = [
  [
    ELIN,
    'order-desk',
    ['What is the status of order NH-10042?', 'And track its parcel.'],
  ],
  [ELIN, 'order-desk', ['Who placed order NH-10066?']],
  [ELIN, 'order-desk', ["What's the email address of Sofia Lindqvist?"]],
  [
    ELIN,
    'care-front-desk',
    ['Hello, please track the parcel of order NH-10249'],
  ],
  [ELIN, 'care-front-desk', ['I need the tracking number of NH-10243']],
  [ELIN, 'people-guide', ['How many vacation days do I get per year?']],
  [ELIN, 'order-desk', ['What is the capital of France?']],
  [DARIO, 'returns-desk', ['What is the status of return RT-2006?']],
  [DARIO, 'returns-desk', ['How much do we pay back for return RT-2002?']],
  [DARIO, 'order-desk', ['Which items are in order NH-10042?']],
  [DARIO, 'stock-scout', ['Is the Kurs Compass in stock?']],
  [HENRIK, 'invoice-clerk', ['Has INV-40042 been paid?']],
  [HENRIK, 'invoice-clerk', ['Find the invoice for order NH-10017']],
  [HENRIK, 'revenue-analyst', ['What was our revenue in October 2026?']],
  [HENRIK, 'revenue-analyst', ['Turnover by country for Q3 2026']],
  [PRIYA, 'people-guide', ['How many weeks of parental leave do I get?']],
  [PRIYA, 'people-guide', ['Can I work from abroad?']],
  [GUEST, 'order-desk', ['How much was NH-10150 in total?']],
].map(([person, agent, questions]) => ({
  person,
  agentRef: `agent:default/${agent}`,
  questions,
}));

/** What people write beside a thumb that points down. */
export const COMPLAINT = 'I had to ask a colleague after all.';

/** Agents that their owners put the questions of their data sets to. */
export const EVALUATED = [
  [ELIN, 'order-desk'],
  [DARIO, 'returns-desk'],
  [HENRIK, 'invoice-clerk'],
].map(([person, agent]) => ({ person, agentRef: `agent:default/${agent}` }));

/** An agent that is not in production is tried with a cheaper model on half of those who ask. */
export const EXPERIMENT = {
  person: ELIN,
  agentRef: 'agent:default/customer-messenger',
  title: 'A cheaper model for messages',
  hypothesis: 'Looking customers up costs less, and fails no more often.',
  candidate: { model: 'model:default/balanced' },
  share: 0.5,
  // An agent under review is for those who own it.
  askers: [ELIN, GUEST],
  questions: [
    'Which loyalty tier does customer C-1046 have?',
    'What is the email address of the customer of order NH-10253?',
  ],
};

/** What somebody tries who may not: a tool that destroys something. */
export const REFUSED = {
  person: GUEST,
  tool: 'orders.cancel_order',
  arguments: { orderId: 'NH-10257', reason: 'I changed my mind.' },
};

const USD = 1_000_000_000;

/** Limits that Priya sets. */
export const BUDGETS = [
  {
    scope: { type: 'organisation' },
    window: 'month',
    limitNanoUsd: 1_000 * USD,
  },
  {
    scope: { type: 'owner', ref: 'group:default/customer-care' },
    window: 'month',
    limitNanoUsd: 25 * USD,
  },
];

/** One that the day uses up: a question costs some 0.00014 USD, and 0.001 USD is held while it is answered. */
export const SPENT = {
  person: DARIO,
  agentRef: 'agent:default/shipment-tracker',
  budget: { window: 'day', limitNanoUsd: 0.0013 * USD },
  questions: Array.from(
    { length: 8 },
    () => 'Which shipments of PostNord are delayed?',
  ),
};

/** A program of Elin's team that asks a model by itself. */
export const KEY = {
  person: ELIN,
  title: 'Nightly summary of open questions',
  ownerRef: 'group:default/customer-care',
  models: ['balanced'],
  questions: [
    'What can you do?',
    'Summarise: order NH-10042 was delivered on time and the customer is happy.',
  ],
};

export const ADMINISTRATOR = PRIYA;
