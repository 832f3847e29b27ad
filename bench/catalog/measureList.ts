const ROUNDS = 12;

/** What people do on the Agents page. */
const LISTS: Record<string, string> = {
  'first page': '',
  'hundred a page': 'limit=100',
  'own only': 'mine=only',
  'one owner': 'owner=group:default/team-7',
  'one domain': 'domain=domain:default/domain-3',
  'one system': 'system=system:default/system-4',
  'one tool': 'tool=tool:default/orders.tool-9',
  'two filters': 'lifecycle=production&autonomy=supervised',
  'one model': 'model=model:default/balanced',
};
const SEARCHES: Record<string, string[]> = {
  'one word': ['payroll', 'invoices', 'contracts', 'quality', 'forecast'],
  'two words': ['payroll doubt', 'orders returns', 'claims quality'],
  'a number': ['777', '4242', '123', '9001', '5000'],
};

/**
 * Asks the agents API as the Agents page does, one request after the other.
 * The page asks for a list and for the facets beside it: returns the 95th
 * percentile of both together, in milliseconds.
 */
export async function measureList(
  baseUrl: string,
  headers: Record<string, string>,
  print: (line: string) => void,
): Promise<number> {
  const lists: number[] = [];
  const get = async (path: string) => {
    const start = performance.now();
    const response = await fetch(`${baseUrl}/api/agents/${path}`, { headers });
    const body = (await response.json()) as any;
    if (!response.ok) {
      throw new Error(`${path}: ${JSON.stringify(body)}`);
    }
    return { body, ms: performance.now() - start };
  };
  const report = (name: string, times: number[]) =>
    print(
      `${name.padEnd(24)} p50 ${quantile(times, 0.5)} ms  p95 ${quantile(
        times,
        0.95,
      )} ms`,
    );

  await get('agents');
  for (const [name, query] of Object.entries(LISTS)) {
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      times.push((await get(`agents?${query}`)).ms);
    }
    report(name, times);
    lists.push(...times);
  }

  const paging: number[] = [];
  let cursor: string | undefined;
  for (let i = 0; i < 2 * ROUNDS; i++) {
    const { body, ms } = await get(
      `agents?limit=100${cursor ? `&cursor=${cursor}` : ''}`,
    );
    paging.push(ms);
    cursor = body.nextCursor;
  }
  report('paging on', paging);
  lists.push(...paging);

  for (const [name, words] of Object.entries(SEARCHES)) {
    const times: number[] = [];
    for (const q of words) {
      for (const extra of ['', '&autonomy=copilot', '&mine=only']) {
        const path = `agents?q=${encodeURIComponent(q)}${extra}`;
        times.push((await get(path)).ms);
      }
    }
    report(`search: ${name}`, times);
    lists.push(...times);
  }

  const facets: number[] = [];
  const queries = [
    ...Object.values(LISTS),
    ...Object.values(SEARCHES).map(([q]) => `q=${encodeURIComponent(q)}`),
  ].filter(query => !query.startsWith('limit'));
  for (const query of queries) {
    for (let i = 0; i < ROUNDS; i++) {
      facets.push((await get(`agents/facets?${query}`)).ms);
    }
  }

  report('all lists', lists);
  report('all facets', facets);
  const all = [...lists, ...facets];
  report('lists and facets', all);
  return percentile(all, 0.95);
}

function quantile(times: number[], q: number): string {
  return percentile(times, q).toFixed(0).padStart(5);
}

function percentile(times: number[], q: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
}
