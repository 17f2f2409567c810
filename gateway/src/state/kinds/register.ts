import type { StreamEvent } from '@likewire/protocol';
import type { z } from 'zod';
import type { TopicKind } from '../topics/topic.ts';

/** The newest that is known under a key: of two, the one with the higher order stands. */
export interface Register<Value = unknown> {
	/** Grows with every change: mostly a time. */
	readonly order: number;
	readonly value: Value;
	/** The region it was said in: from there it goes to the others, and from nowhere else. */
	readonly from: string;
}

/** The registers of one kind in a topic, by key. */
export type Registers<Value = unknown> = Readonly<Record<string, Register<Value>>>;

/** What stands under a key: never what every object has by that name, as one called `constructor` would find. */
export function registerOf<Value>(registers: Registers<Value> | undefined, key: string): Register<Value> | undefined {
	return registers !== undefined && Object.hasOwn(registers, key) ? registers[key] : undefined;
}

/**
 * The key of what is said in a region: of signals that are sent once, orders are compared only within a region, since its
 * nodes share a clock and those of two regions do not.
 */
export function regionKey(region: string, name: string): string {
	return `${region}/${name}`;
}

/** The name in a {@link regionKey}; no region has a slash in it. */
export function nameInKey(key: string): string {
	return key.slice(key.indexOf('/') + 1);
}

/** Whether registers can have such a key: all but the one name that sets what an object inherits from. */
export function isRegisterKey(key: string): boolean {
	return key !== '__proto__';
}

/** How a kind of value is delivered: see ADR 1. Under overload signals are shed first, counters never. */
export type DeliveryClass = 'counter' | 'signal';

/**
 * A kind of values that flow on topics beside likes and logs: of each key the newest. All that is to be known of one
 * stands in its file, in `kinds/`; hops, table, digests and frames know kinds by this interface only.
 */
export interface RegisterKind<Value> {
	readonly name: string;
	readonly class: DeliveryClass;
	/** What a value may be on its way between nodes. */
	readonly schema: z.ZodType<Value>;
	/** The owner of a topic keeps them for whoever comes later, and digests heal them. Others are told once, and forgotten. */
	readonly kept: boolean;
	/** The store keeps them. */
	readonly stored: boolean;
	/** Who comes to a topic of this kind is told also when nothing is known: there is no other way to learn that. */
	readonly always?: TopicKind;
	/** Most keys of a topic; beyond it those of the lowest order are forgotten. */
	readonly maxKeys: number;
	/** A value that nobody renews for so long, in milliseconds, becomes `value` for the viewers. */
	readonly expires?: { readonly afterMs: number; readonly value: Value };
	/**
	 * What viewers are told.
	 *
	 * @param id of the thing that the topic is about.
	 * @param values all that is known.
	 * @param changed keys that are news for the viewer.
	 */
	events(id: string, values: Registers<Value>, changed: readonly string[]): readonly StreamEvent[];
}
