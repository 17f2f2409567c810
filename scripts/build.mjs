import { build, installIfStale } from './prepare.mjs';

await installIfStale();
if (!(await build())) process.exit(1);
