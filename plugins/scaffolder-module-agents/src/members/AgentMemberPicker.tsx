import { useMemo, useState } from 'react';
import {
  AgentAvatar,
  ErrorPanel,
  FormFieldFrame,
  nameOfRef,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  AgentsClient,
  type AgentSummary,
} from '@agentportal/plugin-agents-common';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';
import { Checkbox, CheckboxGroup, SearchField, Text } from '@backstage/ui';
import { scaffolderAgentsTranslationRef } from '../translation';
import styles from '../form/form.module.css';

export const membersSchema = makeFieldSchema({
  output: z => z.array(z.string()).describe('Entity refs of agents'),
});

/** What one can take in; the search finds the rest. */
const SHOW_AT_MOST = 25;

/** Agents of the registry, found by what they can do, in the order in which they were chosen. */
export function AgentMemberPicker(props: typeof membersSchema.TProps) {
  const { onChange, idSchema, schema, rawErrors, required, disabled } = props;
  const { t } = useTranslationRef(scaffolderAgentsTranslationRef);
  // The form fills a list up to its shortest length with empty words.
  const chosen = useMemo(
    () => (props.formData ?? []).filter(Boolean),
    [props.formData],
  );
  const discoveryApi = useApi(coreApis.discovery);
  const fetchApi = useApi(coreApis.fetch);
  const [search, setSearch] = useState('');
  const { value, error, reload } = useLoad(`agents ${search}`, () =>
    new AgentsClient({ discoveryApi, fetchApi }).listAgents({
      ...(search && { q: search }),
      limit: SHOW_AT_MOST,
    }),
  );
  const shown = value?.items ?? [];

  function change(refs: string[]) {
    const rows = new Set(shown.map(({ ref }) => ref));
    onChange([
      // What the search hides stays chosen.
      ...chosen.filter(ref => !rows.has(ref) || refs.includes(ref)),
      ...refs.filter(ref => !chosen.includes(ref)),
    ]);
  }

  return (
    <FormFieldFrame
      id={idSchema.$id}
      label={schema.title ?? t('members.label')}
      description={schema.description}
      required={required}
      errors={rawErrors}
    >
      <SearchField
        aria-label={t('members.search')}
        placeholder={t('members.placeholder')}
        value={search}
        onChange={setSearch}
      />
      <Text variant="body-small" color="secondary" aria-live="polite">
        {chosen.length === 0
          ? t('members.none')
          : t('members.chosen', {
              names: chosen.map(ref => nameOfRef(ref)).join(', '),
            })}
        {value &&
          value.totalItems > shown.length &&
          ` ${t('members.first', {
            shown: String(shown.length),
            total: String(value.totalItems),
          })}`}
      </Text>
      {error && !value ? (
        <ErrorPanel
          title={t('members.failure')}
          error={error}
          safe={t('members.kept')}
          onRetry={reload}
        />
      ) : (
        <div className={styles.scroll} aria-busy={!value}>
          {value && shown.length === 0 && (
            <Text color="secondary">
              {search ? t('members.noMatch', { search }) : t('members.empty')}
            </Text>
          )}
          <CheckboxGroup
            aria-label={t('members.agents')}
            isDisabled={disabled}
            value={chosen.filter(each => shown.some(({ ref }) => ref === each))}
            onChange={change}
          >
            {shown.map(agent => (
              <Checkbox key={agent.ref} value={agent.ref}>
                <AgentRow agent={agent} />
              </Checkbox>
            ))}
          </CheckboxGroup>
        </div>
      )}
    </FormFieldFrame>
  );
}

function AgentRow({ agent }: { agent: AgentSummary }) {
  return (
    <span className={styles.choice}>
      <span className={styles.line}>
        <AgentAvatar name={agent.name} size={20} />
        <Text as="span" weight="bold">
          {agent.title}
        </Text>
        <span className={styles.quiet} title={agent.ownerRef}>
          {nameOfRef(agent.ownerRef)}
          {agent.lifecycle !== 'production' && ` · ${agent.lifecycle}`}
        </span>
      </span>
      <span className={styles.quiet}>{agent.description}</span>
    </span>
  );
}
