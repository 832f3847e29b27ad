export { align, compareWords, type Pair, type Stretch } from './compareWords';
export { ComparedWords } from './ComparedWords';
