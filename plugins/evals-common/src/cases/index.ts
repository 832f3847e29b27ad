export { CaseFormatError } from './CaseFormatError';
export { evalCaseSchema } from './caseSchema';
export {
  expectationOf,
  type Expectation,
  type ExpectedCall,
} from './Expectation';
export { problemsOf } from './problemsOf';
export { checkCases, readCases } from './readCases';
