/** A port for a node whose peers need its address before it runs. */
export { freePort } from '../../local-cluster/free-ports.ts';
