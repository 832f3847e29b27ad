import { inspect } from '../inspect';
import { findPersonalData } from './personalData';
import { findSensitive } from './findSensitive';
import { MaskedStream } from './MaskedStream';
import { findSecrets, mayHoldSecret } from './secrets';
import {
  nameToldSecrets,
  putBackToldSecrets,
  TOLD_SECRET,
  Tokens,
} from './Tokens';

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

  it('does not believe a text that says that there are none', async () => {
    for (const comment of ['secretlint-disable', 'secretlint-disable-line']) {
      const text = `// ${comment}\n${GITHUB} // ${comment}`;
      const parts = await findSecrets(text);
      expect(parts.map(({ end, start }) => text.slice(start, end))).toEqual([
        GITHUB,
      ]);
    }
  });

  it('are looked for while others have their turn', async () => {
    let turns = 0;
    let next: NodeJS.Immediate;
    const turn = () => {
      turns += 1;
      next = setImmediate(turn);
    };
    turn();
    await inspect({
      texts: [1, 2, 3, 4].map(i => `${GITHUB}${i}`),
      injections: false,
      secrets: true,
      personalData: false,
    });
    clearImmediate(next!);
    expect(turns).toBeGreaterThan(3);
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

  it('are described by their kind and ending to people', async () => {
    const tokens = new Tokens(SECRET, 'run-1');
    const text = `${GITHUB} anna@a.example`;
    const masked = tokens.mask(text, await findSensitive(text));
    expect(tokens.describe({ masked })).toEqual({
      masked: '[secret that ends in q7R8] [email]',
    });
    expect(new Tokens(SECRET, 'run-2').describe(masked)).toBe(masked);
  });

  it('come back where people left their names, and not more often than they were', () => {
    const tokens = new Tokens(SECRET, 'run-1');
    const [a, b] = ['one', 'two'].map(it => tokens.tokenOf(TOLD_SECRET, it));
    const left = (before: unknown, written: unknown) =>
      putBackToldSecrets(written, before);
    const list = { of: [a, `${b}!`] };
    expect(left(list, nameToldSecrets(list))).toEqual(list);
    expect(left(`${a} and ${b}`, 'First [secret], then [secret].')).toBe(
      `First ${a}, then ${b}.`,
    );
    expect(left(`${a} and ${a}`, 'Only [secret].')).toBe(`Only ${a}.`);
    for (const [before, written] of [
      [`${a} and ${b}`, 'Only [secret].'],
      [a, '[secret]'.repeat(2)],
      ['None.', 'A [secret].'],
      [{ a }, 'A [secret].'],
    ]) {
      expect(left(before, written)).toBe(written);
    }
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
  const replace = ({ kind }: { kind: string }, value: string) =>
    `<${kind} ${value.length}>`;
  const KEY = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0B\n'.repeat(
    20,
  )}-----END PRIVATE KEY-----`;

  async function masked(
    text: string,
    size: number,
    options: Partial<ConstructorParameters<typeof MaskedStream>[0]> = {},
  ) {
    const stream = new MaskedStream({
      replace,
      findings: { secrets: true, personalData: true },
      ...options,
    });
    let out = '';
    for (let at = 0; at < text.length; at += size) {
      out += await stream.push(text.slice(at, at + size));
    }
    return { early: out, whole: out + (await stream.end()) };
  }

  it.each([1, 7, 64, 5_000])(
    'finds what is cut in pieces of %d characters',
    async size => {
      const filler = 'Some words about orders. '.repeat(30);
      const { whole } = await masked(
        `${filler}${GITHUB} ${filler}DE89 3704 0044 0532 0130 00 ${filler}${KEY} anna@acme.example`,
        size,
      );
      expect(whole).toBe(
        `${filler}<secret 40> ${filler}<iban 27> ${filler}<secret ${KEY.length}> <email 17>`,
      );
    },
  );

  it('lets words go as they end, and says no secret before it knows one', async () => {
    const stream = new MaskedStream({ replace, findings: { secrets: true } });
    expect(await stream.push('Hello th')).toBe('Hello ');
    expect(await stream.push(`ere. It is ${GITHUB.slice(0, 30)}`)).toBe(
      'there. It is ',
    );
    expect(await stream.push(`${GITHUB.slice(30)}, keep`)).toBe(
      '<secret 40>, ',
    );
    expect(await stream.push(' it')).toBe('keep ');
    // Whoever breaks off does not call `end`.
    expect(await stream.end()).toBe('it');
  });

  it('takes time that grows with the text and not faster, whatever is in it', async () => {
    const long = `https://evil.example/?d=${'a1B2'.repeat(1_500)}`;
    const { whole } = await masked(`${long} and`, 4, {
      findings: {
        secrets: true,
        links: { isListed: () => false, isTold: () => false },
      },
    });
    expect(whole).toMatch(/^<link \d+> and$/);
    const since = performance.now();
    expect(mayHoldSecret('://:'.repeat(250_000))).toBe(false);
    expect(mayHoldSecret(`://${':'.repeat(1_000_000)}`)).toBe(false);
    expect(performance.now() - since).toBeLessThan(1_000);
  });

  it('holds back no more than it needs', async () => {
    const stream = new MaskedStream({
      replace,
      findings: { personalData: true },
    });
    let held = 0;
    let given = 0;
    for (let i = 0; i < 2_000; i++) {
      held += 10;
      given += (await stream.push(i % 2 ? 'wordword w' : 'ordwordwor')).length;
      expect(held - given).toBeLessThanOrEqual(600);
    }
  });

  it.each([
    ['that never ends', `x ${KEY.slice(0, 300)}`, 'x <secret 300>'],
    [
      'that is longer than what is held',
      `x ${KEY.replace('MII', 'MII\n'.repeat(4_000))} y`,
      /^x <secret \d+> y$/,
    ],
  ])('masks a private key %s', async (_, text, expected) => {
    const { early, whole } = await masked(text, 50);
    expect(whole).toMatch(expected);
    expect(early).not.toContain('MII');
  });

  it.each([3, 400])('leaves JSON what it is, in pieces of %d', async size => {
    const json = JSON.stringify({
      n: 4111111111111111,
      note: `a "quoted"\n${GITHUB}\n`,
      card: '4111 1111 1111 1111',
    });
    const { whole } = await masked(json, size, {
      json: true,
      replace: (_, value) => `"${value.slice(0, 4)}"`,
    });
    expect(JSON.parse(whole)).toEqual({
      n: 4111111111111111,
      note: 'a "quoted"\n"ghp_"\n',
      card: '"4111"',
    });
  });

  it('leaves out links that carry words to where nobody knows, and no others', async () => {
    const links = {
      isListed: (url: URL) => url.hostname === 'docs.acme.example',
      isTold: (url: string) => url === 'https://shop.example/?order=SO-1234567',
    };
    const { whole } = await masked(
      'See ![a chart](https://evil.example/p.png?d=the+customer+is+Anna), ' +
        '![x](//evil.example/?d=the+customer) [more](https://evil.example/?q=the+customer) ' +
        `https://evil.example/${'a'.repeat(
          50,
        )} https://docs.acme.example/?q=the+customer ` +
        '[yours](https://shop.example/?order=SO-1234567) https://evil.example/about',
      9,
      {
        findings: { links },
        replace: ({ kind }) => `<${kind}>`,
      },
    );
    expect(whole).toBe(
      'See ![a chart](<image>), ![x](<image>) [more](<link>) <link> ' +
        'https://docs.acme.example/?q=the+customer ' +
        '[yours](https://shop.example/?order=SO-1234567) https://evil.example/about',
    );
  });
});
