import { BUSINESS_POLICIES } from './policies/business';
import { WORK_POLICIES } from './policies/work';

/** A rule book of the company. */
export interface Policy {
  policyId: string;
  title: string;
  owner: string;
  /** The day from which this version holds. */
  validFrom: string;
  sections: Array<{ heading: string; text: string }>;
}

/** Every policy that is in force. */
export const POLICIES: readonly Policy[] = [
  ...WORK_POLICIES,
  ...BUSINESS_POLICIES,
];
