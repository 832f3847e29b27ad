export { EntityField } from './EntityField';
export { EntityLink } from './EntityLink';
export type { EntityLinkProps } from './EntityLink';
export { nameOfRef } from './nameOfRef';
export { Sentence, TitledLink } from './Sentence';
export { titleOf, useTitles } from './titles';
export type { Titles } from './titles';
