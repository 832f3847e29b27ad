import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import type { ApiHolder } from '@backstage/frontend-plugin-api';
import { mockApis } from '@backstage/frontend-test-utils';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { idFromTitle, problemWithId } from './agentId';
import { validateAgentName } from './validateAgentName';

describe('the id of an agent', () => {
  it.each([
    ['Order desk, EU', 'order-desk-eu'],
    ['  Réclamations & retours ', 'reclamations-retours'],
    ['24/7 helper', 'helper'],
    ['x'.repeat(80), 'x'.repeat(63)],
    ['…', ''],
  ])('is made of the title %j', (title, id) => {
    expect(idFromTitle(title)).toBe(id);
    expect(id === '' || problemWithId(id) === undefined).toBe(true);
  });

  it.each([
    '',
    'Order',
    'a--b',
    '-a',
    'a-',
    '1a',
    'a/b',
    '../a',
    'x'.repeat(64),
  ])('cannot be %j', id => {
    expect(problemWithId(id)).toEqual(expect.any(String));
  });

  async function errorsOf(id: string) {
    const catalog = catalogApiMock({
      entities: [
        {
          apiVersion: 'agentportal.dev/v1alpha1',
          kind: 'Agent',
          metadata: { name: 'returns-desk', namespace: 'default' },
          spec: { owner: 'group:default/returns' },
        },
      ],
    });
    const errors: string[] = [];
    await validateAgentName(
      id,
      { addError: message => errors.push(message) },
      {
        apiHolder: {
          get: (ref: { id: string }) =>
            ref.id === catalogApiRef.id ? catalog : mockApis.translation(),
        } as ApiHolder,
      },
    );
    return errors;
  }

  it('is refused at the field when an agent has it', async () => {
    expect(await errorsOf('returns-desk')).toEqual([
      'There is already an agent "returns-desk", owned by group:default/returns. Choose another id.',
    ]);
    expect(await errorsOf('order-desk')).toEqual([]);
  });
});
