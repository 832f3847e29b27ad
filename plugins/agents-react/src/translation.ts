import {
  createTranslationRef,
  type TranslationFunction,
} from '@backstage/frontend-plugin-api';

/**
 * Statuses, times and what parts of every page say, in English and Chinese.
 *
 * @public
 */
export const agentsReactTranslationRef = createTranslationRef({
  id: 'agents-react',
  messages: {
    statuses: {
      queued: 'Queued',
      running: 'Running',
      interrupted: 'Waiting for a person',
      waiting: 'Waiting for a person',
      succeeded: 'Succeeded',
      failed: 'Failed',
      cancelled: 'Stopped',
      available: 'Available',
      stale: 'Not seen lately',
      unavailable: 'Unavailable',
      invalid: 'Cannot be used',
      held: 'Held back',
      up: 'Up',
      down: 'Down',
      ok: 'OK',
      error: 'Error',
      unknown: 'Unknown',
      production: 'In production',
      review: 'In review',
      experimental: 'Experimental',
      suspended: 'Suspended',
      retired: 'Retired',
    },
    time: {
      locale: 'en-GB',
      exact: "d LLL yyyy, HH:mm:ss 'UTC'ZZ",
      justNow: 'just now',
    },
    feedback: {
      tryAgain: 'Try again',
      cancel: 'Cancel',
      nothingChanged: 'Nothing was changed.',
      notThere: 'It does not exist, or you may not see it.',
      sessionEnded: 'Your session has ended. Sign in again.',
      noAnswer:
        'The portal did not answer. Check that its backend is running and that you are online.',
      ask: 'Ask {{whom}} if you need it.',
      operators: 'the people who run this portal',
      notAllowed: 'You may not see or do this',
      tooMuch: 'That is too much at once',
      goOnAt: 'You can go on at {{time}}.',
    },
    copy: {
      copy: 'Copy',
      copyWhat: 'Copy {{what}}',
      copied: 'Copied',
      refused: 'The browser did not let us copy. Select the text instead.',
    },
    hoverCard: {
      chat: 'Chat with it',
      owner: 'Owned by {{owner}}',
      server: 'Served by {{server}}',
      members_one: '1 member',
      members_other: '{{count, number}} members',
      kind: {
        agent: 'Agent',
        tool: 'Tool',
        model: 'Model',
        user: 'Person',
        group: 'Team',
        api: 'API',
        system: 'System',
      },
    },
    table: {
      stale: 'This is what was known last; the portal does not answer now.',
      more: 'Show more',
    },
    modelField: {
      model: 'Model',
      none: 'There are no models yet. Configure a provider, then come back.',
      noMatch: 'No model matches "{{search}}".',
      description:
        'A route picks the first model that is available, so an outage does not stop the agent.',
      firstOf: 'First available of {{models}}.',
      route: 'route',
      theModelsCouldNotBe: 'The models could not be loaded',
      whatYouHaveTypedIs: 'What you have typed is kept.',
      searchModels: 'Search models',
      searchByNameOrProvider: 'Search by name or provider',
    },
    toolsField: {
      tools: 'Tools',
      description:
        'What it may look up and do. It can call nothing else, and never more than the person it talks to may.',
      chosen: '{{chosen}} chosen of {{total}}',
      first: 'the first {{shown}} of {{found}} are shown; search for others',
      none: 'There are no tools yet. Register an MCP server in the catalog and its tools appear here.',
      noMatch: 'No tool matches "{{search}}".',
      theToolsCouldNotBe: 'The tools could not be loaded',
      whatIsChosenStaysChosen:
        'What is chosen stays chosen; tools can be added later, too.',
      searchTools: 'Search tools',
      findAToolThat: 'Find a tool that …',
    },
    approvalStatusMark: {
      pending: 'Waiting',
      approved: 'Approved',
      rejected: 'Rejected',
      expired: 'Nobody decided in time',
      withdrawn: 'Withdrawn',
      answered: 'Answered',
      someOf: '{{approvals}} of {{quorum}} approved',
      letPassInAnEmergency: 'Let pass in an emergency',
    },
    chartWithTable: {
      chart: 'Chart',
      table: 'Table',
    },
    skeletons: {
      loading: 'Loading',
    },
    noSuchTab: {
      thereIsNoSuchPage: 'There is no such page',
      toTheFirstOne: 'To the first one',
      theAddressMayBeMistyped:
        'The address may be mistyped, or the page has moved.',
    },
    formTheme: {
      itTakesNoArguments: 'It takes no arguments.',
    },
    risk: {
      read: { word: 'read', means: 'Reads, changes nothing.' },
      write: {
        word: 'write',
        means: 'Changes data of our own, in a way that can be undone.',
      },
      external: { word: 'external', means: 'Reaches beyond our own systems.' },
      critical: {
        word: 'critical',
        means: 'Destroys or spends; a person has to approve each call.',
      },
      forbidden: { word: 'forbidden', means: 'Known, but never called.' },
    },
    autonomy: {
      field: 'Autonomy',
      label: 'Autonomy: {{level}}',
      description: 'How far it may go without asking a person.',
      copilot: {
        word: 'copilot',
        means: 'May read by itself; everything else waits for a person.',
      },
      supervised: {
        word: 'supervised',
        means:
          'May read and change our own data by itself; the rest waits for a person.',
      },
      autopilot: {
        word: 'autopilot',
        means:
          'May read, change our own data and reach outside by itself; critical calls wait for a person.',
      },
    },
    form: { required: 'Required' },
    price: {
      route: 'Costs what the model that answers costs',
      unknown: 'Price not known',
      free: 'Free',
      perMillion: '{{input}} in, {{output}} out per million tokens',
      perHour: '{{price}} for each hour that calls take',
    },
    toolsInWords: {
      none: 'No tools yet: the agent answers from its instructions alone and looks nothing up.',
      summary: 'The agent {{does}}.',
      read_one: 'reads with 1 tool',
      read_other: 'reads with {{count, number}} tools',
      write_one: 'changes our own data with 1 tool',
      write_other: 'changes our own data with {{count, number}} tools',
      external_one: 'reaches outside systems with 1 tool',
      external_other: 'reaches outside systems with {{count, number}} tools',
      critical_one: 'can destroy or spend with 1 tool',
      critical_other: 'can destroy or spend with {{count, number}} tools',
      forbidden_one: 'may never call 1 tool',
      forbidden_other: 'may never call {{count, number}} tools',
      comma: ', ',
      and: '{{first}} and {{last}}',
      more: '{{rest}} more',
      raise:
        'As {{autonomy}} it may not call {{which}} by itself: those calls are refused. Raise the autonomy or leave them out.',
      needsApproval:
        'As {{autonomy}} it may not call {{which}} by itself: those calls are refused. Critical calls need the approval of a person, whatever the autonomy.',
    },
  },
  translations: {
    zh: () => import('./translation.zh'),
  },
});

/** What says a word of these parts in the language of who reads. */
export type AgentsReactTranslation = TranslationFunction<
  typeof agentsReactTranslationRef.T
>;
