import { z } from 'zod';
import type { RegisterKind } from './register.ts';

/** The presence of a user in a region. */
export interface Presence {
	readonly online: boolean;
	/** The time of the last heartbeat, in Unix milliseconds; null for never. */
	readonly lastSeen: number | null;
}

/** The presence of a user: by region, from the owner of the topic there. `order` is a time. */
export const PRESENCE: RegisterKind<Presence> = {
	name: 'presence',
	class: 'signal',
	schema: z.object({ online: z.boolean(), lastSeen: z.int().min(0).nullable() }),
	kept: true,
	stored: true,
	always: 'user',
	maxKeys: 1_000,
	events: (user, regions) => [{ event: 'presence', data: { user, ...presenceIn(regions) } }],
};

/** Merges the presence in all regions: online if online in any of them, with the latest time. */
export function presenceIn(regions: Readonly<Record<string, { readonly value: Presence }>>): Presence {
	let online = false;
	let lastSeen: number | null = null;
	for (const { value } of Object.values(regions)) {
		online ||= value.online;
		if (value.lastSeen !== null && value.lastSeen > (lastSeen ?? -1)) lastSeen = value.lastSeen;
	}
	return { online, lastSeen };
}
