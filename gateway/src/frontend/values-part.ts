import { encodeEvent, type StreamEvent } from '@likewire/protocol';
import { type Registers, registerOf } from '../delivery/kind.ts';
import { KINDS } from '../delivery/kinds.ts';
import { idOf, kindOf } from '../delivery/topic.ts';
import { mergeValues, type Values } from '../delivery/values.ts';

/** One register, by kind and key. */
interface Place {
	readonly kind: string;
	readonly key: string;
}

/**
 * The values of a topic. Each flush has a number, and each register remembers in which of them it changed last: who was
 * told an earlier one is told what changed since, as it is now.
 */
export class ValuesPart {
	/** All that is known; undefined while that is nothing. */
	values: Values | undefined;
	/** The number of the newest flush that had something to tell. */
	sequence = 0;
	readonly #topic: string;
	/** The flush in which each register changed last. */
	readonly #changedIn = new Map<string, Map<string, number>>();
	/** Registers that changed after the last flush. */
	#pending: Place[] = [];
	#shed = 0;
	/** Something was flushed, if only that there is nothing. */
	#begun = false;
	/** When the values end that end by themselves, by the monotonic clock. */
	readonly #endings = new Map<string, Place & { readonly at: number }>();

	/** `topic`: the name of the topic. */
	constructor(topic: string) {
		this.#topic = topic;
	}

	/** Takes news in; old ones change nothing. */
	merge(news: Values | undefined): void {
		const before = this.values;
		this.values = mergeValues(before, news);
		if (this.values === before || news === undefined) return;
		for (const [kind, registers] of Object.entries(news)) {
			for (const key of Object.keys(registers)) {
				const register = registerOf(this.values?.[kind], key);
				if (register !== undefined && register !== registerOf(before?.[kind], key)) this.#pending.push({ kind, key });
			}
		}
	}

	/** Something is pending that a flush would tell; one that sheds tells no signals. */
	isFresh(sheds = false): boolean {
		return sheds ? this.#pending.some(({ kind }) => !isSignal(kind)) : this.#pending.length > 0;
	}

	/** How many signals were left out since this was last asked. */
	takeShed(): number {
		const shed = this.#shed;
		this.#shed = 0;
		return shed;
	}

	/** When the next value ends by itself; undefined when none does. */
	get dueAt(): number | undefined {
		let due: number | undefined;
		for (const { at } of this.#endings.values()) if (due === undefined || at < due) due = at;
		return due;
	}

	/**
	 * Makes what is pending, and what has ended by now, something to tell; says whether that is anything. One that sheds
	 * leaves signals out: those that are kept wait for one that does not, the others are forgotten.
	 */
	flush(now: number, sheds = false): boolean {
		this.#end(now);
		const ready = sheds ? this.#shedSignals() : this.#pending;
		// The first flush is what newcomers see. What is not kept came after they did: it is news to them, in the next one.
		const due = this.#begun ? ready : ready.filter(({ kind }) => KINDS[kind]?.kept === true);
		this.#begun = true;
		if (due.length === 0) return false;
		this.sequence++;
		for (const place of due) this.#change(place, now);
		const told = new Set(due);
		this.#pending = this.#pending.filter((place) => !told.has(place));
		return true;
	}

	/** What brings a viewer to now who was told the flush of this number; who was told none sees what is kept. */
	textFrom(told: number | undefined): string {
		if (told === this.sequence) return '';
		let text = told === undefined ? this.#textOfNothing() : '';
		for (const [name, registers] of Object.entries(this.values ?? {})) {
			const kind = KINDS[name];
			if (kind === undefined || (told === undefined && !kind.kept)) continue;
			const changed = this.#changedSince(told, name, registers);
			if (changed.length === 0) continue;
			for (const event of kind.events(idOf(this.#topic), registers, changed)) text += encode(event);
		}
		return text;
	}

	/** What newcomers are told of kinds that nothing is known of. */
	#textOfNothing(): string {
		let text = '';
		for (const kind of Object.values(KINDS)) {
			if (kind.always !== kindOf(this.#topic) || this.values?.[kind.name] !== undefined) continue;
			for (const event of kind.events(idOf(this.#topic), {}, [])) text += encode(event);
		}
		return text;
	}

	/** The keys of a kind that changed after the flush of this number; all of them for who was told none. */
	#changedSince(told: number | undefined, kind: string, registers: Registers): string[] {
		if (told === undefined) return Object.keys(registers);
		const changedIn = this.#changedIn.get(kind);
		return Object.keys(registers).filter((key) => (changedIn?.get(key) ?? 0) > told);
	}

	/** Forgets the signals that nobody keeps; gives back what is no signal. */
	#shedSignals(): Place[] {
		const left = this.#pending.filter(({ kind }) => !isSignal(kind) || KINDS[kind]?.kept === true);
		this.#shed += this.#pending.length - left.length;
		this.#pending = left;
		return left.filter(({ kind }) => !isSignal(kind));
	}

	#change({ kind, key }: Place, now: number): void {
		const known = this.#changedIn.get(kind) ?? new Map<string, number>();
		this.#changedIn.set(kind, known.set(key, this.sequence));
		const registers = this.values?.[kind] ?? {};
		// Keys that found no room are forgotten here, too.
		if (known.size > 2 * Object.keys(registers).length) {
			for (const other of known.keys()) if (!Object.hasOwn(registers, other)) known.delete(other);
		}
		const expires = KINDS[kind]?.expires;
		if (expires === undefined) return;
		const place = `${kind} ${key}`;
		const register = registerOf(registers, key);
		if (register === undefined || register.value === expires.value) this.#endings.delete(place);
		else this.#endings.set(place, { kind, key, at: now + expires.afterMs });
	}

	/** Replaces values that nobody renewed in time. The order grows by the least: the same news, late, do not revive them. */
	#end(now: number): void {
		for (const [place, { kind, key, at }] of this.#endings) {
			if (at > now) continue;
			this.#endings.delete(place);
			const register = registerOf(this.values?.[kind], key);
			const value: unknown = KINDS[kind]?.expires?.value;
			if (register !== undefined) this.merge({ [kind]: { [key]: { ...register, order: register.order + 1, value } } });
		}
	}
}

function isSignal(kind: string): boolean {
	return KINDS[kind]?.class === 'signal';
}

function encode({ event, data, id }: StreamEvent): string {
	return encodeEvent(event, data, id);
}
