import { createTranslationRef } from '@backstage/frontend-plugin-api';
import type { TranslationFunction } from '@backstage/frontend-plugin-api';

/**
 * Every word of the plugin in English; `translation.zh.ts` has them in Chinese.
 *
 * @public
 */
export const toolsTranslationRef = createTranslationRef({
  id: 'plugin.tools',
  messages: {
    page: {
      title: 'Tools',
    },
    toolDescription: {
      showLess: 'Show less',
      showAllOfIt: 'Show all of it',
    },
    toolDetail: {
      theToolCouldNotBe: 'The tool {{name}} could not be read',
      allTools: 'All tools',
      theName: 'the name',
      itsServerDoesNotAnswer: 'Its server does not answer',
      itCannotBeUsed: 'It cannot be used',
      itIsHeldBack: 'It is held back',
      whatYouSeeIsWhat:
        'What you see is what it last said. Calls fail until it is back.',
      youMayNotCallThis: 'You may not call this tool',
      about: 'About',
      tryIt: 'Try it',
      argumentsAndResult: 'Arguments and result',
      whatItMayDo: 'What it may do',
      servedBy: 'Served by',
      owner: 'Owner',
      inTheCatalog: 'In the catalog',
      last30Days: 'Last 30 days',
      status: 'Status',
      agentsThatMayUseIt: 'Agents that may use it',
      arguments: 'Arguments',
      result: 'Result',
      statusSince: '{{status}}, seen {{lastSeenAt}}, changed {{lastChangedAt}}',
    },
    toolChanges: {
      tab: 'Changes',
      none: 'Its server has changed nothing since the tool was first seen.',
      couldNotBeRead: 'Its changes could not be read',
      more: 'Show earlier changes',
      moreDiffer: 'and {{more}} more differences',
      compatible: 'Its schema changed and still fits',
      breaking: 'Its schema changed so that calls may fail',
      wording: 'Its words changed',
      risk: 'Its server says that it is riskier',
      suspicious: 'It looks like an attack',
      noted: 'taken into use',
      held: 'held back',
      released: 'released',
      blocked: 'blocked',
      withdrawn: 'taken back by its server; seen',
      why: 'Why, for those who read it later',
      release: 'Release',
      block: 'Block',
      whoDecides:
        'The people who run the portal decide about it, and its owner where somebody vouches for its server.',
    },
    toolSchema: {
      none: 'None',
      name: 'Name',
      type: 'Type',
      meaning: 'Meaning',
      required: 'required',
      jsonSchema: 'JSON Schema',
      or: ' or ',
      any: 'any',
      listOf: 'list of {{type}}',
    },
    toolUsers: {
      itsAgentsCouldNotBe: 'Its agents could not be read',
      noneYet: 'None yet',
      andMore: 'and {{more}} more',
    },
    refreshServers: {
      didNotAnswer: '{{servers}} did not answer',
      allServersAnswered: 'All {{items}} servers answered',
      theServersWereNotRead: 'The servers were not read again: {{message}}',
      readTheServersAgain: 'Read the servers again',
      askEveryServerForIts: 'Ask every server for its tools now',
    },
    serverStrip: {
      theServersCouldNotBe: 'The servers could not be read',
      servers: 'Servers',
      seen: 'seen {{lastSeenAt}}',
      tools_one: '1 tool',
      tools_other: '{{count, number}} tools',
    },
    toolList: {
      toolsFound: 'Tools found',
      youMayNotCallThis: 'You may not call this tool',
    },
    toolsPage: {
      findATool: 'Find a tool',
      findAToolThatFor:
        'Find a tool that … for example: sends an email to a customer',
      risk: 'Risk',
      anyRisk: 'Any risk',
      theToolsCouldNotBe: 'The tools could not be read',
      nothingWasChangedAndAgents:
        'Nothing was changed, and agents keep the tools that they have.',
      noToolFits: 'No tool fits',
      thereAreNoToolsYet: 'There are no tools yet',
      clearSearchAndFilters: 'Clear search and filters',
      sayWhatTheToolShould:
        'Say what the tool should do in other words, or look at all of them.',
      registerAnMcpServerAs:
        'Register an MCP server as an API of type mcp-server in the catalog; its tools appear here within a minute.',
      showMoreTools: 'Show more tools',
      tools_one: '1 tool',
      tools_other: '{{count, number}} tools',
    },
    failedCall: {
      theCallWasNotMade: 'The call was not made',
      nothingWasChanged: 'Nothing was changed.',
      theCallHasNoAnswer: 'The call has no answer',
      theToolOnlyReadsNothing: 'The tool only reads: nothing was changed.',
      theToolMayHaveDone:
        'The tool may have done it. Look before you call it again.',
    },
    toolResult: {
      answeredIn: 'Answered in {{durationMs}}',
      theToolCouldNotDo: 'The tool could not do it',
      result: 'Result',
      theResult: 'the result',
      data: 'Data',
    },
    tryTool: {
      callTheTool: 'Call the tool',
      stop: 'Stop',
      theCallIsMadeFor: 'The call is made for real, in your name.',
      call: 'Call {{title}}?',
      itWillBeCalledIn: 'It will be called in your name with:',
      callIt: 'Call it',
      cancel: 'Cancel',
    },
    riskSentence: {
      read: 'Only reads. Nothing is changed.',
      write: 'Changes data of the company, in a way that can be undone.',
      external: 'Reaches people or systems outside of the company.',
      critical:
        'Destroys or spends something, or does not say what it does. An agent needs an approval for each call.',
      forbidden: 'May not be called by anyone.',
      again: '{{sentence}} Calling it twice does no more than calling it once.',
    },
    usage: {
      none: 'Not called yet',
      calls_one: '1 call',
      calls_other: '{{count, number}} calls',
      succeeded: '{{percent}} % succeeded',
      median: 'half of them within {{duration}}',
      rehearsed: '{{times}} rehearsed',
      and: ', ',
    },
  },
  translations: { zh: () => import('./translation.zh') },
});

/** What says a word of this plugin in the language of who reads. */
export type ToolsTranslation = TranslationFunction<
  typeof toolsTranslationRef.T
>;
