import { encodeEvent, type StreamEvent } from '@likewire/protocol';
import { type Registers, registerOf } from '../../state/kinds/register.ts';
import { KINDS } from '../../state/kinds/registry.ts';
import { mergeValues, type Values } from '../../state/registers.ts';
import { idOf, kindOf } from '../../state/topics/topic.ts';

/** One register, by kind and key. */
interface Place {
	readonly kind: string;
	readonly key: string;
}

/**
 * The registers of a topic. Each flush has a number, and each register keeps the number of the flush
 * in which it changed last. A viewer that received an earlier flush gets what changed since, in its
 * newest state.
 */
export class ValuesSection {
	/** All known registers; undefined while none is known. */
	values: Values | undefined;
	/** The number of the newest flush that changed anything. */
	sequence = 0;
	readonly #topic: string;
	/** The flush in which each register changed last. */
	readonly #changedIn = new Map<string, Map<string, number>>();
	/** Registers that changed after the last flush and that viewers get under any load, by kind and key. */
	readonly #pending = new Map<string, Place>();
	/** Signals that changed after the last flush, by kind and key. */
	readonly #pendingSignals = new Map<string, Place>();
	#shed = 0;
	/** Whether the first flush happened, even without registers. */
	#begun = false;
	/** When registers expire, by the monotonic clock. */
	readonly #endings = new Map<string, Place & { readonly at: number }>();

	/** `topic`: the name of the topic. */
	constructor(topic: string) {
		this.#topic = topic;
	}

	/** Merges an update; an old one changes nothing. `sheds` drops signals that the gateway does not keep. */
	merge(update: Values | undefined, sheds = false): void {
		const wanted = sheds ? this.#shedSignals(update) : update;
		const before = this.values;
		this.values = mergeValues(before, wanted);
		if (this.values === before || wanted === undefined) return;
		for (const [kind, registers] of Object.entries(wanted)) {
			const [known, all] = [before?.[kind], this.values?.[kind]];
			for (const key of Object.keys(registers)) {
				const register = registerOf(all, key);
				if (register !== undefined && register !== registerOf(known, key)) this.#put({ kind, key }, isSignal(kind));
			}
			if (KINDS[kind]?.expires === undefined) continue;
			// A register that found no room ends.
			for (const key of Object.keys(known ?? {}))
				if (registerOf(all, key) === undefined) this.#put({ kind, key }, false);
		}
	}

	/** Returns whether a flush would send anything; a flush that sheds sends no signals. */
	isFresh(sheds = false): boolean {
		return this.#pending.size > 0 || (!sheds && this.#pendingSignals.size > 0);
	}

	/** Returns the number of signals that were left out since the last call. */
	takeShed(): number {
		const shed = this.#shed;
		this.#shed = 0;
		return shed;
	}

	/** The time at which the next register expires; undefined when none does. */
	get dueAt(): number | undefined {
		let due: number | undefined;
		for (const { at } of this.#endings.values()) if (due === undefined || at < due) due = at;
		return due;
	}

	/**
	 * Prepares for viewers what is pending and what has expired; returns whether anything changed. A flush
	 * that sheds leaves signals to a later one.
	 */
	flush(now: number, sheds = false): boolean {
		this.#end(now, sheds);
		const ready = [this.#pending, ...(sheds ? [] : [this.#pendingSignals])];
		const due = ready.flatMap((pending) => [...pending.values()]).filter(({ kind }) => this.#isDue(kind));
		this.#begun = true;
		if (due.length === 0) return false;
		this.sequence++;
		for (const place of due) {
			this.#change(place, now);
			for (const pending of ready) pending.delete(nameOf(place));
		}
		return true;
	}

	/**
	 * Returns the events that bring a viewer from this flush to the newest state; a new viewer gets what
	 * is kept.
	 */
	textFrom(sent: number | undefined): string {
		if (sent === this.sequence) return '';
		let text = sent === undefined ? this.#textOfNothing() : '';
		for (const [name, registers] of Object.entries(this.values ?? {})) {
			const kind = KINDS[name];
			if (kind === undefined || (sent === undefined && !kind.kept)) continue;
			const changed = this.#changedSince(sent, name, registers);
			if (changed.length === 0) continue;
			for (const event of kind.events(idOf(this.#topic), registers, changed)) text += encode(event);
		}
		return text;
	}

	/** Returns the events for new viewers of kinds without a register. */
	#textOfNothing(): string {
		let text = '';
		for (const kind of Object.values(KINDS)) {
			if (kind.always !== kindOf(this.#topic) || this.values?.[kind.name] !== undefined) continue;
			for (const event of kind.events(idOf(this.#topic), {}, [])) text += encode(event);
		}
		return text;
	}

	/** Returns the keys of a kind that changed after this flush; all keys for a new viewer. */
	#changedSince(sent: number | undefined, kind: string, registers: Registers): string[] {
		if (sent === undefined) return Object.keys(registers);
		const changedIn = this.#changedIn.get(kind);
		const keys = KINDS[kind]?.expires === undefined ? Object.keys(registers) : [...(changedIn?.keys() ?? [])];
		return keys.filter((key) => (changedIn?.get(key) ?? 0) > sent);
	}

	/**
	 * New viewers see the first flush. Signals that it does not show came after those viewers, so the next
	 * flush has them.
	 */
	#isDue(kind: string): boolean {
		return this.#begun || KINDS[kind]?.kept === true;
	}

	#put(place: Place, isSignal: boolean): void {
		(isSignal ? this.#pendingSignals : this.#pending).set(nameOf(place), place);
	}

	/**
	 * Drops signals that the gateway does not keep, pending ones and those of an update; returns the rest
	 * of the update.
	 */
	#shedSignals(update: Values | undefined): Values | undefined {
		for (const [name, { kind }] of this.#pendingSignals) {
			if (KINDS[kind]?.kept) continue;
			this.#pendingSignals.delete(name);
			this.#shed++;
		}
		if (update === undefined) return undefined;
		const entries = Object.entries(update).filter(([kind, registers]) => {
			const isShed = isSignal(kind) && !KINDS[kind]?.kept;
			if (isShed) this.#shed += Object.keys(registers).length;
			return !isShed;
		});
		return Object.fromEntries(entries);
	}

	#change({ kind, key }: Place, now: number): void {
		const known = this.#changedIn.get(kind) ?? new Map<string, number>();
		this.#changedIn.set(kind, known.set(key, this.sequence));
		const registers = this.values?.[kind] ?? {};
		// Also forgets keys that found no room.
		if (known.size > 2 * Object.keys(registers).length) {
			for (const [other, sequence] of known) {
				if (!Object.hasOwn(registers, other) && sequence < this.sequence) known.delete(other);
			}
		}
		const expires = KINDS[kind]?.expires;
		if (expires === undefined) return;
		const place = nameOf({ kind, key });
		const register = registerOf(registers, key);
		if (register === undefined || register.value === expires.value) this.#endings.delete(place);
		/* mutant: ends-typing */ else this.#endings.set(place, { kind, key, at: now + expires.afterMs });
	}

	/**
	 * Ends registers that no signal renewed in time, under any load. A signal of this flush has renewed
	 * its register. The order grows by one, so that the same update does not revive them when it arrives
	 * again.
	 */
	#end(now: number, sheds: boolean): void {
		for (const [place, { kind, key, at }] of this.#endings) {
			if (at > now || (!sheds && this.#pendingSignals.has(place))) continue;
			this.#endings.delete(place);
			const register = registerOf(this.values?.[kind], key);
			const value: unknown = KINDS[kind]?.expires?.value;
			if (register === undefined) continue;
			this.values = mergeValues(this.values, { [kind]: { [key]: { ...register, order: register.order + 1, value } } });
			this.#put({ kind, key }, false);
		}
	}
}

function nameOf({ kind, key }: Place): string {
	return `${kind} ${key}`;
}

function isSignal(kind: string): boolean {
	return KINDS[kind]?.class === 'signal';
}

function encode({ event, data, id }: StreamEvent): string {
	return encodeEvent(event, data, id);
}
