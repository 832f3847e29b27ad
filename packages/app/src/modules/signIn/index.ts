export { signInModule } from './signInModule';
export { GUEST, chosenPerson, useExamplePeople } from './examplePeople';
