import type { StreamEvent } from '@likewire/protocol';
import type { z } from 'zod';
import type { TopicKind } from '../topics/topic.ts';

/** The newest value of a key: of two registers, the one with the higher order counts. */
export interface Register<Value = unknown> {
	/** Grows with every change; mostly a time. */
	readonly order: number;
	readonly value: Value;
	/** The region of origin, which alone sends it to other regions. */
	readonly from: string;
}

/** The registers of one kind in a topic, by key. */
export type Registers<Value = unknown> = Readonly<Record<string, Register<Value>>>;

/** Returns the register of a key, and never an inherited property such as `constructor`. */
export function registerOf<Value>(registers: Registers<Value> | undefined, key: string): Register<Value> | undefined {
	return registers !== undefined && Object.hasOwn(registers, key) ? registers[key] : undefined;
}

/**
 * Returns the key of a signal of a region. Orders of signals that are sent once compare only within a
 * region, since its nodes share a clock and those of two regions do not.
 */
export function regionKey(region: string, name: string): string {
	return `${region}/${name}`;
}

/** Returns the name in a {@link regionKey}; no region has a slash. */
export function nameInKey(key: string): string {
	return key.slice(key.indexOf('/') + 1);
}

/** Returns whether registers can have this key: `__proto__` would set the prototype of the object. */
export function isRegisterKey(key: string): boolean {
	return key !== '__proto__';
}

/** The delivery of a kind of value: see ADR 1. Under load signals are shed first, counters never. */
export type DeliveryClass = 'counter' | 'signal';

/**
 * A kind of registers on topics, beside likes and logs. The file of a kind in `kinds/` has everything
 * about it; the table, the outboxes, digests and frames use this interface only.
 */
export interface RegisterKind<Value> {
	readonly name: string;
	readonly class: DeliveryClass;
	/** The schema of a value between nodes. */
	readonly schema: z.ZodType<Value>;
	/** Whether the owner keeps it for later viewers, and digests compare it. */
	readonly kept: boolean;
	/** Whether the store keeps it. */
	readonly stored: boolean;
	/** Joining viewers of topics of this kind receive an event also without a known value. */
	readonly always?: TopicKind;
	/** The most keys of a topic; those with the lowest orders are dropped. */
	readonly maxKeys: number;
	/** A value without a renewal for `afterMs`, in milliseconds, becomes `value` for viewers. */
	readonly expires?: { readonly afterMs: number; readonly value: Value };
	/**
	 * Returns the events for viewers.
	 *
	 * @param id the id of the topic.
	 * @param values all registers.
	 * @param changed the keys that are new to the viewer.
	 */
	events(id: string, values: Registers<Value>, changed: readonly string[]): readonly StreamEvent[];
}
