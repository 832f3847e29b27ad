import type { ModelSummary } from '@agentportal/plugin-models-common';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Radio, RadioGroup, SearchField, Skeleton, Text } from '@backstage/ui';
import { useState } from 'react';
import { agentsReactTranslationRef } from '../translation';
import { StatusMark } from '../badges';
import { ErrorPanel } from '../feedback';
import { useLoad } from '../loading';
import type { AgentFieldProps } from './AgentFieldProps';
import { fetchModels } from './fetchModels';
import { FormFieldFrame } from './FormFieldFrame';
import { priceInWords } from './price';
import styles from './agentForm.module.css';

// With fewer models than this a search field is in the way.
const SEARCH_FROM = 8;

/**
 * A list of routes and models with what they cost and whether they answer.
 *
 * @public
 */
export function ModelField(props: AgentFieldProps<string>) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { value: chosen, onChange, id, errors, required, isDisabled } = props;
  const discoveryApi = useApi(coreApis.discovery);
  const fetchApi = useApi(coreApis.fetch);
  const [search, setSearch] = useState('');
  const {
    value: models,
    error,
    reload,
  } = useLoad('models', () => fetchModels({ discoveryApi, fetchApi }));
  const label = props.label ?? t('modelField.model');

  function content() {
    if (error && !models) {
      return (
        <ErrorPanel
          title={t('modelField.theModelsCouldNotBe')}
          error={error}
          safe={t('modelField.whatYouHaveTypedIs')}
          onRetry={reload}
        />
      );
    }
    if (!models) {
      return (
        <div className={styles.scroll} aria-busy="true">
          {[0, 1, 2].map(row => (
            <Skeleton key={row} height={36} style={{ marginBottom: 8 }} />
          ))}
        </div>
      );
    }
    const shown = models.filter(model => matches(model, search, chosen));
    return (
      <>
        {models.length >= SEARCH_FROM && (
          <SearchField
            aria-label={t('modelField.searchModels')}
            placeholder={t('modelField.searchByNameOrProvider')}
            value={search}
            onChange={setSearch}
          />
        )}
        <div className={styles.scroll}>
          {shown.length === 0 && (
            <Text color="secondary">
              {models.length === 0
                ? t('modelField.none')
                : t('modelField.noMatch', { search })}
            </Text>
          )}
          <RadioGroup
            aria-label={label}
            value={chosen ?? null}
            isDisabled={isDisabled}
            onChange={onChange}
          >
            {shown.map(model => (
              <Radio key={model.ref} value={model.ref}>
                <ModelChoice model={model} />
              </Radio>
            ))}
          </RadioGroup>
        </div>
      </>
    );
  }

  return (
    <FormFieldFrame
      id={id}
      label={label}
      description={props.description ?? t('modelField.description')}
      required={required}
      errors={errors}
    >
      {content()}
    </FormFieldFrame>
  );
}

function ModelChoice({ model }: { model: ModelSummary }) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const candidates = model.route?.candidates.map(candidate => candidate.id);
  return (
    <span className={styles.choice}>
      <span className={styles.line}>
        <Text as="span" weight="bold">
          {model.title}
        </Text>
        <span className={styles.quiet}>
          {model.type === 'route' ? t('modelField.route') : model.provider}
        </span>
        {model.status === 'unavailable' && (
          <span title={model.statusMessage}>
            <StatusMark status="unavailable" />
          </span>
        )}
      </span>
      <span className={styles.quiet}>
        {candidates?.length
          ? `${t('modelField.firstOf', { models: candidates.join(', ') })} `
          : ''}
        {priceInWords(model, t)}
      </span>
    </span>
  );
}

// The chosen one stays in sight whatever is searched for.
function matches(model: ModelSummary, search: string, chosen?: string) {
  const words = search.toLocaleLowerCase('en-US').trim();
  return (
    model.ref === chosen ||
    `${model.title} ${model.id} ${model.provider}`
      .toLocaleLowerCase('en-US')
      .includes(words)
  );
}
