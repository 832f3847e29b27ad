import type {
  AgentAccess,
  DecisionAnswer,
} from '@agentportal/plugin-agents-common';
import {
  EmptyHint,
  ErrorPanel,
  LinesSkeleton,
  StatusMark,
  nameOfRef,
  useLoad,
  Sentence,
  useTitles,
  type Titles,
} from '@agentportal/plugin-agents-react';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Select, Switch, TextAreaField } from '@backstage/ui';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { agentsTranslationRef } from '../translation';
import { agentActivityApiRef, agentsApiRef } from '../api';
import { Section } from '../overview/Section';
import { ArgumentFields } from './ArgumentFields';
import { argumentsOf, readArguments, readObject } from './argumentValues';
import { PersonPicker } from './PersonPicker';
import styles from './access.module.css';

function Answer({ answer }: { answer: DecisionAnswer }) {
  const titles = useTitles([
    answer.reason,
    ...answer.logOnly.map(({ reason }) => reason),
  ]);
  if (!titles) {
    return <LinesSkeleton lines={2} />;
  }
  return (
    <div className={styles.answer} data-allowed={answer.allowed}>
      <StatusMark
        status={answer.allowed ? 'allowed' : 'refused'}
        tone={answer.allowed ? 'good' : 'bad'}
        label={answer.allowed ? 'Yes, it could' : 'No, it could not'}
      />
      <p className={styles.words}>
        <Sentence text={answer.reason} titles={titles} />
      </p>
      {answer.ruleIds.length > 0 && (
        <p className={styles.quiet}>
          Refused by {answer.ruleIds.length === 1 ? 'rule' : 'rules'}{' '}
          {answer.ruleIds.map((id, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <code>{id}</code>
            </span>
          ))}
          , which {answer.ruleIds.length === 1 ? 'is' : 'are'} enforced.
        </p>
      )}
      {answer.logOnly.map(({ ruleId, reason }) => (
        <p key={ruleId} className={styles.quiet}>
          Log only: <code>{ruleId}</code> would refuse it.{' '}
          <Sentence text={reason} titles={titles} />
        </p>
      ))}
    </div>
  );
}

/** Asks what would be decided about a call of a tool, without calling it. */
export function WhatIf(props: { access: AgentAccess; titles: Titles }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { access, titles } = props;
  const { agent } = access;
  const api = useApi(agentsApiRef);
  const activityApi = useApi(agentActivityApiRef);
  const identityApi = useApi(coreApis.identity);
  const self = useLoad('self', async () => {
    const { userEntityRef } = await identityApi.getBackstageIdentity();
    return userEntityRef;
  });
  const [toolRef, setToolRef] = useState(agent.tools[0] ?? '');
  const [chosenPerson, setPerson] = useState<string>();
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [json, setJson] = useState('{}');
  const [wantsJson, setWantsJson] = useState(false);
  const [answer, setAnswer] = useState<DecisionAnswer>();
  const [error, setError] = useState<Error>();
  const [isPending, setPending] = useState(false);

  const tool = useLoad(toolRef || undefined, signal =>
    activityApi.getTool(toolRef, { signal }),
  );
  const list = argumentsOf(tool.value?.inputSchema ?? {});
  // Who may not see the tool can still ask about it, with arguments as JSON.
  const asJson = wantsJson || Boolean(tool.error);
  const read = readArguments(list, typed);
  const object = asJson ? readObject(json) : read.values;
  const isWrong = !object || (!asJson && read.wrong.length > 0);

  /** An answer is of the question that is seen, so it goes when that changes. */
  const changed = <T,>(set: (value: T) => void) => {
    return (value: T) => {
      setAnswer(undefined);
      setError(undefined);
      set(value);
    };
  };

  const ask = async (event: FormEvent) => {
    event.preventDefault();
    const personRef = chosenPerson ?? self.value;
    if (isWrong || isPending || !personRef) return;
    setPending(true);
    setError(undefined);
    try {
      const [first] = await api.decide([
        { agentRef: agent.agentRef, toolRef, personRef, args: object },
      ]);
      setAnswer(first);
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setPending(false);
    }
  };

  if (agent.tools.length === 0) {
    return (
      <Section title={t('whatIf.couldIt')}>
        <EmptyHint compact title={t('whatIf.itHasNoToolsTo')}>
          {t('whatIf.itsFileNamesNoneThat')}
        </EmptyHint>
      </Section>
    );
  }
  return (
    <Section title={t('whatIf.couldIt')}>
      <form className={styles.form} onSubmit={ask}>
        <p className={styles.quiet}>{t('whatIf.asksTheRulesAndCalls')}</p>
        <Select
          label={t('whatIf.callTheTool')}
          value={toolRef}
          options={agent.tools.map(ref => ({
            value: ref,
            label: titles.get(ref) ?? nameOfRef(ref),
          }))}
          onChange={changed(key => {
            setToolRef(String(key ?? ''));
            setTyped({});
            setJson('{}');
          })}
        />
        {self.value && (
          <PersonPicker
            self={self.value}
            value={chosenPerson ?? self.value}
            onChange={changed(setPerson)}
          />
        )}
        {tool.isPending && !tool.value && <LinesSkeleton lines={4} />}
        {tool.value && (
          <Switch
            label={t('whatIf.argumentsAsJson')}
            isSelected={wantsJson}
            onChange={changed(on => {
              if (on) setJson(JSON.stringify(read.values, null, 2));
              setWantsJson(on);
            })}
          />
        )}
        {asJson ? (
          <TextAreaField
            label={t('whatIf.arguments')}
            description={object ? undefined : 'Write one JSON object: { … }'}
            isInvalid={!object}
            rows={6}
            value={json}
            onChange={changed(setJson)}
          />
        ) : (
          <ArgumentFields
            list={list}
            typed={typed}
            wrong={read.wrong}
            onChange={changed(setTyped)}
          />
        )}
        <Button
          type="submit"
          variant="secondary"
          isDisabled={isWrong || !self.value}
          isPending={isPending}
        >
          {t('whatIf.ask')}
        </Button>
        <div aria-live="polite">
          {error && (
            <ErrorPanel
              title={t('whatIf.thereIsNoAnswer')}
              error={error}
              safe={t('whatIf.nothingWasCalled')}
            />
          )}
          {answer && <Answer answer={answer} />}
        </div>
      </form>
    </Section>
  );
}
