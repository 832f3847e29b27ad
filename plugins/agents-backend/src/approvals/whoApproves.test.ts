import { matrixRuleSchema } from './matrix';
import { whoApproves } from './whoApproves';

const REFUND = 'tool:default/finance.issue_refund';
const MATRIX = [
  {
    when: {
      tool: REFUND,
      amountOver: { argument: 'amountEur', value: 500 },
    },
    approvers: ['agent-owner', 'tool-owner'],
    quorum: 2,
    differentGroups: true,
  },
  { when: { tool: REFUND }, approvers: 'agent-owner' },
  { approvers: 'operators' },
].map(each => matrixRuleSchema.parse(each));

it('says who is asked whatever the amount, and who above which one', () => {
  const holders = {
    'agent-owner': 'group:default/returns',
    'tool-owner': 'group:default/finance',
    operators: ['group:default/platform'],
  };
  expect(
    whoApproves(MATRIX, { riskTier: 'critical', toolRef: REFUND }, holders),
  ).toBe(
    'With the approval of one of group:default/returns, each call by itself. Where amountEur is over 500, or not said: of 2 of group:default/returns and group:default/finance, from different groups.',
  );
  expect(whoApproves(MATRIX, { riskTier: 'critical' }, holders)).toBe(
    'With the approval of one of group:default/platform, each call by itself.',
  );
});
