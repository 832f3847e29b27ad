import { toModelToolNames } from './toolNames';

describe('names of tools for models', () => {
  it('hold only what model APIs take', () => {
    expect([
      ...toModelToolNames(['orders.find_order', 'crm.Suche/Kunde']),
    ]).toEqual([
      ['crm.Suche/Kunde', 'crm__Suche_Kunde'],
      ['orders.find_order', 'orders__find_order'],
    ]);
  });

  it('never fall together, however long or alike', () => {
    const long = `orders.${'x'.repeat(80)}`;
    const names = [long, `${long}1`, `${long}2`, 'a.b', 'a__b', 'a/b', 'a_b'];
    const map = toModelToolNames(names);
    const given = [...map.values()];
    expect(new Set(given).size).toBe(names.length);
    for (const name of given) {
      expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    }
    expect(toModelToolNames([...names].reverse())).toEqual(map);
  });
});
