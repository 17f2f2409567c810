import { buildIfStale, installIfStale } from './prepare.mjs';
import { mustRun } from './tasks.mjs';

await installIfStale();
await buildIfStale();
await mustRun('tsx', ['scripts/api-site.ts']);
