import {
  agentsRuleManagePermission,
  type RuleReport,
  type RuleText,
} from '@agentportal/plugin-agents-common';
import {
  EmptyHint,
  ErrorPanel,
  refusalOf,
  RowsSkeleton,
  useLoad,
  usePages,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Button, Container } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { governanceTranslationRef } from '../translation';
import { ruleTextsApiRef } from '../api/ruleTextsApiRef';
import { RuleEditor } from './RuleEditor';
import { RuleTextCard } from './RuleTextCard';
import styles from './rules.module.css';

const STATE = { text: '' };
/** In the address instead of the name of a text; no text is called so. */
const NEW = '+';
const DAYS = 7;
const REPORT_PAGES = 10;

/** The rules for tool calls: what they say, what they do, and what they refused. */
export function RulesPage() {
  const { t } = useTranslationRef(governanceTranslationRef);
  const [{ text }, update] = useUrlState(STATE);
  const api = useApi(ruleTextsApiRef);
  const { allowed: mayManage } = usePermission({
    permission: agentsRuleManagePermission,
  });
  const texts = usePages<RuleText>('rule-texts', (cursor, signal) =>
    api.listRuleTexts({ limit: 50, ...(cursor && { cursor }) }, { signal }),
  );
  const report = useLoad('rule-report', async signal => {
    const found = new Map<string, RuleReport['items'][number]>();
    let cursor: string | undefined;
    for (let page = 0; page < REPORT_PAGES; page++) {
      const { items, nextCursor } = await api.getRuleReport(
        { days: DAYS, limit: 100, ...(cursor && { cursor }) },
        { signal },
      );
      items.forEach(item => found.set(item.ruleId, item));
      cursor = nextCursor;
      if (!cursor) break;
    }
    return found;
  });
  const chosen = texts.items.find(({ name }) => name === text);
  const isOpen = mayManage && (text === NEW || chosen !== undefined);
  const changed = () => {
    texts.reload();
    report.reload();
  };

  if (isOpen) {
    return (
      <Container className={styles.page}>
        <RuleEditor
          key={text}
          known={chosen}
          onBack={() => update({ text: '' })}
          onSaved={changed}
        />
      </Container>
    );
  }
  if (texts.error && refusalOf(texts.error)) {
    return (
      <Container className={styles.page}>
        <ErrorPanel title="" error={texts.error} />
      </Container>
    );
  }
  return (
    <Container className={styles.page}>
      <div className={styles.head}>
        <p className={styles.quiet}>{t('rulesPage.aRuleRefusesATool')}</p>
        {mayManage && (
          <Button
            variant="secondary"
            iconStart={<RiAddLine />}
            onPress={() => update({ text: NEW })}
          >
            {t('rulesPage.writeRules')}
          </Button>
        )}
      </div>
      {texts.error && (
        <ErrorPanel
          title={t('rulesPage.theRulesCouldNotBe')}
          error={texts.error}
          safe={t('rulesPage.thoseThatWereInForce')}
          onRetry={texts.reload}
        />
      )}
      {report.error && !texts.error && (
        <ErrorPanel
          title={t('rulesPage.whatTheyRefusedCouldNot')}
          error={report.error}
          safe={t('rulesPage.theRulesBelowAreIn')}
          onRetry={report.reload}
        />
      )}
      {texts.isPending && <RowsSkeleton rows={4} rowHeight={120} />}
      {!texts.isPending && !texts.error && texts.items.length === 0 && (
        <EmptyHint title={t('rulesPage.thereAreNoRulesYet')}>
          Agents are held to their files, their autonomy and the people whom
          they work for.{' '}
          {mayManage
            ? 'Write rules here, put them into a folder of a repository, or onto the entity of an agent, a tool or a server.'
            : 'Rules are written by those who run the portal, or put by the owners of an agent, a tool or a server onto its entity.'}
        </EmptyHint>
      )}
      {texts.items.map(item => (
        <RuleTextCard
          key={item.name}
          text={item}
          report={report.value}
          days={DAYS}
          mayManage={mayManage}
          onOpen={() => update({ text: item.name })}
          onChanged={changed}
        />
      ))}
      {texts.hasMore && (
        <Button
          className={styles.more}
          variant="secondary"
          isPending={texts.isLoadingMore}
          onPress={texts.loadMore}
        >
          {t('rulesPage.showMore')}
        </Button>
      )}
    </Container>
  );
}
