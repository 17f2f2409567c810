// Loaded into a gateway with --expose-gc: collects all garbage when told to, so that what is left is in use.
process.on('SIGUSR2', () => globalThis.gc());
