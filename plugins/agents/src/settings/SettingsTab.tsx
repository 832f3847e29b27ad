import {
  type AgentEntity,
  agentRefsOf,
  agentsAccessReadPermission,
  type AgentSettings,
  type AgentSettingsView,
  isAgentEntity,
} from '@agentportal/plugin-agents-common';
import {
  AgentPreviewCard,
  ErrorPanel,
  LinesSkeleton,
  RefusedHint,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  useAsyncEntity,
  useEntity,
  useEntityRefLink,
} from '@backstage/plugin-catalog-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, ButtonLink, Link } from '@backstage/ui';
import { useMemo, useState } from 'react';
import type { ShownAgent } from '../access/StateSection';
import { agentsApiRef } from '../api';
import { Section } from '../overview/Section';
import { agentsTranslationRef } from '../translation';
import { changesOf } from './changesOf';
import { settingsOfDraft } from './draft';
import { HistorySection } from './HistorySection';
import { SaveDialog } from './SaveDialog';
import { SettingsForm } from './SettingsForm';
import { useDraft } from './useDraft';
import styles from './settings.module.css';

function Pending() {
  const { t } = useTranslationRef(agentsTranslationRef);
  return (
    <div className={styles.page}>
      <div className={styles.form}>
        <Section title={t('settings.purpose')}>
          <LinesSkeleton lines={5} />
        </Section>
        <Section title={t('settings.work')}>
          <LinesSkeleton lines={16} />
        </Section>
      </div>
    </div>
  );
}

/** What is about to be committed, and in which words. */
interface Intent {
  next: AgentSettings;
  title: string;
  action: string;
  text?: string;
  message?: string;
  destructive?: boolean;
}

function Settings(props: {
  agent: ShownAgent;
  view: AgentSettingsView;
  onSaved(view: AgentSettingsView): void;
}) {
  const { agent, view } = props;
  const { t } = useTranslationRef(agentsTranslationRef);
  const entityLink = useEntityRefLink();
  const { draft, change, discard, forget } = useDraft(
    view.agentRef,
    view.settings,
  );
  const [intent, setIntent] = useState<Intent>();
  const { settings, wrong } = useMemo(
    () => settingsOfDraft(draft, view.settings),
    [draft, view.settings],
  );
  const count = changesOf(view.settings, settings).length;
  const isRetired = view.settings.lifecycle === 'retired';
  return (
    <div className={styles.page}>
      <div className={styles.form}>
        {!view.canChange && view.why && (
          <p className={styles.note} role="note">
            {view.why}{' '}
            {view.editUrl && (
              <Link href={view.editUrl}>{t('settings.editInSource')}</Link>
            )}
          </p>
        )}
        <SettingsForm
          draft={draft}
          wrong={wrong}
          isDisabled={!view.canChange || isRetired}
          onChange={change}
        />
        {view.canChange && !isRetired && (
          <div className={styles.bar}>
            <Button
              variant="primary"
              isDisabled={count === 0 || wrong.size > 0}
              onPress={() =>
                setIntent({
                  next: settings,
                  title: t('settings.save.title', { title: agent.title }),
                  action: t('settings.save.action'),
                })
              }
            >
              {t('settings.review')}
            </Button>
            <Button
              variant="secondary"
              isDisabled={count === 0}
              onPress={discard}
            >
              {t('settings.discard')}
            </Button>
            <span className={styles.quiet} role="status">
              {wrong.size > 0 &&
                t('settings.check', {
                  fields: [...wrong]
                    .map(field => t(`settings.field.${field}`))
                    .join(', '),
                })}
              {wrong.size === 0 &&
                (count === 0
                  ? t('settings.unchanged')
                  : t('settings.changed', { count }))}
            </span>
          </div>
        )}
      </div>
      <aside className={styles.side}>
        <Section title={t('settings.preview')}>
          <AgentPreviewCard
            name={view.agentRef}
            title={draft.title || agent.name}
            description={draft.description}
            autonomy={draft.autonomy}
          />
        </Section>
        {view.keptAt === 'portal' && (
          <HistorySection
            agent={agent}
            view={view}
            onRestore={(next, message) =>
              setIntent({
                next,
                message,
                title: t('settings.history.restoreTitle'),
                action: t('settings.history.restore'),
              })
            }
          />
        )}
        {view.canChange && (
          <Section title={t('settings.end.title')}>
            <p className={styles.quiet}>
              {isRetired ? t('settings.end.retired') : t('settings.end.text')}
            </p>
            <div className={styles.actions}>
              {!isRetired && (
                <ButtonLink
                  size="small"
                  variant="secondary"
                  href={`${entityLink(view.agentRef)}/access`}
                >
                  {t('settings.end.suspend')}
                </ButtonLink>
              )}
              <Button
                size="small"
                variant="secondary"
                destructive={!isRetired}
                onPress={() =>
                  setIntent(
                    isRetired
                      ? {
                          next: { ...view.settings, lifecycle: 'experimental' },
                          title: t('settings.end.returnTitle', {
                            title: agent.title,
                          }),
                          action: t('settings.end.return'),
                        }
                      : {
                          next: { ...view.settings, lifecycle: 'retired' },
                          title: t('settings.end.retireTitle', {
                            title: agent.title,
                          }),
                          action: t('settings.end.retire'),
                          text: t('settings.end.retireText'),
                          destructive: true,
                        },
                  )
                }
              >
                {isRetired
                  ? t('settings.end.return')
                  : t('settings.end.retire')}
              </Button>
            </div>
          </Section>
        )}
      </aside>
      {intent && (
        <SaveDialog
          agent={agent}
          view={view}
          {...intent}
          onClose={() => setIntent(undefined)}
          onSaved={saved => {
            if (intent.next === settings) forget();
            setIntent(undefined);
            props.onSaved(saved);
          }}
        />
      )}
    </div>
  );
}

function LoadedSettings({ entity }: { entity: AgentEntity }) {
  const api = useApi(agentsApiRef);
  const { t } = useTranslationRef(agentsTranslationRef);
  const { refresh } = useAsyncEntity();
  const { name, namespace = 'default', title = name } = entity.metadata;
  const [saved, setSaved] = useState<AgentSettingsView>();
  const loaded = useLoad(`settings ${namespace}/${name}`, signal =>
    api.getSettings(namespace, name, {}, { signal }),
  );
  const view = saved ?? loaded.value;
  if (!view) {
    return loaded.error ? (
      <ErrorPanel
        title={t('settings.failure')}
        error={loaded.error}
        onRetry={loaded.reload}
      />
    ) : (
      <Pending />
    );
  }
  return (
    <Settings
      key={view.revision}
      agent={{ namespace, name, title }}
      view={view}
      onSaved={next => {
        setSaved(next);
        refresh?.();
      }}
    />
  );
}

/** Nothing is asked of the backend that it would refuse. */
function MaybeSettings({ entity }: { entity: AgentEntity }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const mayRead = usePermission({
    permission: agentsAccessReadPermission,
    resourceRef: stringifyEntityRef(entity),
  });
  if (mayRead.loading) {
    return <Pending />;
  }
  return mayRead.allowed || mayRead.error ? (
    <LoadedSettings entity={entity} />
  ) : (
    <RefusedHint
      refusal={{ kind: 'notAllowed', message: t('settings.notForYou') }}
      contactRef={agentRefsOf(entity).owner}
    />
  );
}

/** What people set of an agent: its instructions, tools and limits, and who changed them when. */
export function SettingsTab() {
  const { entity } = useEntity();
  return isAgentEntity(entity) ? <MaybeSettings entity={entity} /> : <></>;
}
