import { type GatewayErrorCode, ownFault } from '../errors';
import type { Clock, GatewayLogger } from '../ports';
import type { ListedModel, ModelProvider } from '../providers/ModelProvider';
import {
  type DeclaredModel,
  type GatewayModel,
  type GatewayRoute,
  type ProviderStatus,
} from './model';
import { modelTypeOf } from './modelType';

const LIST_TIMEOUT_MS = 10_000;

/** A server without a list of models is up; its models come from configuration. */
const ANSWERED_WITHOUT_LIST: ReadonlySet<GatewayErrorCode> = new Set([
  'provider_refused_request',
  'provider_model_missing',
  'provider_bad_answer',
]);

/**
 * A provider as the operator set it up.
 *
 * @public
 */
export interface ProviderSetup {
  provider: ModelProvider;
  /** Ids that are served although the provider does not list them. */
  models?: string[];
  /** Looked for, but not missed: hidden until it answers for the first time. */
  optional?: boolean;
}

interface ProviderState extends ProviderSetup, ProviderStatus {
  listed: ListedModel[];
  seen: boolean;
}

/**
 * What a name that a caller asked for stands for.
 *
 * @public
 */
export interface Resolution {
  route?: GatewayRoute;
  /** In order of preference. */
  models: GatewayModel[];
  /** Candidates of the route that nobody serves. */
  unknown: string[];
}

/**
 * Knows every model and route: what the providers list, as last heard, and what
 * the catalog declares.
 *
 * @public
 */
export class ModelDirectory {
  readonly #clock: Clock;
  readonly #logger: GatewayLogger;
  readonly #refOf: (id: string) => string;
  readonly #providers: Map<string, ProviderState>;
  #declared: DeclaredModel[] = [];
  #declaredRoutes: GatewayRoute[] = [];
  /** Refs of routes that are ignored and were told of. */
  #told = new Set<string>();
  #models = new Map<string, GatewayModel>();
  #idByRef = new Map<string, string>();
  #routes = new Map<string, GatewayRoute>();
  /** Until anything changes, because every call by a route asks for it. */
  #resolved = new Map<GatewayRoute, Resolution>();

  constructor(options: {
    providers: ProviderSetup[];
    clock: Clock;
    logger: GatewayLogger;
    /** The entity ref of a gateway id. */
    refOf: (id: string) => string;
  }) {
    this.#refOf = options.refOf;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#providers = new Map(
      options.providers.map(setup => [
        setup.provider.id,
        {
          ...setup,
          listed: [],
          seen: !setup.optional,
          status: 'error',
          message: 'Not asked yet.',
        },
      ]),
    );
    this.#rebuild();
  }

  /** Asks every provider for its models. One that fails keeps its last list. */
  async refresh(signal?: AbortSignal): Promise<void> {
    await Promise.all(
      [...this.#providers.values()].map(state => this.#ask(state, signal)),
    );
    this.#rebuild();
  }

  /** Replaces what the catalog declares. */
  setDeclared(declared: {
    models: DeclaredModel[];
    routes: GatewayRoute[];
  }): void {
    this.#declared = declared.models;
    this.#declaredRoutes = declared.routes;
    this.#rebuild();
  }

  models(): GatewayModel[] {
    return [...this.#models.values()];
  }

  routes(): GatewayRoute[] {
    return [...this.#routes.values()];
  }

  /** The providers that were seen, or are to be missed. */
  providers(): Array<
    ProviderStatus & { provider: ModelProvider; modelCount: number }
  > {
    return [...this.#providers.values()]
      .filter(state => state.seen)
      .map(({ provider, status, message, checkedAt }) => ({
        provider,
        status,
        message,
        checkedAt,
        modelCount: this.models().filter(m => m.provider === provider.id)
          .length,
      }));
  }

  provider(id: string): ModelProvider | undefined {
    return this.#providers.get(id)?.provider;
  }

  /** Finds a gateway id, a route's name or an entity ref of either. */
  resolve(name: string): Resolution | undefined {
    const ref = name.toLocaleLowerCase('en-US');
    const route =
      this.#routes.get(name) ??
      this.routes().find(candidate => candidate.ref === ref);
    if (route) {
      let resolution = this.#resolved.get(route);
      if (!resolution) {
        resolution = resolveRoute(route, this);
        this.#resolved.set(route, resolution);
      }
      return resolution;
    }
    const model = this.model(name);
    return model && { models: [model], unknown: [] };
  }

  /** A model by gateway id or entity ref. */
  model(name: string): GatewayModel | undefined {
    return (
      this.#models.get(name) ??
      this.#models.get(this.#idByRef.get(name.toLocaleLowerCase('en-US')) ?? '')
    );
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#providers.values()].map(({ provider }) => provider.close()),
    );
  }

  async #ask(state: ProviderState, signal?: AbortSignal): Promise<void> {
    const before = state.status;
    const timeout = AbortSignal.timeout(LIST_TIMEOUT_MS);
    try {
      state.listed = await state.provider.listModels(
        signal ? AbortSignal.any([signal, timeout]) : timeout,
      );
      state.status = 'ok';
      state.message = undefined;
      state.seen = true;
    } catch (error) {
      const { code, message } = ownFault(error);
      if (state.models?.length && ANSWERED_WITHOUT_LIST.has(code)) {
        state.status = 'ok';
        state.message = undefined;
        state.seen = true;
        state.checkedAt = this.#clock.now();
        return;
      }
      state.status = 'error';
      state.message = message;
      if (state.seen && (before === 'ok' || state.checkedAt === undefined)) {
        this.#logger.warn(`Cannot list the models of a provider`, {
          provider: state.provider.id,
          reason: state.message,
        });
      }
    }
    state.checkedAt = this.#clock.now();
  }

  #rebuild(): void {
    const models = new Map<string, GatewayModel>();
    for (const state of this.#providers.values()) {
      const configured = (state.models ?? []).map(
        (modelId): ListedModel => ({ modelId, type: modelTypeOf(modelId) }),
      );
      for (const listed of [...configured, ...state.listed]) {
        const model = this.#fromListing(state.provider.id, listed);
        models.set(model.id, { ...model, unavailable: unavailable(state) });
      }
    }
    for (const declared of this.#declared) {
      const state = this.#providers.get(declared.provider);
      const id = `${declared.provider}/${declared.modelId}`;
      const known = models.get(id);
      const { ignored = [], trusted, ...facts } = definedOnly(declared);
      models.set(id, {
        ...(known ?? this.#fromListing(declared.provider, declared)),
        ...((!known || trusted) && facts),
        ...((known?.ignored || ignored.length > 0) && {
          ignored: [...(known?.ignored ?? []), ...ignored],
        }),
        id,
        source: known ? known.source : 'catalog',
        unavailable: known
          ? known.unavailable
          : whyMissing(declared.provider, state),
      });
    }
    this.#models = models;
    this.#resolved = new Map();
    // A model answers to every name that entities give it, but never to that of
    // another which a provider lists. Later ones go before earlier ones.
    const namesOfEntities = (believed: boolean) =>
      this.#declared.flatMap(
        ({ modelId, provider, ref, trusted }): Array<[string, string]> =>
          ref !== undefined && trusted === believed
            ? [[ref, `${provider}/${modelId}`]]
            : [],
      );
    const namesOfIds = (source: GatewayModel['source']) =>
      [...models.values()]
        .filter(model => model.source === source)
        .map(({ id }): [string, string] => [this.#refOf(id), id]);
    this.#idByRef = new Map([
      ...namesOfEntities(true),
      ...namesOfIds('provider'),
    ]);
    const routes = this.#declaredRoutes.filter(route => this.#isFree(route));
    this.#routes = new Map(routes.map(route => [route.name, route]));
    const refsOfRoutes = new Set(routes.map(({ ref }) => ref));
    // Nobody takes a name from a route who is not believed.
    this.#idByRef = new Map([
      ...[...namesOfIds('catalog'), ...namesOfEntities(false)].filter(
        ([ref]) => !refsOfRoutes.has(ref),
      ),
      ...this.#idByRef,
    ]);
  }

  /** A route by the name of a model would get the calls that are meant for that. */
  #isFree({ ref }: GatewayRoute): boolean {
    const id = this.#idByRef.get(ref);
    if (id !== undefined && !this.#told.has(ref)) {
      this.#told.add(ref);
      this.#logger.warn(
        `The route ${ref} is ignored, because that is the name of the model ${id}; give the route another name.`,
      );
    }
    return id === undefined;
  }

  #fromListing(provider: string, listed: ListedModel): GatewayModel {
    const id = `${provider}/${listed.modelId}`;
    return {
      id,
      ref: this.#refOf(id),
      provider,
      modelId: listed.modelId,
      type: listed.type,
      title: listed.title ?? listed.modelId,
      description: listed.description,
      contextWindow: listed.contextWindow,
      maxOutputTokens: listed.maxOutputTokens,
      capabilities: listed.capabilities ?? [],
      source: 'provider',
    };
  }
}

/**
 * What a route stands for, also one that is not declared.
 *
 * @public
 */
export function resolveRoute(
  route: GatewayRoute,
  directory: Pick<ModelDirectory, 'model'>,
): Resolution & { route: GatewayRoute } {
  const names = namesOf(route);
  return {
    route,
    models: names.flatMap(name => directory.model(name) ?? []),
    unknown: names.filter(name => !directory.model(name)),
  };
}

/** Every model that a route may end up with, each once. */
function namesOf(route: GatewayRoute): string[] {
  return [
    ...new Set([
      ...route.candidates.map(({ model }) => model),
      ...(route.fallbacks ?? []),
    ]),
  ];
}

function definedOnly<T extends object>(declared: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(declared).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

function unavailable(state: ProviderState): string | undefined {
  return state.status === 'ok' ? undefined : state.message;
}

function whyMissing(provider: string, state?: ProviderState): string {
  if (!state?.seen) {
    return `No provider ${provider} is configured.`;
  }
  return state.status === 'ok'
    ? `The provider ${provider} does not list this model.`
    : state.message ?? `The provider ${provider} does not answer.`;
}
