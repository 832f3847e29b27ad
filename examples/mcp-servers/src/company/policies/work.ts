import type { Policy } from '../policies';

/** Policies about working at the company. */
export const WORK_POLICIES: Policy[] = [
  {
    policyId: 'vacation',
    title: 'Vacation policy',
    owner: 'People',
    validFrom: '2026-01-01',
    sections: [
      {
        heading: 'Vacation days per year',
        text: 'Every employee has 25 vacation days per calendar year. The number rises to 28 days after five years of service and to 30 days after eight years of service. In the first year the days are granted in proportion to the months worked.',
      },
      {
        heading: 'Asking for vacation',
        text: 'File a leave request at least two weeks ahead for up to five days and six weeks ahead for more. The manager answers within five working days. Between 15 November and 24 December customer care and logistics grant at most three days in a row, because it is the busiest season.',
      },
      {
        heading: 'Carrying days over',
        text: 'Up to five unused vacation days are carried over into the next year and expire on 31 March. Days that could not be taken because of sickness or parental leave do not expire.',
      },
    ],
  },
  {
    policyId: 'parental-leave',
    title: 'Parental leave policy',
    owner: 'People',
    validFrom: '2026-03-01',
    sections: [
      {
        heading: 'Length and pay of parental leave',
        text: 'Each parent, birth, adoptive or foster, has 26 weeks of parental leave at full pay, to be taken in up to three blocks before the second birthday of the child. A further 26 weeks can be taken unpaid.',
      },
      {
        heading: 'Announcing parental leave',
        text: 'Tell your manager and your people partner at least eight weeks before the first day. Your position or an equal one is kept for you for the whole time.',
      },
      {
        heading: 'Coming back',
        text: 'In the first three months after parental leave you may work 80 percent of your hours at full pay.',
      },
    ],
  },
  {
    policyId: 'sick-leave',
    title: 'Sick leave policy',
    owner: 'People',
    validFrom: '2026-01-01',
    sections: [
      {
        heading: 'Reporting sick',
        text: "Tell your manager before 9 in the morning on the first day of sickness. A doctor's certificate is needed from the fourth day on.",
      },
      {
        heading: 'Pay while sick',
        text: 'Full salary is paid for the first six weeks of a sickness. After that the public sickness benefit applies, and the company pays the difference up to 80 percent of the salary for twelve more weeks.',
      },
      {
        heading: 'Sick children',
        text: 'Parents have ten paid days per child and year to care for a sick child under twelve.',
      },
    ],
  },
  {
    policyId: 'remote-work',
    title: 'Remote work policy',
    owner: 'People',
    validFrom: '2026-02-01',
    sections: [
      {
        heading: 'Working from home',
        text: 'Office staff may work from home up to three days a week, agreed with the team. Warehouse and shop positions are on site. Tuesday is the common office day.',
      },
      {
        heading: 'Working from abroad',
        text: 'You may work remotely from another country of the European Union for up to 30 working days a year, with approval of your manager and of the people team two weeks ahead. Outside of the European Union it is not allowed.',
      },
      {
        heading: 'Home office allowance',
        text: 'The company pays 400 euro once for a home office desk, chair or screen, and 25 euro a month for the internet connection.',
      },
    ],
  },
  {
    policyId: 'travel-expenses',
    title: 'Travel and expense policy',
    owner: 'Finance',
    validFrom: '2026-04-01',
    sections: [
      {
        heading: 'Booking travel',
        text: 'Take the train for journeys of up to six hours. Flights are booked in economy class at least 14 days ahead. Hotels are paid up to 140 euro a night, 180 euro in capital cities.',
      },
      {
        heading: 'Meals and daily allowance',
        text: 'The daily allowance for meals is 45 euro for a full day and 22 euro for a half day. Meals with guests are paid up to 60 euro a person and name the guests.',
      },
      {
        heading: 'Claiming expenses',
        text: 'Hand in expense claims with receipts within 30 days. Claims above 500 euro need the approval of the head of department. Private cars are paid with 0.38 euro per kilometre.',
      },
    ],
  },
  {
    policyId: 'equipment',
    title: 'Equipment policy',
    owner: 'Technology',
    validFrom: '2026-01-15',
    sections: [
      {
        heading: 'Laptop and phone',
        text: 'Every office employee gets a laptop, replaced every four years, and may choose a work phone. Losing a device must be reported to the support desk within two hours.',
      },
      {
        heading: 'Staff discount on outdoor gear',
        text: 'Employees buy articles of the shop with a discount of 35 percent, up to 2,500 euro a year. Buying for resale is not allowed.',
      },
    ],
  },
  {
    policyId: 'training',
    title: 'Training policy',
    owner: 'People',
    validFrom: '2026-01-01',
    sections: [
      {
        heading: 'Training budget',
        text: 'Each employee has a training budget of 1,200 euro and five working days a year for courses, conferences and books. Unused budget is not carried over.',
      },
      {
        heading: 'Study support',
        text: 'For degrees that serve the position the company pays half of the tuition fees, up to 4,000 euro a year. Who leaves within a year after the degree pays back half of it.',
      },
    ],
  },
];
