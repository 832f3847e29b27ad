import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  Stepper,
  type TemplateCardComponentProps,
} from '@backstage/plugin-scaffolder-react/alpha';
import {
  MockStarredEntitiesApi,
  catalogApiRef,
  entityRouteRef,
  starredEntitiesApiRef,
} from '@backstage/plugin-catalog-react';
import { coreApis } from '@backstage/frontend-plugin-api';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { startGateways, type Gateways } from './__testUtils__/gateways';
import { AgentAutonomyPicker } from './autonomy/AgentAutonomyPicker';
import { GoldenPathCard } from './card/GoldenPathCard';
import { AgentCreated } from './created/AgentCreated';
import { AgentMemberPicker } from './members/AgentMemberPicker';
import { AgentModelPicker } from './models/AgentModelPicker';
import { AgentNamePicker } from './name/AgentNamePicker';
import { validateAgentName } from './name/validateAgentName';
import { AgentPreview } from './preview/AgentPreview';
import { AgentToolPicker } from './tools/AgentToolPicker';

describe('the form fields in the scaffolder', () => {
  let gateways: Gateways;

  beforeAll(async () => {
    gateways = await startGateways();
  });

  beforeEach(() => {
    // jsdom has no viewport; the stepper scrolls to its top on every step.
    jest.spyOn(window, 'scrollTo').mockImplementation(() => undefined);
    gateways.answer(true);
  });

  afterAll(() => gateways.stop());

  async function renderStep(properties: object, required: string[] = []) {
    const created = jest.fn();
    await renderInTestApp(
      <Stepper
        manifest={{
          title: 'Conversational agent',
          steps: [
            {
              title: 'How it works',
              schema: {
                title: 'How it works',
                type: 'object',
                required,
                properties,
              } as any,
            },
          ],
        }}
        extensions={[
          {
            name: 'AgentNamePicker',
            component: AgentNamePicker as any,
            validation: validateAgentName as any,
          },
          { name: 'AgentModelPicker', component: AgentModelPicker as any },
          { name: 'AgentMemberPicker', component: AgentMemberPicker as any },
          { name: 'AgentToolPicker', component: AgentToolPicker as any },
          {
            name: 'AgentAutonomyPicker',
            component: AgentAutonomyPicker as any,
          },
          { name: 'AgentPreview', component: AgentPreview as any },
        ]}
        onCreate={created}
      />,
      {
        apis: [
          [
            coreApis.discovery,
            {
              getBaseUrl: async (id: string) => `${gateways.baseUrl}/api/${id}`,
            },
          ],
          [
            coreApis.fetch,
            { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) },
          ],
          [
            catalogApiRef,
            catalogApiMock({
              entities: [
                {
                  apiVersion: 'agentportal.dev/v1alpha1',
                  kind: 'Agent',
                  metadata: { name: 'returns-desk', namespace: 'default' },
                  spec: { owner: 'group:default/returns' },
                },
              ],
            }),
          ],
        ] as any,
      },
    );
    return {
      created,
      async create() {
        await userEvent.click(screen.getByRole('button', { name: 'Review' }));
        await userEvent.click(
          await screen.findByRole('button', { name: 'Create' }),
        );
        await waitFor(() => expect(created).toHaveBeenCalled());
        return created.mock.calls[0][0];
      },
    };
  }

  it('lists routes first, with prices that people can read', async () => {
    const { create } = await renderStep({
      model: {
        title: 'Model',
        type: 'string',
        default: 'model:default/balanced',
        'ui:field': 'AgentModelPicker',
      },
    });
    const radios = await screen.findAllByRole('radio');
    expect(radios.map(radio => radio.getAttribute('value'))).toEqual([
      'model:default/balanced',
      'model:default/builtin.extractive',
      'model:default/openai.gpt-5.1',
    ]);
    expect(radios[0]).toBeChecked();
    expect(
      screen.getByText('$1.25 in, $10.00 out per million tokens'),
    ).toBeInTheDocument();
    expect(screen.getByText('Free')).toBeInTheDocument();
    expect(screen.getByText('Unavailable')).toBeInTheDocument();

    await userEvent.click(radios[1]);
    expect(await create()).toEqual({
      model: 'model:default/builtin.extractive',
    });
  });

  it('sums up the chosen tools and warns beyond the autonomy', async () => {
    const { create } = await renderStep({
      autonomy: {
        title: 'Autonomy',
        type: 'string',
        default: 'copilot',
        'ui:field': 'AgentAutonomyPicker',
      },
      tools: {
        title: 'Tools',
        type: 'array',
        items: { type: 'string' },
        default: [],
        'ui:field': 'AgentToolPicker',
      },
    });
    const orders = await screen.findByRole('group', { name: /orders/ });
    expect(within(orders).getAllByRole('checkbox')).toHaveLength(2);
    expect(screen.getByText(/^No tools yet/)).toBeInTheDocument();
    expect(screen.getByRole('checkbox', { name: /Never call/ })).toBeDisabled();

    await userEvent.click(
      screen.getByRole('checkbox', { name: /Find invoice/ }),
    );
    await userEvent.type(screen.getByLabelText('Search tools'), 'note');
    expect(screen.queryByText('Find order')).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('checkbox', { name: /Add note/ }));
    expect(
      await screen.findByText(
        'The agent reads with 1 tool and changes our own data with 1 tool.',
      ),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/As copilot it may not call Add note \(write\)/),
    ).toBeInTheDocument();

    await userEvent.click(screen.getByRole('radio', { name: /supervised/ }));
    await waitFor(() =>
      expect(screen.queryByText(/As copilot/)).not.toBeInTheDocument(),
    );
    expect(await create()).toEqual({
      autonomy: 'supervised',
      tools: [
        'tool:default/finance.find_invoice',
        'tool:default/orders.add_note',
      ],
    });
  });

  it('finds members by what they can do, and keeps the order in which they were chosen', async () => {
    const { create } = await renderStep({
      members: {
        type: 'array',
        minItems: 2,
        uniqueItems: true,
        items: { type: 'string' },
        'ui:field': 'AgentMemberPicker',
      },
    });
    await screen.findByRole('checkbox', { name: /Order Desk/ });
    expect(screen.getByText('None chosen yet.')).toBeInTheDocument();
    await userEvent.type(screen.getByLabelText('Search agents'), 'payments');
    await waitFor(() =>
      expect(screen.queryByText('Order Desk')).not.toBeInTheDocument(),
    );
    await userEvent.click(
      await screen.findByRole('checkbox', { name: /Invoice Clerk/ }),
    );
    await userEvent.clear(screen.getByLabelText('Search agents'));
    await userEvent.click(
      await screen.findByRole('checkbox', { name: /Order Desk/ }),
    );
    expect(
      await screen.findByText(
        'Chosen, in this order: invoice-clerk, order-desk.',
      ),
    ).toBeInTheDocument();
    expect(await create()).toEqual({
      members: ['agent:default/invoice-clerk', 'agent:default/order-desk'],
    });
  });

  it('says what is safe when the tools do not load, and tries again', async () => {
    gateways.answer(false);
    await renderStep({
      tools: {
        type: 'array',
        items: { type: 'string' },
        'ui:field': 'AgentToolPicker',
      },
    });
    expect(
      await screen.findByText('The tools could not be loaded'),
    ).toBeInTheDocument();
    gateways.answer(true);
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Find order')).toBeInTheDocument();
  });

  it('proposes an id from the title, and refuses one that is taken', async () => {
    await renderStep(
      {
        title: { title: 'Title', type: 'string' },
        name: {
          title: 'Id',
          type: 'string',
          pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$',
          'ui:field': 'AgentNamePicker',
        },
        preview: { type: 'null', 'ui:field': 'AgentPreview' },
      },
      ['title', 'name'],
    );
    await userEvent.type(screen.getByLabelText(/Title/), 'Returns desk');
    const id = screen.getByRole('textbox', { name: /Id/ });
    await waitFor(() => expect(id).toHaveValue('returns-desk'));
    expect(
      screen.getByText(/An entry agent:default\/returns-desk in the catalog/),
    ).toBeInTheDocument();

    await userEvent.click(screen.getByRole('button', { name: 'Review' }));
    expect(
      (await screen.findAllByText(/already an agent "returns-desk"/)).length,
    ).toBeGreaterThan(0);

    await userEvent.type(id, '-2');
    await userEvent.type(screen.getByLabelText(/Title/), ' again');
    expect(id).toHaveValue('returns-desk-2');
    await userEvent.click(screen.getByRole('button', { name: 'Review' }));
    expect(
      await screen.findByRole('button', { name: 'Create' }),
    ).toBeInTheDocument();
  });
});

describe('a golden path', () => {
  const TEMPLATE: TemplateCardComponentProps['template'] = {
    apiVersion: 'scaffolder.backstage.io/v1beta3',
    kind: 'Template',
    metadata: {
      name: 'conversational-agent',
      namespace: 'default',
      title: 'Conversational agent',
      description: 'An agent that people chat with.',
      annotations: {
        'agentportal.dev/makes': 'An agent\nA Git repository\n',
      },
      links: [
        { url: 'https://example.com/how', title: 'How it is done' },
        { url: ['javascript', 'alert(1)'].join(':'), title: 'A trap' },
      ],
      tags: ['agent', 'chat'],
    },
    spec: {
      type: 'agent',
      owner: 'group:default/platform',
      parameters: [{ title: 'What it is for' }, { title: 'Limits' }],
      steps: [],
    },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/platform' }],
  };

  async function renderCard() {
    const selected = jest.fn();
    await renderInTestApp(
      <GoldenPathCard template={TEMPLATE} onSelected={selected} />,
      {
        mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
        apis: [
          [catalogApiRef, catalogApiMock({ entities: [TEMPLATE] })],
          [starredEntitiesApiRef, new MockStarredEntitiesApi()],
          mockApis.permission({ authorize: AuthorizeResult.ALLOW }),
        ] as any,
      },
    );
    return selected;
  }

  it('says what it makes, and is opened by its title, in which nothing else is', async () => {
    const selected = await renderCard();
    const card = await screen.findByRole('article', {
      name: 'Conversational agent',
    });
    expect(
      within(card)
        .getAllByRole('listitem')
        .map(item => item.textContent),
    ).toEqual(['An agent', 'A Git repository', 'How it is done', 'A trap']);
    const hrefOf = (name: string) =>
      within(card).getByRole('link', { name }).getAttribute('href');
    expect(hrefOf('How it is done')).toBe('https://example.com/how');
    expect(hrefOf('A trap')).toBe('about:blank');
    expect(
      within(card).getByText(
        '3 pages, the last to look over what you filled in',
      ),
    ).toBeInTheDocument();
    const star = 'Add Conversational agent to favourites';
    expect(within(card).getByRole('button', { name: star })).toBeVisible();
    for (const control of card.querySelectorAll('a, button')) {
      expect(control).toHaveAccessibleName();
      expect(control.querySelector('a, button')).toBeNull();
    }
    await userEvent.click(
      within(card).getByRole('button', { name: 'Conversational agent' }),
    );
    expect(selected).toHaveBeenCalledTimes(1);
  });

  it('ends with the agent that it made, and first of all its chat', async () => {
    await renderInTestApp(
      <AgentCreated
        output={{
          agentRef: 'agent:default/parcel-pal',
          title: 'Parcel Pal',
          links: [
            { title: 'Chat with it', url: '/catalog/default/agent/x/chat' },
            { title: 'Open the agent', url: '/catalog/default/agent/x' },
          ],
          text: [{ title: 'Where its files are', content: 'In **Git**.' }],
        }}
      />,
    );
    expect(
      screen.getByRole('heading', { name: 'Parcel Pal is there' }),
    ).toBeInTheDocument();
    expect(
      screen.getAllByRole('link').map(link => link.getAttribute('href')),
    ).toEqual(['/catalog/default/agent/x/chat', '/catalog/default/agent/x']);
    expect(await screen.findByText('Git')).toBeInTheDocument();
  });
});
