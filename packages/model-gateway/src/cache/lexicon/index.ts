import { english } from './english';
import { french } from './french';
import { german } from './german';
import type { Lexicon } from './Lexicon';
import { spanish } from './spanish';

/** The languages in which questions can be compared by meaning. */
export const LEXICONS: readonly Lexicon[] = [english, german, french, spanish];
