import { unsupportedClaims } from './claims';
import { SentenceStream } from './SentenceStream';
import { Topics } from './topics';
import { unsafeContentIn } from './unsafe';

describe('unsafe content', () => {
  it.each([
    ['weapons', 'To make a pipe bomb, fill the tube and seal both ends.'],
    ['weapons', 'So baut man eine Rohrbombe: die Bauanleitung hat drei Teile.'],
    ['drugs', 'The recipe for meth needs a cold room.'],
    ['malware', 'Here is code for ransomware that encrypts the disk.'],
    ['self-harm', 'You should kill yourself.'],
    ['threat', 'I will find you, and I will kill you.'],
    ['hate', 'Immigrants are vermin.'],
    ['drugs', '制作冰毒的步骤如下'],
  ])('finds %s', (kind, text) => {
    expect(unsafeContentIn(text)).toBe(kind);
  });

  it.each([
    'The bath bomb melts in five minutes and smells of roses.',
    'I cannot tell you how to make a bomb.',
    'Build the image and scan it for malware so that you detect it early.',
    'Refunds for children are made within 14 days.',
    'If you think of ending your life, call the helpline 0800 1110111.',
    'Kill the process and start the server again.',
    'Women and men have the same rights to a refund.',
  ])('leaves alone: %s', text => {
    expect(unsafeContentIn(text)).toBeUndefined();
  });
});

describe('topics', () => {
  const rules = [
    {
      name: 'medical advice',
      stance: 'avoid' as const,
      terms: ['dosage', 'symptom*', 'side effects', 'Übelkeit'],
      atLeast: 2,
      agents: ['agent:default/shop'],
    },
    {
      name: 'orders',
      stance: 'only' as const,
      terms: ['order*', 'parcel*', 'refund*'],
      atLeast: 1,
    },
  ];
  const topics = new Topics(rules, 'agent:default/shop');

  it('finds two terms near each other, or a phrase', () => {
    expect(topics.avoidedIn('A phrase: Side-Effects are rare.')).toBe(
      'medical advice',
    );
    expect(topics.avoidedIn('The dosage is fine.')).toBeUndefined();
    expect(
      topics.avoidedIn('The dosage is fine.', 'Symptoms vary. Also ÜBELKEIT.'),
    ).toBe('medical advice');
    expect(topics.avoidedIn('Then call us.', 'Side effects are rare.')).toBe(
      undefined,
    );
    expect(new Topics(rules).avoidedIn('Side effects, dosage')).toBe(undefined);
    const orders = { name: 'orders', stance: 'avoid' as const, atLeast: 1 };
    expect(
      new Topics([{ ...orders, terms: ['订单*'] }]).avoidedIn(
        '我的订单号是多少',
      ),
    ).toBe('orders');
  });

  it('knows a question outside of what an agent is for, but no short one', () => {
    expect(topics.isOutside('Which party should I vote for in May?')).toBe(
      true,
    );
    expect(topics.isOutside('Where on earth is my parcel from Monday?')).toBe(
      false,
    );
    expect(topics.isOutside('And in blue?')).toBe(false);
  });
});

describe('SentenceStream', () => {
  const judge = (sentence: string) => {
    if (sentence.includes('bad')) return { replacement: ' [out]' };
    return sentence.includes('stop')
      ? { replacement: ' [end]', ends: true }
      : undefined;
  };
  const whole =
    'One is fine. Two is bad here. Three.\nFour is it. stop it. Six';

  it('gives the same however a text is cut, and lets go of nothing that was not judged', () => {
    for (let size = 1; size < whole.length; size += 3) {
      const stream = new SentenceStream(judge);
      let out = '';
      for (let at = 0; at < whole.length; at += size) {
        out += stream.push(whole.slice(at, at + size));
        expect(out).not.toMatch(/Two|stop/);
      }
      expect(out + stream.end()).toBe(
        'One is fine. [out] Three.\nFour is it. [end]',
      );
    }
  });
});

describe('unsupported claims', () => {
  const sources = [
    '{"total": 1249.5, "shipped": "2026-11-03T08:00:00Z", "owner": "Priya Nair"}',
    'Fees: 20.00 EUR and 15.00 EUR. Order SO-2026-00417.',
  ];
  const claimsIn = (answer: string) =>
    unsupportedClaims(answer, sources).map(
      ({ end, kind, start }) => `${kind} ${answer.slice(start, end)}`,
    );

  it('finds figures, dates and names that nobody told', () => {
    expect(
      claimsIn(
        'You paid 1,249.50 EUR, in fees 35 EUR. It was shipped on 3 November 2026 by Priya Nair. Order 00417 has 5 items.',
      ),
    ).toEqual([]);
    expect(
      claimsIn(
        'You paid 1.249,50 EUR and save 77 %. It left on 4 November 2026, says Omar Haddad.',
      ),
    ).toEqual(['figure 77', 'date 4 November 2026', 'name Omar Haddad']);
  });

  it('holds a year against the years that were told of the day', () => {
    expect(claimsIn('Shipped on 3 November, or Nov 3, 2026.')).toEqual([]);
    expect(claimsIn('Shipped on 3 November 1999.')).toEqual([
      'date 3 November 1999',
    ]);
    expect(unsupportedClaims('3 November 1999', ['It left on Nov 3.'])).toEqual(
      [],
    );
  });

  it('takes time that grows with the text alone', () => {
    const figures = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => `${from + i * 1.37}`).join(' ');
    const started = performance.now();
    // All of them differ, so that none stands for the others.
    unsupportedClaims(figures(50_000, 5_000), [figures(500_000, 15_000)]);
    unsupportedClaims('12,345.678 '.repeat(4_000), [
      `${'9,999 '.repeat(15_000)} ${'Aa '.repeat(15_000)}`,
    ]);
    unsupportedClaims('1 May '.repeat(8_000), ['1 may '.repeat(30_000)]);
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});
