/**
 * Lets whoever sits at the machine choose which of the people of the example company they are.
 *
 * @packageDocumentation
 */
export { authModuleExampleProvider as default } from './module';
