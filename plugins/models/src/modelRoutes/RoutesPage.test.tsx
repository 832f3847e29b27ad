import { ModelsClient } from '@agentportal/plugin-models-common';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { route, startRoutesServer } from '../__testUtils__/startRoutesServer';
import { modelsApiRef } from '../api/modelsApiRef';
import { RoutesPage } from './RoutesPage';

let server: Awaited<ReturnType<typeof startRoutesServer>>;

beforeEach(async () => {
  server = await startRoutesServer();
  server.state.routes = [
    route('balanced', {
      title: 'Balanced',
      strategy: 'complexity',
      candidates: [
        { id: 'openai/gpt-5.4-mini', available: true, tier: 'simple' },
        {
          id: 'openai/gpt-5.5',
          available: false,
          unavailable: 'No provider openai is configured.',
          tier: 'reasoning',
          rules: ['For requests of at most 8000 tokens.'],
        },
      ],
      fallbacks: [{ id: 'builtin/extractive', available: true }],
    }),
    route('private-only', { title: 'Private only', mayEdit: false }),
  ];
});

afterEach(() => server.stop());

async function open(path = '/here', manages = true) {
  await renderInTestApp(<RoutesPage />, {
    initialRouteEntries: [path],
    mountPath: '/here',
    mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
    apis: [
      mockApis.permission({
        authorize: manages ? AuthorizeResult.ALLOW : AuthorizeResult.DENY,
      }),
      [
        modelsApiRef,
        new ModelsClient({
          discoveryApi: { getBaseUrl: async () => server.url },
          fetchApi: { fetch: (...args) => fetch(...args) },
        }),
      ],
    ],
  });
}

describe('the Routes page', () => {
  it('offers no new route to those who manage nothing', async () => {
    await open('/here?edit=new', false);
    expect(
      await screen.findByRole('region', { name: 'Balanced' }),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'New route' }),
    ).not.toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Save' }),
    ).not.toBeInTheDocument();
  });

  it('tells how a route chooses and what each candidate is for', async () => {
    await open();
    const panel = await screen.findByRole('region', { name: 'Balanced' });
    expect(panel).toHaveTextContent('trusted with requests as hard');
    const candidates = within(panel).getByRole('list', { name: 'Candidates' });
    const [mini, strong, fallback] =
      within(candidates).getAllByRole('listitem');
    expect(mini).toHaveTextContent('Trusted with simple requests');
    expect(strong).toHaveTextContent('at most 8000 tokens');
    expect(strong).toHaveTextContent('Not available here');
    expect(fallback).toHaveTextContent('Fallback');
  });

  it('tells of a route by difficulty what was learned, and from how many answers', async () => {
    server.state.learned = [
      {
        tenant: 'group:default/care',
        thresholds: { simple: 0.31, medium: 0.5, complex: 0.75 },
        basis: [
          { tier: 'simple', outcomes: 60, successes: 58, rule: 'raised' },
          { tier: 'medium', outcomes: 3, successes: 3, rule: 'default' },
        ],
        calibratedAt: '2026-11-16T00:00:00.000Z',
      },
    ];
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'What routing has learned' }),
    );
    expect(
      await screen.findByText(
        'Simple: 0.31, more than by default; 58 of 60 answers were good',
      ),
    ).toBeVisible();
    expect(screen.getByText(/^Medium: 0.50, the default/)).toBeVisible();
  });

  it('opens the route that the address names, to try only where one may not edit', async () => {
    await open('/here?route=private-only');
    await screen.findByRole('region', { name: 'Private only' });
    await userEvent.click(screen.getByRole('button', { name: 'Try a change' }));
    expect(
      await screen.findByRole('button', { name: /last week/ }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
  });

  it.each(['/here?route=nope', '/here/routes/nope'])(
    'says calmly that there is no such route at %s, beside those that there are',
    async path => {
      await open(path);
      expect(await screen.findByText('There is no route nope')).toBeVisible();
      expect(screen.queryByRole('alert')).toBeNull();
      expect(screen.getByText('Private only')).toBeVisible();
    },
  );

  it('shows what would have happened, with what one must know to believe it', async () => {
    server.state.preview = {
      from: '2026-11-16T00:00:00.000Z',
      calls: 9_000,
      considered: 5_000,
      basis: 'route',
      before: { costNanoUsd: 4_000_000_000, firstByteP50Ms: 800 },
      after: { costNanoUsd: 1_000_000_000, firstByteP50Ms: 400 },
      moved: 4_000,
      unserved: 7,
      unservedReason: 'openai/gpt-5.5: it cannot take images.',
      unpriced: ['ollama/qwen3'],
      guessed: 0,
      models: [
        { model: 'openai/gpt-5.4-mini', before: 1_000, after: 4_993 },
        { model: 'openai/gpt-5.5', before: 4_000, after: 0 },
      ],
    };
    await open('/here?edit=yaml');
    await userEvent.click(
      await screen.findByRole('button', { name: /last week/ }),
    );
    const result = await screen.findByRole('region', {
      name: 'What would have happened',
    });
    expect(result).toHaveTextContent('$1.00');
    expect(result).toHaveTextContent('instead of $4.00, 75 % less');
    expect(result).toHaveTextContent('80 %');
    expect(result).toHaveTextContent('newest 5,000 were tried');
    expect(result).toHaveTextContent('it cannot take images');
    expect(result).toHaveTextContent('price of ollama/qwen3');
  });

  it('says what is wrong with a route and that nothing was changed', async () => {
    server.state.refusal = 'spec.strategy must be one of priority, weighted.';
    await open('/here?edit=yaml');
    await userEvent.click(
      await screen.findByRole('button', { name: /last week/ }),
    );
    expect(
      await screen.findByText(/must be one of priority/),
    ).toBeInTheDocument();
    expect(screen.getByText(/Nothing was changed/)).toBeInTheDocument();
  });

  it('takes a change back', async () => {
    server.state.routes[0] = {
      ...server.state.routes[0],
      source: 'portal',
      saved: { at: '2026-11-20T10:00:00.000Z', by: 'user:default/dana' },
    };
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Back to the catalog' }),
    );
    await waitFor(() => expect(server.state.reverted).toEqual(['balanced']));
  });

  it('saves a new route under the name in its YAML', async () => {
    await open('/here?edit=new');
    await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
    await waitFor(() =>
      expect(server.state.saved).toMatchObject([
        { yaml: expect.stringContaining('name: my-route') },
      ]),
    );
  });

  it('teaches what a route is where there is none, and says when it cannot read them', async () => {
    server.state.routes = [];
    await open();
    expect(
      await screen.findByText('There are no routes yet'),
    ).toBeInTheDocument();
  });

  it('says when the routes cannot be read', async () => {
    server.state.broken = true;
    await open();
    expect(
      await screen.findByText('The routes could not be read'),
    ).toBeInTheDocument();
  });
});
