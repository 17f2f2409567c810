import { NODES } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';
import { crashes } from './crashes.ts';
import { likesNode } from './likes-node.ts';
import { membership } from './membership.ts';
import { network } from './network.ts';
import { readers } from './readers.ts';
import { regions } from './regions.ts';
import { restoredSqlite } from './restored-store.ts';
import { servers } from './servers.ts';
import { zombies } from './zombies.ts';

/** The baseline. */
const nothing: Fault = {
	name: 'nothing',
	about: 'no fault',
	topology: NODES,
	lastsMs: 5_000,
	lastLike: 'while it lasts',
	viewersAgree: 'while it lasts',
	boundMs: 1_000,
	inject: () => undefined,
};

/** All faults in the order of the drill. Faults that share a cluster are adjacent. */
export const FAULTS: readonly Fault[] = [
	nothing,
	...crashes,
	...likesNode,
	restoredSqlite,
	...zombies,
	...membership,
	...readers,
	...network,
	...servers,
	...regions,
];
