export { align, compareWords, type Pair, type Stretch } from './compareWords';
export { ChangedWords } from './ChangedWords';
export { ComparedWords } from './ComparedWords';
