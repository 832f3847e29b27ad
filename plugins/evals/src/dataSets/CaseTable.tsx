import type { DataSet, EvalCase } from '@agentportal/plugin-evals-common';
import {
  EmptyHint,
  PagedTable,
  formatCount,
  usePages,
  useSettled,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, SearchField, Tag, TagGroup } from '@backstage/ui';
import { useEffect } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { Section } from '../layout/Section';
import layout from '../layout/layout.module.css';
import styles from './dataSets.module.css';

const PAGE_SIZE = 100;
const STATE = { q: '' } as const;

/** What the person asks last. */
function askOf({ ask, turns }: EvalCase): string {
  return ask ?? turns?.at(-1) ?? '';
}

/** What a right answer has, in one line. */
function expectedOf(evalCase: EvalCase): string {
  const { calls = [], checks = [], decline, facts = [], tool } = evalCase;
  const tools = [tool, ...calls.map(call => call.tool)].flat().filter(Boolean);
  return [
    decline && 'says that it cannot',
    facts.length > 0 &&
      `says ${facts
        .map(fact => (Array.isArray(fact) ? fact[0] : fact))
        .join(', ')}`,
    tools.length > 0 && `calls ${tools.join(', ')}`,
    checks.length > 0 && checks.map(({ evaluator }) => evaluator).join(', '),
  ]
    .filter(Boolean)
    .join('; ');
}

function isMatch(evalCase: EvalCase, words: readonly string[]): boolean {
  const text = JSON.stringify(evalCase).toLocaleLowerCase('en-US');
  return words.every(word => text.includes(word));
}

/** The cases of a data set, with search; what is searched for is looked for in all of them. */
export function CaseTable(props: {
  dataSet: DataSet;
  onAdd?: () => void;
  onEdit?: (evalCase: EvalCase) => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { dataSet, onAdd, onEdit } = props;
  const { id, version } = dataSet;
  const api = useApi(evalsApiRef);
  const [{ q }, update] = useUrlState(STATE);
  const settled = useSettled(q);
  const words = settled.toLocaleLowerCase('en-US').split(/\s+/).filter(Boolean);
  const pages = usePages<EvalCase>(`${id} ${version}`, (cursor, signal) =>
    version === 0
      ? Promise.resolve({ items: [] })
      : api.listCases(id, { version, limit: PAGE_SIZE, cursor }, { signal }),
  );
  const { hasMore, isLoadingMore, isPending, loadMore } = pages;
  const isSearching = words.length > 0;
  useEffect(() => {
    if (isSearching && hasMore && !isLoadingMore && !pages.error) {
      loadMore();
    }
  }, [hasMore, isLoadingMore, isSearching, loadMore, pages.error]);
  const found = isSearching
    ? pages.items.filter(each => isMatch(each, words))
    : pages.items;
  return (
    <Section
      title={t('caseTable.cases')}
      actions={
        onAdd && (
          <Button size="small" variant="secondary" onPress={onAdd}>
            {t('caseTable.addACase')}
          </Button>
        )
      }
    >
      {version > 0 && (
        <div className={layout.toolbar}>
          <div className={layout.search}>
            <SearchField
              aria-label={t('caseTable.searchCases')}
              size="small"
              placeholder={t('caseTable.searchQuestionsFactsToolsTags')}
              value={q}
              onChange={text => update({ q: text }, { replace: true })}
            />
          </div>
          <span role="status" className={layout.quiet}>
            {isSearching &&
              !isPending &&
              `${formatCount(found.length)} of ${formatCount(
                pages.items.length,
              )}`}
          </span>
        </div>
      )}
      <PagedTable
        pages={{ ...pages, items: found }}
        failure={t('caseTable.theCasesCouldNotBe')}
        columns={[
          { label: 'Question' },
          { label: 'A right answer' },
          { label: 'Tags', isWideOnly: true },
          ...(onEdit ? [{ label: 'Actions', isUnseen: true }] : []),
        ]}
        row={evalCase => (
          <tr key={evalCase.id}>
            <th scope="row" className={styles.ask}>
              {askOf(evalCase)}
              <code className={layout.below}>{evalCase.id}</code>
            </th>
            <td className={styles.expected}>{expectedOf(evalCase)}</td>
            <td data-wide-only>
              {evalCase.tags && (
                <TagGroup aria-label={`Tags of ${evalCase.id}`}>
                  {[...new Set(evalCase.tags)].map(tag => (
                    <Tag key={tag} id={tag} size="small">
                      {tag}
                    </Tag>
                  ))}
                </TagGroup>
              )}
            </td>
            {onEdit && (
              <td>
                <Button
                  size="small"
                  variant="tertiary"
                  aria-label={`Edit ${evalCase.id}`}
                  onPress={() => onEdit(evalCase)}
                >
                  {t('caseTable.edit')}
                </Button>
              </td>
            )}
          </tr>
        )}
        empty={
          isSearching ? (
            <EmptyHint title={t('caseTable.noCaseHasThat')} compact />
          ) : (
            <EmptyHint title={t('caseTable.noCasesYet')} compact>
              {onAdd
                ? 'Add one, import a file, or make one out of a reviewed conversation.'
                : 'They come from its file in Git.'}
            </EmptyHint>
          )
        }
      />
    </Section>
  );
}
