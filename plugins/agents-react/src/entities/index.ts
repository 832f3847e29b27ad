export { EntityField } from './EntityField';
export { EntityLink } from './EntityLink';
export type { EntityLinkProps } from './EntityLink';
export { nameOfRef } from './nameOfRef';
export { Sentence, TitledLink, titleOf, useTitles } from './Sentence';
export type { Titles } from './Sentence';
