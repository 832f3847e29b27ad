import path from 'node:path';
import { bucketOf } from '../bucket';
import { readPairs } from '../evaluation/pairs';
import { isPersonal, isTimeDependent } from './readMeaning';

const PAIRS = path.resolve(__dirname, '../../../../../examples/evals/cache');
const lexical = { kind: 'lexical' };

describe('guards against wrong answers', () => {
  it('let no near miss of the published pairs pass, and most paraphrases', () => {
    const pairs = readPairs(PAIRS);
    const passes = ({ one, other }: { one: string; other: string }) => {
      const bucket = bucketOf('s', 'p', one, lexical);
      return (
        bucket !== undefined && bucket === bucketOf('s', 'p', other, lexical)
      );
    };
    const nearMisses = pairs.filter(pair => !pair.same);
    const paraphrases = pairs.filter(pair => pair.same);
    expect(nearMisses.length).toBeGreaterThan(200);
    const wrong = nearMisses.filter(passes);
    expect(wrong.length / nearMisses.length).toBeLessThanOrEqual(0.01);
    expect(
      paraphrases.filter(passes).length / paraphrases.length,
    ).toBeGreaterThan(0.6);
  });

  it('never take one model for another, or a partition', () => {
    const question = 'How do I rename a folder?';
    const buckets = [
      bucketOf('s', 'p', question, lexical),
      bucketOf('s', 'q', question, lexical),
      bucketOf('s', 'p', question, { kind: 'openai/small' }),
      bucketOf('t', 'p', question, lexical),
    ];
    expect(new Set(buckets).size).toBe(4);
  });

  it.each(['Wachtwoord resetten?', '密码重置', 'Bonjour', '?'])(
    'do not compare what they cannot read: %s',
    question => {
      expect(bucketOf('s', 'p', question, lexical)).toBeUndefined();
    },
  );

  it.each([
    'What is the weather in Oslo?',
    'What time is it?',
    'Which invoices are due this week?',
    'Wie ist der aktuelle Stand?',
    'Was gibt es heute zu essen?',
    'Quelle est la météo ?',
    '¿Qué hay hoy?',
    'Is the server still down?',
  ])('know what is true only now: %s', question => {
    expect(isTimeDependent(question)).toBe(true);
  });

  it.each(['What is VAT?', 'Was ist ein Storno?', 'Qu’est-ce qu’un avoir ?'])(
    'know what is true for longer: %s',
    question => {
      expect(isTimeDependent(question)).toBe(false);
      expect(isPersonal(question)).toBe(false);
    },
  );

  it.each([
    'Where is my order?',
    'Wo ist meine Bestellung?',
    'Puis-je payer ?',
    '¿Dónde está mi pedido?',
    'xyzzy',
  ])('know what is about whoever asks: %s', question => {
    expect(isPersonal(question)).toBe(true);
  });
});
