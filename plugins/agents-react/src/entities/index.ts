export { EntityLink } from './EntityLink';
export type { EntityLinkProps } from './EntityLink';
export { nameOfRef } from './nameOfRef';
