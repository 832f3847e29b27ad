import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderWithModels } from '../__testUtils__/renderWithModels';
import { model, startModelsServer } from '../__testUtils__/startModelsServer';
import { ModelsPage } from './ModelsPage';

let server: Awaited<ReturnType<typeof startModelsServer>>;

beforeEach(async () => {
  server = await startModelsServer();
  server.state.models = [
    model('openai/gpt-5.1', {
      title: 'GPT',
      price: {
        inputNanoUsdPerMillionTokens: 1_250_000_000,
        outputNanoUsdPerMillionTokens: 10_000_000_000,
      },
      contextWindow: 128_000,
      health: {
        state: 'open',
        until: '2099-01-01T00:00:00.000Z',
        reason: 'it limits the rate of calls',
        firstByteP50Ms: 420,
        firstByteP95Ms: 1_900,
        tokensPerSecond: 88.4,
        errorRate: 0.25,
        calls: 12,
      },
      usage30d: {
        calls: 1234,
        inputTokens: 1,
        outputTokens: 1,
        costNanoUsd: 2_500_000_000,
      },
    }),
    model('builtin/extractive', {
      title: 'Extractive',
      price: {
        inputNanoUsdPerMillionTokens: 0,
        outputNanoUsdPerMillionTokens: 0,
      },
    }),
    model('vllm/unpriced', {
      title: 'Unpriced',
      status: 'unavailable',
      statusMessage: 'It did not answer within 5 s',
    }),
    model('balanced', {
      title: 'Balanced',
      type: 'route',
      route: {
        strategy: 'priority',
        candidates: [
          { id: 'model:default/openai.gpt-5.1', available: false },
          { id: 'builtin/extractive', available: true },
        ],
      },
    }),
  ];
  server.state.providers = [
    {
      id: 'builtin',
      type: 'builtin',
      baseUrl: 'in-process',
      status: 'ok',
      modelCount: 2,
    },
  ];
});

afterEach(() => server.stop());

async function rowOf(name: RegExp) {
  return screen.findByRole('row', { name });
}

describe('the Models page', () => {
  it('shows how a model has done lately, and which was not called', async () => {
    await renderWithModels(<ModelsPage />, server.url);
    const gpt = await rowOf(/GPT/);
    expect(gpt).toHaveTextContent('Left alone');
    expect(gpt).toHaveTextContent('it limits the rate of calls');
    expect(gpt).toHaveTextContent('Begins after 420 ms');
    expect(gpt).toHaveTextContent('88 tokens a second · 25 % failed');
    expect(await rowOf(/Extractive/)).toHaveTextContent('Not called lately');
  });

  it('shows prices per million tokens, free ones and unknown ones', async () => {
    await renderWithModels(<ModelsPage />, server.url);
    const gpt = await rowOf(/GPT/);
    expect(gpt).toHaveTextContent('$1.25 in · $10.00 out');
    expect(gpt).toHaveTextContent('128k');
    expect(gpt).toHaveTextContent('1,234');
    expect(gpt).toHaveTextContent('$2.50');
    expect(await rowOf(/Extractive/)).toHaveTextContent('Free');
    const unpriced = await rowOf(/Unpriced/);
    expect(unpriced).toHaveTextContent('Not known');
    expect(unpriced).toHaveTextContent('It did not answer within 5 s');
  });

  it('lists the candidates of a route in their order, and which are not here', async () => {
    await renderWithModels(<ModelsPage />, server.url);
    const candidates = within(await rowOf(/Balanced/)).getAllByRole('listitem');
    expect(candidates.map(each => each.textContent)).toEqual([
      'openai.gpt-5.1, not available here',
      'builtin/extractive',
    ]);
  });

  it('shows the providers and how a program calls the models', async () => {
    await renderWithModels(<ModelsPage />, server.url);
    const providers = screen.getByRole('list', { name: 'Providers' });
    expect(await within(providers).findByText('builtin')).toBeVisible();
    expect(
      await screen.findByRole('region', { name: 'Call it from a program' }),
    ).toHaveTextContent('/openai/v1');
  });

  it('filters by type and by words, and clears both', async () => {
    await renderWithModels(<ModelsPage />, server.url);
    await rowOf(/GPT/);
    await userEvent.click(screen.getByRole('radio', { name: 'Routes' }));
    await rowOf(/Balanced/);
    expect(screen.queryByRole('row', { name: /GPT/ })).not.toBeInTheDocument();
    await userEvent.type(screen.getByRole('searchbox'), 'unicorn');
    expect(await screen.findByText('No model fits')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Clear search and filters' }),
    );
    expect(await rowOf(/GPT/)).toBeInTheDocument();
  });

  it('says that the models could not be read, and tries again', async () => {
    server.state.broken = true;
    await renderWithModels(<ModelsPage />, server.url);
    const title = await screen.findByText('The models could not be read');
    const alert = title.closest<HTMLElement>('[role=alert]')!;
    server.state.broken = false;
    await userEvent.click(
      within(alert).getByRole('button', { name: 'Try again' }),
    );
    expect(await rowOf(/GPT/)).toBeInTheDocument();
  });
});
