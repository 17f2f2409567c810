import { buildIfStale, installIfStale } from './prepare.mjs';

await installIfStale();
await buildIfStale();
// Only now: before the dependencies are installed there is no such package. In this process, so that CTRL-C comes once.
const { register } = await import('tsx/esm/api');
register();
await import('../local-cluster/main.ts');
