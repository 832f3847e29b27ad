import type { AgentRecords } from '../identities/AgentRecords';
import type { ApprovalRecord, Decider } from './ApprovalRecord';
import type { DeputyStore } from './DeputyStore';

/** Knows for whom people may decide: for themselves, their groups, and those who are away. */
export class Deciders {
  readonly #records: AgentRecords;
  readonly #deputies: DeputyStore;
  readonly #onCall: string | undefined;

  constructor(options: {
    records: AgentRecords;
    deputies: DeputyStore;
    /** Group or person who may let calls pass alone. */
    onCall?: string;
  }) {
    this.#records = options.records;
    this.#deputies = options.deputies;
    this.#onCall = options.onCall;
  }

  async of(ref: string, now: number): Promise<Decider> {
    const away = (await this.#deputies.live(now))
      .filter(({ deputyRef }) => deputyRef === ref)
      .map(({ personRef }) => personRef);
    const ownership = await this.#records.ownershipOf([ref, ...away]);
    const capacities = [ref, ...away].map(person => ({
      person,
      refs: ownership(person).ownershipRefs,
    }));
    return {
      ref,
      capacities,
      // Nobody inherits an emergency.
      onCall:
        this.#onCall !== undefined && capacities[0].refs.includes(this.#onCall),
    };
  }

  /**
   * Who is a party of some requests, with the deputies of those who are: by a policy's
   * claims nobody is a deputy.
   */
  async withDeputies(
    records: readonly ApprovalRecord[],
    partiesOf: (record: ApprovalRecord) => string[],
    now: number,
  ): Promise<string[][]> {
    const live = await this.#deputies.live(now);
    const ownership = await this.#records.ownershipOf(
      live.map(({ personRef }) => personRef),
    );
    return records.map(record => {
      const parties = partiesOf(record);
      const known = new Set(parties);
      return [
        ...parties,
        ...live
          .filter(({ personRef }) =>
            ownership(personRef).ownershipRefs.some(ref => known.has(ref)),
          )
          .map(({ deputyRef }) => deputyRef),
      ];
    });
  }
}
