import { buildIfStale, installIfStale } from './prepare.mjs';

// What `npm pack` and `npm publish` run first: a tarball without its build would install, and import nothing.
await installIfStale();
await buildIfStale();
