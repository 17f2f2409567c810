import { NODES } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';

export const readers: readonly Fault[] = [
	{
		topology: NODES,
		name: 'viewer-does-not-read',
		about: 'a viewer with 64 KB of kernel buffer reads nothing for 40 s',
		needsOwnNetwork: true,
		lastsMs: 40_000,
		lastLike: 'while it lasts',
		viewersAgree: 'after it',
		boundMs: 5_000,
		inject: ({ audience }) => audience.busiest.pause(),
		async heal(target) {
			const { members } = await target.cluster.cluster();
			const open = members.reduce((sum, { connections = 0 }) => sum + connections, 0);
			target.note(`${open} of ${target.audience.viewers.length} streams were open when it read again`);
			await target.restore();
		},
	},
];
