import { createTranslationRef } from '@backstage/frontend-plugin-api';

/**
 * Titles of pages and tabs, in English and Chinese.
 *
 * @public
 */
export const governanceTranslationRef = createTranslationRef({
  id: 'plugin.governance',
  messages: {
    page: { title: 'Audit' },
    entries: { title: 'Entries' },
    rules: { title: 'Rules' },
    keeping: { title: 'Keeping and erasing' },
    entriesPage: {
      theCountsCouldNotBe: 'The counts could not be read',
      theEntriesBelowAreAll: 'The entries below are all there.',
      lookForNewerEntries: 'Look for newer entries',
      export: 'Export',
      theEntriesCouldNotBe: 'The entries could not be read',
      nothingIsLostTheLog: 'Nothing is lost: the log goes on being written.',
      notAmongTheNewestEntries: 'Not among the newest entries',
      theLogIsSearchedFrom:
        'The log is searched from its end; there is more before what was looked at.',
      clearSearchAndFilters: 'Clear search and filters',
      lookAtTheLast90: 'Look at the last 90 days',
    },
    entryFilters: {
      filterEntries: 'Filter entries',
      searchEntries: 'Search entries',
      searchForAWordSuch:
        'Search for a word, such as a tool or an order number',
      time: 'Time',
      type: 'Type',
      anyType: 'Any type',
      outcome: 'Outcome',
      anyOutcome: 'Any outcome',
      agent: 'Agent',
      person: 'Person',
      namedAnywhereInTheEntry: 'Named anywhere in the entry',
      doneBy: 'Done by',
      anAgentAPersonOr: 'An agent, a person, or a service such as plugin:tools',
      resource: 'Resource',
      itsWholeNameSuchAs:
        'Its whole name, such as tool:default/orders.find_order',
      run: 'Run',
      itsId: 'Its id',
      daysUtcTheFirstAnd: 'Days (UTC), the first and the last',
      any: 'Any',
    },
    entryPanel: {
      entry: 'Entry',
      closeTheEntry: 'Close the entry',
      theEntryCouldNotBe: 'The entry could not be read',
      itStaysInTheLog: 'It stays in the log.',
      inPlainWords: 'In plain words',
      fromThisEntry: 'From this entry',
      theRun: 'The run',
      recordOfTheRun: 'Record of the run',
      allOfThisAgent: 'All of this agent',
      allFields: 'All fields',
    },
    proof: {
      proof: 'Proof',
      whatWasVerified: 'What was verified',
      key: 'Key',
      hashesFromTheEntryTo: 'Hashes from the entry to the root',
    },
    erasePerson: {
      eraseAPerson: 'Erase a person',
      forARequestUnderArticle:
        'For a request under article 17 of the GDPR. The key of everything personal about somebody is destroyed; the entries and their proofs stay.',
      person: 'Person',
      aNameOrUserDefault: 'A name, or user:default/…',
      erase: 'Erase …',
      why: 'Why',
      itIsWrittenIntoThe: 'It is written into the log, without the name',
    },
    holds: {
      legalHolds: 'Legal holds',
      setAHold: 'Set a hold',
      theHoldsCouldNotBe: 'The holds could not be read',
      theyStayInForce: 'They stay in force.',
      nothingIsHeld: 'Nothing is held',
      setAHoldWhenA:
        'Set a hold when a dispute or an inquiry needs what the log has about an agent, a person or a run: it is then neither deleted nor erased.',
      released: 'Released',
      inForce: 'In force',
      release: 'Release',
      theWholeLog: 'The whole log',
    },
    keepingPage: {
      howLongEntriesAreKept: 'How long entries are kept',
      standard: 'Standard',
      whatAgentsDoDayBy:
        'What agents do day by day. Six months (184 days) unless this portal is configured otherwise.',
      extended: 'Extended',
      credentialsDelegationsChangesOfPolicies:
        'Credentials, delegations, changes of policies, approvals. Six years (2,192 days) unless this portal is configured otherwise.',
      legalHold: 'Legal hold',
      whatAHoldCoversStays:
        'What a hold covers stays until the hold is released.',
      governanceAuditRetention: 'governance.audit.retention',
    },
    holdDialogs: {
      setALegalHold: 'Set a legal hold',
      setTheHold: 'Set the hold',
      theHoldWasNotSet: 'The hold was not set',
      why: 'Why',
      whoAsksForItAnd:
        'Who asks for it and under which matter; it is written into the log',
      agent: 'Agent',
      anyAgent: 'Any agent',
      person: 'Person',
      anybody: 'Anybody',
      run: 'Run',
      anyRun: 'Any run',
      releaseThisHold: 'Release this hold?',
      releaseTheHold: 'Release the hold',
      theHoldWasNotReleased: 'The hold was not released',
      itIsWrittenIntoThe: 'It is written into the log',
    },
    runRecord: {
      recordOfTheRun: 'Record of the run',
      whatWasDecidedAndDone: 'What was decided and done in this run',
      seeTheRunWithIts: 'See the run with its steps',
      theRecordCouldNotBe: 'The record could not be read',
      itStaysInTheLog: 'It stays in the log.',
      thereIsNothingAboutThis: 'There is nothing about this run',
      nothingWasRecordedUnderThis:
        'Nothing was recorded under this id, or it is not for you to read.',
      open: 'Open',
      goOn: 'Go on',
    },
    ruleEditor: {
      allRules: 'All rules',
      name: 'Name',
      smallLettersDigitsAndDashes:
        'Small letters, digits and dashes, such as refunds. Decisions name its rules by it.',
      rulesInCedar: 'Rules in Cedar',
      saveLogOnly: 'Save, log only',
      saveAndEnforce: 'Save and enforce',
      itCannotBeSavedWith: 'It cannot be saved with the mistake above.',
    },
    ruleHistory: {
      history: 'History',
      whatItWasBeforeCould: 'What it was before could not be read',
      itIsKept: 'It is kept.',
      thereIsNone: 'There is none.',
      takeItsText: 'Take its text',
    },
    ruleTextCard: {
      keptInGitChangeIt: 'Kept in Git; change it there',
      inItsFileAndNot:
        'In its file, and not approved yet; the approved rules hold too',
      theNewestTextHasMistakes: 'The newest text has mistakes',
      seeThem: 'See them',
      noneOfItsRulesIs: 'None of its rules is in force.',
      enforce: 'Enforce',
      onlyLog: 'Only log',
      switchOff: 'Switch off',
      remove: 'Remove',
    },
    ruleTrial: {
      tryItOnRecordedCalls: 'Try it on recorded calls',
      recordedCalls: 'Recorded calls',
      tryItOnThem: 'Try it on them',
      itWasNotTried: 'It was not tried',
      nothingHasChanged: 'Nothing has changed.',
      showMoreOfThem: 'Show more of them',
      mistakes: 'Mistakes',
      showIt: 'Show it',
    },
    rulesPage: {
      aRuleRefusesATool:
        "A rule refuses a tool call that the agent's file and its autonomy would let through, because of what it is called with, what went before or the time. It takes away and never gives. A text is tried on recorded calls, runs log-only for a while, and is then enforced.",
      writeRules: 'Write rules',
      theRulesCouldNotBe: 'The rules could not be read',
      thoseThatWereInForce: 'Those that were in force stay so at every door.',
      whatTheyRefusedCouldNot: 'What they refused could not be read',
      theRulesBelowAreIn: 'The rules below are in force.',
      thereAreNoRulesYet: 'There are no rules yet',
      showMore: 'Show more',
    },
    saveRules: {
      why: 'Why',
      itIsKeptInThe: 'It is kept in the history of the text.',
    },
    exportDialog: {
      exportTheAuditLog: 'Export the audit log',
      form: 'Form',
      whichEntries: 'Which entries',
      allThatYouMayRead: 'All that you may read, from the first to the last',
      thoseOfTheTimeAnd: 'Those of the time and filters chosen',
      verifyItOffline: 'Verify it offline',
      verifyItOnAnotherMachine: 'Verify it on another machine',
      saveKeysJson: 'Save keys.json',
      theExportDidNotWork: 'The export did not work',
      nothingWasSavedTryAgain:
        'Nothing was saved. Try again, or choose a shorter time.',
      saveTheExport: 'Save the export',
      close: 'Close',
    },
  },
  translations: {
    zh: () => import('./translation.zh'),
  },
});
