import { z } from 'zod';
import type { RegisterKind } from './register.ts';

/** The connections that follow a video, by region, from its owner there. `order` is a time. */
export const VIEWERS: RegisterKind<number> = {
	name: 'viewers',
	class: 'counter',
	schema: z.int().min(0),
	kept: true,
	stored: false,
	maxKeys: 1_000,
	events(video, counts) {
		const count = Object.values(counts).reduce((sum, { value }) => sum + value, 0);
		return [{ event: 'viewers', data: { video, count } }];
	},
};
