import { advise } from './sizes';

describe('the size advisor', () => {
  it.each([
    ['Which jacket fits a chest of 101,5 cm?', 'M'],
    ['A coat\nThe chest is 118 cm', 'XL'],
    ['Boots for a foot of 26.5 centimetres', 'EU 42'],
  ])('knows what fits: %s', (said, size) => {
    expect(advise(said)).toMatchObject({ size });
  });

  it.each([
    ['Hello', 'jacket or for boots'],
    ['I want a jacket', 'chest'],
    ['I want boots', 'foot'],
    ['A jacket for 300 cm', 'measured right'],
    ['Boots of 90 cm', 'measured right'],
  ])('asks for what it is not told: %s', (said, words) => {
    expect(advise(said)).toEqual({ question: expect.stringContaining(words) });
  });
});
