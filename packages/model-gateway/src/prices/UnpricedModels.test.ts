import { UnpricedModels } from './UnpricedModels';

describe('UnpricedModels', () => {
  it('warns once for each model, and says where a price can be set', () => {
    const warnings: unknown[][] = [];
    const unpriced = new UnpricedModels({
      logger: {
        warn: (...said) => warnings.push(said),
        error: (...said) => warnings.push(said),
      },
    });
    for (const model of ['a/b', 'a/b', 'a/c', 'a/b']) {
      unpriced.note(model);
    }
    expect(warnings).toEqual([
      [expect.stringContaining('models.prices'), { model: 'a/b' }],
      [expect.stringContaining('models.priceLists'), { model: 'a/c' }],
    ]);
    expect(unpriced.refuses).toBe(true);
  });
});
