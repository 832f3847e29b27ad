import type { Autonomy } from '@agentportal/plugin-agents-common';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  Alert,
  Checkbox,
  CheckboxGroup,
  SearchField,
  Skeleton,
  Text,
} from '@backstage/ui';
import { useMemo, useState } from 'react';
import { agentsReactTranslationRef } from '../translation';
import { RiskBadge, StatusMark } from '../badges';
import { nameOfRef } from '../entities';
import { ErrorPanel } from '../feedback';
import { useLoad } from '../loading';
import type { AgentFieldProps } from './AgentFieldProps';
import { fetchTools, type ToolChoice } from './fetchTools';
import { FormFieldFrame } from './FormFieldFrame';
import { toolsInWords } from './toolsInWords';
import styles from './agentForm.module.css';

// More rows than this help nobody to choose; the search does.
const SHOW_AT_MOST = 150;

/**
 * Tools by server, with risk and owner, and what the choice amounts to.
 *
 * @public
 */
export function ToolsField(
  props: AgentFieldProps<string[]> & {
    /** That the agent has, to say what it will not let it call. */
    autonomy?: Autonomy;
  },
) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { autonomy, onChange, id, errors, required, isDisabled } = props;
  const chosen = useMemo(() => props.value ?? [], [props.value]);
  const discoveryApi = useApi(coreApis.discovery);
  const fetchApi = useApi(coreApis.fetch);
  const [search, setSearch] = useState('');
  const {
    value: tools,
    error,
    reload,
  } = useLoad('tools', () => fetchTools({ discoveryApi, fetchApi }));

  function content() {
    if (error && !tools) {
      return (
        <ErrorPanel
          title={t('toolsField.theToolsCouldNotBe')}
          error={error}
          safe={t('toolsField.whatIsChosenStaysChosen')}
          onRetry={reload}
        />
      );
    }
    if (!tools) {
      return (
        <div className={styles.scroll} aria-busy="true">
          {[0, 1, 2, 3].map(row => (
            <Skeleton key={row} height={44} style={{ marginBottom: 8 }} />
          ))}
        </div>
      );
    }
    return (
      <ToolList
        tools={tools}
        chosen={chosen}
        search={search}
        onSearch={setSearch}
        isDisabled={isDisabled}
        onChange={onChange}
      />
    );
  }

  const { summary, warning } = toolsInWords(
    (tools ?? []).filter(tool => chosen.includes(tool.ref)),
    autonomy,
    t,
  );
  return (
    <FormFieldFrame
      id={id}
      label={props.label ?? t('toolsField.tools')}
      description={props.description ?? t('toolsField.description')}
      required={required}
      errors={errors}
    >
      {tools && (
        <div aria-live="polite">
          <Alert
            status={warning ? 'warning' : 'info'}
            icon
            title={summary}
            description={warning}
          />
        </div>
      )}
      {content()}
    </FormFieldFrame>
  );
}

/** So that one with hundreds of tools, as the portal's own, does not push out all others. */
function smallServersFirst(tools: ToolChoice[]): ToolChoice[] {
  const byServer = [...Map.groupBy(tools, tool => tool.serverRef).values()];
  return byServer.sort((a, b) => a.length - b.length).flat();
}

function ToolList(props: {
  tools: ToolChoice[];
  chosen: string[];
  search: string;
  onSearch: (search: string) => void;
  isDisabled?: boolean;
  onChange: (refs: string[]) => void;
}) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { tools, chosen, search, onSearch, isDisabled, onChange } = props;
  const words = search.toLocaleLowerCase('en-US').split(/\s+/).filter(Boolean);
  const found = tools.filter(tool => matches(tool, words));
  const shown = smallServersFirst(found).slice(0, SHOW_AT_MOST);
  const servers = [...new Set(shown.map(tool => tool.serverRef))];

  // A group only knows its own rows; what is hidden by the search stays chosen.
  function change(rows: ToolChoice[], refs: string[]) {
    const inRows = new Set(rows.map(tool => tool.ref));
    onChange([...chosen.filter(ref => !inRows.has(ref)), ...refs]);
  }

  return (
    <>
      <SearchField
        aria-label={t('toolsField.searchTools')}
        placeholder={t('toolsField.findAToolThat')}
        value={search}
        onChange={onSearch}
      />
      <Text variant="body-small" color="secondary">
        {t('toolsField.chosen', {
          chosen: String(chosen.length),
          total: String(tools.length),
        })}
        {found.length > shown.length &&
          ` · ${t('toolsField.first', {
            shown: String(shown.length),
            found: String(found.length),
          })}`}
      </Text>
      {/* Where nothing in it can be chosen, a keyboard must scroll it all the same. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.scroll} tabIndex={isDisabled ? 0 : undefined}>
        {shown.length === 0 && (
          <Text color="secondary">
            {tools.length === 0
              ? t('toolsField.none')
              : t('toolsField.noMatch', { search })}
          </Text>
        )}
        {servers.map(server => {
          const rows = shown.filter(tool => tool.serverRef === server);
          return (
            <div key={server} className={styles.group}>
              <CheckboxGroup
                label={nameOfRef(server)}
                isDisabled={isDisabled}
                value={rows
                  .map(tool => tool.ref)
                  .filter(ref => chosen.includes(ref))}
                onChange={refs => change(rows, refs)}
              >
                {rows.map(tool => (
                  <Checkbox
                    key={tool.ref}
                    value={tool.ref}
                    isDisabled={
                      tool.riskTier === 'forbidden' &&
                      !chosen.includes(tool.ref)
                    }
                  >
                    <ToolRow tool={tool} />
                  </Checkbox>
                ))}
              </CheckboxGroup>
            </div>
          );
        })}
      </div>
    </>
  );
}

function ToolRow({ tool }: { tool: ToolChoice }) {
  return (
    <span className={styles.choice}>
      <span className={styles.line}>
        <Text as="span" weight="bold">
          {tool.title}
        </Text>
        <RiskBadge tier={tool.riskTier} />
        {tool.status === 'stale' && <StatusMark status="stale" />}
        <span className={styles.quiet} title={tool.ownerRef}>
          {nameOfRef(tool.ownerRef)}
        </span>
      </span>
      <span className={styles.quiet}>{tool.description}</span>
    </span>
  );
}

function matches(tool: ToolChoice, words: string[]): boolean {
  const text = `${tool.title} ${tool.name} ${tool.description} ${tool.riskTier}`;
  const lower = text.toLocaleLowerCase('en-US');
  return words.every(word => lower.includes(word));
}
