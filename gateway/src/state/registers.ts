import { hashText } from './hash.ts';
import { type Register, type Registers, registerOf } from './kinds/register.ts';
import { KINDS } from './kinds/registry.ts';

/** Registers by kind and key. */
export type Values = Readonly<Record<string, Registers>>;

/** Returns whether `next` replaces `known`: by a higher order, or at the same one a larger value. */
function isNewer(next: Register, known: Register | undefined): boolean {
	if (known === undefined || next.order !== known.order) return known === undefined || next.order > known.order;
	return next !== known && JSON.stringify(next.value) > JSON.stringify(known.value);
}

function mergeRegisters(known: Registers, next: Registers): Registers {
	let merged: Record<string, Register> | undefined;
	for (const [key, register] of Object.entries(next)) {
		// mutant: takes-newer-register
		if (!isNewer(register, registerOf(known, key))) continue;
		merged ??= { ...known };
		merged[key] = register;
	}
	return merged ?? known;
}

/** Returns at most `most` registers, those with the highest orders. */
function highestOf(registers: Registers, most: number): Registers {
	const entries = Object.entries(registers);
	if (entries.length <= most) return registers;
	entries.sort(([a, one], [b, other]) => other.order - one.order || (a < b ? -1 : 1));
	return Object.fromEntries(entries.slice(0, most));
}

/**
 * Merges registers: for each kind and key the newest, in any order and any number of times. Returns
 * `known` itself when `next` has nothing new.
 */
export function mergeValues(known: Values | undefined, next: Values | undefined): Values | undefined {
	if (known === undefined || next === undefined) return known ?? next;
	let merged: Record<string, Registers> | undefined;
	for (const [kind, registers] of Object.entries(next)) {
		const before = known[kind] ?? {};
		const both = mergeRegisters(before, registers);
		if (both === before) continue;
		merged ??= { ...known };
		merged[kind] = highestOf(both, KINDS[kind]?.maxKeys ?? 0);
	}
	return merged ?? known;
}

/** Returns the registers that an owner keeps for later viewers; undefined without any. */
export function keptOf(values: Values | undefined): Values | undefined {
	return only(values, (kind) => KINDS[kind]?.kept === true);
}

/** Returns the registers that the store keeps; undefined without any. */
export function storedOf(values: Values | undefined): Values | undefined {
	return only(values, (kind) => KINDS[kind]?.stored === true);
}

function only(values: Values | undefined, wanted: (kind: string) => boolean): Values | undefined {
	if (values === undefined) return undefined;
	const some = Object.entries(values).filter(([kind]) => wanted(kind));
	return some.length === 0 ? undefined : Object.fromEntries(some);
}

/** Returns the same number for the same kept registers, in any order; 0 without any. For digests. */
export function hashValues(values: Values | undefined): number {
	const kept = keptOf(values);
	if (kept === undefined) return 0;
	const lines = Object.entries(kept).flatMap(([kind, registers]) =>
		Object.entries(registers).map(([key, { order }]) => `${kind} ${key} ${order}`),
	);
	return lines.length === 0 ? 0 : hashText(lines.sort().join('\n'));
}
