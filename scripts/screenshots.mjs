import { buildIfStale, installIfStale } from './prepare.mjs';

await installIfStale();
await buildIfStale();
// A late import, since the dependencies may just have been installed; in this process, so that CTRL-C arrives once.
const { register } = await import('tsx/esm/api');
register();
await import('../e2e/screenshots/main.ts');
