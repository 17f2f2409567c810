/** `@likewire/sdk` for React Native: the same names, for its globals. */
export * from '../index.ts';
export { createClient } from './create-client.ts';
