import { messageOf, saveFile } from '@agentportal/plugin-agents-react';
import type {
  CostDimension,
  CostItem,
} from '@agentportal/plugin-models-common';
import { coreApis, useApi } from '@backstage/frontend-plugin-api';
import { Button, Menu, MenuItem, MenuTrigger } from '@backstage/ui';
import { RiDownloadLine } from '@remixicon/react';
import { useState } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import { nanoToUsd } from '../budgets/usd';
import { toCsv } from './csv';
import { nameOfGroup } from './dimensions';
import type { Period } from './period';
import type { CostFilter } from './useCosts';

interface ExportMenuProps {
  span: Period;
  dimension: CostDimension;
  filter: CostFilter;
  /** What the table shows; nothing while it is not here. */
  items?: CostItem[];
  /** The same groups in the period before. */
  before?: CostItem[];
}

/** Takes the costs away as files: what the table shows, or every charge. */
export function ExportMenu(props: ExportMenuProps) {
  const { before = [], dimension, filter, items, span } = props;
  const api = useApi(modelsApiRef);
  const toastApi = useApi(coreApis.toast);
  const [isPending, setPending] = useState(false);

  const saveTable = () =>
    saveFile(
      `cost-by-${dimension}-${span.from}-to-${lastDay(span)}.csv`,
      new Blob([tableOf(dimension, items ?? [], before)], {
        type: 'text/csv;charset=utf-8',
      }),
    );
  const saveCharges = async () => {
    setPending(true);
    try {
      const stream = await api.exportFocus({ ...span, ...filter });
      saveFile(
        `focus-${span.from}-to-${lastDay(span)}.csv`,
        await new Response(stream).blob(),
      );
    } catch (error) {
      toastApi.post({
        title: 'The export did not work',
        description: `${messageOf(
          error,
        )} Nothing was saved; try again, or choose a shorter time.`,
        status: 'danger',
      });
    } finally {
      setPending(false);
    }
  };
  return (
    <MenuTrigger>
      <Button
        variant="secondary"
        iconStart={<RiDownloadLine />}
        isPending={isPending}
        isDisabled={!items}
      >
        Export
      </Button>
      <Menu placement="bottom right">
        <MenuItem onAction={saveTable}>This table (CSV)</MenuItem>
        <MenuItem onAction={saveCharges}>
          Export for FinOps (FOCUS 1.2)
        </MenuItem>
      </Menu>
    </MenuTrigger>
  );
}

function tableOf(
  dimension: CostDimension,
  items: CostItem[],
  before: CostItem[],
): string {
  const previous = new Map(before.map(item => [item.key, item]));
  return toCsv([
    [
      dimension,
      'name',
      'cost_usd',
      'cost_usd_period_before',
      'calls',
      'calls_from_cache',
      'input_tokens',
      'output_tokens',
      'saved_by_cache_usd',
      'saved_by_routing_usd',
      'saved_by_compression_usd',
    ],
    ...items.map(item => [
      item.key,
      nameOfGroup(dimension, item.key),
      nanoToUsd(item.costNanoUsd),
      nanoToUsd(previous.get(item.key)?.costNanoUsd ?? 0),
      item.calls,
      item.cachedCalls,
      item.inputTokens,
      item.outputTokens,
      nanoToUsd(item.savedNanoUsd.cache),
      nanoToUsd(item.savedNanoUsd.routing),
      nanoToUsd(item.savedNanoUsd.compression),
    ]),
  ]);
}

/** `to` is the first day that is not in the period. */
function lastDay({ to }: Period): string {
  return new Date(Date.parse(to) - 86_400_000).toISOString().slice(0, 10);
}
