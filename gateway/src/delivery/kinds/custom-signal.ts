import { z } from 'zod';
import { type Kind, registerOf } from '../kind.ts';

interface CustomSignal {
	/** The topic as its publisher names it. */
	readonly topic: string;
	readonly data: unknown;
	readonly at: number;
}

/** Events of a server's own of the class `signal`: of each name the newest, told once. `order` is a time. */
export const CUSTOM_SIGNAL: Kind<CustomSignal> = {
	name: 'custom',
	class: 'signal',
	schema: z.object({ topic: z.string().max(256), data: z.unknown(), at: z.int().min(0) }),
	kept: false,
	stored: false,
	maxKeys: 100,
	events: (_id, signals, changed) =>
		changed.flatMap((name) => {
			const signal = registerOf(signals, name)?.value;
			return signal === undefined ? [] : [{ event: 'custom', data: { name, ...signal } }];
		}),
};
