import { z } from 'zod';
import { nameInKey, type RegisterKind, registerOf } from './register.ts';

interface CustomSignal {
	/** The topic as its publisher names it. */
	readonly topic: string;
	readonly data: unknown;
	readonly at: number;
}

/** Custom signals of servers: the newest of each region and name. `order`: see `HybridClock`. */
export const CUSTOM_SIGNAL: RegisterKind<CustomSignal> = {
	name: 'custom',
	class: 'signal',
	schema: z.object({ topic: z.string().max(256), data: z.unknown(), at: z.int().min(0) }),
	kept: false,
	stored: false,
	maxKeys: 100,
	events: (_id, signals, changed) =>
		changed.flatMap((key) => {
			const signal = registerOf(signals, key)?.value;
			return signal === undefined ? [] : [{ event: 'custom', data: { name: nameInKey(key), ...signal } }];
		}),
};
