import { ResponseError } from '@backstage/errors';
import {
  coreApis,
  useApi,
  type DiscoveryApi,
} from '@backstage/frontend-plugin-api';
import { useLoad, type Loaded } from '@agentportal/plugin-agents-react';

/** Somebody of the example company whom one may sign in as. */
export interface ExamplePerson {
  userEntityRef: string;
  displayName: string;
  team: string | null;
  /** What the person does, in a sentence. */
  description: string;
}

/** Whoever only looks around; the guest provider of Backstage signs them in. */
export const GUEST = 'guest';

const STORAGE_KEY = 'agent-portal.sign-in.person';

/**
 * The people of the example company, or none where the portal has real sign-in.
 * Asked without a token: there is nobody yet whose it could be.
 */
async function fetchExamplePeople(
  discoveryApi: DiscoveryApi,
): Promise<ExamplePerson[]> {
  const response = await fetch(
    `${await discoveryApi.getBaseUrl('auth')}/example/people`,
    { headers: { 'x-requested-with': 'XMLHttpRequest' } },
  );
  if ([403, 404].includes(response.status)) {
    return [];
  }
  if (!response.ok) {
    throw await ResponseError.fromResponse(response);
  }
  return (await response.json()).items;
}

/** The sign-in page and the menu of the person ask for the same, once for each page load. */
let people: Promise<ExamplePerson[]> | undefined;

export function useExamplePeople(): Loaded<ExamplePerson[]> {
  const discoveryApi = useApi(coreApis.discovery);
  return useLoad('example people', () => {
    people ??= fetchExamplePeople(discoveryApi).catch(error => {
      people = undefined;
      throw error;
    });
    return people;
  });
}

/** A reload of the page stays the same person: the guest, or a user's entity ref. */
export const chosenPerson = {
  get: () => localStorage.getItem(STORAGE_KEY) ?? undefined,
  set: (person: string) => localStorage.setItem(STORAGE_KEY, person),
  forget: () => localStorage.removeItem(STORAGE_KEY),
};
