/** `@likewire/sdk` in React Native: the same names, made for its globals. */
export * from '../index.ts';
export { createClient } from './create-client.ts';
