import { performance } from 'node:perf_hooks';
import { TIERS } from '../routing/complexity';
import { ComplexityRater } from './ComplexityRater';

const rater = new ComplexityRater();
const rate = (content: unknown, more: object = {}) =>
  rater.rate({ messages: [{ role: 'user', content }], ...more });

describe('ComplexityRater', () => {
  it.each([
    'Who owns the billing service?',
    'Wo ist mein Paket?',
    'Où est mon colis ?',
    '¿Dónde está mi pedido?',
  ])('takes for simple: %s', prompt => {
    expect(rate(prompt).tier).toBe('simple');
  });

  it.each([
    'Prove that there is no largest prime number.',
    'Beweise, dass die Wurzel aus 7 irrational ist.',
    'Démontrez que toute suite de Cauchy réelle converge.',
    'Demuestra que no existe un número primo máximo.',
  ])('takes for hard, although it is short: %s', prompt => {
    expect(['complex', 'reasoning']).toContain(rate(prompt).tier);
  });

  it('rates a comparison with a plan above a lookup, and says why', () => {
    const plan = rate(
      'Compare both vendors on cost, risk and lock-in, recommend one, and plan the migration in phases with a rollback.',
    );
    expect(TIERS.indexOf(plan.tier)).toBeGreaterThanOrEqual(2);
    expect(plan.why).toBe('Asks for a plan and a comparison.');
    const lookup = rate('Show me order A-1.');
    expect(lookup.score).toBeLessThan(plan.score);
    expect(lookup.why).toBe('Asks for something plain in few words.');
  });

  it('looks at what is asked and not at what is quoted', () => {
    const quoted =
      'Translate to Dutch: "Prove the theorem, compare the alternatives and derive the optimal strategy."';
    const asked =
      'Prove the theorem, compare the alternatives and derive the optimal strategy.';
    expect(rate(quoted).score).toBeLessThan(rate(asked).score / 2);
  });

  it('rates what the person said last, whatever tools answered since', () => {
    const question = { role: 'user', content: 'Who owns billing?' };
    const tool = {
      role: 'tool',
      tool_call_id: 'c',
      content: 'Prove and derive and compare and plan. '.repeat(50),
    };
    const before = rater.rate({ messages: [question] });
    const after = rater.rate({
      messages: [question, { role: 'assistant', content: null }, tool],
    });
    expect(after.tier).toBe(before.tier);
  });

  it('goes by the effort that the caller asks for', () => {
    const prompt = 'Write a short note about our new office.';
    const low = rate(prompt, { reasoning_effort: 'minimal' });
    const high = rate(prompt, { reasoning_effort: 'high' });
    expect(low.score).toBeLessThan(rate(prompt).score);
    expect(high.score).toBeGreaterThan(rate(prompt).score);
  });

  it.each([
    [{}],
    [{ messages: 'x' }],
    [{ messages: [null, 7, { role: 'user' }] }],
    [{ messages: [{ role: 'user', content: [null, { text: 3 }] }] }],
    [{ messages: [{ role: 'user', content: '"'.repeat(50_000) }] }],
  ])('rates %j without a complaint', body => {
    const { score, certainty } = rater.rate(body as object as {});
    expect(score).toBeGreaterThanOrEqual(0);
    expect(score).toBeLessThanOrEqual(1);
    expect(certainty).toBeGreaterThanOrEqual(0);
    expect(certainty).toBeLessThanOrEqual(1);
  });

  it('goes by the thresholds of the tenant', () => {
    const own = new ComplexityRater();
    own.setThresholds(new Map([['group:default/care', [0, 0.9, 1]]]));
    const body = {
      messages: [{ role: 'user', content: 'Where is order A-1?' }],
    };
    expect(own.rate(body, 'group:default/care').tier).toBe('medium');
    expect(own.rate(body, 'group:default/other').tier).toBe('simple');
    expect(own.rate(body).tier).toBe('simple');
  });

  it('takes no longer for a megabyte than for what it looks at', () => {
    const huge = 'a "b" c. ```\n'.repeat(100_000);
    rate(huge);
    const start = performance.now();
    for (let i = 0; i < 20; i += 1) {
      rate(huge);
    }
    expect((performance.now() - start) / 20).toBeLessThan(20);
  });
});
