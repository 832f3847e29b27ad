/** State of the page of a run that its URL holds. */
export const RUN_STATE = { step: '', tab: '', node: '' } as const;
