// Loaded into a gateway with --expose-gc: collects all garbage on SIGUSR2, so that a reading shows memory in use.
process.on('SIGUSR2', () => globalThis.gc());
