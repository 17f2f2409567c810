import { buildIfStale, installIfStale } from './prepare.mjs';

// `npm pack` and `npm publish` run this first: without a build a tarball would install, and fail at the import.
await installIfStale();
await buildIfStale();
