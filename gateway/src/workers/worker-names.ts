/** The name of the main process among the processes of a node. */
export const MAIN = 'main';

/** Returns the name of a worker among the processes of a node. */
export const nameOf = (worker: number) => `worker-${worker}`;
