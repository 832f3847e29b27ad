export { align, compareWords, type Pair, type Stretch } from './compareWords';
