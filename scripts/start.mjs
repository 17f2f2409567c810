import { buildIfStale, installIfStale } from './prepare.mjs';

await installIfStale();
await buildIfStale();
await import('../gateway/dist/main.js');
