import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { DefaultEventsService } from '@backstage/plugin-events-node';
import { TOPIC_CATALOG_CHANGED } from '@agentportal/plugin-agents-common';
import { changeAnnouncer } from './changeAnnouncer';

const model = (title: string): Entity => ({
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Model',
  metadata: { name: 'm', namespace: 'default', title },
});

describe('changeAnnouncer', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('tells each change once, also one that another process told and this one sees taken back', async () => {
    const logger = mockServices.logger.mock();
    const bus = DefaultEventsService.create({ logger });
    let told = 0;
    await bus.subscribe({
      id: 'test',
      topics: [TOPIC_CATALOG_CHANGED],
      onEvent: async () => {
        told += 1;
      },
    });
    let stored = model('');
    const catalog = catalogServiceMock.mock({
      getEntitiesByRefs: async () => ({ items: [stored] }),
    });
    const replica = () =>
      changeAnnouncer({
        auth: mockServices.auth(),
        catalog,
        events: bus.forPlugin('catalog'),
        lifecycle: mockServices.lifecycle.mock(),
        logger,
      });
    const [a, b] = [await replica(), await replica()];
    const process = async (by: typeof a, title: string) => {
      stored = model(title);
      await by.postProcessEntity!(stored, {} as never, () => {}, {} as never);
      await jest.advanceTimersByTimeAsync(2_500);
      return told;
    };
    expect(await process(a, 'one')).toBe(1);
    expect(await process(b, 'one')).toBe(1);
    expect(await process(b, 'two')).toBe(2);
    expect(await process(a, 'one')).toBe(3);
    expect(await process(b, 'one')).toBe(3);
    expect(await process(a, 'one')).toBe(3);
  });

  it('asks no more when the portal ends, also about what cannot be read yet', async () => {
    const logger = mockServices.logger.mock();
    const lifecycle = mockServices.lifecycle.mock();
    let asked = 0;
    const announcer = await changeAnnouncer({
      auth: mockServices.auth(),
      catalog: catalogServiceMock.mock({
        getEntitiesByRefs: async () => {
          asked += 1;
          throw new Error('Service is shutting down');
        },
      }),
      events: DefaultEventsService.create({ logger }).forPlugin('catalog'),
      lifecycle,
      logger,
    });
    await announcer.postProcessEntity!(
      model('new'),
      {} as never,
      () => {},
      {} as never,
    );
    await jest.advanceTimersByTimeAsync(5_000);
    expect(asked).toBe(2);
    lifecycle.addShutdownHook.mock.calls.forEach(([end]) => end());
    await jest.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(2);
  });
});
