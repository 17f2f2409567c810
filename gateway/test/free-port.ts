/** A port for a node that others have to know before it runs. */
export { freePort } from '../../e2e/cluster/free-ports.ts';
