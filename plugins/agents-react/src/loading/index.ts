export { useLoad } from './useLoad';
export type { Loaded } from './useLoad';
export { usePages } from './usePages';
export type { Page, Pages } from './usePages';
export { useSettled } from './useSettled';
