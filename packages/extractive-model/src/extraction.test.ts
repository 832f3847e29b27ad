import { createExtractiveModel } from './model';

const now = () => new Date('2026-03-10T12:00:00Z');
const model = createExtractiveModel({ now });

function tool(
  name: string,
  description: string,
  properties: Record<string, unknown>,
  required: string[] = [],
) {
  return {
    type: 'function' as const,
    function: {
      name,
      description,
      parameters: { type: 'object', properties, required },
    },
  };
}

const weather = [
  tool(
    'get_forecast',
    'Get the weather forecast for a city on a day: temperature, rain and wind.',
    {
      city: { type: 'string', description: 'City name' },
      date: {
        type: 'string',
        format: 'date',
        description: 'Day of the forecast',
      },
      units: { type: 'string', enum: ['celsius', 'fahrenheit'] },
    },
    ['city'],
  ),
  tool('list_alerts', 'List severe weather alerts of a region.', {
    severity: { type: 'string', enum: ['minor', 'moderate', 'severe'] },
    region: { type: 'string', description: 'Region' },
  }),
];

const library = [
  tool(
    'search_books',
    'Search the catalogue of the library for books by words of the title, author or subject.',
    {
      query: { type: 'string', description: 'Words to search for' },
      available_only: {
        type: 'boolean',
        description: 'Only books that can be borrowed now',
      },
      max_pages: { type: 'integer', description: 'At most this many pages' },
    },
    ['query'],
  ),
  tool(
    'find_loan',
    'Look up a loan by its loan number: book, borrower and due date.',
    {
      loan_id: { type: 'string', description: 'Loan number, e.g. LN-204' },
    },
    ['loan_id'],
  ),
  tool(
    'renew_loan',
    'Renew a loan for some more weeks.',
    {
      loan_id: { type: 'string', description: 'Loan number, e.g. LN-204' },
      weeks: {
        type: 'integer',
        minimum: 1,
        maximum: 8,
        description: 'How many weeks longer',
      },
    },
    ['loan_id', 'weeks'],
  ),
];

const cars = [
  tool('search_cars', 'Search cars for rent by class, seats and daily price.', {
    class: { type: 'string', enum: ['compact', 'family', 'van', 'luxury'] },
    min_seats: { type: 'integer', description: 'At least this many seats' },
    max_price_per_day: {
      type: 'number',
      description: 'Highest price per day in euro',
    },
  }),
  tool(
    'book_car',
    'Book a car for a customer.',
    {
      car_id: { type: 'string', pattern: '^CAR[0-9]{3}$' },
      driver_email: { type: 'string', format: 'email' },
      pickup_date: { type: 'string', format: 'date' },
      return_date: { type: 'string', format: 'date' },
    },
    ['car_id', 'driver_email', 'pickup_date', 'return_date'],
  ),
];

const clinic = [
  tool(
    'list_appointments',
    'List the appointments of a doctor or a patient between two dates.',
    {
      doctor: { type: 'string', description: 'Name of the doctor' },
      from: { type: 'string', format: 'date', description: 'First day' },
      to: { type: 'string', format: 'date', description: 'Last day' },
    },
  ),
  tool(
    'cancel_appointment',
    'Cancel an appointment.',
    {
      appointment_number: { type: 'string', pattern: '^A-[0-9]{4}$' },
      reason: { type: 'string', description: 'Why it is cancelled' },
    },
    ['appointment_number', 'reason'],
  ),
];

const servers = [
  tool('list_hosts', 'List hosts (machines) by environment and state.', {
    environment: {
      type: 'string',
      enum: ['production', 'staging', 'development'],
    },
    state: { type: 'string', enum: ['running', 'stopped', 'out_of_service'] },
    limit: { type: 'integer', minimum: 1, maximum: 50, default: 20 },
  }),
  tool(
    'resize_volume',
    'Change the size of a volume.',
    {
      volume: { type: 'string', description: 'Volume, for example vol-12ab' },
      size_gb: { type: 'integer', description: 'New size in GB' },
    },
    ['volume', 'size_gb'],
  ),
  tool(
    'tag_hosts',
    'Add a tag to several hosts.',
    {
      hosts: {
        type: 'array',
        items: { type: 'string', pattern: '^h[0-9]{2}$' },
      },
      tag: { type: 'string', description: 'Name of the tag' },
    },
    ['hosts', 'tag'],
  ),
];

async function decide(tools: typeof weather, ...messages: string[]) {
  const completion = await model.complete({
    messages: messages.map((content, index) => ({
      role: index % 2 ? ('assistant' as const) : ('user' as const),
      content,
    })),
    tools,
  });
  const [choice] = completion.choices;
  return {
    text: choice.message.content ?? '',
    calls: (choice.message.tool_calls ?? []).map(call => ({
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments),
    })),
  };
}

describe('tool choice and argument extraction', () => {
  it.each([
    [
      'a city after a preposition and a relative day',
      weather,
      'What will the weather be like in Lisbon tomorrow?',
      'get_forecast',
      { city: 'Lisbon', date: '2026-03-11' },
    ],
    [
      'a city in small letters',
      weather,
      'forecast for porto pls',
      'get_forecast',
      { city: 'porto' },
    ],
    [
      'an enumerated value',
      weather,
      'any severe alerts?',
      'list_alerts',
      { severity: 'severe' },
    ],
    [
      'a unit',
      weather,
      'temperature in Austin in fahrenheit',
      'get_forecast',
      { city: 'Austin', units: 'fahrenheit' },
    ],
    [
      'search words without the words that ask',
      library,
      'do you have books about medieval bridges?',
      'search_books',
      { query: 'medieval bridges' },
    ],
    [
      'quoted search words',
      library,
      'search the catalogue for "The Left Hand"',
      'search_books',
      { query: 'The Left Hand' },
    ],
    [
      'an identifier from an example',
      library,
      'when is loan ln-318 due?',
      'find_loan',
      { loan_id: 'LN-318' },
    ],
    [
      'an identifier from its bare number',
      library,
      'who has loan 318',
      'find_loan',
      { loan_id: 'LN-318' },
    ],
    [
      'a number with its unit',
      library,
      'please renew LN-204 for 3 weeks',
      'renew_loan',
      { loan_id: 'LN-204', weeks: 3 },
    ],
    [
      'a number word',
      library,
      'Could you extend loan LN-204 by two weeks?',
      'renew_loan',
      { loan_id: 'LN-204', weeks: 2 },
    ],
    [
      'bounds of numbers',
      cars,
      'show me vans with at least 7 seats under 90 euro per day',
      'search_cars',
      { class: 'van', min_seats: 7, max_price_per_day: 90 },
    ],
    [
      'dates, an address and a pattern',
      cars,
      'Book CAR042 for kim@example.org from 2026-04-01 to 2026-04-05',
      'book_car',
      {
        car_id: 'CAR042',
        driver_email: 'kim@example.org',
        pickup_date: '2026-04-01',
        return_date: '2026-04-05',
      },
    ],
    [
      'a named month as a span',
      clinic,
      'appointments of Doctor Sato in May 2026',
      'list_appointments',
      { from: '2026-05-01', to: '2026-05-31' },
    ],
    [
      'an open span',
      clinic,
      'list appointments since 2026-03-01',
      'list_appointments',
      { from: '2026-03-01' },
    ],
    [
      'a reason in own words',
      clinic,
      'cancel appointment A-1001 because the patient moved away',
      'cancel_appointment',
      { appointment_number: 'A-1001', reason: 'the patient moved away' },
    ],
    [
      'several words of one value',
      servers,
      'which production hosts are out of service?',
      'list_hosts',
      { environment: 'production', state: 'out_of_service' },
    ],
    [
      'a limit',
      servers,
      'top 5 running hosts',
      'list_hosts',
      { state: 'running', limit: 5 },
    ],
    [
      'a list of identifiers',
      servers,
      'Tag hosts h01, h07 and h12 with the tag "retire"',
      'tag_hosts',
      { hosts: ['h01', 'h07', 'h12'], tag: 'retire' },
    ],
    [
      'an identifier with letters and a size',
      servers,
      'resize volume vol-77 to 200 GB',
      'resize_volume',
      { size_gb: 200 },
    ],
    [
      'a misspelt subject',
      weather,
      'wether forcast for Oslo',
      'get_forecast',
      { city: 'Oslo' },
    ],
  ])('reads %s', async (_what, tools, question, name, args) => {
    const { calls } = await decide(tools as typeof weather, question);
    expect(calls).toHaveLength(1);
    expect(calls[0].name).toBe(name);
    expect(calls[0].arguments).toMatchObject(args);
  });

  const repositories = [
    tool(
      'list_issues',
      'List issues of a repository.',
      {
        owner: { type: 'string', description: 'Repository owner' },
        repo: { type: 'string', description: 'Repository name' },
        state: { type: 'string', enum: ['open', 'closed'] },
      },
      ['owner', 'repo'],
    ),
    tool(
      'add_comment',
      'Add a comment to an issue.',
      {
        owner: { type: 'string', description: 'Repository owner' },
        repo: { type: 'string', description: 'Repository name' },
        issue_number: { type: 'integer' },
        body: { type: 'string', description: 'Comment content' },
      },
      ['owner', 'repo', 'issue_number', 'body'],
    ),
  ];
  const files = [
    tool(
      'move_file',
      'Move or rename a file.',
      {
        source: { type: 'string', description: 'Path of the file' },
        destination: { type: 'string', description: 'Its new path' },
      },
      ['source', 'destination'],
    ),
    tool(
      'list_directory',
      'List the files of a directory.',
      { path: { type: 'string', description: 'Path of the directory' } },
      ['path'],
    ),
  ];
  const events = [
    tool(
      'respond',
      'Answer an invitation to an event.',
      {
        event_id: { type: 'string', description: 'Event, e.g. ev_1020' },
        response: {
          type: 'string',
          enum: ['accepted', 'declined', 'tentative'],
        },
        comment: { type: 'string' },
      },
      ['event_id', 'response'],
    ),
  ];
  const messages = [
    tool(
      'post_message',
      'Post a message in a channel.',
      {
        channel: { type: 'string', description: 'Channel name' },
        text: { type: 'string', description: 'The text of the message' },
        post_at: { type: 'string', format: 'date-time' },
      },
      ['channel', 'text'],
    ),
  ];
  const rates = [
    tool(
      'exchange_rate',
      'The exchange rate between two currencies.',
      {
        base: { type: 'string', enum: ['GBP', 'EUR', 'USD', 'JPY'] },
        quote: { type: 'string', enum: ['GBP', 'EUR', 'USD', 'JPY'] },
      },
      ['base', 'quote'],
    ),
  ];
  const rentals = [
    tool('list_trips', 'List trips with rented bikes.', {
      bike_type: { type: 'string', enum: ['classic', 'ebike', 'cargo'] },
      limit: { type: 'integer' },
    }),
  ];
  it.each([
    [
      'a repository with its owner',
      repositories,
      'any open issues in acme/parser?',
      { owner: 'acme', repo: 'parser', state: 'open' },
    ],
    [
      'what is quoted as the words of the person',
      repositories,
      'Please comment "fixed by 2.4.1, closing on Monday" on issue 77 of acme/parser.',
      {
        owner: 'acme',
        repo: 'parser',
        issue_number: 77,
        body: 'fixed by 2.4.1, closing on Monday',
      },
    ],
    [
      'times inside a quotation as no times',
      messages,
      'Post "Doors open at 18:30, crew entrance is on the north side." in channel venue-ops',
      {
        channel: 'venue-ops',
        text: 'Doors open at 18:30, crew entrance is on the north side',
      },
    ],
    [
      'two paths, the one behind to as the target',
      files,
      'rename /srv/share/draft.docx to /srv/share/offer.docx',
      { source: '/srv/share/draft.docx', destination: '/srv/share/offer.docx' },
    ],
    [
      'a path with its first slash',
      files,
      'list the files in /srv/share/plans',
      { path: '/srv/share/plans' },
    ],
    [
      'an act as the value that it leads to',
      events,
      'decline ev_5521, comment: "Travelling that day, sorry"',
      {
        event_id: 'ev_5521',
        response: 'declined',
        comment: 'Travelling that day, sorry',
      },
    ],
    [
      'two values of one list in their order',
      rates,
      'What is the exchange rate from USD to JPY?',
      { base: 'USD', quote: 'JPY' },
    ],
    [
      'a listed value written with a hyphen, and how many are wanted',
      rentals,
      'Show me the five trips with the longest duration, e-bike only',
      { bike_type: 'ebike', limit: 5 },
    ],
  ])('reads %s', async (_, tools, content, expected) => {
    const { choices } = await model.complete({
      messages: [{ role: 'user', content }],
      tools,
    });
    const [call] = choices[0].message.tool_calls ?? [];
    expect(JSON.parse(call?.function.arguments ?? 'null')).toEqual(expected);
  });

  it('knows an act by the name of the thing that the tool makes', async () => {
    const money = [
      tool(
        'issue_refund',
        'Pay money back to a guest for a stay. Cannot be undone.',
        {
          stay: { type: 'string', pattern: '^ST-[0-9]{4}$' },
          amount: { type: 'number', description: 'Amount to pay back' },
          reason: { type: 'string', description: 'Why it is paid back' },
        },
        ['stay', 'amount', 'reason'],
      ),
      tool('find_stay', 'Look up a stay: guest, room and price.', {
        stay: { type: 'string', pattern: '^ST-[0-9]{4}$' },
      }),
    ];
    for (const verb of ['Refund', 'Reimburse', 'Please refund']) {
      const { calls } = await decide(
        money as any,
        `${verb} 340 EUR of stay ST-1234 because the room was cold`,
      );
      expect(calls).toMatchObject([
        {
          name: 'issue_refund',
          arguments: { stay: 'ST-1234', amount: 340 },
        },
      ]);
    }
  });

  it.each([
    [weather, 'Who wrote Hamlet?'],
    [library, 'What is the exchange rate of the yen?'],
    [cars, 'Tell me a joke'],
    [clinic, 'write python code that sorts a list'],
    [servers, 'how do I bake bread'],
  ])('declines what no tool is for', async (tools, question) => {
    const { calls, text } = await decide(tools as typeof weather, question);
    expect(calls).toEqual([]);
    expect(text).toMatch(/cannot help/);
  });

  it('asks for exactly what is missing, and goes on with the reply', async () => {
    const first = await decide(clinic as any, 'cancel appointment A-1001');
    expect(first.calls).toEqual([]);
    expect(first.text).toContain('reason');
    expect(first.text).not.toContain('appointment number');
    const second = await decide(
      clinic as any,
      'cancel appointment A-1001',
      first.text,
      'the doctor is ill',
    );
    expect(second.calls).toEqual([
      {
        name: 'cancel_appointment',
        arguments: {
          appointment_number: 'A-1001',
          reason: 'the doctor is ill',
        },
      },
    ]);
  });

  it('calls once for each of several identifiers, or one after the other when told so', async () => {
    const { calls } = await decide(
      library as any,
      'compare the loans LN-204 and LN-318',
    );
    expect(calls.map(call => call.arguments.loan_id)).toEqual([
      'LN-204',
      'LN-318',
    ]);
    const one = await model.complete({
      messages: [
        { role: 'user', content: 'compare the loans LN-204 and LN-318' },
      ],
      tools: library,
      parallel_tool_calls: false,
    });
    expect(one.choices[0].message.tool_calls).toHaveLength(1);
  });

  it('never takes an identifier that the schema forbids, whatever number is asked for', async () => {
    for (let number = 0; number < 300; number += 7) {
      const { calls } = await decide(
        clinic as any,
        `cancel appointment ${number} because of rain`,
      );
      for (const call of calls)
        expect(call.arguments.appointment_number).toMatch(/^A-[0-9]{4}$/);
    }
  });
});
