import { addDays, DATA_DAY, daysBetween, workingDays } from './calendar';
import { createRandom } from './random';

/** The departments. */
export const DEPARTMENTS = [
  'Customer Care',
  'Logistics',
  'Merchandising',
  'Finance',
  'People',
  'Legal',
  'Technology',
  'Marketing',
] as const;

/** A department. */
export type Department = (typeof DEPARTMENTS)[number];

/** Where people work. */
export const LOCATIONS = ['Gothenburg', 'Gdansk', 'Lyon', 'Remote'] as const;

/** Kinds of leave. */
export const LEAVE_TYPES = ['vacation', 'sick', 'parental', 'unpaid'] as const;

/** Someone who works or worked at the company. */
export interface Employee {
  employeeId: string;
  name: string;
  title: string;
  department: Department;
  managerId?: string;
  location: (typeof LOCATIONS)[number];
  email: string;
  startedOn: string;
  leftOn?: string;
  vacationDays: number;
}

/** A time in which someone is away. */
export interface Leave {
  leaveId: string;
  employeeId: string;
  type: (typeof LEAVE_TYPES)[number];
  from: string;
  to: string;
  workingDays: number;
  status: 'approved' | 'requested' | 'declined';
}

/** The people who are in the software catalog too, heads of department first. */
const KNOWN: Array<
  [
    name: string,
    title: string,
    department: Department,
    location: Employee['location'],
  ]
> = [
  ['Ingrid Solberg', 'Head of Customer Care', 'Customer Care', 'Gothenburg'],
  ['Pawel Lis', 'Head of Logistics', 'Logistics', 'Gdansk'],
  ['Amelie Roux', 'Head of Merchandising', 'Merchandising', 'Lyon'],
  ['Henrik Dahl', 'Chief Financial Officer', 'Finance', 'Gothenburg'],
  ['Salma Haddad', 'Head of People', 'People', 'Lyon'],
  ['Nora Ekman', 'General Counsel', 'Legal', 'Gothenburg'],
  ['Tomas Brandt', 'Chief Technology Officer', 'Technology', 'Remote'],
  ['Rosa Ferrer', 'Head of Marketing', 'Marketing', 'Lyon'],
  ['Elin Marklund', 'Customer Care Lead', 'Customer Care', 'Gothenburg'],
  ['Dario Conti', 'Returns Lead', 'Customer Care', 'Lyon'],
  ['Kasia Wrona', 'Warehouse Manager', 'Logistics', 'Gdansk'],
  ['Yusuf Demir', 'Transport Planner', 'Logistics', 'Gdansk'],
  ['Lucie Garnier', 'Accounts Receivable Lead', 'Finance', 'Lyon'],
  ['Stellan Frisk', 'People Partner', 'People', 'Gothenburg'],
  ['Priya Raman', 'Platform Engineer', 'Technology', 'Remote'],
];
const FIRST_NAMES = [
  'Alva',
  'Bartek',
  'Chloe',
  'David',
  'Ebba',
  'Filip',
  'Gabriel',
  'Helena',
  'Isak',
  'Julie',
  'Karin',
  'Leon',
  'Magda',
  'Nils',
  'Olga',
  'Paul',
  'Rasmus',
  'Signe',
  'Theo',
  'Wanda',
];
const LAST_NAMES = [
  'Aberg',
  'Blanc',
  'Czarnecki',
  'Dahlberg',
  'Eriksen',
  'Fontaine',
  'Gorski',
  'Hellman',
  'Jansson',
  'Kaminski',
  'Lambert',
  'Mazur',
  'Norling',
  'Perrin',
  'Sikora',
  'Thorsen',
  'Vidal',
  'Wallin',
];
const TITLES: Record<Department, string[]> = {
  'Customer Care': ['Care Agent', 'Care Agent', 'Returns Clerk'],
  Logistics: ['Warehouse Associate', 'Inventory Controller', 'Shift Lead'],
  Merchandising: ['Buyer', 'Category Manager', 'Product Specialist'],
  Finance: ['Accountant', 'Controller', 'Payroll Specialist'],
  People: ['Recruiter', 'People Operations Specialist'],
  Legal: ['Legal Counsel', 'Privacy Officer'],
  Technology: ['Software Engineer', 'Data Engineer', 'Support Engineer'],
  Marketing: ['Content Editor', 'Campaign Manager'],
};

/** Eight heads, seven known people and the others. */
const COUNT = 72;

function createEmployees(): Employee[] {
  const random = createRandom('staff');
  const names = new Set(KNOWN.map(([name]) => name));
  const people = KNOWN.map(row => [...row] as (typeof KNOWN)[number]);
  while (people.length < COUNT) {
    const name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
    if (!names.has(name)) {
      names.add(name);
      const department = random.pick(DEPARTMENTS);
      people.push([
        name,
        random.pick(TITLES[department]),
        department,
        random.pick(LOCATIONS),
      ]);
    }
  }
  const heads = new Map(DEPARTMENTS.map((name, index) => [name, index]));
  return people.map(([name, title, department, location], index) => {
    const head = heads.get(department) ?? 0;
    const startedOn = addDays('2016-03-01', random.between(0, 3700));
    // Former employees are needed to show that their records can be erased.
    const left = index >= KNOWN.length && random.chance(0.08);
    return {
      employeeId: `E-${101 + index}`,
      name,
      title,
      department,
      ...(head !== index && { managerId: `E-${101 + head}` }),
      location,
      email: `${name.toLowerCase().replace(' ', '.')}@nordhaven.example`,
      startedOn,
      ...(left && { leftOn: addDays(DATA_DAY, -random.between(20, 300)) }),
      vacationDays: vacationDays(startedOn),
    };
  });
}

/** As the vacation policy says: more after five and after eight years. */
function vacationDays(startedOn: string): number {
  const years = daysBetween(startedOn, DATA_DAY) / 365.25;
  if (years >= 8) {
    return 30;
  }
  return years >= 5 ? 28 : 25;
}

function createLeaves(employees: readonly Employee[]): Leave[] {
  const random = createRandom('leave');
  const leaves: Leave[] = [];
  for (const { employeeId, leftOn } of employees) {
    if (leftOn) {
      continue;
    }
    // One in summer, one around the data's day or the turn of the year.
    const starts = [
      addDays('2026-06-15', random.between(0, 60)),
      addDays('2026-11-16', random.between(0, 42)),
    ];
    for (const from of starts) {
      const type = random.pick([
        'vacation',
        'vacation',
        'vacation',
        'vacation',
        'sick',
        'parental',
      ] as const);
      const length =
        type === 'sick' ? random.between(0, 3) : random.between(3, 13);
      const to = addDays(from, length);
      const days = workingDays(from, to);
      // Sickness is not planned ahead.
      if (days === 0 || (type === 'sick' && from > DATA_DAY)) {
        continue;
      }
      leaves.push({
        leaveId: `LV-${String(leaves.length + 1).padStart(4, '0')}`,
        employeeId,
        type,
        from,
        to,
        workingDays: days,
        status:
          from > '2026-12-10' && random.chance(0.4) ? 'requested' : 'approved',
      });
    }
  }
  return leaves;
}

/** Everyone, heads of department first. */
export const EMPLOYEES: readonly Employee[] = createEmployees();

/** Every leave of 2026. */
export const LEAVES: readonly Leave[] = createLeaves(EMPLOYEES);
