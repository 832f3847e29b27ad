import type { Entity } from '@backstage/catalog-model';
import { ConflictError } from '@backstage/errors';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { actionContext } from '../__testUtils__/actionContext';
import { createRegisterAgentAction } from './registerAgent';

const AGENT: Entity = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name: 'order-desk' },
  spec: {},
};

describe('agentportal:agent:register', () => {
  it('waits until the catalog shows the agent', async () => {
    let asked = 0;
    const catalog = catalogServiceMock.mock({
      getEntityByRef: async () => (++asked >= 3 ? AGENT : undefined),
    });
    const { context, outputs, logger } = actionContext({
      input: { entityRef: 'agent:default/order-desk' },
      workspacePath: '/nowhere',
    });
    await createRegisterAgentAction({ catalog, askEveryMs: 5 }).handler(
      context,
    );
    expect(asked).toBe(3);
    expect(catalog.addLocation).not.toHaveBeenCalled();
    expect(outputs).toMatchObject({
      catalogPath: '/catalog/default/agent/order-desk',
    });
    expect(logger.info).toHaveBeenLastCalledWith(
      'agent:default/order-desk is in the catalog',
    );
  });

  it('says what to do when the agent does not appear', async () => {
    const { context } = actionContext({
      input: { entityRef: 'agent:default/order-desk', timeoutSeconds: 1 },
      workspacePath: '/nowhere',
    });
    const catalog = catalogServiceMock({ entities: [] });
    await expect(
      createRegisterAgentAction({ catalog, askEveryMs: 50 }).handler(context),
    ).rejects.toThrow(
      /does not show agent:default\/order-desk after 1 s.*nothing is lost/,
    );
  });

  it('registers a remote repository once, also when taken up again', async () => {
    const addLocation = jest
      .fn()
      .mockRejectedValue(new ConflictError('exists'));
    const catalog = catalogServiceMock.mock({
      addLocation,
      getEntityByRef: async () => AGENT,
    });
    const input = {
      entityRef: 'agent:default/order-desk',
      catalogInfoUrl: 'https://github.com/a/b/blob/main/catalog-info.yaml',
    };
    const first = actionContext({ input, workspacePath: '/nowhere' });
    const action = createRegisterAgentAction({ catalog, askEveryMs: 5 });
    await action.handler(first.context);
    await action.handler(
      actionContext({ input, workspacePath: '/nowhere', task: first.task })
        .context,
    );
    expect(addLocation).toHaveBeenCalledTimes(1);
    expect(addLocation.mock.calls[0][0]).toEqual({
      type: 'url',
      target: input.catalogInfoUrl,
    });
  });

  it('refuses to register anything but an agent', async () => {
    const { context } = actionContext({
      input: { entityRef: 'user:default/dana' },
      workspacePath: '/nowhere',
    });
    const catalog = catalogServiceMock({ entities: [] });
    await expect(
      createRegisterAgentAction({ catalog }).handler(context),
    ).rejects.toThrow(/is not an agent/);
  });
});
