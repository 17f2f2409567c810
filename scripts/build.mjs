import { build, installIfStale } from './prepare.mjs';

await installIfStale();
await build();
