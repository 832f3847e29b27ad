import { createRandom } from './random';

/** Someone who buys at the shop. */
export interface Customer {
  customerId: string;
  name: string;
  email: string;
  phone: string;
  street: string;
  postalCode: string;
  city: string;
  country: string;
  loyaltyTier: 'basic' | 'silver' | 'gold';
}

const FIRST_NAMES = [
  'Maya',
  'Jonas',
  'Ines',
  'Piotr',
  'Camille',
  'Lars',
  'Hanna',
  'Mateo',
  'Greta',
  'Oskar',
  'Zofia',
  'Hugo',
  'Freja',
  'Tomasz',
  'Louise',
  'Emil',
  'Nadia',
  'Viktor',
  'Clara',
  'Anton',
  'Sofia',
  'Felix',
  'Agnes',
  'Marek',
];
const LAST_NAMES = [
  'Lindqvist',
  'Kowalski',
  'Moreau',
  'Hansen',
  'Fischer',
  'Nowak',
  'Bernard',
  'Johansson',
  'Weber',
  'Zielinska',
  'Dubois',
  'Nielsen',
  'Schulz',
  'Berg',
  'Garcia',
  'Lefevre',
  'Wojcik',
  'Andersen',
  'Keller',
  'Rossi',
  'Visser',
  'Novak',
  'Holm',
  'Marchetti',
];
const PLACES = [
  ['Gothenburg', 'Sweden', '411 0'],
  ['Malmo', 'Sweden', '211 2'],
  ['Oslo', 'Norway', '015'],
  ['Copenhagen', 'Denmark', '210'],
  ['Hamburg', 'Germany', '2035'],
  ['Munich', 'Germany', '8033'],
  ['Gdansk', 'Poland', '80-83'],
  ['Krakow', 'Poland', '31-04'],
  ['Lyon', 'France', '6900'],
  ['Grenoble', 'France', '3800'],
  ['Utrecht', 'Netherlands', '351'],
  ['Turin', 'Italy', '1012'],
] as const;
const STREETS = [
  'Harbour Street',
  'Mill Lane',
  'Station Road',
  'Birch Avenue',
  'Old Market',
  'Bridge Street',
  'Park Row',
  'Hill Road',
  'Church Street',
  'Meadow Way',
];

/** How many customers the example has. */
const COUNT = 96;

function createCustomers(): Customer[] {
  const random = createRandom('customers');
  const taken = new Set<string>();
  return Array.from({ length: COUNT }, (_, index) => {
    let name: string;
    do {
      name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
    } while (taken.has(name));
    taken.add(name);
    const [city, country, postalPrefix] = random.pick(PLACES);
    return {
      customerId: `C-${1001 + index}`,
      name,
      email: `${name.toLowerCase().replace(' ', '.')}@example.com`,
      phone: `+${random.pick([
        '46',
        '47',
        '45',
        '49',
        '48',
        '33',
      ])} 555 ${String(random.between(0, 9999)).padStart(4, '0')}`,
      street: `${random.pick(STREETS)} ${random.between(1, 120)}`,
      postalCode: `${postalPrefix}${random.between(1, 9)}`,
      city,
      country,
      loyaltyTier: random.pick([
        'basic',
        'basic',
        'basic',
        'silver',
        'silver',
        'gold',
      ] as const),
    };
  });
}

/** Every customer, in the order of their numbers. */
export const CUSTOMERS: readonly Customer[] = createCustomers();
