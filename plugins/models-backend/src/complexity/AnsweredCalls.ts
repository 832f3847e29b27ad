import type {
  ComplexityTier,
  ModelDirectory,
} from '@agentportal/model-gateway';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { CALLS } from '../ledger/tables';

/** No call has more attempts than this. */
const MAX_ATTEMPTS = 50;

/** What a candidate of a route by complexity is trusted with that says nothing. */
const UNTOLD: ComplexityTier = 'medium';

/** A call as its outcome is judged. */
export interface AnsweredCall {
  userRef?: string;
  ownerRef?: string;
  /** Whether a model has answered. */
  answered: boolean;
  /** Per mille; absent when nothing rated the request. */
  complexity?: number;
  /** What the model that answered is trusted with by its route. */
  tier?: ComplexityTier;
}

/** Finds calls in the ledger. */
export class AnsweredCalls {
  readonly #ledger: DatabaseCallLedger;
  readonly #directory: ModelDirectory;

  constructor(options: {
    ledger: DatabaseCallLedger;
    directory: ModelDirectory;
  }) {
    this.#ledger = options.ledger;
    this.#directory = options.directory;
  }

  async find(callId: string): Promise<AnsweredCall | undefined> {
    const { db, names } = this.#ledger;
    const rows = await db(CALLS)
      .whereIn(
        'id',
        Array.from({ length: MAX_ATTEMPTS }, (_, i) => `${callId}-${i + 1}`),
      )
      .select(
        'status',
        'user_id',
        'owner_id',
        'model_id',
        'route_id',
        'complexity',
      );
    if (rows.length === 0) {
      return undefined;
    }
    const row = rows.find(({ status }) => status === 'succeeded') ?? rows[0];
    const found = await names.namesOf(
      [row.user_id, row.owner_id, row.model_id, row.route_id].filter(
        id => id !== null,
      ),
    );
    return {
      userRef: found.get(row.user_id),
      ownerRef: found.get(row.owner_id),
      answered: row.status === 'succeeded',
      complexity: row.complexity ?? undefined,
      tier: this.#tierOf(found.get(row.route_id), found.get(row.model_id)),
    };
  }

  #tierOf(
    routeName: string | undefined,
    modelId: string | undefined,
  ): ComplexityTier | undefined {
    const route = routeName
      ? this.#directory.resolve(routeName)?.route
      : undefined;
    const candidate = route?.candidates.find(
      ({ model }) => this.#directory.model(model)?.id === modelId,
    );
    return (
      candidate &&
      (candidate.tier ??
        (route?.strategy === 'complexity' ? UNTOLD : undefined))
    );
  }
}
