import { findPersonalData } from './personalData';
import { findSensitive, MaskedStream } from './MaskedStream';
import { findSecrets } from './secrets';
import { Tokens } from './Tokens';

const GITHUB = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
const SECRET = Buffer.alloc(32, 7);

describe('personal data', () => {
  it.each([
    ['iban', 'Pay to DE89 3704 0044 0532 0130 00 today'],
    ['iban', 'GB82WEST12345698765432'],
    ['card', 'card 4111 1111 1111 1111.'],
    ['de-tax-id', 'Steuer-ID: 86095742719'],
    ['cn-resident-id', '身份证11010519491231002X'],
    ['es-dni', 'DNI 12345678Z'],
    ['es-dni', 'NIE X1234567L'],
    ['fr-nir', 'NIR 2 55 08 14 168 025 38'],
    ['email', 'write to anna.berg@acme.example now'],
    ['phone', 'call +49 30 901820'],
    ['phone', 'Handy: 0171 2345678'],
    ['phone', '电话 13812345678'],
  ])('finds %s in "%s"', (kind, text) => {
    expect(findPersonalData(text).map(part => part.kind)).toEqual([kind]);
  });

  it.each([
    'DE88 3704 1044 0532 0130 10',
    'order 4111 1111 1111 1112',
    'Steuer-ID: 86095742718',
    '110105194912310021',
    'DNI 12345678A',
    'NIR 2 55 08 14 168 025 39',
    'version 1.2.3, 2026-11-29T10:00:00Z, 340.00 EUR, SO-2026-00417',
    'id 13812345678',
    'commit 5af25ab328eebb6099dd0a421551286a',
  ])('finds nothing in "%s"', text => {
    expect(findPersonalData(text)).toEqual([]);
  });
});

describe('secrets', () => {
  it('finds keys and addresses with passwords', async () => {
    const text = `use ${GITHUB} or postgres://app:p4ssw0rd@db.acme.example/x`;
    const parts = await findSecrets(text);
    expect(parts.map(({ end, start }) => text.slice(start, end))).toEqual([
      GITHUB,
      'postgres://app:p4ssw0rd@db.acme.example/x',
    ]);
    await expect(findSecrets('nothing here')).resolves.toEqual([]);
  });
});

describe('Tokens', () => {
  it('give a tool the value that the model has not seen', async () => {
    const text = 'Write to anna@acme.example, again anna@acme.example';
    const tokens = new Tokens(SECRET, 'run-1');
    const masked = tokens.mask(text, await findSensitive(text));
    expect(masked).not.toContain('anna');
    const [first, second] = masked.match(/\[\[email\.[\w-]+\]\]/g)!;
    expect(first).toBe(second);
    expect(tokens.unmask({ to: [first], note: `hi ${first}!` })).toEqual({
      to: ['anna@acme.example'],
      note: 'hi anna@acme.example!',
    });
  });

  it('mean nothing in another run, and nothing when changed', () => {
    const masked = new Tokens(SECRET, 'run-1').mask('anna@acme.example', [
      { kind: 'email', start: 0, end: 17 },
    ]);
    expect(new Tokens(SECRET, 'run-2').unmask(masked)).toBe(masked);
    const changed = masked.replace('[[email.', '[[phone.');
    expect(new Tokens(SECRET, 'run-1').unmask(changed)).toBe(changed);
  });
});

describe('MaskedStream', () => {
  const mask = (text: string, parts: { start: number; end: number }[]) =>
    [...parts]
      .reverse()
      .reduce(
        (masked, { end, start }) =>
          `${masked.slice(0, start)}*${masked.slice(end)}`,
        text,
      );

  it.each([1, 7, 64, 5_000])(
    'finds what is cut in pieces of %d characters',
    async size => {
      const filler = 'Some words about orders. '.repeat(30);
      const text = `${filler}${GITHUB} ${filler}DE89 3704 0044 0532 0130 00 ${filler}anna@acme.example`;
      const stream = new MaskedStream({ mask });
      let out = '';
      for (let at = 0; at < text.length; at += size) {
        out += await stream.push(text.slice(at, at + size));
      }
      out += await stream.end();
      expect(out).toBe(`${filler}* ${filler}* ${filler}*`);
    },
  );

  it('holds back no more than it needs', async () => {
    const stream = new MaskedStream({ mask, secrets: false });
    let held = 0;
    let given = 0;
    for (let i = 0; i < 2_000; i++) {
      held += 10;
      given += (await stream.push(i % 2 ? 'wordword w' : 'ordwordwor')).length;
      expect(held - given).toBeLessThanOrEqual(600);
    }
  });
});
