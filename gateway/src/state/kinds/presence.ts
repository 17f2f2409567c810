import { z } from 'zod';
import type { RegisterKind } from './register.ts';

/** Whether somebody is there, as a region sees it. */
export interface Presence {
	readonly online: boolean;
	/** When they were last heard of there, in Unix milliseconds; null when never. */
	readonly lastSeen: number | null;
}

/** Whether a user is there: by region, as the owner of the topic there sees it. `order` is a time. */
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

/** What the regions see together: there in any of them, and last seen where it was last. */
export function presenceIn(regions: Readonly<Record<string, { readonly value: Presence }>>): Presence {
	let online = false;
	let lastSeen: number | null = null;
	for (const { value } of Object.values(regions)) {
		online ||= value.online;
		if (value.lastSeen !== null && value.lastSeen > (lastSeen ?? -1)) lastSeen = value.lastSeen;
	}
	return { online, lastSeen };
}
