import type { Policy } from '../policies';

/** Policies about doing business with others. */
export const BUSINESS_POLICIES: Policy[] = [
  {
    policyId: 'code-of-conduct',
    title: 'Code of conduct',
    owner: 'Legal',
    validFrom: '2025-09-01',
    sections: [
      {
        heading: 'Gifts and invitations',
        text: 'Gifts from suppliers or customers may be accepted up to a value of 50 euro a year and giver. Money, vouchers and travel are never accepted. Anything above is declined or handed to the legal team.',
      },
      {
        heading: 'Conflicts of interest',
        text: 'Tell your manager and the legal team in writing when a relative or a company of yours does business with us. You do not take part in decisions about it.',
      },
      {
        heading: 'Respect at work',
        text: 'Harassment and discrimination are not tolerated. Every complaint is answered within five working days.',
      },
    ],
  },
  {
    policyId: 'data-protection',
    title: 'Data protection policy',
    owner: 'Legal',
    validFrom: '2026-05-25',
    sections: [
      {
        heading: 'Keeping and erasing personal data',
        text: 'Customer data is kept for three years after the last order, invoices for ten years. Data of former employees is erased two years after they left, data of applicants after six months.',
      },
      {
        heading: 'Requests of data subjects',
        text: 'Requests for access, correction or erasure go to privacy@nordhaven.example and are answered within 30 days. Check the identity of the person before giving out anything.',
      },
      {
        heading: 'Reporting a data breach',
        text: 'Report a suspected data breach to the privacy officer at once, at the latest within four hours. The authority is informed within 72 hours when people are at risk.',
      },
      {
        heading: 'Personal data and AI agents',
        text: 'Agents see only the data that their task needs. Confidential data about customers or employees is processed by models that we run ourselves or whose provider has signed a data processing agreement.',
      },
    ],
  },
  {
    policyId: 'whistleblowing',
    title: 'Whistleblowing policy',
    owner: 'Legal',
    validFrom: '2025-11-01',
    sections: [
      {
        heading: 'Raising a concern',
        text: 'Report wrongdoing to the outside ombudsperson, anonymously if you wish. You get a confirmation within seven days and an answer within three months.',
      },
      {
        heading: 'Protection of reporters',
        text: 'Whoever reports in good faith must not suffer for it. Retaliation is a breach of the code of conduct and leads to disciplinary action.',
      },
    ],
  },
  {
    policyId: 'returns-policy',
    title: 'Returns and refund policy for customers',
    owner: 'Customer Care',
    validFrom: '2026-06-01',
    sections: [
      {
        heading: 'Time to return articles',
        text: 'Customers may return unused articles within 60 days of delivery, gold members within 100 days. Damaged or faulty articles can be returned for two years under the statutory warranty.',
      },
      {
        heading: 'Refunds',
        text: 'The refund is paid within ten working days after the return was received, to the means of payment that was used. Shipping costs are refunded only when the article was damaged or wrong.',
      },
      {
        heading: 'Exceptions',
        text: 'Climbing ropes, harnesses and avalanche beacons are taken back only in the unopened package, for safety. Gift cards are not refunded.',
      },
    ],
  },
  {
    policyId: 'supplier-contracts',
    title: 'Supplier contract policy',
    owner: 'Legal',
    validFrom: '2026-02-15',
    sections: [
      {
        heading: 'Who may sign contracts',
        text: 'Contracts up to 10,000 euro are signed by the head of department, up to 100,000 euro by the head of department together with finance, and above that by two members of the management board.',
      },
      {
        heading: 'Legal review of contracts',
        text: 'Legal reviews every contract above 25,000 euro, every contract longer than 24 months, and every contract under which personal data is processed. A review takes up to ten working days.',
      },
      {
        heading: 'Payment terms and termination',
        text: 'The standard payment term for suppliers is 45 days. Contracts that renew by themselves need a notice period of at most three months and a reminder in the contract register.',
      },
    ],
  },
];
