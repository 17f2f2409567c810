/** A port for a node that others have to know before it runs. */
export { freePort } from '../../local-cluster/free-ports.ts';
