import type {
  AgentFacets,
  AgentPage,
  AgentSummary,
} from '@agentportal/plugin-agents-common';
import type { AgentFilter, AgentListRequest } from './AgentFilter';
import type { AgentIndex, AgentSnapshot } from './AgentIndex';
import type { AgentSource, Caller } from './AgentSource';
import { countFacets } from './countFacets';
import { readCursor } from './cursor';
import { facetTests, type IndexableAgent } from './facetValues';
import { labelFacets } from './labelFacets';
import { listPage } from './listPage';
import { wordsOf } from './words';

/** Answers from memory, for callers who may see every entity of the catalog. */
export class IndexedDirectory implements AgentSource {
  readonly #index: AgentIndex;

  private constructor(index: AgentIndex) {
    this.#index = index;
  }

  static create(options: { index: AgentIndex }): IndexedDirectory {
    return new IndexedDirectory(options.index);
  }

  async list(request: AgentListRequest, caller: Caller): Promise<AgentPage> {
    const offset = readCursor(request)?.offset ?? 0;
    const tests = facetTests(request);
    const owned = ownedBy(caller);
    const mine: IndexableAgent[] = [];
    const others: IndexableAgent[] = [];
    for (const agent of matching(await this.#index.get(), request, owned)) {
      if (tests.every(({ test }) => test(agent))) {
        (owned(agent) ? mine : others).push(agent);
      }
    }
    const all = mine.concat(others);
    const items = all
      .slice(offset, offset + request.limit)
      .map((agent): AgentSummary => ({ ...agent, mine: owned(agent) }));
    return listPage(request, {
      items,
      offset,
      mine: mine.length,
      total: all.length,
    });
  }

  async facets(filter: AgentFilter, caller: Caller): Promise<AgentFacets> {
    const snapshot = await this.#index.get();
    const agents = matching(snapshot, filter, ownedBy(caller));
    return labelFacets(countFacets(agents, filter), snapshot.labels);
  }
}

type Owned = (agent: IndexableAgent) => boolean;

function ownedBy({ ownershipRefs }: Caller): Owned {
  const refs = new Set(ownershipRefs);
  return agent => refs.has(agent.ownerRef);
}

/** What has the words of a filter, and is the caller's if only that is asked for. */
function matching(
  { agents }: AgentSnapshot,
  filter: AgentFilter,
  owned: Owned,
): IndexableAgent[] {
  const words = wordsOf(filter.q);
  const found: IndexableAgent[] = [];
  for (const { agent, text } of agents) {
    if (
      words.every(word => text.includes(word)) &&
      (filter.mine !== 'only' || owned(agent))
    ) {
      found.push(agent);
    }
  }
  return found;
}
