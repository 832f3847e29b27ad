import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { screen } from '@testing-library/react';
import { modelsApiRef } from '../api/modelsApiRef';
import { Limits } from './Limits';

describe('what limits the spending', () => {
  it('is told in one calm sentence, and not asked for, where one may not see it', async () => {
    const listBudgets = jest.fn();
    const listRateLimits = jest.fn();
    await renderInTestApp(
      <Limits
        scope={{ type: 'agent', ref: 'agent:default/orders' }}
        title="Orders"
      />,
      {
        apis: [
          mockApis.permission({ authorize: AuthorizeResult.DENY }),
          [modelsApiRef, { listBudgets, listRateLimits }],
        ],
      },
    );
    expect(await screen.findByRole('note')).toHaveTextContent(
      'What Orders may spend is not for you to see. Ask the people who run this portal if you need it.',
    );
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(listBudgets).not.toHaveBeenCalled();
    expect(listRateLimits).not.toHaveBeenCalled();
  });
});
